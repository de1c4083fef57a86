"""What tests of the emulator share: running emulators, clients of their own, requests signed by botocore."""

from __future__ import annotations

import http.client
import io
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from PIL import Image

from prodimg_lab.emulator import Emulator

SD35 = "stability.sd3-5-large-v1:0"
CORE = "stability.stable-image-core-v1:1"
ULTRA = "stability.stable-image-ultra-v1:1"
INVOKE = "/model/stability.sd3-5-large-v1%3A0/invoke"
BODY = json.dumps({"prompt": "photo of a red ceramic mug, on a white background", "seed": 5}).encode()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return self.headers.get("x-amzn-errortype", "").partition(":")[0]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["message"])


@dataclass(frozen=True)
class Signer:
    """Signs as botocore does, with any part wrong on purpose."""

    key: str = "test"
    secret: str = "test"
    token: str | None = None
    region: str = "us-west-2"
    service: str = "bedrock"
    headers: Mapping[str, str] = field(default_factory=dict)

    def sign(self, method: str, url: str, body: bytes) -> dict[str, str]:
        request = AWSRequest(method, url, data=body, headers=dict(self.headers))
        SigV4Auth(Credentials(self.key, self.secret, self.token), self.service, self.region).add_auth(request)
        return dict(request.headers)


def _send(
    emulator: Emulator, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Answer:
    """One raw request; nothing is signed, encoded or resent behind the test's back."""
    parts = urlsplit(emulator.url)
    if emulator.tls:
        trust = ssl.create_default_context(cafile=str(emulator.ca_file))
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(parts.netloc, timeout=20, context=trust)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, path, body=body, headers=dict(headers or {}))
        reply = connection.getresponse()
        return Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
    finally:
        connection.close()


def _call(
    emulator: Emulator,
    path: str = INVOKE,
    body: bytes | Mapping[str, object] = BODY,
    *,
    method: str = "POST",
    signer: Signer | None = None,
    **more: str,
) -> Answer:
    """One signed request; `more` are headers, underscores for dashes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = (signer or Signer()).sign(method, emulator.url + path, data)
    return _send(emulator, method, path, data, {**headers, **{name.replace("_", "-"): more[name] for name in more}})


def _png(width: int = 64, height: int = 64, colour: tuple[int, int, int] = (200, 30, 30), form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, form)
    return out.getvalue()


@pytest.fixture(scope="session")
def send() -> Callable[..., Answer]:
    """Sends one raw request: `send(emulator, method, path, body, headers)`."""
    return _send


@pytest.fixture(scope="session")
def call() -> Callable[..., Answer]:
    """Sends one signed request: `call(emulator, path, body, method=…, signer=…, x_header=…)`."""
    return _call


@pytest.fixture(scope="session")
def signer() -> type[Signer]:
    """Signs with any part wrong on purpose: `signer(secret="wrong")`."""
    return Signer


@pytest.fixture(scope="session")
def picture() -> Callable[..., bytes]:
    """Makes a flat picture: `picture(width, height, colour, form)`."""
    return _png


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("prepared") / "picture.png"
    file.write_bytes(_png(128, 128))
    return file


@pytest.fixture(scope="session")
def _quick(prepared_file: Path) -> Iterator[Emulator]:
    with Emulator(prepared=prepared_file) as running:
        yield running


@pytest.fixture
def quick(_quick: Emulator) -> Emulator:
    """An emulator that answers with a stored picture; its log, faults and quotas are this test's own."""
    _quick.reset()
    return _quick


@pytest.fixture(scope="session")
def _drawing() -> Iterator[Emulator]:
    with Emulator(draft=True) as running:
        yield running


@pytest.fixture
def emulator(_drawing: Emulator) -> Emulator:
    """An emulator that draws drafts."""
    _drawing.reset()
    return _drawing


@pytest.fixture(scope="session")
def _secure(prepared_file: Path) -> Iterator[Emulator]:
    with Emulator(prepared=prepared_file, tls=True) as running:
        yield running


@pytest.fixture
def secure(_secure: Emulator) -> Emulator:
    """An emulator that speaks TLS and answers with a stored picture."""
    _secure.reset()
    return _secure


@pytest.fixture(scope="session")
def skewed(prepared_file: Path) -> Iterator[Emulator]:
    """An emulator whose clock is six minutes ahead of every client."""
    with Emulator(prepared=prepared_file, clock=lambda: datetime.now(UTC) + timedelta(minutes=6)) as running:
        yield running


@pytest.fixture
def aws_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No AWS configuration of the machine reaches the test or its subprocesses."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        file = tmp_path / name.lower()
        file.write_text("")
        monkeypatch.setenv(name, str(file))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@lru_cache(maxsize=1)
def _session() -> boto3.Session:
    """One for all clients: reading the service models takes a third of a second."""
    return boto3.Session()


@pytest.fixture
def client(aws_files: None) -> Iterator[Callable[..., Any]]:
    """Makes boto3 clients of an emulator; closed at the end of the test."""
    made: list[Any] = []

    def make(emulator: Emulator, service: str = "bedrock-runtime", **more: Any) -> Any:
        config = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=20)
        settings = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-west-2", **more}
        settings["config"] = config.merge(more["config"]) if "config" in more else config
        made.append(_session().client(service, endpoint_url=emulator.url, **settings))
        return made[-1]

    yield make
    for each in made:
        each.close()
