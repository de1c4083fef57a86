"""What happens to a request between its arrival and its answer?

Address, credentials, model, access, fault, quota, body, work, latency: in this order, since a client sees the first
that fails.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from dataclasses import dataclass, field

from aiohttp import web

from prodimg_lab.emulator import control, listings, runtime, wire
from prodimg_lab.emulator.access import admit, auth_kind
from prodimg_lab.emulator.addresses import NO_ACCESS, Address, Operation, address_of, resolve
from prodimg_lab.emulator.calls import Call, CallLog
from prodimg_lab.emulator.delivery import deliver
from prodimg_lab.emulator.faults import Effect, Fault, FaultBoard, named_fault
from prodimg_lab.emulator.pictures import Pictures, PreparedPictures, StudioPictures
from prodimg_lab.emulator.quotas import Gate
from prodimg_lab.emulator.sdxl import MODEL as SDXL
from prodimg_lab.emulator.served import Dialect, Served, served
from prodimg_lab.emulator.settings import Settings
from prodimg_lab.emulator.wire import (
    NOT_SIMULATED,
    Incoming,
    Refusal,
    Reply,
    error_reply,
    invalid,
    new_request_id,
)
from prodimg_lab.errors import UnknownName
from prodimg_lab.models.catalogue import row

MOST_BYTES = 25_000_000
"""Longest body that Bedrock takes."""
TOO_MANY = "Too many requests, please wait before trying again."
FAULT_HEADER, LATENCY_HEADER = "x-prodimg-fault", "x-prodimg-latency"
_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Visit:
    """What is known of a request so far; becomes its line in the log."""

    begun: float = field(default_factory=time.monotonic)
    request_id: str = field(default_factory=new_request_id)
    operation: str = ""
    service: wire.Service = "bedrock"
    region: str = ""
    model: str = ""
    fault: Fault | None = None


class Service:
    """The simulated Bedrock. `handle` answers one request; everything is done in the loop that calls it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.models = served(settings.judge_models)
        self.faults = FaultBoard(settings.faults)
        self.gate = Gate(settings.quotas)
        self.log = CallLog()
        self.pictures: Pictures = (
            StudioPictures(draft=settings.draft) if settings.prepared is None else PreparedPictures(settings.prepared)
        )

    def reset(self) -> None:
        """Forget calls and quotas, and go back to the faults of the start."""
        self.log.clear()
        self.gate.reset()
        self.faults.reset()

    def close(self) -> None:
        """End the processes that draw."""
        self.pictures.close()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, and write it down before the answer leaves."""
        visit = Visit()
        incoming = await _received(request)
        if incoming.path.startswith(control.PREFIX):
            reply, effect = control.controlled(incoming, self), None
        else:
            reply = await self._answered(incoming, visit)
            effect = visit.fault.effect if visit.fault else None
            self.log.add(self._call(incoming, visit, reply))
        return await deliver(request, reply, request_id=visit.request_id, effect=effect)

    async def _answered(self, incoming: Incoming, visit: Visit) -> Reply:
        try:
            return await self._answer(incoming, visit)
        except Refusal as refusal:
            if visit.fault and visit.fault.effect is not Effect.ERROR:
                visit.fault = None  # the request did not come as far as the fault
            return error_reply(refusal, visit.service)
        except Exception as error:  # noqa: BLE001  # a fault of the emulator must not look like a lost connection
            _log.exception("the emulator failed")
            text = f"{NOT_SIMULATED}{type(error).__name__}: {error}"
            return error_reply(Refusal("InternalServerException", text, status=500), visit.service)

    async def _answer(self, incoming: Incoming, visit: Visit) -> Reply:
        address = address_of(incoming.method, incoming.path)
        visit.operation, visit.service = address.operation, address.operation.service
        if len(incoming.body) > MOST_BYTES:
            raise invalid(
                "1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length "
                f"less than or equal to {MOST_BYTES}"
            )
        caller = admit(incoming, service=visit.service, settings=self.settings)
        visit.region = caller.region
        model = self._called(address, caller.region)
        visit.model = model.model if model else ""
        visit.fault = self._fault(incoming, address.operation, model)
        if visit.fault and visit.fault.effect is Effect.ERROR:
            raise visit.fault.refusal(address.identifier)
        if model is None:
            return listings.listed(
                address, incoming.query, region=caller.region, settings=self.settings, models=self.models
            )
        if not self.gate.lets_through(model.model):
            raise Refusal("ThrottlingException", TOO_MANY, status=429)
        latency = self._latency(incoming)
        call = runtime.ModelCall(
            operation=address.operation,
            identifier=address.identifier,
            model=model,
            body=incoming.body,
            fault=visit.fault,
            region=caller.region,
        )
        reply = await runtime.run(call, pictures=self.pictures, judge=self.settings.judge)
        await asyncio.sleep(max(0.0, visit.begun + latency - time.monotonic()))
        return reply

    def _called(self, address: Address, region: str) -> Served | None:
        """The model that is to be run; None for a listing. Raises `Refusal`."""
        if address.operation is Operation.INVOKE_ENDPOINT:
            return self.models[SDXL]
        if not address.operation.calls_a_model:
            return None
        model = resolve(address.identifier, region=region, models=self.models)
        if model.model in self.settings.no_access:
            raise Refusal("AccessDeniedException", NO_ACCESS, status=403)
        return model

    def _fault(self, incoming: Incoming, operation: Operation, model: Served | None) -> Fault | None:
        draws = operation is Operation.INVOKE_ENDPOINT or (model is not None and model.dialect is Dialect.STABILITY)
        if name := incoming.headers.get(FAULT_HEADER, ""):
            try:
                fault = named_fault(name)
            except UnknownName as error:
                raise invalid(NOT_SIMULATED + str(error)) from None
            if fault.effect.needs_picture and not draws:
                raise invalid(f"{NOT_SIMULATED}fault {name} befalls pictures, and {operation} gives none")
            return fault
        return self.faults.take(model.model, draws=draws) if model else None

    def _latency(self, incoming: Incoming) -> float:
        asked = incoming.headers.get(LATENCY_HEADER, "")
        if not asked:
            return self.settings.latency_s
        if not re.fullmatch(r"\d{1,4}(\.\d+)?", asked):
            raise invalid(f"{NOT_SIMULATED}{LATENCY_HEADER} {asked[:40]!r} is no number of seconds")
        return float(str(asked))

    def _call(self, incoming: Incoming, visit: Visit, reply: Reply) -> Call:
        attempt = re.match(r"attempt=(\d+)", incoming.headers.get("amz-sdk-request", ""))
        cut = visit.fault is not None and visit.fault.effect in (Effect.RESET_BEFORE, Effect.STALL)
        return Call(
            at=self.settings.clock().isoformat(timespec="milliseconds"),
            request_id=visit.request_id,
            invocation_id=incoming.headers.get("amz-sdk-invocation-id", "")[:100],
            attempt=int(attempt[1]) if attempt else 0,
            operation=visit.operation,
            model=visit.model,
            region=visit.region,
            auth=auth_kind(incoming),
            status=0 if cut else reply.status,
            fault=visit.fault.name if visit.fault else "",
            billed=reply.billed,
            price_micro=_price_micro(visit.model) if reply.billed else 0,
            seconds=round(time.monotonic() - visit.begun, 4),
        )


def _price_micro(model: str) -> int:
    try:
        return row(model).price_micro or 0
    except UnknownName:
        return 0


async def _received(request: web.BaseRequest) -> Incoming:
    """The request, its body read to the end but kept no further than what shows that it is too long."""
    path, _, query = request.raw_path.partition("?")
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    if headers.get("expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")  # the low-level server leaves this to its handler
    kept = bytearray()
    async for chunk in request.content.iter_any():
        kept += chunk[: MOST_BYTES + 1 - len(kept)]
    return Incoming(method=request.method, path=path, query=query, headers=headers, body=bytes(kept))
