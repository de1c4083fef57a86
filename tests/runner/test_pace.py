"""Throttles are learnt from, on quotas of several shapes, and remembered."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import pytest

from prodimg_lab.errors import Throttled
from prodimg_lab.records import TrialState
from prodimg_lab.runner import pace as pacing
from prodimg_lab.runner.pace import Pace
from prodimg_lab.store import read_journal
from prodimg_lab.testing.models import PAID, FakeModel

if TYPE_CHECKING:
    from conftest import LabFolder

Quota = Callable[[float], bool]


def bucket(per_second: float, burst: float) -> Quota:
    tokens, last = burst, 0.0

    def allows(now: float) -> bool:
        nonlocal tokens, last
        tokens, last = min(burst, tokens + (now - last) * per_second), now
        if tokens < 1:
            return False
        tokens -= 1
        return True

    return allows


def window(count: int, seconds: float) -> Quota:
    used: dict[int, int] = {}

    def allows(now: float) -> bool:
        slot = int(now / seconds)
        used[slot] = used.get(slot, 0) + 1
        return used[slot] <= count

    return allows


def sliding(count: int, seconds: float) -> Quota:
    sent: list[float] = []

    def allows(now: float) -> bool:
        sent[:] = [each for each in sent if each > now - seconds]
        if len(sent) >= count:
            return False
        sent.append(now)
        return True

    return allows


def simulate(quota: Quota, *, pictures: int, call_s: float, most: int = 32, clients: int = 1) -> tuple[float, int]:
    """Seconds and throttles until every client has its pictures; no clock but the simulation's."""
    chance = random.Random(7)
    now, order, throttles, drawn = 0.0, 0, 0, 0
    paces = [Pace.start(most) for _ in range(clients)]
    left, in_flight = [pictures] * clients, [0] * clients
    answers: list[tuple[float, int, int, bool, float]] = []
    while drawn < pictures * clients:
        for client, pace in enumerate(paces):
            while left[client] and pace.allows(in_flight[client], now=now):
                left[client] -= 1
                in_flight[client] += 1
                order += 1
                is_granted = quota(now)
                lasts = call_s * chance.uniform(0.8, 1.2) if is_granted else 0.02
                heappush(answers, (now + lasts, order, client, is_granted, now))
        pauses = [pace.paused_until for client, pace in enumerate(paces) if left[client] and pace.paused_until > now]
        if pauses and (not answers or answers[0][0] > min(pauses)):
            now = min(pauses)
            continue
        now, _, client, is_granted, sent_at = heappop(answers)
        in_flight[client] -= 1
        if is_granted:
            paces[client].answered()
            drawn += 1
        else:
            paces[client].throttled(sent_at=sent_at, now=now, retry_after_s=None)
            left[client] += 1
            throttles += 1
    return now, throttles


@pytest.mark.parametrize(
    ("quota", "pictures", "call_s", "floor_s", "bound"),
    [
        pytest.param(lambda: bucket(5, 25), 200, 0.5, 35.5, 1.1, id="300 a minute as a bucket, quick calls"),
        pytest.param(lambda: bucket(5, 25), 200, 8.0, 50.0, 1.5, id="300 a minute as a bucket, slow calls"),
        pytest.param(lambda: bucket(1, 5), 200, 8.0, 203.0, 1.2, id="60 a minute as a bucket"),
        pytest.param(lambda: window(300, 60), 600, 0.5, 64.7, 1.4, id="300 in each fixed minute"),
        pytest.param(lambda: window(60, 60), 200, 8.0, 188.0, 1.6, id="60 in each fixed minute"),
        pytest.param(lambda: sliding(300, 60), 600, 0.5, 64.7, 1.4, id="300 in any minute"),
        pytest.param(lambda: sliding(10, 60), 40, 8.0, 188.0, 1.4, id="10 in any minute"),
    ],
)
@pytest.mark.parametrize("clients", [1, 2])
def test_a_quota_is_used_nearly_in_full_whatever_its_shape(
    quota: Callable[[], Quota], pictures: int, call_s: float, floor_s: float, bound: float, clients: int
) -> None:
    seconds, throttles = simulate(quota(), pictures=pictures // clients, call_s=call_s, clients=clients)
    assert seconds <= floor_s * bound
    assert throttles <= pictures * 2.5 * clients


def test_a_throttle_cuts_once_for_all_calls_that_left_before_it() -> None:
    pace = Pace.start(10)
    pace.throttled(sent_at=0.0, now=1.0, retry_after_s=None)
    assert pace.limit == 7.0
    for _ in range(5):
        pace.throttled(sent_at=0.5, now=1.1, retry_after_s=None)
    assert pace.limit == 7.0
    pace.throttled(sent_at=1.6, now=1.7, retry_after_s=None)
    assert pace.limit == pytest.approx(4.9)


def test_the_pause_is_what_the_service_asked_for_else_doubled_up_to_a_bound() -> None:
    pace = Pace.start(10)
    pace.throttled(sent_at=0.0, now=0.0, retry_after_s=12.0)
    assert not pace.allows(0, now=11.9)
    assert pace.allows(0, now=12.0)
    pauses = []
    now = 100.0
    for _ in range(8):
        pace.throttled(sent_at=now, now=now, retry_after_s=None)
        pauses.append(pace.paused_until - now)
        now += 100
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert set(pauses[4:]) == {pacing.LONGEST_PAUSE_S}


def test_answers_bring_the_limit_back_quickly_to_the_last_cut_and_slowly_beyond() -> None:
    pace = Pace(most=32, limit=1.0, ceiling=8.0)
    for _ in range(7):
        pace.answered()
    assert pace.limit == 8.0
    pace.answered()
    assert 8.0 < pace.limit < 8.2
    for _ in range(2000):
        pace.answered()
    assert pace.limit == 32.0
    assert not pace.allows(32, now=0.0)


def test_the_limit_never_falls_below_one_call() -> None:
    pace = Pace.start(4)
    for moment in range(20):
        pace.throttled(sent_at=float(moment), now=float(moment), retry_after_s=0.0)
    assert pace.limit == 1.0
    assert pace.allows(0, now=100.0)


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
    monkeypatch.setattr(pacing, "FIRST_PAUSE_S", 0.01)
    limit = 2

    class Strict(FakeModel):
        def generate(self, request):  # type: ignore[no-untyped-def]
            image = super().generate(request)
            if self._in_flight >= limit:
                raise Throttled("at most 2", retry_after_s=0.01)
            return image

    first = Strict(replace(PAID, model="strict"), seconds=0.02)
    lab.run(first, 24, concurrency=16)
    learnt = lab.index.rate("strict")
    assert learnt is not None
    assert learnt[0] < 16
    second = FakeModel(replace(PAID, model="strict"), seconds=0.02)
    trials = 8
    lab.run(second, [replace(t, request=replace(t.request, repeat=1)) for t in lab_trials(second, trials)], run="r2")
    assert second.most_in_flight < 16


def lab_trials(model: FakeModel, count: int):  # type: ignore[no-untyped-def]
    from prodimg_lab.testing.models import plain_trials

    return plain_trials(model.capabilities, count)
