"""What becomes of calls whose process died, and how is the index made anew?

A call that was sent and has no ending, in a run that no process draws, is closed by one rule: where its bytes had come
and were stored, their record is bound now; where the store has the record that this very run bound, it is done; else a
priced call is uncertain (it may have been billed) and a free one was never made.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prodimg_lab.errors import CorruptObject
from prodimg_lab.records import TrialState
from prodimg_lab.store._base import ObjectStore, Record
from prodimg_lab.store.claims import Claim, Ending, Order
from prodimg_lab.store.folder import FolderStore
from prodimg_lab.store.history import History, fold, read_history
from prodimg_lab.store.index import Index
from prodimg_lab.store.journal import FILE, Line, read_journal
from prodimg_lab.store.ledger import Ledger
from prodimg_lab.store.locks import held_if_dead, is_living
from prodimg_lab.store.projection import LEDGER_STATES, Run, project, text, whole
from prodimg_lab.store.s3 import S3Store

OF_A_RUN = ("ledger", "trials", "marks", "factors", "runs")

DIED = "the process died before an answer came; it may have been billed"


def ending_of(claim: Claim, record: Record | None, *, run_id: str, spent_before: int = 0) -> Ending:
    """How a dead process's claim ends. `spent_before` (micro-dollars) is what earlier claims of the order cost."""
    order = claim.order
    is_trial = order.trial is not None
    if is_trial and record is not None and record.get("run_id") == run_id:
        charge = whole(record, "cost_micro")
        names = ("digest", "output_format", "seconds", "reason")
        details = {name: record[name] for name in names if record.get(name)}
        cost = {"cost_micro": spent_before + charge, "sends": 1}
        return Ending(state=text(record, "state"), charge_micro=charge, details={**details, **cost})
    if order.price_micro > 0:
        cost = {"cost_micro": spent_before + order.price_micro} if is_trial else {}
        details = {**cost, "sends": 1, "reason": DIED}
        return Ending(state="uncertain", charge_micro=order.price_micro, details=details)
    if is_trial:
        return Ending(state=TrialState.PLANNED, charge_micro=0, details={"sends": 1})
    return Ending(state="released", charge_micro=0)


def bind_arrived(history: History, store: ObjectStore) -> None:
    """Bind the records of pictures that came and could not be stored in full: they are paid for."""
    for fingerprint, record in history.arrived.items():
        if store.lookup(fingerprint) is None:
            with suppress(CorruptObject):  # the bytes never reached the store
                store.put(store.get(text(record, "digest")))  # nor, perhaps, a bucket
                store.bind(fingerprint, record)


def close_open_claims(history: History, *, ledger: Ledger, store: ObjectStore) -> int:
    """Write the endings of a dead process's calls into its run's journal and the index; returns how many there were.

    Only for the holder of the run's lock.
    """
    bind_arrived(history, store)
    for claim in history.open_claims:
        name = claim.order.name
        before = history.spent_by_key[name] - claim.order.price_micro
        record = store.lookup(claim.order.fingerprint)
        ledger.settle(claim, ending_of(claim, record, run_id=ledger.run_id, spent_before=before))
    return len(history.open_claims)


def reproject(index: Index, folder: Path) -> None:
    """Bring the index in line with one run's journal, whatever a killed process left in it."""
    run_id = folder.name
    run = Run(run_id, index.folder_name(folder))
    with index.transaction() as connection:
        for table in OF_A_RUN:
            connection.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
        for line in read_journal(folder):
            project(connection, run, line)


def repair(index: Index, *, store: ObjectStore) -> list[str]:
    """Bring runs that were not closed and that nobody draws into the index again; returns their ids.

    A power cut may have taken their last rows, a kill left their calls open. Looks at no other run.
    """
    rows = index.rows("SELECT run_id, folder FROM runs WHERE state = 'running'")
    repaired: list[str] = []
    for run_id, name in rows:
        folder = index.lab / str(name)
        with held_if_dead(folder) as is_dead:
            if not is_dead:
                continue
            if (folder / FILE).exists():
                reproject(index, folder)
                _close_claims(index, folder, run_id=str(run_id), store=store)
            with index.transaction() as connection:
                _interrupt(connection, str(run_id))
        repaired.append(str(run_id))
    return repaired


def _interrupt(connection: sqlite3.Connection, run_id: str) -> None:
    connection.execute("UPDATE runs SET state = 'interrupted' WHERE run_id = ? AND state = 'running'", (run_id,))


