"""Who decides what is sent next, and when a run is over?

One thread, the caller's: it alone touches the queues, the pace and the schedule, and takes one result after the other.
Attempts run in the lanes' threads. So there is nothing to lock here, and nothing depends on which thread came first but
the order of arrival, which no decision looks at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from queue import Empty, SimpleQueue

from prodimg_lab.errors import BudgetExceeded, ProdimgError
from prodimg_lab.records import Outcome, Trial, TrialState
from prodimg_lab.runner._base import RunContext
from prodimg_lab.runner.attempts import Attempts, Finished, Halted, Later, Result, Task
from prodimg_lab.runner.blocks import BlockOrder
from prodimg_lab.runner.events import BlockFinished, TrialFinished
from prodimg_lab.runner.lanes import Lane, Lanes
from prodimg_lab.sweeps._base import FinishedBlock, Schedule

TICK_S = 0.25
"""The longest that the loop sleeps: progress is told at least this often."""


@dataclass(slots=True, kw_only=True)
class Board:
    """Where the run stands, for progress and summary. `order` has each trial's place in the order of giving out."""

    trials: list[Trial] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    halted: ProdimgError | None = None


class Coordinator:
    """Runs a schedule to its end, or to what stops it. `known` are outcomes of earlier sessions, by place in the plan.

    `tell` gets events, `tick` is called at every turn of the loop, `drawn` for every outcome that took a call.
    """

    def __init__(
        self,
        *,
        schedule: Schedule,
        lanes: Lanes,
        attempts: Attempts,
        context: RunContext,
        known: Mapping[int, Outcome],
        listener: Listener,
    ) -> None:
        self.board = Board()
        self._schedule = schedule
        self._lanes = lanes
        self._attempts = attempts
        self._context = context
        self._known = known
        self._listener = listener
        self._blocks = BlockOrder()
        self._inbox: SimpleQueue[tuple[int, Task, Future[Result]] | None] = SimpleQueue()
        self._delayed: list[tuple[float, int, Task]] = []
        self._first: dict[str, tuple[int, Task]] = {}
        self._twins: dict[str, list[tuple[int, Task]]] = {}
        self._in_flight = 0
        self._capped: BudgetExceeded | None = None
        self._is_over = False

    def wake(self) -> None:
        """Look at the stop flag now. Takes no lock: it is called from signal handlers."""
        self._inbox.put(None)
'''
