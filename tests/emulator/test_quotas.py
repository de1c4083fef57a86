"""Does each kind of quota let through what it promises, and no more?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodimg_lab.emulator import Emulator, Quota, parsed_quota
from prodimg_lab.emulator.quotas import Gate
from prodimg_lab.errors import UsageError

INVOKE = "/model/stability.sd3-5-large-v1:0/invoke"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def passed(gate: Gate, clock: Clock, times: list[float], model: str = "m") -> list[bool]:
    found = []
    for clock.now in times:
        found.append(gate.lets_through(model))
    return found


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    gate = Gate((parsed_quota("bucket:60/min:3"),), clock)
    assert passed(gate, clock, [0, 0, 0, 0, 0.5, 1.0, 1.5, 2.1]) == [True, True, True, False, False, True, False, True]


def test_a_bucket_holds_no_more_than_its_burst() -> None:
    clock = Clock()
    gate = Gate((parsed_quota("bucket:60/min:2"),), clock)
    passed(gate, clock, [0, 0])
    assert passed(gate, clock, [1000, 1000, 1000]) == [True, True, False]


def test_a_fixed_window_lets_twice_its_number_through_around_its_edge() -> None:
    clock = Clock()
    gate = Gate((parsed_quota("window:2/min"),), clock)
    assert passed(gate, clock, [59, 59.5, 59.9, 60, 60.1, 60.2]) == [True, True, False, True, True, False]


def test_a_sliding_minute_does_not() -> None:
    clock = Clock()
    gate = Gate((parsed_quota("sliding:2/min"),), clock)
    assert passed(gate, clock, [59, 59.5, 60, 118.9, 119.1, 119.6]) == [True, True, False, False, True, True]


@given(st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=60), st.integers(1, 5))
def test_no_ten_seconds_hold_more_than_a_sliding_quota(steps: list[float], calls: int) -> None:
    clock = Clock()
    gate = Gate((Quota(kind="sliding", calls=calls, period_s=10),), clock)
    times = sorted(steps)
    through = [time for time, let in zip(times, passed(gate, clock, times), strict=True) if let]
    assert all(sum(start < each <= start + 10 for each in through) <= calls for start in (-1e-9, *through))


def test_each_model_has_its_own_count() -> None:
    gate = Gate((parsed_quota("window:1/h"),), Clock())
    assert [gate.lets_through(model) for model in ("a", "a", "b")] == [True, False, True]


def test_a_quota_may_be_for_one_model() -> None:
    gate = Gate((parsed_quota("a=window:1/h"),), Clock())
    assert [gate.lets_through(model) for model in ("a", "a", "b", "b")] == [True, False, True, True]


def test_a_call_that_one_quota_refuses_counts_in_none() -> None:
    clock = Clock()
    gate = Gate((parsed_quota("window:1/s"), parsed_quota("sliding:2/h")), clock)
    assert passed(gate, clock, [0, 0.1, 0.2, 1, 2]) == [True, False, False, True, False]


@pytest.mark.parametrize(
    "text", ["", "60/min", "bucket:60", "window:60/min:5", "bucket:x/min", "leaky:1/s", "window:1/d"]
)
def test_a_quota_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write bucket:300/min:25"):
        parsed_quota(text)


def test_a_quota_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="above 0"):
        parsed_quota("window:0/s")


def test_a_throttled_call_is_a_429_that_is_not_billed(prepared_file: Any, call: Any) -> None:
    with Emulator(prepared=prepared_file, quotas=(parsed_quota("sliding:2/h"),)) as emulator:
        answers = [call(emulator, INVOKE) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert answers[2].code == "ThrottlingException"
        assert (emulator.log.billed, emulator.log.sends) == (2, 3)
        emulator.reset()
        assert call(emulator, INVOKE).status == 200
