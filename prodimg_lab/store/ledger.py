"""May this be bought, who is buying it, and what has been spent?

Making a claim is part of one `BEGIN IMMEDIATE` transaction: is the answer there already, is somebody else at it, would
it pass a cap? Spent + reserved never exceeds a cap, however many threads and processes buy. Real and simulated money
are counted apart; the day's (UTC) and the lab's caps look at real money only, the run's at both.

A power cut may take the last index rows of a run with it, never its journal lines: what the journal says of a run that
was not closed is brought into the index again when that is opened (`recovery.repair`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from prodimg_lab.errors import BudgetExceeded, ProdimgError, StoreError
from prodimg_lab.records import usd_text
from prodimg_lab.store.claims import Bought, Caps, Claim, Doubtful, Ending, Money, Order, Taken
from prodimg_lab.store.index import Index
from prodimg_lab.store.journal import Journal, Line, utc_now
from prodimg_lab.store.projection import Run, project
from prodimg_lab.store.scribe import Ask, Job, Note, Scribe

Answer = Claim | Taken | Bought | Doubtful


class Ledger:
    """The money of the run in `folder`, and all that is written of the run. Safe to use from several threads.

    One thread writes for all (`Scribe`): what has come together while it wrote goes into one transaction and one
    forced write. Its process holds the run's lock (`RunLock`) while claims are open, or others take them for a dead
    one's.
    """

    def __init__(self, *, index: Index, folder: Path, caps: Caps | None = None) -> None:
        self._index = index
        self._journal = Journal(folder)
        self._caps = caps or Caps()
        self._run = Run(folder.name, index.folder_name(folder))
        self._scribe = Scribe(self._write, name=f"prodimg-ledger-{folder.name}")

    @property
    def run_id(self) -> str:
        """The run whose money this is: the name of its folder."""
        return self._run.run_id

    def close(self) -> None:
        """Write what has been handed in and close the journal. May be used again after it."""
        self._scribe.close()
        self._journal.close()

    def claim(self, order: Order, *, despite_doubt: bool = False) -> Answer:
        """Take the claim and reserve the price; `despite_doubt`: even where an earlier call may have been billed.

        Raises `BudgetExceeded` (nothing is reserved then) or `StoreError`.
        """
        ask = Ask(order=order, despite_doubt=despite_doubt)
        self._scribe.do(ask)
        assert ask.answer is not None
        return ask.answer

    def settle(self, claim: Claim, ending: Ending) -> None:
        """End a claim: journal line first, index row after it. Raises `StoreError`; may be called again then."""
        if ending.charge_micro > claim.order.price_micro:
            raise ValueError(f"{ending.charge_micro} is more than the {claim.order.price_micro} that were reserved")
        line = _line(claim, at=utc_now(), state=ending.state, charge_micro=ending.charge_micro, **ending.details)
        self.note(line, durable=claim.order.price_micro > 0)

    def note(self, line: Line, *, durable: bool = False) -> None:
        """Write a line to the journal, then what it means to the index. Raises `StoreError`."""
        self._scribe.do(Note(line={"at": utc_now(), **line}, durable=durable))

    def log(self, line: Line) -> None:
        """Write a line that means nothing to the index, at once. Raises `StoreError`."""
        self._journal.append(line)

    def forget(self, fingerprint: str) -> None:
        """Strike out a picture that the store, asked, does not have."""
        with self._index.transaction() as connection:
            connection.execute("DELETE FROM pictures WHERE fingerprint = ?", (fingerprint,))

    def money(self) -> Money:
        """What this run has spent and reserved."""
        sql = "SELECT real_micro, simulated_micro, reserved_micro FROM totals WHERE scope = ?"
        found = self._index.rows(sql, (f"run:{self.run_id}",))
        if not found:
            return Money()
        real, simulated, reserved = (int(str(value)) for value in found[0])
        return Money(real_micro=real, simulated_micro=simulated, reserved_micro=reserved)

    def _write(self, jobs: Sequence[Job]) -> None:
        """What has come together: claims into the index, all lines into the journal, what they mean into the index."""
        asks = [job for job in jobs if isinstance(job, Ask)]
        notes = [job for job in jobs if isinstance(job, Note)]
        taken = self._decide(asks) if asks else []
        lines = [line for _, line in taken] + [note.line for note in notes]
        is_paid = any(ask.order.price_micro > 0 for ask, _ in taken)
        try:
            if lines:
                self._journal.extend(lines, durable=is_paid or any(note.durable for note in notes))
        except StoreError as error:
            self._undo([ask for ask, _ in taken])
            failed: list[Job] = [*(ask for ask, _ in taken), *notes]
            for job in failed:
                job.error = error
            return
        for ask, _ in taken:
            ask.done.set()
        if notes:
            self._project(notes)

    def _decide(self, asks: Sequence[Ask]) -> list[tuple[Ask, Line]]:
        """Answer all asks in one transaction; returns those that got their claim, with the line that says so."""
        taken: list[tuple[Ask, Line]] = []
        try:
            self._refuse_a_replaced_index()
            with self._index.transaction() as connection:
                for ask in asks:
                    line = self._answer(connection, ask)
                    if line is not None:
                        taken.append((ask, line))
        except StoreError as error:
            for ask in asks:
                ask.answer, ask.error = None, error
            return []
        return taken

    def _answer(self, connection: sqlite3.Connection, ask: Ask) -> Line | None:
        order, at = ask.order, utc_now()
        ask.answer = _standing(connection, order.fingerprint, despite_doubt=ask.despite_doubt)
        if ask.answer is not None:
            return None
        try:
            if order.price_micro > 0:
                self._hold_to_caps(connection, order, at[:10])
        except BudgetExceeded as error:
            ask.error = error
            return None
        claim = Claim(order=order, number=self._count(connection, order.name))
        line = _line(claim, at=at, state="sent", price_micro=order.price_micro)
        project(connection, self._run, line)
        ask.answer = claim
        return line

    def _refuse_a_replaced_index(self) -> None:
        if self._index.was_replaced:
            raise StoreError(
                f"{self._index.file} was deleted or replaced while run {self.run_id} was using it, so claims of other "
                f"processes can't be seen; nothing more is sent. `prodimg resume {self.run_id}` makes the index anew"
            )

    def _project(self, notes: Sequence[Note]) -> None:
        try:
            with self._index.transaction(durable=any(note.line["event"] == "run" for note in notes)) as connection:
                for note in notes:
                    project(connection, self._run, note.line)
        except ProdimgError as error:
            for note in notes:
                note.error = error

    def _hold_to_caps(self, connection: sqlite3.Connection, order: Order, day: str) -> None:
        caps = self._caps
        bounds = [("run", f"run:{self.run_id}", caps.run_micro)]
        if not order.simulated:
            bounds += [("day", f"day:{day}", caps.day_micro), ("lab", "lab", caps.lab_micro)]
        for name, scope, cap in bounds:
            if cap is None:
                continue
            total = _total(connection, scope)
            held = total.real_micro + (total.simulated_micro if name == "run" else 0)
            if held + order.price_micro > cap:
                raise BudgetExceeded(_over(name, order.price_micro, held, cap))

    def _count(self, connection: sqlite3.Connection, key: str) -> int:
        sql = "SELECT COUNT(*) FROM ledger WHERE run_id = ? AND key = ?"
        return int(connection.execute(sql, (self.run_id, key)).fetchone()[0])

    def _undo(self, asks: Sequence[Ask]) -> None:
        """Strike out claims that the journal could not take: nothing is sent."""
        claims = [ask.answer for ask in asks if isinstance(ask.answer, Claim)]
        if not claims:
            return
        with self._index.transaction() as connection:
            connection.executemany(
                "DELETE FROM ledger WHERE run_id = ? AND key = ? AND claim = ?",
                [(self.run_id, claim.order.name, claim.number) for claim in claims],
            )


def _standing(
    connection: sqlite3.Connection, fingerprint: str, *, despite_doubt: bool
) -> Taken | Bought | Doubtful | None:
    if connection.execute("SELECT 1 FROM pictures WHERE fingerprint = ?", (fingerprint,)).fetchone():
        return Bought()
    sql = "SELECT run_id FROM ledger WHERE fingerprint = ? AND state = ? LIMIT 1"
    sent = connection.execute(sql, (fingerprint, "sent")).fetchone()
    if sent:
        return Taken(run_id=str(sent[0]))
    doubt = None if despite_doubt else connection.execute(sql, (fingerprint, "uncertain")).fetchone()
    return Doubtful(run_id=str(doubt[0])) if doubt else None


def _total(connection: sqlite3.Connection, scope: str) -> Money:
    sql = "SELECT real_micro, simulated_micro, reserved_micro FROM totals WHERE scope = ?"
    row = connection.execute(sql, (scope,)).fetchone()
    return Money(real_micro=row[0], simulated_micro=row[1], reserved_micro=row[2]) if row else Money()


def _line(claim: Claim, *, at: str, state: str, **fields: object) -> dict[str, object]:
    order = claim.order
    which = (
        {"event": "trial", "trial": order.trial} if order.trial is not None else {"event": "charge", "key": order.key}
    )
    money = {"fingerprint": order.fingerprint, "claim": claim.number, "simulated": order.simulated}
    return {"at": at, **which, "state": state, **money, **fields}


_REMEDY: Mapping[str, str] = {
    "run": "raise the run's cap: prodimg resume RUN --budget USD",
    "day": "wait for the next UTC day, or raise day_cap_usd in prodimg.toml, and resume",
    "lab": "raise lab_cap_usd in prodimg.toml and resume",
}


def _over(name: str, price: int, held: int, cap: int) -> str:
    return (
        f"the next call ({usd_text(price)}) would pass the {name}'s cap: {usd_text(held)} of {usd_text(cap)} are spent "
        f"or reserved; {_REMEDY[name]}"
    )
