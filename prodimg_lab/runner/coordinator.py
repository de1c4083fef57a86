"""Who decides what is sent next, and when a run is over?

One thread, the caller's: it alone touches the queues, the pace and the schedule, and takes one result after the other.
The lanes' threads look up and call, a few others store what has come: a call's place is free for the next one before
its picture is stored. So there is nothing to lock here, and the order in which answers arrive changes no decision.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush
from queue import Empty, SimpleQueue
from typing import Literal

from prodimg_lab.errors import BudgetExceeded, ProdimgError, StoreError
from prodimg_lab.records import Outcome, Trial, TrialState
from prodimg_lab.runner._base import RunContext
from prodimg_lab.runner.attempts import Attempts
from prodimg_lab.runner.blocks import BlockOrder
from prodimg_lab.runner.lanes import Lane, Lanes
from prodimg_lab.runner.outcomes import Outcomes
from prodimg_lab.runner.reporter import Reporter
from prodimg_lab.runner.task import Arrived, Finished, Halted, Later, Ready, Result, Task
from prodimg_lab.store import History
from prodimg_lab.sweeps._base import FinishedBlock, Schedule

TICK_S = 0.25
"""The longest that the loop sleeps, so that progress shows time passing."""


@dataclass(slots=True, kw_only=True)
class Board:
    """What a run has come to: the trials given out, their outcomes by place in the plan, and what stopped it."""

    trials: list[Trial] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    is_all_given: bool = False
    halted: ProdimgError | None = None


Step = Literal["look", "call", "store"]


@dataclass(frozen=True, slots=True)
class Ended:
    """A step of a trial has its result."""

    step: Step
    order: int
    task: Task
    result: Future[Result]


Letter = Ended | None
"""What threads tell the coordinator; None only wakes it."""


class Coordinator:
    """Runs a schedule to its end, or to what stops it; `board` tells. `history` is what earlier sessions left."""

    def __init__(
        self,
        *,
        schedule: Schedule,
        lanes: Lanes,
        attempts: Attempts,
        outcomes: Outcomes,
        context: RunContext,
        history: History,
        reporter: Reporter,
    ) -> None:
        self.board = Board()
        self._schedule = schedule
        self._lanes = lanes
        self._attempts = attempts
        self._outcomes = outcomes
        self._context = context
        self._history = history
        self._reporter = reporter
        self._blocks = BlockOrder()
        self._inbox: SimpleQueue[Letter] = SimpleQueue()
        self._delayed: list[tuple[float, int, Task]] = []
        self._leaders: dict[str, Task] = {}
        self._twins: dict[str, list[tuple[int, Task]]] = {}
        self._in_flight = 0
        self._storing = 0
        self._capped: BudgetExceeded | None = None
        self._is_sure_of_cap = False

    def wake(self) -> None:
        """Look at the stop flag now. Takes no lock: it is called from signal handlers."""
        self._inbox.put(None)

    def run(self) -> None:
        """Until nothing is left to do. Programming errors come out when what is in flight has ended."""
        try:
            self._ask(())
            self._advance()
            while self._turn():
                pass
        except Exception:
            self._drain()
            raise

    def _turn(self) -> bool:
        """Send what may be sent and take what has arrived; False when the run is over."""
        now = time.monotonic()
        is_stopping = self._context.stop.requested or self.board.halted is not None
        if not is_stopping:
            self._lanes.look_around(now)
            self._wake_delayed(now)
            self._launch(now)
        if not self._in_flight:
            if is_stopping:
                self._give_back()
                return False
            if not self._has_work():
                return self._is_unfinished()
        self._reporter.tick(now, self.board, in_flight=self._in_flight)
        self._receive(self._patience(now))
        return True

    def _is_unfinished(self) -> bool:
        """Nothing is in flight and nothing can be sent: is that the end?"""
        if self._capped is not None:
            if self._is_sure_of_cap:
                self.board.halted = self._capped
            self._capped, self._is_sure_of_cap = None, True  # what was in flight may have given money back: ask again
            return True
        given = len(self.board.trials)
        self._ask(())
        self._advance()
        if len(self.board.trials) > given:
            return True
        if self.board.is_all_given:
            return False
        raise RuntimeError(f"{type(self._schedule).__name__} waits for blocks although every block has ended")

    def _has_work(self) -> bool:
        is_capped = self._capped is not None
        return bool(self._delayed) or any(lane.has_work(only_claimed=is_capped) for lane in self._lanes.all)

    def _wake_delayed(self, now: float) -> None:
        while self._delayed and self._delayed[0][0] <= now:
            _, order, task = heappop(self._delayed)
            self._lane(task).add(order, task)

    def _launch(self, now: float) -> None:
        for lane in self._lanes.all:
            while (entry := lane.next_to_look()) is not None:
                lane.looking += 1
                order, task = entry
                self._submit("look", order, task, lane.threads.submit(self._attempts.look, task))
            while self._storing < self._lanes.store_ahead:
                entry = lane.next_to_send(now=now, only_claimed=self._capped is not None)
                if entry is None:
                    break
                order, task = entry
                task.launched_at = now
                lane.pace.sent(now)
                lane.in_flight += 1
                self._submit("call", order, task, lane.threads.submit(self._attempts.attempt, task))

    def _submit(self, step: Step, order: int, task: Task, future: Future[Result]) -> None:
        self._in_flight += 1
        future.add_done_callback(lambda done: self._inbox.put(Ended(step, order, task, done)))

    def _patience(self, now: float) -> float:
        """How long to wait for a result: until something else is due."""
        due = [self._delayed[0][0]] if self._delayed else []
        due += [lane.pace.due_at(now) for lane in self._lanes.all if lane.ready or lane.again]
        return max(0.0, min([TICK_S, *(moment - now for moment in due if moment > now)]))

    def _receive(self, patience_s: float) -> None:
        with suppress(Empty):
            letter = self._inbox.get(timeout=patience_s)
            while True:
                if letter is not None:
                    self._read(letter)
                letter = self._inbox.get_nowait()

    def _read(self, ended: Ended) -> None:
        task, lane = ended.task, self._lane(ended.task)
        self._in_flight -= 1
        if ended.step == "look":
            lane.looking -= 1
        elif ended.step == "store":
            self._storing -= 1
        else:
            lane.in_flight -= 1
            if not task.was_sent:
                lane.pace.unsent(task.launched_at)
        self._take(ended.order, task, ended.result.result())

    def _take(self, order: int, task: Task, result: Result) -> None:
        lane = self._lane(task)
        self.board.halted = self.board.halted or self._outcomes.disk_full
        match result:
            case Ready():
                heappush(lane.ready, (order, task))
            case Arrived(halt=halt) as arrived:
                self.board.halted = self.board.halted or halt
                self._storing += 1
                self._submit("store", order, task, self._lanes.storers.submit(arrived.write))
            case Later():
                self._postpone(lane, order, task, result)
            case Halted(error=BudgetExceeded() as error):
                self._capped = error
                lane.add(order, task)
            case Halted(error=error):
                self.board.halted = self.board.halted or error
            case Finished(outcome=outcome, halt=halt):
                self._capped, self._is_sure_of_cap = None, False
                self.board.halted = self.board.halted or halt
                self._finish(task, outcome)
                self._advance()

    def _postpone(self, lane: Lane, order: int, task: Task, later: Later) -> None:
        now = time.monotonic()
        if later.throttled:
            lane.pace.throttled(sent_at=task.launched_at, now=now, retry_after_s=later.wait_s)
        if later.throttled or not later.wait_s:
            lane.add(order, task)
        else:
            heappush(self._delayed, (now + later.wait_s, order, task))

    def _finish(self, task: Task, outcome: Outcome) -> None:
        self._close(task.trial, outcome)
        self._reporter.finished(task.trial, outcome, is_drawn=task.sends > 0)
        for order, twin in self._twins.pop(task.fingerprint, []):
            self._follow(order, twin, outcome)

    def _follow(self, order: int, twin: Task, outcome: Outcome) -> None:
        """An equal request has its outcome: the store has this one's too, or it has failed in the same way."""
        if outcome.state in (TrialState.DONE, TrialState.REFUSED):
            self._lane(twin).add(order, twin)
        elif self.board.halted is None:
            same = self._outcomes.copy(twin, outcome)
            self._close(twin.trial, same)
            self._reporter.finished(twin.trial, same, is_drawn=False)

    def _close(self, trial: Trial, outcome: Outcome) -> None:
        self.board.outcomes[trial.index] = outcome
        self._blocks.finish(trial.index, outcome)

    def _advance(self) -> None:
        """Tell the schedule of blocks that have ended, one at a time and in order."""
        while (block := self._blocks.next_finished()) is not None:
            self._reporter.block(block)
            self._ask((block,))

    def _ask(self, finished: Sequence[FinishedBlock]) -> None:
        """Take all trials that the schedule has to give after `finished`."""
        while not self.board.is_all_given:
            trials = self._schedule.next(finished)
            finished = ()
            if trials is None:
                self.board.is_all_given = True
            elif not trials:
                return
            else:
                self._blocks.give(trials)
                for trial in trials:
                    self._accept(trial)

    def _accept(self, trial: Trial) -> None:
        """Queue a trial, unless an earlier session has brought it to an end."""
        order = len(self.board.trials)
        self.board.trials.append(trial)
        task = self._task(trial)
        if task.before.state in (TrialState.DONE, TrialState.REFUSED):
            self._close(trial, task.before)
            return
        leader = self._leaders.setdefault(task.fingerprint, task)
        ended = self.board.outcomes.get(leader.trial.index)
        if leader is task:
            self._lane(task).add(order, task)
        elif ended is None:
            self._twins.setdefault(task.fingerprint, []).append((order, task))
        else:
            self._follow(order, task, ended)

    def _task(self, trial: Trial) -> Task:
        lanes, fingerprint = self._lanes, trial.request.fingerprint
        lanes.of(trial)
        is_same = self._history.fingerprints.get(trial.index) == fingerprint
        before = self._history.outcomes[trial.index] if is_same else Outcome(state=TrialState.PLANNED)
        is_held = before.state is TrialState.UNCERTAIN and not self._context.retry_uncertain
        return Task(
            trial=trial,
            fingerprint=fingerprint,
            capabilities=lanes.capabilities[trial.request.model],
            draw=lanes.draw(trial),
            before=before,
            may_send=not is_held,
        )

    def _lane(self, task: Task) -> Lane:
        return self._lanes.of(task.trial)

    def _give_back(self) -> None:
        """Nothing more is sent: what holds a claim and has no answer is planned again."""
        waiting = [task for _, _, task in self._delayed]
        waiting += [task for lane in self._lanes.all for _, task in lane.again]
        for task in waiting:
            with suppress(StoreError):  # then `resume` closes the claim
                self._outcomes.give_back(task)

    def _drain(self) -> None:
        """Let what is in flight end. Its pictures are kept; its outcomes are in the journal and told to nobody."""
        while self._in_flight:
            ended = self._inbox.get()
            if ended is not None:
                self._in_flight -= 1
                if ended.result.exception() is None and isinstance(arrived := ended.result.result(), Arrived):
                    arrived.write()
        self._give_back()
