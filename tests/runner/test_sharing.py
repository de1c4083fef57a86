"""Runs of one lab divide what was learnt of a quota among themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prodimg_lab.emulator.quotas import parsed_quota
from prodimg_lab.runner.pace import Pace
from prodimg_lab.runner.rhythm import Steady, Window
from prodimg_lab.runner.sharing import Sharing, part_of, whole_of, with_larger_burst
from prodimg_lab.store import RunLock
from prodimg_lab.testing.limits import Calls, floor_s, simulate
from prodimg_lab.testing.models import PAID, FakeModel

if TYPE_CHECKING:
    from conftest import LabFolder

LEARNT = {"per_s": 5.0, "peak_per_s": 6.0, "burst": 26.0}


def test_living_runs_are_counted_and_dead_ones_forgotten(lab: LabFolder) -> None:
    first, second, dead = (lab.folder(name) for name in ("r1", "r2", "r3"))
    sharing = Sharing(lab.index, first)
    assert sharing.join("sd35@us-west-2") == 1
    with RunLock(second):
        assert Sharing(lab.index, second).join("sd35@us-west-2") == 1, "nobody holds the first one's lock"
        assert sharing.join("sd35@us-west-2") == 2
        assert sharing.count("core@us-west-2") == 1
        dead.mkdir(parents=True)
        lab.index.draw_on("sd35@us-west-2", dead)
        assert sharing.count("sd35@us-west-2") == 2
        assert dead not in lab.index.drawing_on("sd35@us-west-2")
        Sharing(lab.index, second).leave("sd35@us-west-2")
        assert sharing.count("sd35@us-west-2") == 1


def test_a_part_is_a_part_of_the_rate_and_not_of_the_period() -> None:
    assert part_of(LEARNT, 2) == {"per_s": 2.5, "peak_per_s": 3.0, "burst": 13.0}
    window = {"calls": 30.0, "period_s": 6.0, "excess_s": 0.1}
    assert part_of(window, 3) == {"calls": 10.0, "period_s": 6.0, "excess_s": 0.1}
    assert whole_of(part_of(window, 3), 3) == window
    assert whole_of({"per_s": 2.5, "burst": 22.0}, 2) == {"per_s": 5.0, "burst": 22.0}
    assert part_of(None, 2) is whole_of(None, 2) is None


def test_the_larger_burst_is_remembered_since_the_smaller_found_the_bucket_half_empty() -> None:
    assert with_larger_burst({"per_s": 5.0, "burst": 2.0}, {"per_s": 4.0, "burst": 23.0}) == {
        "per_s": 5.0,
        "burst": 23.0,
    }
    assert with_larger_burst({"per_s": 5.0, "burst": 2.0}, None) == {"per_s": 5.0, "burst": 2.0}
    window = {"calls": 30.0, "period_s": 6.0}
    assert with_larger_burst(window, {"per_s": 4.0, "burst": 23.0}) == window


def test_who_is_left_takes_the_whole() -> None:
    pace = Pace.start(32, learnt=part_of(LEARNT, 2))
    pace.sent(10.0)
    pace.share(2.0, now=10.0)
    assert isinstance(pace.rhythm, Steady)
    assert pace.rhythm.rate(10.0) == pytest.approx(5.0)
    windowed = Pace.start(32, learnt={"calls": 15.0, "period_s": 6.0})
    windowed.share(2.0, now=0.0)
    assert isinstance(windowed.rhythm, Window)
    assert windowed.rhythm.calls == 30


def test_two_that_divide_what_is_known_are_near_the_floor() -> None:
    limit, calls = parsed_quota("bucket:300/min:25"), Calls(each=100, call_s=0.5)
    paces = [Pace.start(32, learnt=part_of(LEARNT, 2)) for _ in range(2)]
    outcome = simulate(limit, paces, calls)
    assert outcome.seconds / floor_s(limit, calls, clients=2) <= 1.15
    assert outcome.refused / outcome.calls <= 0.05


def test_a_run_leaves_no_trace_of_its_quotas(lab: LabFolder) -> None:
    card = replace(PAID, model="strict", region="us-west-2")
    assert lab.run(FakeModel(card), 4).state == "done"
    assert lab.index.drawing_on("strict@us-west-2") == []