def close_dead_claims(index: Index, *, run_id: str, store: ObjectStore) -> bool:
    """End the open claims of another run in the index if its process is dead; whether it was.

    That run's own journal is left to its `resume`.
    """
    folder = index.run_folder(run_id)
    if folder is None:
        _close_claims(index, None, run_id=run_id, store=store)
        return True
    with held_if_dead(folder) as is_dead:
        if is_dead:
            _close_claims(index, folder, run_id=run_id, store=store)
    return is_dead


def _close_claims(index: Index, folder: Path | None, *, run_id: str, store: ObjectStore) -> None:
    if folder is not None:
        bind_arrived(read_history(folder), store)
    columns = "key, claim, fingerprint, real_micro, simulated_micro"
    rows = index.rows(f"SELECT {columns} FROM ledger WHERE run_id = ? AND state = 'sent'", (run_id,))
    for key, number, fingerprint, real, simulated in rows:
        order = _order(str(key), str(fingerprint), real=int(str(real)), simulated=int(str(simulated)))
        claim = Claim(order=order, number=int(str(number)))
        with index.transaction() as connection:
            _end_in_index(connection, run_id, claim, store.lookup(order.fingerprint))


def rebuild(index: Index, *, store: ObjectStore, runs_root: Path, lists: bool = True) -> int:
    """Make the index anew from all journals under `runs_root` (`<experiment>/runs/<run_id>/`); returns the runs found.

    Money of pictures whose run folder is gone is counted from the store's records, where it can list them and `lists`,
    so that a lab's cap does not forget it. What throttles have taught is lost. Raises `StoreError` and leaves the index
    as it was when a journal is damaged.
    """
    folders = sorted(file.parent for file in runs_root.glob(f"*/runs/*/{FILE}"))
    with index.transaction() as connection:
        for table in (*OF_A_RUN, "pictures", "totals", "scores", "rates", "drawing"):
            connection.execute(f"DELETE FROM {table}")
        for folder in folders:
            _project_run(connection, Run(folder.name, index.folder_name(folder)), folder=folder, store=store)
        for record, fingerprint in _records(store) if lists else ():
            _count_orphan(connection, record, fingerprint)
    return len(folders)


def _project_run(connection: sqlite3.Connection, run: Run, *, folder: Path, store: ObjectStore) -> None:
    lines: list[Line] = list(read_journal(folder))
    for line in lines:
        project(connection, run, line)
    if not is_living(folder):
        history = fold(lines)
        bind_arrived(history, store)
        for claim in history.open_claims:
            _end_in_index(connection, run.run_id, claim, store.lookup(claim.order.fingerprint))
        _interrupt(connection, run.run_id)


def _end_in_index(connection: sqlite3.Connection, run_id: str, claim: Claim, record: Record | None) -> None:
    order = claim.order
    ending = ending_of(claim, record, run_id=run_id)
    real, simulated = (0, ending.charge_micro) if order.simulated else (ending.charge_micro, 0)
    connection.execute(
        "UPDATE ledger SET state = ?, real_micro = ?, simulated_micro = ? WHERE run_id = ? AND key = ? AND claim = ? "
        "AND state = 'sent'",
        (LEDGER_STATES[ending.state], real, simulated, run_id, order.name, claim.number),
    )


def _order(key: str, fingerprint: str, *, real: int, simulated: int) -> Order:
    trial = int(key.removeprefix("trial:")) if key.startswith("trial:") else None
    return Order(
        fingerprint=fingerprint,
        price_micro=real + simulated,
        simulated=simulated > 0,
        trial=trial,
        key="" if trial is not None else key,
    )


def _records(store: ObjectStore) -> Iterator[tuple[Record, str]]:
    if isinstance(store, FolderStore | S3Store):
        for fingerprint in store.fingerprints():
            record = store.lookup(fingerprint)
            if record is not None and whole(record, "cost_micro") > 0:
                yield record, fingerprint


def _count_orphan(connection: sqlite3.Connection, record: Record, fingerprint: str) -> None:
    run_id = text(record, "run_id")
    known = connection.execute(
        "SELECT 1 FROM ledger WHERE run_id = ? AND fingerprint = ? AND state != 'released'", (run_id, fingerprint)
    ).fetchone()
    if known:
        return
    cost = whole(record, "cost_micro")
    real, simulated = (0, cost) if record.get("simulated", False) else (cost, 0)
    connection.execute(
        "INSERT INTO ledger VALUES (?, ?, 0, ?, 'spent', ?, ?, ?)",
        (run_id, f"record:{fingerprint}", fingerprint, text(record, "drawn_at")[:10], real, simulated),
    )
