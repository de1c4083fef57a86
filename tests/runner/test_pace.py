"""Throttles are learnt from, on quotas of several shapes, and remembered."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prodimg_lab.emulator.quotas import Gate, parsed_quota
from prodimg_lab.errors import Throttled
from prodimg_lab.records import GeneratedImage, ImageRequest, TrialState
from prodimg_lab.runner import pace as pacing
from prodimg_lab.runner.pace import Learnt, Pace
from prodimg_lab.runner.rhythm import Steady, Window
from prodimg_lab.store import read_journal
from prodimg_lab.testing.limits import Calls, floor_s, simulate
from prodimg_lab.testing.models import PAID, FakeModel, plain_trials

if TYPE_CHECKING:
    from conftest import LabFolder

QUICK = Calls(each=200, call_s=0.5)
SLOW = Calls(each=150, call_s=8.0)


@pytest.mark.parametrize(
    ("quota", "calls", "first", "second", "refused"),
    [
        pytest.param("bucket:300/min:25", QUICK, 1.15, 1.06, 0.05, id="300 a minute as a bucket"),
        pytest.param("bucket:120/min:60", QUICK, 1.15, 1.06, 0.05, id="120 a minute as a bucket"),
        pytest.param("bucket:1200/min:20", QUICK, 1.15, 1.06, 0.05, id="1,200 a minute as a bucket"),
        pytest.param("bucket:60/min:1", SLOW, 1.3, 1.3, 0.10, id="one a second, slow calls"),
        pytest.param("bucket:30/min:10", SLOW, 1.15, 1.15, 0.15, id="30 a minute as a bucket, slow calls"),
        pytest.param("window:10/s", QUICK, 1.3, 1.15, 0.08, id="10 in each fixed second"),
        pytest.param("window:60/min", QUICK, 1.3, 1.15, 0.05, id="60 in each fixed minute"),
        pytest.param("sliding:60/min", SLOW, 1.3, 1.3, 0.05, id="60 in any minute, slow calls"),
    ],
)
def test_a_quota_is_used_nearly_in_full_whatever_its_shape_and_the_second_run_knows_it(
    quota: str, calls: Calls, first: float, second: float, refused: float
) -> None:
    limit = parsed_quota(quota)
    ratios: dict[int, list[float]] = {0: [], 1: []}
    for begin in (0.0, 0.31, 0.77):
        standing = replace(calls, begin_s=begin * limit.period_s)
        floor = floor_s(limit, standing)
        learnt = None
        for run in (0, 1):
            pace = Pace.start(calls.most, learnt=learnt)
            outcome = simulate(limit, [pace], standing)
            ratios[run].append(outcome.seconds / floor)
            learnt = pace.learnt
            assert learnt is not None
            share = outcome.refused / outcome.calls
            assert share <= (refused if run else 0.3)
    assert statistics.median(ratios[0]) <= first
    assert statistics.median(ratios[1]) <= second


def test_two_clients_that_know_nothing_of_each_other_use_one_quota_in_full() -> None:
    limit = parsed_quota("bucket:300/min:25")
    calls = Calls(each=100, call_s=0.5)
    floor = floor_s(limit, calls, clients=2)
    ratios = []
    for seed in range(9):
        outcome = simulate(limit, [Pace.start(32), Pace.start(32)], calls, seed=seed)
        ratios.append(outcome.seconds / floor)
        assert outcome.refused / outcome.calls <= 0.15
    assert statistics.median(ratios) <= 1.3


def test_without_a_refusal_nothing_is_held_back() -> None:
    pace = Pace.start(32)
    now = 0.0
    for in_flight in range(32):
        assert pace.allows(in_flight, now=now)
        pace.sent(now)
        now += pacing.GAP_S
    assert not pace.allows(32, now=now)
    assert pace.learnt is None


def refused(pace: Pace, *, calls: int, taken: int, now: float = 0.0) -> float:
    """Send `calls` of which the limit takes `taken`; returns when the last refusal was heard."""
    sent = []
    for _ in range(calls):
        assert pace.allows(0, now=now)
        pace.sent(now)
        sent.append(now)
        now += pacing.GAP_S
    for moment in sent[taken:]:
        now += 0.001
        pace.throttled(sent_at=moment, now=now, retry_after_s=None)
    return now


def test_after_a_refusal_one_call_at_a_time_looks_whether_there_is_room_again() -> None:
    pace = Pace.start(32)
    now = refused(pace, calls=12, taken=10)
    assert not pace.allows(0, now=now + 0.1)
    now += pacing.FIRST_PAUSE_S + 0.01
    assert pace.allows(0, now=now)
    pace.sent(now)
    assert not pace.allows(1, now=now + 0.01), "the look has not been seen to be taken yet"
    pace.throttled(sent_at=now, now=now + 0.005, retry_after_s=None)
    assert not pace.allows(0, now=now + 0.1)


def test_the_pause_is_what_the_service_asked_for() -> None:
    pace = Pace.start(10)
    pace.sent(0.0)
    pace.throttled(sent_at=0.0, now=0.0, retry_after_s=12.0)
    assert not pace.allows(0, now=11.9)
    assert pace.allows(0, now=12.0)


def test_a_burst_that_is_taken_again_is_a_window_and_one_that_is_not_a_rate() -> None:
    for again, kind in ((10, Window), (1, Steady)):
        pace = Pace.start(32)
        now = refused(pace, calls=12, taken=10) + 5.0
        assert pace.allows(0, now=now)
        pace.sent(now)
        assert pace.allows(0, now=now + 1.0), "the look was taken"
        now = refused(pace, calls=again + 1 if again < 9 else 9, taken=min(again, 9), now=now + 1.0)
        for _ in range(100):
            now += 1.0
            if pace.allows(0, now=now):
                pace.sent(now)
                break
        pace.allows(0, now=now + 5.0)
        assert isinstance(pace.rhythm, kind)


def test_a_call_that_was_never_made_leaves_no_trace() -> None:
    pace = Pace.start(32, learnt={"per_s": 1.0, "burst": 0.0})
    for moment in (100.0, 100.1):
        pace.sent(moment)
    assert not pace.allows(0, now=100.2)
    pace.unsent(100.1)
    assert pace.allows(0, now=100.2)


def test_throttled_trials_are_sent_again_without_counting_and_the_run_is_done(
    lab: LabFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(pacing, "LONGEST_PAUSE_S", 0.02)
    model = FakeModel(PAID)
    model.enqueue(*[Throttled("slow down")] * 30)
    summary = lab.run(model, 4, concurrency=4)
    assert summary.count(TrialState.DONE) == 4
    assert len(model.history) == 34
    assert [outcome.sends for outcome in summary.outcomes.values()] == [1, 1, 1, 1]
    assert summary.real_cost_micro == 160_000
    lines = [line for line in read_journal(lab.folder()) if line["event"] == "retry"]
    assert len(lines) == 30
    assert lines[0]["error"] == "Throttled: slow down"


def test_the_wait_that_the_service_asks_for_is_kept(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(Throttled("slow down", retry_after_s=0.4))
    summary = lab.run(model, 1)
    assert summary.wall_seconds >= 0.4
    assert summary.state == "done"


def test_what_was_learnt_is_remembered_by_the_next_run(lab: LabFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    card = replace(PAID, model="strict", region="us-west-2")
    gate = Gate((parsed_quota("bucket:600/min:2"),))  # so few that a slow machine meets them too

    class Strict(FakeModel):
        def generate(self, request: ImageRequest) -> GeneratedImage:
            if not gate.lets_through("strict"):
                raise Throttled("slow down")
            return super().generate(request)

    assert lab.run(Strict(card), 24, concurrency=16).state == "done"
    learnt = lab.index.rate("strict@us-west-2")
    assert learnt is not None
    assert learnt["per_s"] == pytest.approx(10.0, rel=0.6)
    told: list[object] = []
    real = Pace.start

    def start(most: int, *, learnt: Learnt | None = None) -> Pace:
        told.append(learnt)
        return real(most, learnt=learnt)

    monkeypatch.setattr(Pace, "start", start)
    more = [replace(trial, request=replace(trial.request, repeat=1)) for trial in plain_trials(card, 24)]
    assert lab.run(Strict(card), more, run="r2", concurrency=16).state == "done"
    assert told == [learnt]
