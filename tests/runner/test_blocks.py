"""Schedules hear of blocks in block order, whatever came first, and a resumed race decides as it did."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodimg_lab.errors import FatalForRun
from prodimg_lab.records import Outcome, Trial, TrialState
from prodimg_lab.runner.blocks import BlockOrder
from prodimg_lab.sweeps._base import FinishedBlock
from prodimg_lab.testing.models import FREE, FakeModel, plain_trials

if TYPE_CHECKING:
    from conftest import LabFolder

DONE = Outcome(state=TrialState.DONE)


class Race:
    """Two blocks at a time; after each, drops the variant whose pictures have the greatest digests so far."""

    def __init__(self, trials: Sequence[Trial]) -> None:
        self._blocks: list[list[Trial]] = []
        for trial in trials:
            if not self._blocks or self._blocks[-1][0].block != trial.block:
                self._blocks.append([])
            self._blocks[-1].append(trial)
        self.planned = len(trials)
        self._dropped: set[str] = set()
        self._given = 0
        self._by_index = {trial.index: trial for trial in trials}
        self.heard: list[tuple[str, ...]] = []
        self.decisions: list[str] = []

    def next(self, finished: Sequence[FinishedBlock]) -> Sequence[Trial] | None:
        self.heard.append(tuple(block.block.name for block in finished))
        for block in finished:
            self._decide(block)
        ended = sum(len(each) for each in self.heard)
        if self._given == len(self._blocks):
            return None
        if self._given - ended >= 2:
            return ()
        trials = [trial for trial in self._blocks[self._given] if trial.variant not in self._dropped]
        self._given += 1
        return trials

    def _decide(self, block: FinishedBlock) -> None:
        digests = {
            self._by_index[index].variant: outcome.digest
            for index, outcome in block.outcomes.items()
            if self._by_index[index].variant not in self._dropped
        }
        if len(digests) > 1:
            loser = max(digests, key=lambda name: digests[name])
            self._dropped.add(loser)
            self.decisions.append(loser)


class Jittery(FakeModel):
    """Answers in an order of its own."""

    def generate(self, request):  # type: ignore[no-untyped-def]
        self._seconds = random.uniform(0, 0.02)
        return super().generate(request)


def test_a_race_hears_of_one_block_at_a_time_in_block_order(lab: LabFolder) -> None:
    race = Race(plain_trials(FREE, 32))
    summary = lab.run(Jittery(FREE), race, concurrency=8)
    told = [names for names in race.heard if names]
    assert told == [(f"mug#{number}",) for number in range(len(told))]
    assert summary.state == "done"
    assert summary.planned == 32
    assert len(summary.trials) < 32
    assert len(summary.outcomes) == len(summary.trials)


def test_decisions_depend_neither_on_arrival_nor_on_a_break_in_between(lab: LabFolder) -> None:
    races = [Race(plain_trials(FREE, 40)) for _ in range(3)]
    lab.run(Jittery(FREE), races[0], run="whole", concurrency=8)
    lab.run(Jittery(FREE), races[1], run="slow", concurrency=1)
    broken = Jittery(FREE)
    broken.enqueue(*[b"\x89PNG\r\n\x1a\n"] * 0, FatalForRun("away"))
    lab.run(broken, Race(plain_trials(FREE, 40)), run="broken", concurrency=2)
    lab.run(FakeModel(FREE), races[2], run="broken", concurrency=8)
    assert races[0].decisions == races[1].decisions == races[2].decisions
    assert len(races[0].decisions) == 3


def test_a_schedule_that_waits_for_nothing_is_told_off_rather_than_waited_for(lab: LabFolder) -> None:
    class Stuck:
        planned = 4

        def next(self, finished: Sequence[FinishedBlock]) -> Sequence[Trial] | None:
            return ()

    with pytest.raises(RuntimeError, match="Stuck waits for blocks although every block has ended"):
        lab.run(FakeModel(FREE), Stuck())


def test_an_empty_schedule_is_a_run_that_is_done(lab: LabFolder) -> None:
    assert lab.run(FakeModel(FREE), 0).state == "done"


@given(st.permutations(range(12)), st.integers(1, 5))
def test_blocks_come_out_once_whole_and_in_order_for_any_order_of_arrival(arrival: list[int], size: int) -> None:
    trials = plain_trials(FREE, 12, block_size=size)
    order = BlockOrder()
    order.give(trials)
    seen: list[FinishedBlock] = []
    for index in arrival:
        order.finish(index, DONE)
        while (block := order.next_finished()) is not None:
            seen.append(block)
    assert [block.block.name for block in seen] == list(dict.fromkeys(trial.block.name for trial in trials))
    assert [index for block in seen for index in block.outcomes] == list(range(12))


def test_a_block_that_is_given_again_is_a_block_again() -> None:
    first, second = plain_trials(FREE, 2, block_size=2)
    order = BlockOrder()
    order.give([first])
    order.give([second])
    order.finish(1, DONE)
    assert order.next_finished() is None
    order.finish(0, DONE)
    assert [order.next_finished(), order.next_finished()] == [
        FinishedBlock(block=first.block, outcomes={0: DONE}),
        FinishedBlock(block=first.block, outcomes={1: DONE}),
    ]
