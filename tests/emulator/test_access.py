"""Who is let in, over a socket."""

from __future__ import annotations

import dataclasses
import uuid
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.emulator import Emulator

INVOKE = "/model/stability.sd3-5-large-v1%3A0/invoke"


def test_a_right_signature_is_let_in(quick: Emulator, call: Any) -> None:
    assert call(quick).status == 200
    assert quick.log.calls[0].auth == "sigv4"


def test_any_session_token_is_let_in_but_the_expired_one(quick: Emulator, call: Any, signer: Any) -> None:
    assert call(quick, signer=signer(token="some-session")).status == 200
    refused = call(quick, signer=signer(token="expired"))
    assert (refused.status, refused.code) == (403, "ExpiredTokenException")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"secret": "wrong"}, "InvalidSignatureException"),
        ({"key": "nobody"}, "UnrecognizedClientException"),
        ({"service": "sagemaker"}, "InvalidSignatureException"),
        ({"service": "s3"}, "InvalidSignatureException"),
    ],
)
def test_a_wrong_signature_is_refused_by_name(
    quick: Emulator, call: Any, signer: Any, wrong: dict[str, str], code: str
) -> None:
    refused = call(quick, signer=signer(**wrong))
    assert (refused.status, refused.code) == (403, code)
    assert quick.log.billed == 0


def test_a_request_without_credentials_is_refused(quick: Emulator, send: Any) -> None:
    refused = send(quick, "POST", INVOKE, b"{}")
    assert (refused.status, refused.code) == (403, "MissingAuthenticationTokenException")
    assert quick.log.calls[0].auth == "none"


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Bearer bedrock-api-key-test", 200, ""),
        ("Bearer bedrock-api-key-tesT", 403, "AccessDeniedException"),
        ("Bearer ", 403, "AccessDeniedException"),
        ("Bearer bedrock-api-key-expired", 403, "AccessDeniedException"),
        ("Basic dGVzdDp0ZXN0", 403, "IncompleteSignature"),
        ("AWS4-HMAC-SHA256 nonsense", 403, "IncompleteSignature"),
    ],
)
def test_an_api_key_is_let_in_and_no_other_word(
    quick: Emulator, send: Any, header: str, status: int, code: str
) -> None:
    answer = send(quick, "POST", INVOKE, b'{"prompt": "a mug"}', {"Authorization": header})
    assert (answer.status, answer.code) == (status, code)


def test_an_api_key_opens_no_sagemaker_endpoint(quick: Emulator, send: Any) -> None:
    headers = {"Authorization": "Bearer bedrock-api-key-test"}
    assert send(quick, "POST", "/endpoints/sdxl/invocations", b"{}", headers).status == 403


def test_a_skewed_clock_is_refused(skewed: Emulator, call: Any) -> None:
    refused = call(skewed)
    assert (refused.status, refused.code) == (403, "InvalidSignatureException")
    assert refused.message.startswith("Signature expired")


def test_keys_of_ones_own_replace_the_default_ones(prepared_file: Path, call: Any, signer: Any) -> None:
    with Emulator(prepared=prepared_file, keys={"AKIDOWN": "own"}) as own:
        assert call(own, signer=signer(key="AKIDOWN", secret="own")).status == 200
        assert call(own).code == "UnrecognizedClientException"


def test_a_model_without_access_is_denied(prepared_file: Path, call: Any) -> None:
    with Emulator(prepared=prepared_file, no_access=("stability.sd3-5-large-v1:0",)) as closed:
        refused = call(closed)
        assert (refused.status, refused.code) == (403, "AccessDeniedException")
        available = call(closed, "/foundation-model-availability/stability.sd3-5-large-v1%3A0", b"", method="GET")
        assert available.json["authorizationStatus"] == "NOT_AUTHORIZED"


def test_neither_log_nor_text_of_the_emulator_holds_a_secret(quick: Emulator, call: Any, signer: Any) -> None:
    call(quick, signer=signer(token="my-session-token", secret="wrong"))
    call(quick, signer=signer(token="my-session-token"))
    text = repr(quick) + str([dataclasses.asdict(each) for each in quick.log.calls])
    for secret in ("my-session-token", "Signature=", "Credential=", "bedrock-api-key-test", "'test': 'test'"):
        assert secret not in text


def test_every_answer_has_a_request_id_and_the_mark(quick: Emulator, call: Any, send: Any) -> None:
    answers: list[Any] = [
        call(quick),
        call(quick, body=b"{}"),
        send(quick, "POST", INVOKE),
        send(quick, "GET", "/nothing/here"),
        call(quick, "/foundation-models", b"", method="GET"),
        send(quick, "GET", "/_prodimg/log"),
    ]
    ids = {uuid.UUID(answer.headers["x-amzn-requestid"]) for answer in answers}
    assert len(ids) == len(answers)
    assert {answer.headers["x-prodimg-emulator"] for answer in answers} == {"1"}
    assert [call.request_id for call in quick.log.calls[:1]] == [answers[0].headers["x-amzn-requestid"]]


def test_errors_have_the_wire_form_of_rest_json(quick: Emulator, call: Any) -> None:
    refused = call(quick, body=b"{}")
    assert refused.headers["x-amzn-errortype"] == (
        "ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/"
    )
    assert refused.headers["content-type"] == "application/json"
    assert list(refused.json) == ["message"]


def test_a_body_over_25_million_bytes_is_refused(quick: Emulator, call: Any) -> None:
    fits = b'{"prompt": "' + b"a" * 100 + b'"}'
    assert call(quick, body=fits.ljust(25_000_000)).status == 200
    refused = call(quick, body=fits.ljust(25_000_001))
    assert (refused.status, refused.code) == (400, "ValidationException")
    assert "less than or equal to 25000000" in refused.message
