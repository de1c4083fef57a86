"""What is one paid call? Bytes out, JSON back, once; every way in which it can fail has a name in `errors`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from prodimg_lab.aws import answers
from prodimg_lab.aws.errors import Called, map_client_errors
from prodimg_lab.errors import FatalForTrial, Uncertain

EMULATOR_HEADER = "x-prodimg-emulator"
MOST_BODY_BYTES = 25_000_000
"""Of a request, as the service's model has it; botocore does not hold to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of 200: its JSON, long texts as memoryviews, and whether an emulator gave it. `seconds` on the wall."""

    payload: Mapping[str, Any]
    request_id: str
    emulated: bool
    seconds: float


def invoke_model(client: Any, *, body: Mapping[str, object], called: Called) -> Reply:
    """`InvokeModel` of Bedrock, sent once. Raises `ModelError`."""
    data = _data(body, called)
    begun = time.monotonic()
    with map_client_errors(called):
        answer = client.invoke_model(
            modelId=called.wire_id, body=data, contentType="application/json", accept="application/json"
        )
        raw = answer["body"].read()
    return _reply(answer, raw, called=called, seconds=time.monotonic() - begun)


def invoke_endpoint(client: Any, *, body: Mapping[str, object], called: Called) -> Reply:
    """`InvokeEndpoint` of SageMaker, sent once; `called.wire_id` is the endpoint's name. Raises `ModelError`."""
    data = _data(body, called)
    begun = time.monotonic()
    with map_client_errors(called):
        answer = client.invoke_endpoint(
            EndpointName=called.wire_id, Body=data, ContentType="application/json", Accept="application/json"
        )
        raw = answer["Body"].read()
    return _reply(answer, raw, called=called, seconds=time.monotonic() - begun)


def _data(body: Mapping[str, object], called: Called) -> bytes:
    data = orjson.dumps(body)
    if len(data) > MOST_BODY_BYTES:
        raise FatalForTrial(
            f"the request of {len(data):,} bytes is over the {MOST_BODY_BYTES:,} Bedrock takes; use smaller inputs",
            model_id=called.model_id,
        )
    return data


def _reply(answer: Mapping[str, Any], raw: bytes, *, called: Called, seconds: float) -> Reply:
    meta = answer["ResponseMetadata"]
    headers: Mapping[str, str] = meta.get("HTTPHeaders", {})
    request_id = str(meta.get("RequestId") or headers.get("x-amzn-requestid", ""))
    try:
        payload = answers.loads(raw)
    except orjson.JSONDecodeError as error:
        payload = error
    if not isinstance(payload, dict):
        raise Uncertain(
            f"{called.model_id} answered 200 with {len(raw):,} bytes that are no JSON object (request {request_id}): "
            "it may have been billed",
            model_id=called.model_id,
        )
    return Reply(payload=payload, request_id=request_id, emulated=EMULATOR_HEADER in headers, seconds=seconds)
