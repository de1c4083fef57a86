"""What a dead process left is closed by one rule, and the index can be thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from prodimg_lab.errors import StoreError
from prodimg_lab.records import Outcome, TrialState, digest_of
from prodimg_lab.store import (
    Bought,
    Claim,
    Doubtful,
    Ending,
    FolderStore,
    Index,
    Ledger,
    Order,
    RunLock,
    read_history,
    rebuild,
)
from prodimg_lab.store.journal import FILE
from prodimg_lab.store.recovery import DIED, close_dead_claims, close_open_claims, repair, reproject

TABLES = ("runs", "trials", "pictures", "ledger", "totals", "scores", "marks", "factors")


@dataclass
class LabFolder:
    root: Path
    store: FolderStore
    index: Index

    def folder(self, run: str) -> Path:
        return self.root / "experiments" / "mug-hero" / "runs" / run

    def ledger(self, run: str) -> Ledger:
        ledger = Ledger(index=self.index, folder=self.folder(run))
        begin = {"event": "run", "state": "running", "run_id": run, "experiment": "mug-hero", "planned": 9}
        ledger.note({**begin, "note": "first", "simulated": False})
        return ledger

    def content(self, index: Index) -> dict[str, list[tuple[object, ...]]]:
        return {table: sorted(index.rows(f"SELECT * FROM {table}")) for table in TABLES}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[LabFolder]:
    index = Index(tmp_path / ".prodimg" / "index.db")
    yield LabFolder(tmp_path, FolderStore(tmp_path / "experiments" / "objects"), index)
    index.close()


def order(number: int, *, price: int = 40_000) -> Order:
    return Order(fingerprint=digest_of(b"%d" % number), price_micro=price, simulated=price == 0, trial=number)


def claimed(ledger: Ledger, wanted: Order) -> Claim:
    claim = ledger.claim(wanted)
    assert isinstance(claim, Claim)
    return claim


def record(lab: LabFolder, run: str, number: int, *, cost: int = 40_000) -> str:
    digest = lab.store.put(b"picture %d" % number)
    drawn = {"state": "done", "digest": digest, "output_format": "png", "seconds": 1.5, "cost_micro": cost}
    lab.store.bind(order(number).fingerprint, {**drawn, "run_id": run, "simulated": False, "drawn_at": "2026-02-03T"})
    return digest


def test_a_send_without_an_ending_is_done_uncertain_or_planned_by_what_the_store_knows_and_the_price(
    lab: LabFolder,
) -> None:
    ledger = lab.ledger("r1")
    for number, price in ((1, 40_000), (2, 40_000), (3, 0), (4, 40_000)):
        claimed(ledger, order(number, price=price))
    digest = record(lab, "r1", 1)
    record(lab, "another", 4)
    judge = Order(fingerprint=digest_of(b"judge"), price_micro=500, simulated=False, key="judge/1")
    claimed(ledger, judge)
    assert close_open_claims(read_history(lab.folder("r1")), ledger=ledger, store=lab.store) == 5
    history = read_history(lab.folder("r1"))
    assert history.open_claims == ()
    uncertain = Outcome(state=TrialState.UNCERTAIN, cost_micro=40_000, sends=1, reason=DIED)
    assert history.outcomes == {
        1: Outcome(state=TrialState.DONE, digest=digest, output_format="png", cost_micro=40_000, seconds=1.5, sends=1),
        2: uncertain,
        3: Outcome(state=TrialState.PLANNED, sends=1),
        4: uncertain,  # another run's picture says nothing of whether this send was billed
    }
    assert history.real_cost_micro == 3 * 40_000 + 500
    assert ledger.money().real_micro == history.real_cost_micro
    assert ledger.money().reserved_micro == 0


def arrived(lab: LabFolder, ledger: Ledger, claim: Claim, data: bytes) -> None:
    """What the journal says when the process dies between storing the bytes and binding their record."""
    wanted = claim.order
    drawn = {"state": "done", "digest": digest_of(data), "output_format": "png", "seconds": 2.0, "cost_micro": 40_000}
    found = {**drawn, "run_id": ledger.run_id, "simulated": False, "drawn_at": "2026-02-03T"}
    which = {"trial": wanted.trial, "claim": claim.number, "fingerprint": wanted.fingerprint}
    ledger.log({"event": "arrived", **which, "record": found})


def test_bytes_that_were_stored_and_not_bound_when_the_process_died_are_found_again(lab: LabFolder) -> None:
    ledger = lab.ledger("r1")
    kept, lost = claimed(ledger, order(1)), claimed(ledger, order(2))
    arrived(lab, ledger, kept, b"kept")
    arrived(lab, ledger, lost, b"lost")
    digest = lab.store.put(b"kept")
    close_open_claims(read_history(lab.folder("r1")), ledger=ledger, store=lab.store)
    outcomes = read_history(lab.folder("r1")).outcomes
    assert (outcomes[1].state, outcomes[1].digest, outcomes[1].cost_micro) == (TrialState.DONE, digest, 40_000)
    assert outcomes[2].state is TrialState.UNCERTAIN
    assert lab.store.lookup(order(1).fingerprint) is not None
    assert ledger.money().real_micro == 80_000


def test_another_run_finds_bytes_that_a_dead_run_had_not_bound(lab: LabFolder) -> None:
    theirs = lab.ledger("r1")
    arrived(lab, theirs, claimed(theirs, order(1)), b"kept")
    lab.store.put(b"kept")
    assert close_dead_claims(lab.index, run_id="r1", store=lab.store)
    assert lab.store.lookup(order(1).fingerprint) is not None
    assert lab.index.rows("SELECT state, real_micro FROM ledger") == [("spent", 40_000)]


def test_an_uncertain_send_that_was_sent_again_is_paid_twice(lab: LabFolder) -> None:
    ledger = lab.ledger("r1")
    uncertain = {"cost_micro": 40_000}
    ledger.settle(claimed(ledger, order(1)), Ending(state="uncertain", charge_micro=40_000, details=uncertain))
    assert ledger.claim(order(1)) == Doubtful(run_id="r1")
    assert isinstance(ledger.claim(order(1), despite_doubt=True), Claim)
    close_open_claims(read_history(lab.folder("r1")), ledger=ledger, store=lab.store)
    history = read_history(lab.folder("r1"))
    assert history.outcomes[1].cost_micro == history.real_cost_micro == ledger.money().real_micro == 80_000


def test_claims_of_another_run_are_closed_only_when_its_process_is_dead(lab: LabFolder) -> None:
    theirs, ours = lab.ledger("r1"), lab.ledger("r2")
    claimed(theirs, order(1, price=0))
    with RunLock(lab.folder("r1")):
        assert not close_dead_claims(lab.index, run_id="r1", store=lab.store)
    assert close_dead_claims(lab.index, run_id="r1", store=lab.store)
    claimed(ours, order(1, price=0))


def test_a_dead_runs_priced_send_stays_spent(lab: LabFolder) -> None:
    claimed(lab.ledger("r1"), order(1))
    close_dead_claims(lab.index, run_id="r1", store=lab.store)
    assert lab.index.rows("SELECT state, real_micro FROM ledger") == [("uncertain", 40_000)]


def test_rows_that_a_power_cut_took_are_brought_back_when_the_index_is_opened(lab: LabFolder) -> None:
    ledger = lab.ledger("r1")
    ledger.settle(claimed(ledger, order(1)), Ending(state="done", charge_micro=40_000))
    claimed(ledger, order(2))
    with lab.index.transaction() as connection:
        for table in ("ledger", "trials", "pictures"):
            connection.execute(f"DELETE FROM {table}")
    assert lab.index.rows("SELECT * FROM totals WHERE real_micro > 0") == []
    with RunLock(lab.folder("r1")):
        assert repair(lab.index, store=lab.store) == [], "a living run is left alone"
    assert repair(lab.index, store=lab.store) == ["r1"]
    assert ledger.money().real_micro == 80_000, "what was in flight may have been billed"
    assert lab.index.runs()[0].state == "interrupted"
    other = lab.ledger("r2")
    assert isinstance(other.claim(order(1)), Bought)
    assert other.claim(order(2)) == Doubtful(run_id="r1")
    with RunLock(lab.folder("r2")):
        assert repair(lab.index, store=lab.store) == [], "what was repaired is not looked at again"


def test_runs_that_were_closed_are_not_read_when_the_index_is_opened(lab: LabFolder) -> None:
    ledger = lab.ledger("r1")
    ledger.note({"event": "run", "state": "done"})
    ledger.close()
    (lab.folder("r1") / FILE).write_text("not a journal")
    assert repair(lab.index, store=lab.store) == []


def fill(lab: LabFolder) -> None:
    first, second = lab.ledger("r1"), lab.ledger("r2")
    for number in range(1, 5):
        claim = claimed(first, order(number))
        details = {"digest": record(lab, "r1", number), "output_format": "png", "cost_micro": 40_000, "seconds": 1.5}
        first.settle(claim, Ending(state="done", charge_micro=40_000, details=details))
    first.settle(claimed(first, order(5)), Ending(state="failed", charge_micro=0, details={"reason": "no"}))
    first.settle(claimed(first, order(5)), Ending(state="refused", charge_micro=40_000, details={"reason": "nudity"}))
    picture = {"digest": record(lab, "r1", 1), "output_format": "png", "cached": True}
    second.note({"event": "trial", "trial": 1, "state": "done", "fingerprint": order(1).fingerprint, **picture})
    score = {"scorer": "sharp", "value": 4.5, "detail": "crisp"}
    second.note({"event": "score", "trial": 1, "key": "d/sharp/1", "score": score})
    second.note({"event": "factors", "factors": {"light": {"levels": ["soft", "hard"], "places": [0, 1, 0]}}})
    second.log({"event": "rating", "stars": 5})
    judge = Order(fingerprint=digest_of(b"judge"), price_micro=500, simulated=True, key="judge/1")
    second.settle(claimed(second, judge), Ending(state="spent", charge_micro=300))
    claimed(second, order(8, price=0))
    claimed(second, order(9))
    for ledger in (first, second):
        ledger.note({"event": "run", "state": "done"})


def test_an_index_made_anew_equals_the_living_one(lab: LabFolder, tmp_path: Path) -> None:
    fill(lab)
    close_dead_claims(lab.index, run_id="r2", store=lab.store)
    living = lab.content(lab.index)
    assert all(living.values())
    anew = Index(tmp_path / "anew" / "index.db")
    anew.lab = lab.index.lab
    assert rebuild(anew, store=lab.store, runs_root=lab.root / "experiments") == 2
    assert lab.content(anew) == living
    assert rebuild(lab.index, store=lab.store, runs_root=lab.root / "experiments") == 2
    assert lab.content(lab.index) == living
    anew.close()


def test_the_index_follows_a_runs_journal_whatever_it_said_before(lab: LabFolder) -> None:
    fill(lab)
    for run in ("r1", "r2"):
        reproject(lab.index, lab.folder(run))
    right = lab.content(lab.index)
    with lab.index.transaction() as connection:
        connection.execute("DELETE FROM trials WHERE run_id = 'r1' AND trial > 2")
        connection.execute("UPDATE ledger SET real_micro = 1, state = 'sent' WHERE run_id = 'r1'")
        connection.execute("DELETE FROM runs WHERE run_id = 'r1'")
    reproject(lab.index, lab.folder("r1"))
    assert lab.content(lab.index) == right


def test_money_of_a_run_whose_folder_is_gone_is_counted_from_the_records(lab: LabFolder) -> None:
    record(lab, "deleted-run", 1)
    record(lab, "deleted-run", 2, cost=0)
    rebuild(lab.index, store=lab.store, runs_root=lab.root / "experiments")
    assert lab.index.rows("SELECT real_micro FROM totals WHERE scope = 'lab'") == [(40_000,)]
    assert lab.index.rows("SELECT real_micro FROM totals WHERE scope = 'day:2026-02-03'") == [(40_000,)]


def test_a_damaged_journal_leaves_the_index_as_it_was(lab: LabFolder) -> None:
    fill(lab)
    before = lab.content(lab.index)
    journal = lab.folder("r2") / FILE
    journal.write_bytes(b"garbage\n" + journal.read_bytes())
    with pytest.raises(StoreError, match=f"{FILE}:1"):
        rebuild(lab.index, store=lab.store, runs_root=lab.root / "experiments")
    assert lab.content(lab.index) == before


def test_a_history_tells_sessions_times_and_states(lab: LabFolder) -> None:
    ledger = lab.ledger("r1")
    lines: list[dict[str, object]] = [
        {"at": "2026-01-01T00:00:00Z", "event": "run", "state": "running", "run_id": "r1", "planned": 4},
        {"at": "2026-01-01T00:00:10Z", "event": "retry", "trial": 0},
        {"at": "2026-01-01T01:00:00Z", "event": "run", "state": "running", "run_id": "r1", "planned": 4},
        {"at": "2026-01-01T01:00:05Z", "event": "run", "state": "done"},
    ]
    (lab.folder("r1") / FILE).unlink()
    ledger.close()
    for line in lines:
        ledger.log(line)
    history = read_history(lab.folder("r1"))
    assert (history.started_at, history.finished_at) == ("2026-01-01T00:00:00Z", "2026-01-01T01:00:05Z")
    assert history.wall_seconds == 15.0  # the killed session counts to its last line
    assert (history.state, history.planned) == ("done", 4)
