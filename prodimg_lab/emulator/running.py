"""How does an emulator run beside the code that calls it? In a thread of its own, as long as a `with` block lasts."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import ssl
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from aiohttp import web

from prodimg_lab.emulator.calls import CallLog
from prodimg_lab.emulator.faults import FaultRule
from prodimg_lab.emulator.service import Service
from prodimg_lab.emulator.settings import Settings
from prodimg_lab.emulator.tls import make_tls
from prodimg_lab.errors import SettingError

HOST = "127.0.0.1"
LONGEST_LINE = 32_768
"""Of the request line and of a header, in bytes: tokens of single sign-on are long."""
PATIENCE_S = 0.2
"""How long calls in flight may go on when the emulator is closed."""


@dataclass(slots=True, kw_only=True)
class _Running:
    """What exists between the start and the end."""

    service: Service | None = None
    loop: asyncio.AbstractEventLoop | None = None
    thread: threading.Thread | None = None
    stop: asyncio.Event | None = None
    port: int = 0
    folder: Path | None = None
    ca_file: Path | None = None
    failure: BaseException | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Emulator(Settings):
    """The Bedrock wire on loopback, by the settings that it is made with.

    ```
    with Emulator(draft=True) as emulator:
        emulator.fault("throttled", count=2)
        client = boto3.client("bedrock-runtime", endpoint_url=emulator.url, …)   # keys test/test
        assert emulator.log.billed == 1
    ```
    Its pictures are the studio's: simulated, and every answer says so. Raises `SettingError` when the port is taken.
    """

    _running: _Running = field(init=False, repr=False, default_factory=_Running)

    def __enter__(self) -> Emulator:
        """Start; returns when it listens."""
        running, ready = self._running, threading.Event()
        if running.thread is not None:
            raise RuntimeError("the emulator runs already; make another for a second one")
        context = None
        if self.tls:
            running.folder = Path(tempfile.mkdtemp(prefix="prodimg-emulator-"))
            context, running.ca_file = make_tls(running.folder)
        running.failure = None
        running.thread = threading.Thread(target=self._live, args=(ready, context), name="emulator", daemon=True)
        running.thread.start()
        ready.wait()
        failure = self._failure()
        if failure is not None:
            self._clear()
            raise failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, end the workers, forget the certificates."""
        running = self._running
        if running.loop is not None and running.stop is not None:
            running.loop.call_soon_threadsafe(running.stop.set)
        self._clear()

    @property
    def port_in_use(self) -> int:
        """The port on which it listens."""
        return self._running.port

    @property
    def url(self) -> str:
        """What clients take as their endpoint."""
        return f"{'https' if self.tls else 'http'}://{HOST}:{self._running.port}"

    @property
    def ca_file(self) -> Path | None:
        """The certificate by which clients trust it; None without TLS."""
        return self._running.ca_file

    @property
    def log(self) -> CallLog:
        """Every call so far, sends and pictures counted; still there when it has ended."""
        return self._started().log

    def fault(self, name: str, *, count: int | None = 1, rate: float = 1.0, model: str = "") -> None:
        """Let the next `count` calls (None: all) fail as `name` says. Raises `UnknownName`, `UsageError`."""
        self._started().faults.add(FaultRule(fault=name, count=count, rate=rate, model=model))

    def reset(self) -> None:
        """Forget calls and quotas, and go back to the faults of the start. Pictures are kept."""
        self._started().reset()

    def environment(self) -> Mapping[str, str]:
        """The variables by which the AWS SDKs, the AWS command line and prodimg find it; make-believe keys."""
        key, secret = next(iter(self.keys.items()))
        found = {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.url,
            "AWS_ENDPOINT_URL_BEDROCK": self.url,
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": self.url,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,  # what boto3 and the first AWS command line read
        }
        return {**found, "AWS_CA_BUNDLE": str(self.ca_file)} if self.ca_file else found

    def _started(self) -> Service:
        service = self._running.service
        if service is None:
            raise RuntimeError("the emulator is not running; use it in a `with` block")
        return service

    def _failure(self) -> BaseException | None:
        return self._running.failure

    def _clear(self) -> None:
        running = self._running
        if running.thread is not None:
            running.thread.join()
        if running.folder is not None:
            shutil.rmtree(running.folder, ignore_errors=True)
        running.folder = running.ca_file = running.thread = running.loop = running.stop = None

    def _live(self, ready: threading.Event, context: ssl.SSLContext | None) -> None:
        try:
            asyncio.run(self._serve(ready, context))
        except BaseException as error:  # noqa: BLE001  # it is raised again in the thread that started this one
            self._running.failure = error
        finally:
            ready.set()

    async def _serve(self, ready: threading.Event, context: ssl.SSLContext | None) -> None:
        running = self._running
        service = Service(self)
        quiet = logging.getLogger("prodimg_lab.emulator.connections")
        server = web.Server(
            service.handle,
            access_log=None,
            logger=quiet,
            auto_decompress=False,  # the signature is over the bytes as they came
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )
        runner = web.ServerRunner(server, shutdown_timeout=PATIENCE_S)
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, self.port, ssl_context=context)
            try:
                await site.start()
            except OSError as error:
                reason = os.strerror(error.errno) if error.errno else str(error)
                raise SettingError(
                    f"port {self.port} of {HOST}: {reason}; take another, or 0 for a free one"
                ) from error
            running.port = runner.addresses[0][1]
            running.service, running.loop, running.stop = service, asyncio.get_running_loop(), asyncio.Event()
            ready.set()
            await running.stop.wait()
        finally:
            open_still = [each.transport for each in server.connections if each.transport is not None]
            await runner.cleanup()
            service.close()
            for transport in open_still:
                transport.abort()  # one whose client reads no further would stay
            await asyncio.sleep(0)
