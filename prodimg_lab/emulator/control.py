"""How is a running emulator steered? Unsigned requests under `/_prodimg/`, which no client of AWS ever sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from prodimg_lab.emulator.faults import FAULTS, FaultRule
from prodimg_lab.emulator.wire import Incoming, Refusal, Reply, error_reply, json_reply
from prodimg_lab.errors import UsageError

if TYPE_CHECKING:
    from prodimg_lab.emulator.service import Service

PREFIX = "/_prodimg/"


def controlled(incoming: Incoming, service: Service) -> Reply:
    """Do what a control request says: `POST faults`, `GET faults`, `GET log`, `POST reset`."""
    match incoming.method, incoming.path.removeprefix(PREFIX):
        case "GET", "log":
            return json_reply(service.log.facts())
        case "GET", "faults":
            return json_reply({name: fault.summary for name, fault in FAULTS.items()})
        case "POST", "faults":
            return _add_fault(incoming.body, service)
        case "POST", "reset":
            service.reset()
            return json_reply({"reset": True})
    known = "GET log, GET faults, POST faults, POST reset"
    return error_reply(
        Refusal("", f"nothing answers {incoming.method} {incoming.path[:200]}; there are {known}", status=404)
    )


def _add_fault(body: bytes, service: Service) -> Reply:
    try:
        given = orjson.loads(body)
        unknown = set(given) - {"fault", "count", "rate", "model"}
        if unknown:
            raise UsageError(f"unknown keys {sorted(unknown)}; write fault, count, rate, model")
        rule = FaultRule(**{"count": None if "rate" in given else 1, **given})
    except UsageError as error:
        return error_reply(Refusal("", str(error)))
    except (ValueError, TypeError):
        return error_reply(Refusal("", 'write {"fault": "throttled", "count": 2}; rate and model are optional'))
    service.faults.add(rule)
    return json_reply({"added": rule})
