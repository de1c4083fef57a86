"""The command `emulate`: Bedrock's wire on this machine, until it is stopped."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prodimg_lab.cli.options import Json
from prodimg_lab.cli.show import say, say_json

if TYPE_CHECKING:
    from prodimg_lab.emulator import Emulator

POLL_S = 0.5


def emulate(
    port: Annotated[int, typer.Option(metavar="PORT", help="Listen there on 127.0.0.1; 0 takes a free one.")] = 0,
    tls: Annotated[bool, typer.Option("--tls", help="Speak https with a certificate made for this run.")] = False,
    draft: Annotated[bool, typer.Option("--draft/--full", help="Draw small and enlarge, or at full size.")] = True,
    prepared: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Answer with this picture, or those of this folder.")
    ] = None,
    latency: Annotated[float, typer.Option(metavar="SECONDS", help="Least time that a call to a model takes.")] = 0.0,
    region: Annotated[str, typer.Option(metavar="REGION", help="What callers with an API key call.")] = "us-west-2",
    quota: Annotated[
        list[str] | None,
        typer.Option(metavar="QUOTA", help="bucket:300/min:25, window:60/min or sliding:60/min, for each model."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[:COUNT|:RATE]", help="throttled:3 (the next three calls), stall:0.1 (one in ten)."),
    ] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="Show every fault and end.")] = False,
    json: Json = False,
) -> None:
    """Serve a simulated Amazon Bedrock on loopback: pictures by the studio, faults on demand, nothing billed."""
    _need_the_lab()
    from prodimg_lab.emulator import Emulator, parsed_quota
    from prodimg_lab.emulator.faults import parsed_rule

    if list_faults:
        _list_faults(json=json)
        return
    emulator = Emulator(
        port=port,
        tls=tls,
        draft=draft,
        prepared=prepared,
        latency_s=latency,
        region=region,
        quotas=tuple(parsed_quota(each) for each in quota or ()),
        faults=tuple(parsed_rule(each) for each in fault or ()),
    )
    _serve(emulator, json=json)


def _list_faults(*, json: bool) -> None:
    from prodimg_lab.emulator import FAULTS

    if json:
        say_json({name: each.summary for name, each in FAULTS.items()})
        return
    width = max(map(len, FAULTS))
    say("\n".join(f"{name:{width}}  {each.summary}" for name, each in FAULTS.items()))


def _serve(emulator: Emulator, *, json: bool) -> None:
    """Until Ctrl-C or SIGTERM."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with emulator:
        _announce(emulator, json=json)
        while not stopped.wait(POLL_S):  # without a limit, Ctrl-C would not be heard on Windows
            pass
        if not json:
            log = emulator.log
            say(f"stopped after {log.sends} requests; {log.billed} pictures would have been billed (simulated)")


def _announce(emulator: Emulator, *, json: bool) -> None:
    """The ready line, then what to paste into a shell."""
    environment = emulator.environment()
    if json:
        import orjson

        facts = {"url": emulator.url, "simulated": True, "environment": environment, "api_keys": emulator.api_keys}
        sys.stdout.write(orjson.dumps(facts).decode() + "\n")
    else:
        say(f"ready: {emulator.url}  (simulated Bedrock; keys test/test)")
        for name, value in environment.items():
            say(f"export {name}={value}")
        if emulator.tls:
            say(f"export REQUESTS_CA_BUNDLE={emulator.ca_file}")
            say(f"# instead of keys, over TLS: export AWS_BEARER_TOKEN_BEDROCK={emulator.api_keys[0]}")
    sys.stdout.flush()


def _need_the_lab() -> None:
    """Raise `MissingExtra` unless what the emulator needs is installed."""
    from prodimg_lab.errors import MissingExtra

    try:
        import aiohttp  # noqa: F401
        import PIL  # noqa: F401
        import trustme  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra(f"the emulator needs {error.name}; install prodimg-lab[lab]") from error
