"""How does one trial get from planned to an outcome?

Ask the store; take the claim; send; store what came (`outcomes`). Errors are judged here and nowhere else: the adapter
says what happened, this module what follows.
"""

from __future__ import annotations

import time
from functools import partial

from prodimg_lab.errors import (
    BudgetExceeded,
    ContentFiltered,
    FatalForTrial,
    ProdimgError,
    StoreError,
    Throttled,
    Transient,
    Uncertain,
    UnsupportedParameter,
)
from prodimg_lab.records import TrialState
from prodimg_lab.runner._base import RunContext
from prodimg_lab.runner.outcomes import Outcomes, price_of, why
from prodimg_lab.runner.task import Arrived, Finished, Halted, Later, Ready, Result, Task
from prodimg_lab.store import Bought, Claim, Doubtful, Ledger, Order, Taken
from prodimg_lab.store.recovery import close_dead_claims


class Attempts:
    """Makes attempts for one run. Called from several threads, one task in one thread at a time."""

    def __init__(self, *, context: RunContext, ledger: Ledger, outcomes: Outcomes) -> None:
        self._store = context.store
        self._index = context.index
        self._retries = context.retries
        self._stop = context.stop
        self._despite_doubt = context.retry_uncertain
        self._ledger = ledger
        self._outcomes = outcomes

    def look(self, task: Task) -> Result:
        """Whether the store has it. Nothing is sent, nothing is spent."""
        try:
            record = self._store.lookup(task.fingerprint)
            if record is not None:
                return self._outcomes.known(task, record)
        except StoreError as error:
            return Halted(error=error)
        return Ready() if task.may_send else Finished(outcome=task.before)

    def attempt(self, task: Task) -> Result:
        """One attempt: at most one call to the model. Raises programming errors only."""
        task.was_sent = False
        try:
            standing = None if task.claim else self._claim(task)
        except (BudgetExceeded, StoreError) as error:
            return Halted(error=error)
        return standing or self._send(task)

    def _claim(self, task: Task) -> Result | None:
        """What must be waited for, or the outcome; None when the claim is taken."""
        if self._stop.requested:
            return Later(wait_s=0.0)
        if self._outcomes.disk_full is not None:  # what is bought now may find no place
            return Halted(error=self._outcomes.disk_full)
        order = Order(
            fingerprint=task.fingerprint,
            price_micro=price_of(task),
            simulated=task.capabilities.simulated,
            trial=task.trial.index,
        )
        match self._ledger.claim(order, despite_doubt=self._despite_doubt):
            case Claim() as claim:
                task.claim = claim
                return None
            case Taken(run_id=owner):
                is_free = owner != self._ledger.run_id and close_dead_claims(
                    self._index, run_id=owner, store=self._store
                )
                return Later(wait_s=0.0 if is_free else self._retries.poll_s)
            case Doubtful(run_id=owner):
                return self._outcomes.doubt(task, owner)
            case Bought():
                if self._store.lookup(task.fingerprint) is None:  # somebody emptied the store
                    self._ledger.forget(task.fingerprint)
                return Later(wait_s=0.0)

    def _send(self, task: Task) -> Result:
        task.was_sent = True
        sent_at = time.monotonic()
        try:
            image = task.draw(task.trial.request)
        except ProdimgError as error:
            return self._judge(task, error, seconds=time.monotonic() - sent_at)
        task.sends += 1
        seconds = image.seconds or time.monotonic() - sent_at
        return Arrived(write=partial(self._outcomes.keep, task, image, seconds))

    def _judge(self, task: Task, error: ProdimgError, *, seconds: float) -> Result:
        if isinstance(error, Throttled):
            self._outcomes.log_retry(task, error, error.retry_after_s)
            return Later(wait_s=error.retry_after_s, throttled=True)
        task.sends += 1
        may_be_billed = isinstance(error, Uncertain) and price_of(task) > 0
        if isinstance(error, Transient | Uncertain) and not may_be_billed and task.sends < self._retries.sends:
            wait = self._retries.wait_s(task.fingerprint, task.sends)
            self._outcomes.log_retry(task, error, wait)
            return Later(wait_s=wait)
        survives = isinstance(error, Transient | Uncertain | FatalForTrial | UnsupportedParameter | ContentFiltered)
        write = partial(self._end, task, error, may_be_billed=may_be_billed, seconds=seconds)
        return Arrived(write=write, halt=None if survives else error)

    def _end(self, task: Task, error: ProdimgError, *, may_be_billed: bool, seconds: float) -> Finished | Halted:
        """Write down a call that gave an error and is not made again."""
        outcomes = self._outcomes
        try:
            if isinstance(error, ContentFiltered):
                return outcomes.refuse(task, str(error), seconds)
            if may_be_billed:
                charge, reason = price_of(task), str(error)
                return outcomes.finish(task, TrialState.UNCERTAIN, charge=charge, reason=reason, seconds=seconds)
            return outcomes.finish(task, TrialState.FAILED, charge=0, reason=why(error), seconds=seconds)
        except StoreError as failure:
            return Halted(error=failure)
