"""What AWS and its SDK say becomes one of our errors, with the next step and without a secret."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from prodimg_lab.aws import Account, Called, client, invoke_model, map_client_errors
from prodimg_lab.aws.clients import READ_TIMEOUT_S, SPARE_CONNECTIONS, forget_clients
from prodimg_lab.aws.errors import from_answer, from_sdk, redacted
from prodimg_lab.errors import (
    BadCredentials,
    FatalForRun,
    FatalForTrial,
    ModelError,
    ModelRetired,
    Throttled,
    Transient,
    Uncertain,
    WrongRegion,
)

CALLED = Called(
    service="bedrock-runtime",
    region="us-east-1",
    model_id="stability.m-v1:0",
    wire_id="stability.m-v1:0",
    regions=("us-west-2", "us-east-2"),
    replacement="stability.new-v1:0",
    profile="us.stability.m-v1:0",
)
SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEXAMPLETOKEN",
    "AWS_BEARER_TOKEN_BEDROCK": "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29tEXAMPLE",
}


def answer(code: str, status: int, message: str, **headers: str) -> dict[str, object]:
    return {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {
            "HTTPStatusCode": status,
            "HTTPHeaders": {k.replace("_", "-"): v for k, v in headers.items()},
        },
    }


@pytest.mark.parametrize("apostrophe", ["'", "\u2019"])
def test_a_bare_id_where_a_profile_is_needed_gets_the_profile_whatever_the_apostrophe(apostrophe: str) -> None:
    said = f"Invocation of model ID X with on-demand throughput isn{apostrophe}t supported. Retry your request"
    error = from_answer(answer("ValidationException", 400, said), CALLED)
    assert type(error) is FatalForRun
    assert "model: bedrock:us.stability.m-v1:0" in str(error)


def test_access_denied_in_a_404_of_a_legacy_model_is_told_as_what_it_is() -> None:
    said = "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model"
    error = from_answer(answer("ResourceNotFoundException", 404, said), CALLED)
    assert type(error) is ModelRetired
    assert "no lack of permission" in str(error)
    assert "stability.new-v1:0" in str(error)


def test_an_invalid_identifier_names_the_regions_that_serve_the_model() -> None:
    error = from_answer(answer("ValidationException", 400, "The provided model identifier is invalid."), CALLED)
    assert type(error) is WrongRegion
    assert "not known in us-east-1; stability.m-v1:0 is served in us-west-2, us-east-2" in str(error)


@pytest.mark.parametrize("said", ["Signature expired: 20260101T000000Z is now earlier", "Signature not yet current: …"])
def test_a_wrong_clock_is_told_as_such(said: str) -> None:
    error = from_answer(answer("InvalidSignatureException", 403, said), CALLED)
    assert type(error) is BadCredentials
    assert "clock" in str(error)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"x_amz_retry_after": "1500"}, 1.5), ({"retry_after": "3"}, 3.0), ({"retry_after": "soon"}, None), ({}, None)],
)
def test_a_throttle_carries_the_wait_that_the_service_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    error = from_answer(answer("ThrottlingException", 429, "Too many requests", **headers), CALLED)
    assert type(error) is Throttled
    assert error.retry_after_s == seconds
    assert error.model_id == "stability.m-v1:0"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("SomethingNew", 500, Transient),
        ("SomethingNew", 599, Transient),
        ("SomethingNew", 429, Throttled),
        ("SomethingNew", 418, FatalForTrial),
        ("502", 502, Transient),
    ],
)
def test_an_unknown_error_is_judged_by_its_status(code: str, status: int, kind: type[ModelError]) -> None:
    assert type(from_answer(answer(code, status, ""), CALLED)) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sdk.NoCredentialsError(), BadCredentials),
        (sdk.PartialCredentialsError(provider="env", cred_var="x"), BadCredentials),
        (sdk.ProfileNotFound(profile="shop"), BadCredentials),
        (sdk.UnauthorizedSSOTokenError(), BadCredentials),
        (sdk.CredentialRetrievalError(provider="sso", error_msg="expired"), BadCredentials),
        (sdk.ConnectTimeoutError(endpoint_url="https://x"), Transient),
        (sdk.EndpointConnectionError(endpoint_url="https://x"), Transient),
        (sdk.ReadTimeoutError(endpoint_url="https://x"), Uncertain),
        (sdk.ConnectionClosedError(endpoint_url="https://x"), Uncertain),
        (sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2), Uncertain),
        (sdk.ResponseStreamingError(error="cut"), Uncertain),
        (ResponseParserError("not JSON"), Uncertain),
        (sdk.SSLError(endpoint_url="https://x", error="certificate verify failed"), FatalForRun),
        (sdk.SSLError(endpoint_url="https://x", error="unexpected eof"), Uncertain),
        (sdk.InvalidEndpointConfigurationError(msg="bearer over http"), FatalForRun),
    ],
)
def test_what_the_sdk_raises_is_judged_by_whether_the_call_may_have_gone_out(
    error: Exception, kind: type[ModelError]
) -> None:
    with pytest.raises(kind) as caught, map_client_errors(CALLED):
        raise error
    assert type(caught.value) is kind
    assert caught.value.__cause__ is error
    assert "Next: " in str(caught.value)


def test_programming_errors_pass() -> None:
    with pytest.raises(KeyError), map_client_errors(CALLED):
        raise KeyError("a bug")


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    yield SECRETS


@pytest.mark.parametrize(
    "frame",
    [
        "The security token {} is invalid",
        "Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/us-west-2/bedrock, Signature=abc",
        "X-Amz-Security-Token: {}",
        "Bearer {}",
    ],
)
def test_no_message_holds_a_secret(secrets: dict[str, str], frame: str) -> None:
    for value in secrets.values():
        said = frame.format(value)
        for error in (
            from_answer(answer("InvalidSignatureException", 403, said), CALLED),
            from_sdk(sdk.HTTPClientError(error=said), CALLED),
        ):
            assert value not in f"{error} {error!r} {error.args}"


def test_secrets_of_others_are_known_by_their_look() -> None:
    for said in (
        "ASIAIOSFODNN7EXAMPLE",
        "ABSKQmVkcm9ja0FQSUtleS1EXAMPLE",
        "bedrock-api-key-abcdef",
        "Signature=0123abcd",
    ):
        assert said not in redacted(f"what it said: {said}, and more")


def test_a_client_sends_once_waits_long_and_has_room_for_all_calls() -> None:
    forget_clients()
    made = client("bedrock-runtime", "us-west-2", Account(connections=40))
    config = made.meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.read_timeout == READ_TIMEOUT_S >= 300
    assert config.max_pool_connections == 40 + SPARE_CONNECTIONS
    assert client("bedrock-runtime", "us-west-2", Account(connections=40)) is made
    assert client("bedrock-runtime", "us-east-1", Account(connections=40)) is not made


def test_nothing_listens_nothing_was_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert call(monkeypatch, tmp_path, port) is Transient


def test_a_cut_connection_leaves_it_uncertain_and_is_sent_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sends: list[bytes] = []
    with serving(lambda taken: sends.append(taken.recv(65536))) as port:
        assert call(monkeypatch, tmp_path, port) is Uncertain
    assert len(sends) == 1


def test_a_body_that_ends_early_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def half(taken: socket.socket) -> None:
        taken.recv(65536)
        taken.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")

    with serving(half) as port:
        assert call(monkeypatch, tmp_path, port) is Uncertain


def test_a_200_that_is_no_json_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def wrong(taken: socket.socket) -> None:
        taken.recv(65536)
        taken.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]")

    with serving(wrong) as port:
        assert call(monkeypatch, tmp_path, port) is Uncertain


def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: int) -> type[ModelError]:
    """The class of what one call to that port raises."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", f"http://127.0.0.1:{port}")
    forget_clients()
    with pytest.raises(ModelError) as caught:
        invoke_model(client("bedrock-runtime", "us-west-2", Account()), body={"prompt": "p"}, called=CALLED)
    forget_clients()
    return type(caught.value)


class serving:  # reads as a statement
    """A server that does `act` with each connection and closes it."""

    def __init__(self, act: Callable[[socket.socket], object]) -> None:
        self._act = act
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._socket.getsockname()[1])

    def __exit__(self, *error: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR) if os.name != "nt" else None
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                taken, _ = self._socket.accept()
            except OSError:
                return
            with taken:
                self._act(taken)
