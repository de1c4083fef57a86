"""Does every fault of the table show as it says, to a client that looks at the bytes?"""

from __future__ import annotations

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from prodimg_lab.emulator import FAULTS, Emulator, FaultRule
from prodimg_lab.emulator.faults import Effect, FaultBoard, parsed_rule
from prodimg_lab.errors import UnknownName, UsageError

SD35 = "stability.sd3-5-large-v1:0"
CORE = "stability.stable-image-core-v1:1"
INVOKE = f"/model/{SD35}/invoke"
BODY = b'{"prompt": "a mug", "seed": 5}'
ERRORS = [fault for fault in FAULTS.values() if fault.effect is Effect.ERROR]
FILTERED = [fault for fault in FAULTS.values() if fault.effect is Effect.FILTERED]
# facts 1.4: what the service's model and real threads say
STATUSES = {
    "AccessDeniedException": 403,
    "ValidationException": 400,
    "ServiceQuotaExceededException": 400,
    "ResourceNotFoundException": 404,
    "ModelTimeoutException": 408,
    "ModelErrorException": 424,
    "ThrottlingException": 429,
    "ModelNotReadyException": 429,
    "InternalServerException": 500,
    "ServiceUnavailableException": 503,
    "ExpiredTokenException": 403,
    "UnrecognizedClientException": 403,
    "InvalidSignatureException": 403,
    "IncompleteSignature": 403,
}


def test_the_table_has_every_exception_of_the_operation() -> None:
    assert {fault.code for fault in ERRORS} - {""} == set(STATUSES)


@pytest.mark.parametrize("fault", ERRORS, ids=lambda fault: fault.name)
def test_an_error_fault_answers_with_its_class_status_and_text(quick: Emulator, call: Any, fault: Any) -> None:
    answer = call(quick, INVOKE, BODY, x_prodimg_fault=fault.name)
    assert answer.status == fault.status == STATUSES.get(fault.code, fault.status)
    assert answer.code == fault.code
    assert answer.message == fault.message.replace("{model}", SD35)
    line = quick.log.calls[-1]
    assert (line.fault, line.status, line.billed) == (fault.name, fault.status, False)


def test_a_gateways_error_names_no_exception(quick: Emulator, call: Any) -> None:
    for name, status in (("bad-gateway", 502), ("gateway-timeout", 504)):
        answer = call(quick, INVOKE, BODY, x_prodimg_fault=name)
        assert answer.status == status and "x-amzn-errortype" not in answer.headers


def test_a_model_error_has_its_members(quick: Emulator, call: Any) -> None:
    answer = call(quick, INVOKE, BODY, x_prodimg_fault="model-error")
    assert answer.json["originalStatusCode"] == 500
    assert answer.json["resourceName"] == SD35


def test_a_legacy_model_lies_about_access_in_a_404(quick: Emulator, call: Any) -> None:
    answer = call(quick, INVOKE, BODY, x_prodimg_fault="legacy-idle")
    assert answer.status == 404
    assert answer.message.startswith("Access denied. This Model is marked by provider as Legacy")


@pytest.mark.parametrize("fault", FILTERED, ids=lambda fault: fault.name)
def test_a_filter_answers_200_with_its_reason_alone(quick: Emulator, call: Any, fault: Any) -> None:
    answer = call(quick, INVOKE, BODY, x_prodimg_fault=fault.name)
    assert answer.status == 200
    assert answer.json == {"finish_reasons": [fault.message]}
    assert quick.log.billed == 1


def test_every_finish_reason_is_there() -> None:
    assert {fault.message for fault in FILTERED} == {
        "Filter reason: prompt",
        "Filter reason: output image",
        "Filter reason: input image",
        "Inference error",
    }


def test_a_picture_may_be_no_base64_or_empty(quick: Emulator, call: Any) -> None:
    assert call(quick, INVOKE, BODY, x_prodimg_fault="bad-base64").json["images"] == ["*** this is not base64 ***"]
    assert call(quick, INVOKE, BODY, x_prodimg_fault="empty-image").json["images"] == [""]
    assert quick.log.billed == 2


