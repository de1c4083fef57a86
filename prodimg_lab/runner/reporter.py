"""What is told of a run, and how often?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from prodimg_lab.records import Outcome, Trial
from prodimg_lab.runner.estimate import Estimate
from prodimg_lab.runner.events import BlockFinished, Event, Progress, RunStarted, TrialFinished
from prodimg_lab.store import Ledger
from prodimg_lab.sweeps._base import FinishedBlock

if TYPE_CHECKING:
    from prodimg_lab.runner.coordinator import Board

EVERY_S = 0.5
"""Progress is told this often at most."""


class Reporter:
    """Turns what the coordinator does into events. `workers` is the most calls at a time."""

    def __init__(
        self, on_event: Callable[[Event], None], *, ledger: Ledger, planned: int, simulated: bool, workers: int
    ) -> None:
        self._tell = on_event
        self._ledger = ledger
        self._planned = planned
        self._simulated = simulated
        self._workers = workers
        self._estimate = Estimate()
        self._told_at = float("-inf")

    def started(self, *, known: int) -> None:
        """The run begins."""
        self._tell(
            RunStarted(run_id=self._ledger.run_id, planned=self._planned, known=known, simulated=self._simulated)
        )

    def finished(self, trial: Trial, outcome: Outcome, *, is_drawn: bool) -> None:
        """A trial has its outcome; `is_drawn` if it took a call."""
        if is_drawn:
            self._estimate.drawn(time.monotonic(), outcome.seconds)
        self._tell(TrialFinished(trial=trial, outcome=outcome))

    def block(self, block: FinishedBlock) -> None:
        """A block has ended."""
        self._tell(BlockFinished(block=block))

    def tick(self, now: float, board: Board, *, in_flight: int, is_last: bool = False) -> None:
        """Tell progress if it is time."""
        if not is_last and now - self._told_at < EVERY_S:
            return
        self._told_at = now
        money = self._ledger.money()
        done = len(board.outcomes)
        workers = min(self._workers, max(1, in_flight))
        self._tell(
            Progress(
                run_id=self._ledger.run_id,
                done=done,
                total=self._planned,
                per_second=self._estimate.per_second(now),
                seconds_left=self._estimate.seconds_left(now, left=max(0, self._planned - done), workers=workers),
                cost_micro=money.real_micro,
                simulated_cost_micro=money.simulated_micro,
                reserved_micro=money.reserved_micro,
                simulated=self._simulated,
                states=Counter(outcome.state for outcome in board.outcomes.values()),
            )
        )
