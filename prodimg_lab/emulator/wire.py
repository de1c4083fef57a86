"""How does this service speak? rest-json answers and errors, each with a request id and the emulator's mark."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import orjson

Service = Literal["bedrock", "sagemaker"]

MARK = "x-prodimg-emulator"
"""Header of every answer: whoever reads it knows that no model of AWS was behind it."""
NOT_SIMULATED = "prodimg emulator, not AWS: "
"""How a message begins that AWS would never send: the request may be right, but nothing here can answer it."""
JSON = "application/json"
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request as it came. `path` and `query` are raw (still percent-encoded), header names are lower case.

    A header that came several times has its values joined with commas, as the canonical form of a signature wants.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer before it is sent. `billed`: AWS would have charged for one picture."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    billed: bool = False


class Refusal(Exception):
    """An error answer. `code` is the exception's name on the wire; "" for a gateway's answer, which names none.

    `members` are modelled fields beside the message, such as `originalStatusCode`.
    """

    def __init__(self, code: str, message: str, *, status: int = 400, members: Mapping[str, object] = NOTHING) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = dict(members)


def invalid(message: str) -> Refusal:
    """A `ValidationException` (400)."""
    return Refusal("ValidationException", message)


def not_simulated(message: str) -> Refusal:
    """A `ValidationException` that says to come from the emulator itself."""
    return invalid(NOT_SIMULATED + message)


def error_reply(refusal: Refusal, service: Service = "bedrock") -> Reply:
    """The rest-json form of an error: `x-amzn-errortype` and `{"message": …}` (SageMaker's model says `Message`)."""
    key = "Message" if service == "sagemaker" else "message"
    headers = {}
    if refusal.code:
        headers["x-amzn-errortype"] = f"{refusal.code}:http://internal.amazon.com/coral/com.amazon.{service}/"
    body = orjson.dumps({key: refusal.message, **refusal.members})
    return Reply(status=refusal.status, headers=headers, body=body)


def json_reply(value: object) -> Reply:
    """A plain 200."""
    return Reply(body=orjson.dumps(value))


def new_request_id() -> str:
    """A request id as AWS gives them."""
    return str(uuid.uuid4())
