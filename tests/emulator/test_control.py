"""Can a running emulator be steered and read from outside?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from prodimg_lab.emulator import FAULTS, Emulator

SD35 = "stability.sd3-5-large-v1:0"
INVOKE = f"/model/{SD35}/invoke"


def post(send: Any, emulator: Emulator, name: str, value: object) -> Any:
    return send(emulator, "POST", f"/_prodimg/{name}", json.dumps(value).encode())


def test_a_fault_is_set_without_a_signature_and_strikes_as_often_as_asked(
    quick: Emulator, call: Any, send: Any
) -> None:
    assert post(send, quick, "faults", {"fault": "throttled", "count": 2}).status == 200
    assert [call(quick).status for _ in range(3)] == [429, 429, 200]


def test_a_fault_strikes_once_unless_it_says_otherwise(quick: Emulator, call: Any, send: Any) -> None:
    post(send, quick, "faults", {"fault": "unavailable"})
    assert [call(quick).status for _ in range(2)] == [503, 200]


def test_a_fault_may_be_for_one_model(quick: Emulator, call: Any, send: Any) -> None:
    post(send, quick, "faults", {"fault": "unavailable", "model": "stability.stable-image-core-v1:1"})
    assert call(quick).status == 200
    assert call(quick, "/model/stability.stable-image-core-v1:1/invoke").status == 503


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"fault": "throtled"}, "did you mean 'throttled'?"),
        ({"fault": "throttled", "times": 2}, "unknown keys ['times']"),
        ({"fault": "throttled", "count": 0}, "count 0"),
        ({"fault": "throttled", "count": "two"}, "write {"),
        ({"fault": 7}, "no fault 7"),
        ({}, "write {"),
        ([], "write {"),
    ],
)
def test_what_is_wrong_with_a_fault_is_said(quick: Emulator, send: Any, value: object, told: str) -> None:
    answer = post(send, quick, "faults", value)
    assert answer.status == 400
    assert told in answer.message


def test_the_log_counts_sends_and_pictures_and_their_price(quick: Emulator, call: Any, send: Any) -> None:
    ids = {"amz_sdk_invocation_id": "one", "amz_sdk_request": "attempt=1; max=3"}
    again = {"amz_sdk_invocation_id": "one", "amz_sdk_request": "attempt=2; max=3"}
    call(quick, x_prodimg_fault="throttled", **ids)
    call(quick, x_prodimg_fault="empty-image", **again)
    call(quick, body={"prompt": "a nude mug"}, amz_sdk_invocation_id="two")
    call(quick, body={})
    facts = send(quick, "GET", "/_prodimg/log").json
    assert (facts["sends"], facts["billed"], facts["spent_micro"]) == (4, 2, 160_000)
    assert facts["sends_by_invocation"] == {"one": 2, "two": 1}
    assert facts["billed_by_invocation"] == {"one": 1, "two": 1}
    first, second, third, fourth = facts["calls"]
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert [each["billed"] for each in (first, second, third, fourth)] == [False, True, True, False]
    assert second["model"] == SD35 and second["region"] == "us-west-2" and second["operation"] == "InvokeModel"
    assert second["price_micro"] == 80_000 and second["at"].endswith("+00:00")


def test_a_price_is_the_catalogues(quick: Emulator, call: Any) -> None:
    call(quick, "/model/stability.stable-image-core-v1:1/invoke")
    call(quick, "/model/stability.stable-image-ultra-v1:1/invoke")
    assert [each.price_micro for each in quick.log.calls] == [40_000, 140_000]


def test_control_requests_are_not_in_the_log(quick: Emulator, send: Any) -> None:
    send(quick, "GET", "/_prodimg/log")
    assert send(quick, "GET", "/_prodimg/log").json["sends"] == 0


def test_a_reset_forgets_calls_and_faults(quick: Emulator, call: Any, send: Any) -> None:
    call(quick)
    post(send, quick, "faults", {"fault": "throttled", "count": 5})
    assert post(send, quick, "reset", None).json == {"reset": True}
    assert quick.log.sends == 0
    assert call(quick).status == 200


def test_the_faults_can_be_asked_for(quick: Emulator, send: Any) -> None:
    assert list(send(quick, "GET", "/_prodimg/faults").json) == list(FAULTS)


def test_anything_else_is_a_404_that_names_what_there_is(quick: Emulator, send: Any) -> None:
    answer = send(quick, "DELETE", "/_prodimg/log")
    assert answer.status == 404 and "GET log" in answer.message
