"""How is something other than a picture bought for a run: a judge's answer, an embedding?

The same promises as for pictures: the claim is taken and the price reserved before a call, nothing is sent past a cap,
and what may have been billed is not sent again by itself. The answer stands in the very line that settles the money, so
that a process that dies in between loses nothing and pays nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from prodimg_lab.errors import ContentFiltered, ModelError, ProdimgError, StoreError, Throttled, Transient, Uncertain
from prodimg_lab.runner._base import RunContext, RunState
from prodimg_lab.runner.sessions import begin, recover
from prodimg_lab.store import Ledger, RunLock, read_journal
from prodimg_lab.store.claims import Bought, Claim, Doubtful, Ending, Order, Taken
from prodimg_lab.store.recovery import close_dead_claims

REFUSED = "refused"
"""The key under which a refusal is kept in place of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What a call brought: `answer` as plain JSON values, what it cost, and further facts for the journal's line."""

    answer: Mapping[str, object]
    cost_micro: int
    facts: Mapping[str, object] = field(default_factory=dict)


class Stopped(ProdimgError):
    """Somebody asked the run to stop before this was sent."""


class PaidCalls:
    """Buys for one run. Safe to use from several threads; made by `paid_calls`.

    `state` is what the run's journal says at the end: as the run stood, unless the caller sets another.
    """

    def __init__(self, context: RunContext, ledger: Ledger, *, state: RunState) -> None:
        self._context = context
        self._ledger = ledger
        self._answers = kept_answers(context.folder)
        self.state: RunState = state

    def buy(self, order: Order, send: Callable[[], Paid]) -> Mapping[str, object]:
        """The answer to `order`: the one that the journal has, or that of one call of `send`.

        Raises `BudgetExceeded` (nothing was sent), `Stopped`, `StoreError`, or the `ModelError` of the call.
        """
        sends = throttles = 0
        while True:
            if order.fingerprint in self._answers:
                return _given(self._answers[order.fingerprint])
            claim = self._claim(order)
            if claim is None:
                continue
            if order.fingerprint in self._answers:  # another thread settled between the look and the claim
                self._release(claim)
                continue
            try:
                paid = send()
            except Throttled as error:
                self._release(claim)
                throttles += 1
                self._pause(error.retry_after_s or self._context.retries.wait_s(order.fingerprint, throttles))
            except Transient as error:
                self._release(claim)
                sends += 1
                if sends >= self._context.retries.sends:
                    raise
                self._pause(error.retry_after_s or self._context.retries.wait_s(order.fingerprint, sends))
            except ModelError as error:
                self._end(claim, error)
                raise
            except BaseException:
                self._end(claim, Uncertain("it broke off; it may have been billed"))
                raise
            else:
                return self._settle(claim, paid)

    def kept(self, fingerprint: str) -> Mapping[str, object] | None:
        """The answer that the journal has; None where there is none, or a refusal. Sends nothing."""
        answer = self._answers.get(fingerprint)
        return None if answer is None or REFUSED in answer else answer

    def money(self) -> tuple[int, int]:
        """Real money that is spent, and simulated money that is spent or reserved, of the run, in micro-dollars."""
        held = self._ledger.money()
        return held.real_micro - held.reserved_micro, held.simulated_micro

    def _claim(self, order: Order) -> Claim | None:
        """The claim, or None after a wait for somebody who is asking the same."""
        if self._context.stop.requested:
            raise Stopped("stopped before it was sent")
        match self._ledger.claim(order, despite_doubt=self._context.retry_uncertain):
            case Claim() as claim:
                return claim
            case Taken(run_id=owner):
                if owner != self._ledger.run_id:
                    close_dead_claims(self._context.index, run_id=owner, store=self._context.store)
                self._pause(self._context.retries.poll_s)
                self._learn_from(owner, order.fingerprint)
                return None
            case Doubtful(run_id=owner):
                raise Uncertain(
                    f"run {owner} asked this and got no answer: it may have been billed, and is asked again only with "
                    "--retry-uncertain"
                )
            case Bought():
                raise StoreError(f"{order.key} has the fingerprint of a picture")

    def _learn_from(self, owner: str, fingerprint: str) -> None:
        """Take over what another run has bought meanwhile."""
        folder = self._context.index.run_folder(owner) if owner != self._ledger.run_id else None
        found = kept_answers(folder).get(fingerprint) if folder is not None else None
        if found is not None:
            self._answers[fingerprint] = found

    def _settle(self, claim: Claim, paid: Paid) -> Mapping[str, object]:
        most = claim.order.price_micro
        beyond = {"beyond_micro": paid.cost_micro - most} if paid.cost_micro > most else {}
        details = {**paid.facts, **beyond, "answer": paid.answer}
        self._answers[claim.order.fingerprint] = paid.answer  # first: who waits for the claim must not ask again
        self._ledger.settle(claim, Ending(state="spent", charge_micro=min(most, paid.cost_micro), details=details))
        return paid.answer

    def _end(self, claim: Claim, error: ModelError) -> None:
        """A refusal was read and paid, what broke off may have been; all other errors cost nothing."""
        price, details = claim.order.price_micro, {"reason": str(error)}
        if isinstance(error, ContentFiltered):
            self._settle(claim, Paid(answer={REFUSED: str(error)}, cost_micro=price))
        elif isinstance(error, Uncertain):
            self._ledger.settle(claim, Ending(state="uncertain", charge_micro=price, details=details))
        else:
            self._ledger.settle(claim, Ending(state="released", charge_micro=0, details=details))

    def _release(self, claim: Claim) -> None:
        self._ledger.settle(claim, Ending(state="released", charge_micro=0))

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._context.stop.requested:
            time.sleep(min(0.1, seconds))


@contextmanager
def paid_calls(context: RunContext, *, planned: int, simulated: bool) -> Iterator[PaidCalls]:
    """A session of a run in which something is bought: its lock is held, dead calls are closed, begin and end noted.

    `planned` and `simulated` are the run's own facts. Raises `StoreError` when another process draws the run.
    """
    with RunLock(context.folder):
        ledger = Ledger(index=context.index, folder=context.folder, caps=context.caps)
        try:
            history = recover(context, ledger)
            begin(context, ledger, planned=planned, simulated=simulated)
            calls = PaidCalls(context, ledger, state=_ended(history.state))
            try:
                yield calls
            except BaseException:
                calls.state = "interrupted"
                raise
            finally:
                with suppress(StoreError):  # a journal without an end reads as interrupted, which is true
                    ledger.note({"event": "run", "state": calls.state}, durable=True)
        finally:
            ledger.close()


def _given(answer: Mapping[str, object]) -> Mapping[str, object]:
    """An answer that was bought before; a refusal is one too. Raises `ContentFiltered`."""
    if REFUSED in answer:
        raise ContentFiltered(str(answer[REFUSED]))
    return answer


def kept_answers(folder: Path) -> dict[str, Mapping[str, object]]:
    """The answers that the journal of a run has, by fingerprint."""
    found: dict[str, Mapping[str, object]] = {}
    for line in read_journal(folder):
        answer = line.get("answer")
        if line["event"] == "charge" and isinstance(answer, Mapping):
            found[str(line["fingerprint"])] = answer
    return found


def _ended(state: str) -> RunState:
    """How a run stood before: one that was killed is interrupted."""
    known: dict[str, RunState] = {"done": "done", "incomplete": "incomplete", "stopped": "stopped"}
    return known.get(state, "interrupted")
