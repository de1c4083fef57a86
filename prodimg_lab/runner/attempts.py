"""How does one trial get from planned to an outcome?

Ask the store; take the claim; send; put the bytes, bind the record, write the journal line, then the index row. Errors
are judged here and nowhere else: the adapter says what happened, this module what follows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from prodimg_lab.errors import (
    BudgetExceeded,
    ContentFiltered,
    FatalForTrial,
    ModelError,
    ProdimgError,
    StoreError,
    StoreFull,
    Throttled,
    Transient,
    Uncertain,
    UnsupportedParameter,
)
from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest, Outcome, Trial, TrialState, digest_of
from prodimg_lab.runner._base import RunContext
from prodimg_lab.runner.keeping import Keeper
from prodimg_lab.store import Bought, Claim, Doubtful, Ending, Ledger, Order, Record, Taken
from prodimg_lab.store.journal import utc_now
from prodimg_lab.store.projection import number, text, whole
from prodimg_lab.store.recovery import close_dead_claims


def _nobody_waits() -> None:
    """For tasks that are attempted outside a lane."""


@dataclass(slots=True, kw_only=True)
class Task:
    """A trial on its way. `draw` sends it; `before` is its outcome in an earlier session, if it had one.

    `answered` is called when a picture has come and is about to be stored: the model is free for the next call.
    `may_send` is false for an uncertain trial that must not be sent again: only the store is asked.
    """

    trial: Trial
    fingerprint: str
    capabilities: Capabilities
    draw: Callable[[ImageRequest], GeneratedImage]
    before: Outcome
    may_send: bool = True
    claim: Claim | None = None
    sends: int = 0
    sent_at: float = 0.0
    answered: Callable[[], None] = _nobody_waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The trial has its outcome, written down. `halt` is an error that no other trial will survive either."""

    outcome: Outcome
    halt: ProdimgError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Try again in `wait_s`; if throttled, when the pace allows, and `wait_s` is what the service asked for."""

    wait_s: float | None
    throttled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """Nothing was sent, and `error` says why: a cap (`BudgetExceeded`) or the store."""

    error: ProdimgError


Result = Finished | Later | Halted


class Attempts:
    """Makes attempts for one run. Called from several threads, one task in one thread at a time."""

    def __init__(self, *, context: RunContext, ledger: Ledger, keeper: Keeper) -> None:
        self._store = context.store
        self._index = context.index
        self._retries = context.retries
        self._stop = context.stop
        self._despite_doubt = context.retry_uncertain
        self._ledger = ledger
        self._keeper = keeper

    @property
    def disk_full(self) -> StoreFull | None:
        """The first sign that the disk is full; pictures on their way still find their place."""
        return self._keeper.full

    def attempt(self, task: Task) -> Result:
        """One attempt: at most one call to the model. Raises programming errors only."""
        try:
            standing = None if task.claim else self._before_sending(task)
        except (BudgetExceeded, StoreError) as error:
            return Halted(error=error)
        return standing or self._send(task)

    def give_back(self, task: Task) -> None:
        """End the claim of a task that will not be sent any more: it is planned again."""
        if task.claim is not None:
            self._settle(task, Outcome(state=TrialState.PLANNED, cost_micro=task.before.cost_micro), charge_micro=0)

    def copy(self, task: Task, outcome: Outcome) -> Outcome:
        """Give a task the outcome of an equal request that failed or is uncertain; its money is counted there."""
        same = Outcome(
            state=outcome.state, cost_micro=task.before.cost_micro, sends=task.before.sends, reason=outcome.reason
        )
        self._note(task, same)
        return same

    def _before_sending(self, task: Task) -> Result | None:
        """The outcome if there is one already, or what must be waited for; None when the claim is taken."""
        record = self._store.lookup(task.fingerprint)
        if record is not None:
            return self._known(task, record)
        if not task.may_send:
            return Finished(outcome=task.before)
        if self._stop.requested:
            return Later(wait_s=0.0)
        if self._keeper.full is not None:  # what is bought now may find no place
            return Halted(error=self._keeper.full)
        match self._ledger.claim(_order(task), despite_doubt=self._despite_doubt):
            case Claim() as claim:
                task.claim = claim
                return None
            case Taken(run_id=owner):
                is_free = owner != self._ledger.run_id and close_dead_claims(
                    self._index, run_id=owner, store=self._store
                )
                return Later(wait_s=0.0 if is_free else self._retries.poll_s)
            case Doubtful(run_id=owner):
                return self._doubtful(task, owner)
            case Bought():
                if self._store.lookup(task.fingerprint) is None:  # somebody emptied the store
                    self._ledger.forget(task.fingerprint)
                return Later(wait_s=0.0)

    def _doubtful(self, task: Task, owner: str) -> Finished:
        """Another run may have bought it and counts its price: nothing is sent, nothing is spent here."""
        reason = (
            f"run {owner} sent this very request and got no answer, so it may have been billed: "
            f"`prodimg resume {owner} --retry-uncertain` asks again, then this run finds the picture"
        )
        outcome = Outcome(
            state=TrialState.UNCERTAIN, cost_micro=task.before.cost_micro, sends=task.before.sends, reason=reason
        )
        self._note(task, outcome)
        return Finished(outcome=outcome)

    def _send(self, task: Task) -> Result:
        task.sent_at = time.monotonic()
        try:
            image = task.draw(task.trial.request)
        except ProdimgError as error:
            return self._judge(task, error)
        task.answered()
        task.sends += 1
        seconds = image.seconds or time.monotonic() - task.sent_at
        try:
            return self._keep(task, image, seconds)
        except StoreError as error:
            return self._lost(task, error)

    def _judge(self, task: Task, error: ProdimgError) -> Result:
        if isinstance(error, Throttled):
            self._log_retry(task, error, error.retry_after_s)
            return Later(wait_s=error.retry_after_s, throttled=True)
        task.sends += 1
        may_be_billed = isinstance(error, Uncertain) and _price(task) > 0
        if isinstance(error, Transient | Uncertain) and not may_be_billed and task.sends < self._retries.sends:
            wait = self._retries.wait_s(task.fingerprint, task.sends)
            self._log_retry(task, error, wait)
            return Later(wait_s=wait)
        try:
            return self._end(task, error, may_be_billed=may_be_billed)
        except StoreError as failure:
            return Halted(error=failure)

    def _end(self, task: Task, error: ProdimgError, *, may_be_billed: bool) -> Finished:
        """The outcome of a call that gave an error and is not made again."""
        seconds = time.monotonic() - task.sent_at
        if isinstance(error, ContentFiltered):
            return self._refuse(task, str(error), seconds)
        if may_be_billed:
            return self._finish(task, TrialState.UNCERTAIN, charge=_price(task), reason=str(error), seconds=seconds)
        finished = self._finish(task, TrialState.FAILED, charge=0, reason=_why(error), seconds=seconds)
        is_this_trial = isinstance(error, Transient | Uncertain | FatalForTrial | UnsupportedParameter)
        return finished if is_this_trial else replace(finished, halt=error)

    def _keep(self, task: Task, image: GeneratedImage, seconds: float) -> Finished:
        """Bytes, record, journal line, index row, in this order."""
        found = picture_format(image.data)
        if not found:
            return self._no_picture(task, image, seconds)
        drawn = {"state": "done", "digest": digest_of(image.data), "output_format": found, "seed": image.seed}
        record = self._record(task, drawn, seconds)
        if _price(task):
            self._announce(task, record)
        self._keeper.keep(lambda: self._store.put(image.data))
        return self._bind(task, record, seconds)

    def _announce(self, task: Task, record: Record) -> None:
        """Write down what the bytes are that are about to be stored, lest a kill right after orphan them."""
        assert task.claim is not None
        claim = {"trial": task.trial.index, "claim": task.claim.number, "fingerprint": task.fingerprint}
        self._keeper.keep(lambda: self._ledger.log({"event": "arrived", **claim, "record": record}))

    def _refuse(self, task: Task, reason: str, seconds: float) -> Finished:
        return self._bind(task, self._record(task, {"state": "refused", "reason": reason}, seconds), seconds)

    def _record(self, task: Task, drawn: Record, seconds: float) -> Record:
        is_billed = drawn["state"] == "done" or task.capabilities.refusal_billed
        cost = _price(task) if is_billed else 0
        return {
            **{name: value for name, value in drawn.items() if value is not None},
            "cost_micro": cost,
            "seconds": round(seconds, 6),
            "simulated": task.capabilities.simulated,
            "request": task.trial.request.fields(),
            "drawn_at": utc_now(),
            "run_id": self._ledger.run_id,
        }

    def _bind(self, task: Task, record: Record, seconds: float) -> Finished:
        cost = whole(record, "cost_micro")
        self._keeper.keep(lambda: self._store.bind(task.fingerprint, record))
        bound = self._store.lookup(task.fingerprint) or record  # the first record stays: it may be another machine's
        outcome = Outcome(
            state=TrialState(text(bound, "state")),
            digest=text(bound, "digest"),
            output_format=text(bound, "output_format"),
            cost_micro=task.before.cost_micro + cost,
            seconds=seconds,
            sends=task.before.sends + task.sends,
            reason=text(bound, "reason"),
        )
        self._settle(task, outcome, charge_micro=cost)
        return Finished(outcome=outcome)

    def _no_picture(self, task: Task, image: GeneratedImage, seconds: float) -> Finished:
        """An answer that is no picture: billed perhaps, useless surely. What came is kept as evidence."""
        reason = f"the answer is no PNG, JPEG or WebP picture: {len(image.data)} bytes that begin {image.data[:8]!r}"
        if not _price(task):
            return self._finish(task, TrialState.FAILED, charge=0, reason=reason, seconds=seconds)
        digest = self._keeper.keep(lambda: self._store.put(image.data))
        reason = f"{reason}, kept as object {digest}"
        return self._finish(task, TrialState.UNCERTAIN, charge=_price(task), reason=reason, seconds=seconds)

    def _lost(self, task: Task, error: StoreError) -> Result:
        """The picture came and could not be written down in full. Nothing more is sent.

        Where even this can't be written, the claim stays open and `resume` comes to the same end.
        """
        with suppress(StoreError):
            if self._store.lookup(task.fingerprint) is not None:
                return Halted(error=error)  # the picture is safe: `resume` finds it
            if not _price(task):
                self.give_back(task)
                return Halted(error=error)
            reason = f"the picture came and could not be stored: {error}"
            lost = self._finish(task, TrialState.UNCERTAIN, charge=_price(task), reason=reason, seconds=0.0)
            return replace(lost, halt=error)
        return Halted(error=error)

    def _known(self, task: Task, record: Record) -> Finished:
        """The store has it: nothing is sent, nothing is spent."""
        outcome = Outcome(
            state=TrialState(text(record, "state")),
            digest=text(record, "digest"),
            output_format=text(record, "output_format"),
            cached=True,
            cost_micro=task.before.cost_micro,
            seconds=number(record, "seconds"),
            sends=task.before.sends,
            reason=text(record, "reason"),
        )
        self._note(task, outcome)
        return Finished(outcome=outcome)

    def _finish(self, task: Task, state: TrialState, *, charge: int, reason: str, seconds: float) -> Finished:
        outcome = Outcome(
            state=state,
            cost_micro=task.before.cost_micro + charge,
            seconds=seconds,
            sends=task.before.sends + task.sends,
            reason=reason,
        )
        self._settle(task, outcome, charge_micro=charge)
        return Finished(outcome=outcome)

    def _note(self, task: Task, outcome: Outcome) -> None:
        line = {"event": "trial", "trial": task.trial.index, "fingerprint": task.fingerprint, **outcome_fields(outcome)}
        self._keeper.keep(lambda: self._ledger.note(line))

    def _settle(self, task: Task, outcome: Outcome, *, charge_micro: int) -> None:
        claim = task.claim
        assert claim is not None
        fields = outcome_fields(outcome)
        ending = Ending(state=str(fields.pop("state")), charge_micro=charge_micro, details=fields)
        self._keeper.keep(lambda: self._ledger.settle(claim, ending))
        task.claim = None

    def _log_retry(self, task: Task, error: ModelError, wait_s: float | None) -> None:
        line = {"event": "retry", "trial": task.trial.index, "sends": task.sends, "error": _why(error)}
        with suppress(StoreError):  # a full disk shows itself where it matters
            self._ledger.log({**line, "delay_s": wait_s} if wait_s is not None else line)


def picture_format(data: bytes) -> str:
    """`png`, `jpeg` or `webp`, as the first bytes say; "" for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def outcome_fields(outcome: Outcome) -> dict[str, object]:
    """An outcome as fields of a journal line; those at their default are left out."""
    fields: dict[str, object] = {
        "digest": outcome.digest,
        "output_format": outcome.output_format,
        "cached": outcome.cached,
        "cost_micro": outcome.cost_micro,
        "seconds": round(outcome.seconds, 6),
        "sends": outcome.sends,
        "reason": outcome.reason,
    }
    return {"state": outcome.state.value, **{name: value for name, value in fields.items() if value}}


def _order(task: Task) -> Order:
    return Order(
        fingerprint=task.fingerprint,
        price_micro=_price(task),
        simulated=task.capabilities.simulated,
        trial=task.trial.index,
    )


def _price(task: Task) -> int:
    return task.capabilities.price_micro or 0


def _why(error: ProdimgError) -> str:
    return f"{type(error).__name__}: {error}"