def test_half_json_is_a_whole_http_answer(quick: Emulator, call: Any) -> None:
    answer = call(quick, INVOKE, BODY, x_prodimg_fault="half-json")
    assert answer.status == 200 and int(answer.headers["content-length"]) == len(answer.body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)


def test_a_reset_before_the_answer_leaves_no_byte(quick: Emulator, call: Any) -> None:
    with pytest.raises(ConnectionResetError):
        call(quick, INVOKE, BODY, x_prodimg_fault="reset-before")
    (line,) = quick.log.calls
    assert (line.status, line.billed) == (0, True)


def test_a_reset_midway_comes_after_the_headers(quick: Emulator, signer: Any) -> None:
    headers = {**signer().sign("POST", quick.url + INVOKE, BODY), "x-prodimg-fault": "reset-midway"}
    connection = http.client.HTTPConnection(urlsplit(quick.url).netloc, timeout=10)
    try:
        connection.request("POST", INVOKE, body=BODY, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200
        with pytest.raises(ConnectionResetError):
            answer.read()
    finally:
        connection.close()
    assert quick.log.billed == 1


def test_a_truncated_body_is_shorter_than_promised(quick: Emulator, call: Any) -> None:
    with pytest.raises(http.client.IncompleteRead) as caught:
        call(quick, INVOKE, BODY, x_prodimg_fault="truncated")
    assert len(caught.value.partial) > 0 and (caught.value.expected or 0) > 0
    assert quick.log.billed == 1


def test_a_stall_answers_nothing_and_ends_when_the_client_leaves(quick: Emulator, signer: Any) -> None:
    headers = {**signer().sign("POST", quick.url + INVOKE, BODY), "x-prodimg-fault": "stall"}
    connection = http.client.HTTPConnection(urlsplit(quick.url).netloc, timeout=0.3)
    try:
        connection.request("POST", INVOKE, body=BODY, headers=headers)
        with pytest.raises(TimeoutError):
            connection.getresponse()
    finally:
        connection.close()
    (line,) = quick.log.calls
    assert (line.status, line.billed, line.fault) == (0, True, "stall")


def test_a_fault_after_the_work_does_not_hide_a_wrong_body(quick: Emulator, call: Any) -> None:
    answer = call(quick, INVOKE, b"{}", x_prodimg_fault="reset-before")
    assert answer.status == 400
    assert (quick.log.calls[0].billed, quick.log.calls[0].fault) == (False, "")


def test_no_fault_lets_a_wrong_signature_in(quick: Emulator, call: Any, signer: Any) -> None:
    answer = call(quick, INVOKE, BODY, signer=signer(secret="wrong"), x_prodimg_fault="empty-image")
    assert answer.code == "InvalidSignatureException"


def test_an_unknown_fault_is_refused_with_the_nearest(quick: Emulator, call: Any) -> None:
    assert "did you mean 'throttled'?" in call(quick, INVOKE, BODY, x_prodimg_fault="throtled").message


def test_a_fault_of_pictures_is_refused_where_there_are_none(quick: Emulator, call: Any) -> None:
    path = "/model/amazon.titan-embed-image-v1/invoke"
    assert "befalls pictures" in call(quick, path, BODY, x_prodimg_fault="empty-image").message


def test_a_listing_can_fail_too_when_it_is_asked_to(quick: Emulator, call: Any) -> None:
    assert call(quick, "/foundation-models", b"", method="GET", x_prodimg_fault="throttled").status == 429


class TestTheBoard:
    def test_a_count_runs_out(self) -> None:
        board = FaultBoard((FaultRule(fault="throttled", count=2),))
        assert [bool(board.take(SD35, draws=True)) for _ in range(4)] == [True, True, False, False]

    def test_without_a_count_it_never_does(self) -> None:
        board = FaultBoard((FaultRule(fault="throttled"),))
        assert all(board.take(SD35, draws=True) for _ in range(10))

    def test_rules_wait_their_turn(self) -> None:
        board = FaultBoard((FaultRule(fault="throttled", count=1), FaultRule(fault="unavailable", count=1)))
        taken = [board.take(SD35, draws=True) for _ in range(3)]
        assert [fault.name if fault else "" for fault in taken] == ["throttled", "unavailable", ""]

    @pytest.mark.parametrize("model", [SD35, f"arn:aws:bedrock:us-west-2::foundation-model/{SD35}"])
    def test_a_rule_may_be_for_one_model(self, model: str) -> None:
        board = FaultBoard((FaultRule(fault="throttled", model=model),))
        assert board.take(CORE, draws=True) is None
        assert board.take(SD35, draws=True) is not None

    def test_a_fault_of_pictures_waits_for_a_picture(self) -> None:
        board = FaultBoard((FaultRule(fault="empty-image", count=1),))
        assert board.take("a.judge", draws=False) is None
        assert board.take(SD35, draws=True) is not None

    def test_a_rate_strikes_about_as_often_as_it_says_and_always_the_same(self) -> None:
        board = FaultBoard((FaultRule(fault="throttled", rate=0.1),))
        first = [bool(board.take(SD35, draws=True)) for _ in range(1000)]
        board.reset()
        assert first == [bool(board.take(SD35, draws=True)) for _ in range(1000)]
        assert 60 <= sum(first) <= 140

    def test_a_reset_brings_back_the_rules_of_the_start(self) -> None:
        board = FaultBoard((FaultRule(fault="throttled", count=1),))
        board.add(FaultRule(fault="unavailable"))
        board.take(SD35, draws=True)
        board.reset()
        taken = [board.take(SD35, draws=True) for _ in range(2)]
        assert [fault.name if fault else "" for fault in taken] == ["throttled", ""]

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("stall", FaultRule(fault="stall")),
            ("stall:3", FaultRule(fault="stall", count=3)),
            ("stall:0.1", FaultRule(fault="stall", rate=0.1)),
            ("stall:1", FaultRule(fault="stall", count=1)),
        ],
    )
    def test_rules_are_read_from_the_command_line(self, text: str, rule: FaultRule) -> None:
        assert parsed_rule(text) == rule

    @pytest.mark.parametrize(
        ("text", "told"),
        [("stall:x", "stall:3"), ("stall:0", "count 0"), ("stall:1.5", "rate 1.5"), ("stall:nan", "rate nan")],
    )
    def test_a_rule_that_cannot_be_read_is_refused(self, text: str, told: str) -> None:
        with pytest.raises(UsageError, match=told):
            parsed_rule(text)

    def test_an_unknown_name_is_refused(self) -> None:
        with pytest.raises(UnknownName, match="did you mean 'truncated'"):
            FaultRule(fault="truncate")


def test_faults_of_the_start_strike_from_the_first_call(prepared_file: Any, call: Any) -> None:
    rules = (FaultRule(fault="throttled", count=1),)
    with Emulator(prepared=prepared_file, faults=rules) as emulator:
        assert [call(emulator, INVOKE, BODY).status for _ in range(2)] == [429, 200]


def test_latency_is_the_least_time_of_a_call_and_settable_by_request(prepared_file: Any, call: Any) -> None:
    with Emulator(prepared=prepared_file, latency_s=0.2) as emulator:
        begun = time.monotonic()
        call(emulator, INVOKE, BODY)
        middle = time.monotonic()
        call(emulator, INVOKE, BODY, x_prodimg_latency="0.4")
        assert 0.2 <= middle - begun < 0.4
        assert time.monotonic() - middle >= 0.4
        assert "no number of seconds" in call(emulator, INVOKE, BODY, x_prodimg_latency="soon").message
