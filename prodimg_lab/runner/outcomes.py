"""How is what became of a trial written down?

Bytes, record, journal line, index row, in this order. What a call gave is written in the threads that store: the call's
thread and its place in the pace are free again by then.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from prodimg_lab.errors import ModelError, ProdimgError, StoreError, StoreFull
from prodimg_lab.records import GeneratedImage, Outcome, TrialState, digest_of
from prodimg_lab.runner._base import RunContext
from prodimg_lab.runner.keeping import Keeper
from prodimg_lab.runner.task import Finished, Halted, Task
from prodimg_lab.store import Ending, Ledger, Record
from prodimg_lab.store.journal import utc_now
from prodimg_lab.store.projection import number, text, whole


class Outcomes:
    """Writes the outcomes of one run. Called from several threads, one task in one thread at a time."""

    def __init__(self, *, context: RunContext, ledger: Ledger, keeper: Keeper) -> None:
        self._store = context.store
        self._ledger = ledger
        self._keeper = keeper

    @property
    def disk_full(self) -> StoreFull | None:
        """The first sign that the disk is full; pictures on their way still find their place."""
        return self._keeper.full

    def keep(self, task: Task, image: GeneratedImage, seconds: float) -> Finished | Halted:
        """The picture has come: store it. What can't be stored in full is written down as far as it goes."""
        try:
            return self._keep(task, image, seconds)
        except StoreError as error:
            return self._lost(task, error)

    def _keep(self, task: Task, image: GeneratedImage, seconds: float) -> Finished:
        found = picture_format(image.data)
        if not found:
            return self._no_picture(task, image, seconds)
        digest = digest_of(image.data)
        drawn = {"state": "done", "digest": digest, "output_format": found, "seed": image.seed}
        record = self._record(task, drawn, seconds)
        if price_of(task):
            self._announce(task, record)
        self._keeper.keep(lambda: self._store.put(image.data, digest=digest))
        return self._bind(task, record, seconds)

    def refuse(self, task: Task, reason: str, seconds: float) -> Finished:
        """The provider refused: an outcome like a picture, and cached like one."""
        return self._bind(task, self._record(task, {"state": "refused", "reason": reason}, seconds), seconds)

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

    def doubt(self, task: Task, owner: str) -> Finished:
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

    def known(self, task: Task, record: Record) -> Finished:
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

    def finish(self, task: Task, state: TrialState, *, charge: int, reason: str, seconds: float) -> Finished:
        """The trial ends without a picture, at a cost of `charge` micro-dollars."""
        outcome = Outcome(
            state=state,
            cost_micro=task.before.cost_micro + charge,
            seconds=seconds,
            sends=task.before.sends + task.sends,
            reason=reason,
        )
        self._settle(task, outcome, charge_micro=charge)
        return Finished(outcome=outcome)

    def log_retry(self, task: Task, error: ModelError, wait_s: float | None) -> None:
        """Note an answer that leads to another send."""
        line = {"event": "retry", "trial": task.trial.index, "sends": task.sends, "error": why(error)}
        with suppress(StoreError):  # a full disk shows itself where it matters
            self._ledger.log({**line, "delay_s": wait_s} if wait_s is not None else line)

    def _announce(self, task: Task, record: Record) -> None:
        """Write down what the bytes are that are about to be stored, lest a kill right after orphan them."""
        assert task.claim is not None
        claim = {"trial": task.trial.index, "claim": task.claim.number, "fingerprint": task.fingerprint}
        self._keeper.keep(lambda: self._ledger.log({"event": "arrived", **claim, "record": record}))

    def _record(self, task: Task, drawn: Record, seconds: float) -> Record:
        is_billed = drawn["state"] == "done" or task.capabilities.refusal_billed
        cost = price_of(task) if is_billed else 0
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
        if not price_of(task):
            return self.finish(task, TrialState.FAILED, charge=0, reason=reason, seconds=seconds)
        digest = self._keeper.keep(lambda: self._store.put(image.data))
        reason = f"{reason}, kept as object {digest}"
        return self.finish(task, TrialState.UNCERTAIN, charge=price_of(task), reason=reason, seconds=seconds)

    def _lost(self, task: Task, error: StoreError) -> Finished | Halted:
        """The picture came and could not be written down in full. Nothing more is sent.

        Where even this can't be written, the claim stays open and `resume` comes to the same end.
        """
        with suppress(StoreError):
            if self._store.lookup(task.fingerprint) is not None:
                return Halted(error=error)  # the picture is safe: `resume` finds it
            if not price_of(task):
                self.give_back(task)
                return Halted(error=error)
            reason = f"the picture came and could not be stored: {error}"
            lost = self.finish(task, TrialState.UNCERTAIN, charge=price_of(task), reason=reason, seconds=0.0)
            return replace(lost, halt=error)
        return Halted(error=error)

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


def price_of(task: Task) -> int:
    """The most that a call of the task can cost, in micro-dollars."""
    return task.capabilities.price_micro or 0


def why(error: ProdimgError) -> str:
    """An error as a reason."""
    return f"{type(error).__name__}: {error}"
