"""The ledger: one buyer for one request, and never more than the caps."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.errors import BudgetExceeded, StoreError, StoreFull
from prodimg_lab.records import digest_of
from prodimg_lab.store import Bought, Caps, Claim, Ending, Index, Journal, Ledger, Money, Order, Taken, read_journal


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index(tmp_path / ".prodimg" / "index.db")
    yield index
    index.close()


def order(number: int, *, price: int = 40_000, simulated: bool = False) -> Order:
    return Order(fingerprint=digest_of(b"%d" % number), price_micro=price, simulated=simulated, trial=number)


def done(charge: int) -> Ending:
    return Ending(state="done", charge_micro=charge, details={"digest": "d", "cost_micro": charge})


def claimed(ledger: Ledger, wanted: Order) -> Claim:
    claim = ledger.claim(wanted)
    assert isinstance(claim, Claim)
    return claim


def test_a_claim_reserves_its_price_and_settling_spends_what_it_cost(index: Index, tmp_path: Path) -> None:
    ledger = Ledger(index=index, folder=tmp_path / "r1")
    claim = claimed(ledger, order(1))
    assert ledger.money() == Money(real_micro=40_000, reserved_micro=40_000)
    ledger.settle(claim, done(30_000))
    assert ledger.money() == Money(real_micro=30_000)


def test_real_and_simulated_money_are_counted_apart(index: Index, tmp_path: Path) -> None:
    ledger = Ledger(index=index, folder=tmp_path / "r1", caps=Caps(day_micro=50_000, lab_micro=50_000))
    for number in range(5):
        ledger.settle(claimed(ledger, order(number, simulated=True)), done(40_000))
    assert ledger.money() == Money(simulated_micro=200_000)
    ledger.settle(claimed(ledger, order(9)), done(40_000))
    with pytest.raises(BudgetExceeded, match="day's cap"):
        ledger.claim(order(10))
    ledger.settle(claimed(ledger, order(11, simulated=True)), done(40_000))
    assert ledger.money() == Money(simulated_micro=240_000, real_micro=40_000)


def test_the_runs_own_budget_counts_the_price_of_simulated_models_too(index: Index, tmp_path: Path) -> None:
    ledger = Ledger(index=index, folder=tmp_path / "r1", caps=Caps(run_micro=100_000))
    for number in range(2):
        ledger.settle(claimed(ledger, order(number, simulated=True)), done(40_000))
    with pytest.raises(BudgetExceeded, match=r"\$0.04.*would pass the run's cap: \$0.08 of \$0.10.*--budget USD"):
        ledger.claim(order(3, simulated=True))
    claimed(ledger, order(4, price=0))


@pytest.mark.parametrize("cap", ["day", "lab"])
def test_the_days_and_the_labs_caps_hold_over_runs(index: Index, tmp_path: Path, cap: str) -> None:
    caps = Caps(**{f"{cap}_micro": 60_000})
    first, second = (Ledger(index=index, folder=tmp_path / name, caps=caps) for name in ("r1", "r2"))
    first.settle(claimed(first, order(1)), done(40_000))
    with pytest.raises(BudgetExceeded, match=f"{cap}'s cap"):
        second.claim(order(2))


def test_yesterdays_money_does_not_count_against_today(index: Index, tmp_path: Path) -> None:
    caps = Caps(day_micro=60_000)
    ledger = Ledger(index=index, folder=tmp_path / "r1", caps=caps)
    ledger.settle(claimed(ledger, order(1)), done(40_000))
    today = datetime.now(UTC).date().isoformat()
    assert index.rows("SELECT DISTINCT day FROM ledger") == [(today,)]
    with index.transaction() as connection:
        connection.execute("UPDATE ledger SET day = '2020-02-29'")
    claimed(ledger, order(2))


def test_a_claim_that_ends_without_a_bill_gives_its_money_back(index: Index, tmp_path: Path) -> None:
    ledger = Ledger(index=index, folder=tmp_path / "r1", caps=Caps(run_micro=40_000))
    ledger.settle(claimed(ledger, order(1)), Ending(state="failed", charge_micro=0))
    again = claimed(ledger, order(1))
    assert again.number == 1
    ledger.settle(again, Ending(state="uncertain", charge_micro=40_000))
    assert ledger.money() == Money(real_micro=40_000)
    with pytest.raises(BudgetExceeded):
        ledger.claim(order(2))


def test_an_equal_order_waits_while_the_first_is_open_and_is_sent_to_the_store_after_it(
    index: Index, tmp_path: Path
) -> None:
    first, second = (Ledger(index=index, folder=tmp_path / name) for name in ("r1", "r2"))
    claim = claimed(first, order(1))
    assert second.claim(order(1)) == Taken(run_id="r1")
    first.settle(claim, done(40_000))
    assert second.claim(order(1)) == Bought()
    second.forget(order(1).fingerprint)
    assert isinstance(second.claim(order(1)), Claim)


def test_what_is_journaled_is_what_happened_and_in_order(index: Index, tmp_path: Path) -> None:
    ledger = Ledger(index=index, folder=tmp_path / "r1")
    ledger.settle(claimed(ledger, order(1)), done(40_000))
    judge = Order(fingerprint=digest_of(b"judge"), price_micro=1_000, simulated=False, key="judge/nova/1")
    ledger.settle(claimed(ledger, judge), Ending(state="spent", charge_micro=700))
    journal = read_journal(tmp_path / "r1")
    lines = [(line["event"], line.get("trial", line.get("key")), line["state"]) for line in journal]
    assert lines == [
        ("trial", 1, "sent"),
        ("trial", 1, "done"),
        ("charge", "judge/nova/1", "sent"),
        ("charge", "judge/nova/1", "spent"),
    ]
    assert ledger.money() == Money(real_micro=40_700)


def test_a_claim_that_cannot_be_journaled_is_no_claim(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Journal, lines: object, *, durable: bool = False) -> None:
        raise StoreFull("no room")

    ledger = Ledger(index=index, folder=tmp_path / "r1")
    monkeypatch.setattr(Journal, "extend", fail)
    with pytest.raises(StoreFull):
        ledger.claim(order(1))
    monkeypatch.undo()
    assert ledger.money() == Money()
    assert claimed(ledger, order(1)).number == 0


def test_settling_for_more_than_was_reserved_is_a_mistake_of_ours(index: Index, tmp_path: Path) -> None:
    ledger = Ledger(index=index, folder=tmp_path / "r1")
    claim = claimed(ledger, order(1))
    with pytest.raises(ValueError, match="more than the 40000"):
        ledger.settle(claim, done(40_001))


SUMS = (
    "SELECT SUM(real_micro), SUM(simulated_micro), SUM(CASE state WHEN 'sent' THEN real_micro ELSE 0 END) FROM ledger"
)


@settings(max_examples=8, deadline=None)
@given(
    prices=st.lists(st.integers(1, 90_000), min_size=20, max_size=60),
    endings=st.lists(st.sampled_from(["done", "failed", "uncertain", "refused"]), min_size=60, max_size=60),
    cap=st.integers(0, 3_000_000),
    simulated=st.booleans(),
)
def test_sixteen_threads_never_pass_a_cap_and_the_sums_are_those_of_the_rows(
    prices: list[int], endings: list[str], cap: int, simulated: bool
) -> None:
    with TemporaryDirectory() as folder:
        index = Index(Path(folder) / ".prodimg" / "index.db")
        ledger = Ledger(index=index, folder=Path(folder) / "r1", caps=Caps(run_micro=cap))
        seen: list[int] = []

        def buy(number: int) -> int:
            wanted = order(number, price=prices[number], simulated=simulated)
            try:
                claim = claimed(ledger, wanted)
            except BudgetExceeded:
                return 0
            held = ledger.money()
            seen.append(held.real_micro + held.simulated_micro)
            charge = 0 if endings[number] == "failed" else wanted.price_micro
            ledger.settle(claim, Ending(state=endings[number], charge_micro=charge))
            return charge

        with ThreadPoolExecutor(16) as pool:
            spent = sum(pool.map(buy, range(len(prices))))
        money = ledger.money()
        rows = index.rows(SUMS)
        index.close()
    assert all(held <= cap for held in seen)
    assert money.real_micro + money.simulated_micro == spent <= cap
    assert money.reserved_micro == 0
    assert [tuple(value or 0 for value in row) for row in rows] == [(money.real_micro, money.simulated_micro, 0)]
    if sum(prices) <= cap:  # nothing was in the way of any of them
        assert spent == sum(price for price, ending in zip(prices, endings, strict=False) if ending != "failed")


BUY = """
import sys
from pathlib import Path
from prodimg_lab.errors import BudgetExceeded
from prodimg_lab.records import digest_of
from prodimg_lab.store import Caps, Claim, Ending, Index, Ledger, Order
root, run, start = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ledger = Ledger(index=Index(root / ".prodimg/index.db"), folder=root / run, caps=Caps(lab_micro=1_000_000))
bought = 0
for number in range(start, start + 40):
    order = Order(fingerprint=digest_of(b"%d" % number), price_micro=40_000, simulated=False, trial=number)
    try:
        claim = ledger.claim(order)
    except BudgetExceeded:
        break
    if isinstance(claim, Claim):
        bought += 1
        ledger.settle(claim, Ending(state="done", charge_micro=40_000))
print(bought)
"""


def test_two_processes_together_stay_within_the_labs_cap(
    tmp_path: Path, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    processes = [start_python(BUY, tmp_path, run, start) for run, start in (("r1", 0), ("r2", 20))]
    bought = 0
    for process in processes:
        out, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        bought += int(out)
    assert bought == 25  # $1.00 at $0.04
    index = Index(tmp_path / ".prodimg" / "index.db")
    assert index.rows("SELECT COUNT(DISTINCT fingerprint), COUNT(*) FROM ledger") == [(25, 25)]
    index.close()


def test_nothing_is_claimed_through_an_index_that_was_deleted(index: Index, tmp_path: Path) -> None:
    ledger = Ledger(index=index, folder=tmp_path / "r1")
    claimed(ledger, order(1))
    index.file.unlink()
    with pytest.raises(StoreError, match="was deleted or replaced while run r1 was using it"):
        ledger.claim(order(2))
    Index(index.file).close()
    with pytest.raises(StoreError, match="prodimg resume r1"):
        ledger.claim(order(2))
