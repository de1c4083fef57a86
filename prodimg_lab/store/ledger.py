"""May this be bought, who is buying it, and what has been spent?

A claim is a promise to pay at most a price for one request. Making it is one `BEGIN IMMEDIATE` transaction: is the
answer there already, is somebody else at it, would it pass a cap? Spent + reserved never exceeds a cap, however many
threads and processes buy. Real and simulated money are counted apart; the day's (UTC) and the lab's caps look at real
money only, the run's at both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prodimg_lab.errors import BudgetExceeded, StoreError
from prodimg_lab.records import usd_text
from prodimg_lab.store.index import Index
from prodimg_lab.store.journal import Journal, Line, utc_now
from prodimg_lab.store.projection import Run, project


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that may be spent, in micro-dollars: by this run, by all runs of a UTC day, by the lab ever."""

    run_micro: int | None = None
    day_micro: int | None = None
    lab_micro: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be bought: a trial's picture (`trial`), or another paid call under a `key` of the caller's choice.

    `price_micro` is the most that it can cost; `fingerprint` is what makes two orders the same.
    """

    fingerprint: str
    price_micro: int
    simulated: bool
    trial: int | None = None
    key: str = ""

    def __post_init__(self) -> None:
        if (self.trial is None) == (not self.key):
            raise ValueError("an order is for a trial or has a key")
        if self.price_micro < 0:
            raise ValueError(f"price {self.price_micro} is below 0")

    @property
    def name(self) -> str:
        """Its key in the ledger."""
        return self.key or f"trial:{self.trial}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to send `order`; must end in `Ledger.settle`. `number` counts the claims of one order within a run."""

    order: Order
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Another claim of the same fingerprint is open, by the run `run_id`."""

    run_id: str


@dataclass(frozen=True, slots=True)
class Bought:
    """The picture has been bought already: ask the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """The run `run_id` has sent it and got no answer: it may have been billed, and is not sent again by itself."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a claim ended: the state of its trial (or `spent`, `uncertain`, `released` for a charge) and what it cost.

    `details` are the further fields of the journal line.
    """

    state: str
    charge_micro: int
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What is spent or reserved, in micro-dollars; `reserved_micro` is the part of the real money not settled yet."""

    real_micro: int = 0
    simulated_micro: int = 0
    reserved_micro: int = 0


class Ledger:
    """The money of the run in `folder`. Safe to use from several threads.

    Its process holds the run's lock (`RunLock`) while claims are open, or others take them for a dead one's.
    """

    def __init__(self, *, index: Index, folder: Path, caps: Caps | None = None) -> None:
        self._index = index
        self._journal = Journal(folder)
        self._caps = caps or Caps()
        self._run = Run(folder.name, index.folder_name(folder))

    @property
    def run_id(self) -> str:
        """The run whose money this is: the name of its folder."""
        return self._run.run_id

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def claim(self, order: Order, *, despite_doubt: bool = False) -> Claim | Taken | Bought | Doubtful:
        """Take the claim and reserve the price; `despite_doubt`: even where an earlier call may have been billed.

        Raises `BudgetExceeded` (nothing is reserved then) or `StoreError`.
        """
        at = utc_now()
        is_paid = order.price_micro > 0
        if self._index.was_replaced:
            raise StoreError(
                f"{self._index.file} was deleted or replaced while run {self.run_id} was using it, so claims of other "
                f"processes can't be seen; nothing more is sent. `prodimg resume {self.run_id}` makes the index anew"
            )
        with self._index.transaction(durable=is_paid) as connection:
            standing = _standing(connection, order.fingerprint, despite_doubt=despite_doubt)
            if standing is not None:
                return standing
            if is_paid:
                self._hold_to_caps(connection, order, at[:10])
            claim = Claim(order=order, number=self._count(connection, order.name))
            line = _line(claim, at=at, state="sent", price_micro=order.price_micro)
            project(connection, self._run, line)
        try:
            self._journal.append(line, durable=is_paid)
        except StoreError:
            self._undo(claim)
            raise
        return claim

    def settle(self, claim: Claim, ending: Ending) -> None:
        """End a claim: journal line first, index row after it. Raises `StoreError`; may be called again then."""
        if ending.charge_micro > claim.order.price_micro:
            raise ValueError(f"{ending.charge_micro} is more than the {claim.order.price_micro} that were reserved")
        line = _line(claim, at=utc_now(), state=ending.state, charge_micro=ending.charge_micro, **ending.details)
        self.note(line, durable=claim.order.price_micro > 0)

    def note(self, line: Line, *, durable: bool = False) -> None:
        """Write a line to the journal, then what it means to the index."""
        dated = {"at": utc_now(), **line}
        self._journal.append(dated, durable=durable)
        with self._index.transaction() as connection:
            project(connection, self._run, dated)

    def log(self, line: Line) -> None:
        """Write a line that means nothing to the index."""
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

    def _undo(self, claim: Claim) -> None:
        with self._index.transaction() as connection:
            connection.execute(
                "DELETE FROM ledger WHERE run_id = ? AND key = ? AND claim = ?",
                (self.run_id, claim.order.name, claim.number),
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
