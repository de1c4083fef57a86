"""A cap stops a run before the call that would pass it, and not sooner."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.errors import BudgetExceeded, ContentFiltered, FatalForTrial, Transient, Uncertain
from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest, TrialState
from prodimg_lab.runner import Progress, RetryPolicy, RunContext, run_schedule
from prodimg_lab.store import Caps, FolderStore, Index, Ledger, Order
from prodimg_lab.sweeps.schedules import FullSchedule
from prodimg_lab.testing.models import FREE, PAID, FakeModel, plain_trials
from prodimg_lab.testing.stores import MemoryStore

if TYPE_CHECKING:
    from conftest import LabFolder


def test_a_run_stops_at_its_budget_and_goes_on_when_it_is_raised(lab: LabFolder) -> None:
    model = FakeModel(PAID, seconds=0.01)
    summary = lab.run(model, 20, caps=Caps(run_micro=300_000), concurrency=8)
    assert summary.state == "stopped"
    assert isinstance(summary.stopped_by, BudgetExceeded)
    assert summary.stopped_by.exit_code == 3
    assert "$0.28 of $0.30" in str(summary.stopped_by)
    assert len(model.history) == summary.count(TrialState.DONE) == 7
    assert max(summary.outcomes) < 7 + 8, "trials are drawn in plan order, give or take what is in flight"
    again = lab.run(model, 20, caps=Caps(run_micro=800_000))
    assert again.state == "done"
    assert len(model.history) == 20
    assert again.real_cost_micro == 800_000


def test_money_that_comes_back_is_spent_before_the_run_stops(lab: LabFolder) -> None:
    model = FakeModel(PAID, seconds=0.02)
    model.enqueue(*[FatalForTrial("no")] * 4)
    summary = lab.run(model, 12, caps=Caps(run_micro=160_000), concurrency=8)
    assert summary.count(TrialState.DONE) == 4
    assert summary.real_cost_micro == 160_000
    assert isinstance(summary.stopped_by, BudgetExceeded)


def test_the_last_call_in_flight_may_give_its_money_to_the_next(lab: LabFolder) -> None:
    model = FakeModel(PAID, seconds=0.05)
    model.enqueue(FatalForTrial("no"))
    summary = lab.run(model, 2, caps=Caps(run_micro=40_000), concurrency=2)
    assert summary.state == "incomplete"
    assert {outcome.state for outcome in summary.outcomes.values()} == {TrialState.FAILED, TrialState.DONE}


def test_a_trial_that_holds_its_money_is_sent_again_although_the_cap_holds_the_others(lab: LabFolder) -> None:
    model = FakeModel(PAID, seconds=0.05)
    model.enqueue(Transient("503"))
    summary = lab.run(model, 3, caps=Caps(run_micro=40_000), concurrency=3)
    assert (summary.state, summary.count(TrialState.DONE), len(model.history)) == ("stopped", 1, 2)


def test_a_cap_is_asked_again_when_money_came_back_before_its_no_was_heard(
    lab: LabFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Ledger.claim
    refusals: list[int] = []

    def claim(self: Ledger, order: Order, **settings: bool) -> object:
        try:
            return real(self, order, **settings)
        except BudgetExceeded:
            refusals.append(1)
            time.sleep(0.3)  # the call in flight fails meanwhile, and its money is free
            raise

    monkeypatch.setattr(Ledger, "claim", claim)
    model = FakeModel(PAID, seconds=0.1)
    model.enqueue(FatalForTrial("no"))
    summary = lab.run(model, 2, caps=Caps(run_micro=40_000), concurrency=2)
    assert refusals
    assert summary.count(TrialState.DONE) == 1
    assert summary.state == "incomplete"


def test_free_pictures_need_no_budget(lab: LabFolder) -> None:
    assert lab.run(FakeModel(FREE), 5, caps=Caps(run_micro=0, day_micro=0, lab_micro=0)).state == "done"


def test_simulated_money_is_held_by_the_runs_budget_only(lab: LabFolder) -> None:
    emulated = FakeModel(replace(PAID, source="simulated", model="emulated"))
    summary = lab.run(emulated, 10, caps=Caps(run_micro=200_000, day_micro=40_000, lab_micro=40_000))
    assert summary.state == "stopped"
    assert (summary.real_cost_micro, summary.simulated_cost_micro) == (0, 200_000)
    money = [(event.cost_micro, event.simulated_cost_micro) for event in lab.events if isinstance(event, Progress)]
    assert money[-1] == (0, 200_000)


def test_a_retried_trial_is_reserved_once(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(*[Transient("503")] * 3)
    assert lab.run(model, 1, caps=Caps(run_micro=40_000)).state == "done"


@pytest.mark.parametrize("cap", ["day_micro", "lab_micro"])
def test_the_labs_caps_hold_over_runs(lab: LabFolder, cap: str) -> None:
    caps = Caps(**{cap: 200_000})
    assert lab.run(FakeModel(PAID), 3, caps=caps).state == "done"
    others = [replace(trial, request=replace(trial.request, repeat=1)) for trial in plain_trials(PAID, 3)]
    summary = lab.run(FakeModel(PAID), others, run="r2", caps=caps)
    assert summary.count(TrialState.DONE) == 2
    assert isinstance(summary.stopped_by, BudgetExceeded)


ANSWERS = {
    "picture": (None, 40_000),
    "refused": (ContentFiltered("no"), 40_000),
    "uncertain": (Uncertain("cut off"), 40_000),
    "failed": (FatalForTrial("no"), 0),
    "retried": (Transient("503"), 40_000),
}


@settings(max_examples=8, deadline=None)
@given(
    answers=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=5, max_size=30),
    cap=st.integers(0, 1_300_000),
)
def test_with_sixteen_threads_spent_and_reserved_never_pass_the_cap(answers: Sequence[str], cap: int) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        index = Index(root / ".prodimg" / "index.db")
        held: list[int] = []

        class Watched(FakeModel):
            def generate(self, request):  # type: ignore[no-untyped-def]
                held.append(int(str(index.rows("SELECT COALESCE(SUM(real_micro), 0) FROM ledger")[0][0])))
                return super().generate(request)

        model = Watched(PAID)
        for answer in answers:
            error = ANSWERS[answer][0]
            if error is not None:
                model.enqueue(error)
        summary = run_schedule(
            FullSchedule(plain_trials(PAID, len(answers))),
            models={PAID.model: model},
            context=RunContext(
                folder=root / "runs" / "r1",
                store=FolderStore(root / "objects"),
                index=index,
                caps=Caps(run_micro=cap),
                concurrency=16,
                retries=RetryPolicy(base_s=0.001),
            ),
        )
        index.close()
    assert all(each <= cap for each in held)
    counts = {state: summary.count(state) for state in TrialState}
    bought = counts[TrialState.DONE] + counts[TrialState.REFUSED] + counts[TrialState.UNCERTAIN]
    assert summary.real_cost_micro == bought * 40_000 <= cap
    if summary.state == "stopped":
        assert summary.real_cost_micro + 40_000 > cap, "it stopped although there was money left"
    else:
        assert counts[TrialState.PLANNED] == 0


def test_a_cap_of_one_dollar_is_never_passed_by_a_cent(tmp_path: Path, soak: bool) -> None:
    """Random prices, retries and ends, 32 calls in flight; the service keeps its own book of what it bills."""
    chance = random.Random(1_000_000)
    for number in range(1000 if soak else 20):
        index = Index(tmp_path / str(number) / "index.db")
        service = Service(chance)
        trials = [trial for card in service.cards for trial in plain_trials(card, chance.randint(1, 40))]
        trials = [
            replace(t, index=place, block=replace(t.block, sku=t.request.model)) for place, t in enumerate(trials)
        ]
        summary = run_schedule(
            FullSchedule(trials),
            models={card.model: service.model(card) for card in service.cards},
            context=RunContext(
                folder=tmp_path / f"r{number}",
                store=MemoryStore(),
                index=index,
                caps=Caps(run_micro=1_000_000),
                concurrency=32,
                retries=RetryPolicy(base_s=0.0001),
            ),
        )
        index.close()
        assert service.billed <= summary.real_cost_micro <= 1_000_000
        if summary.state != "stopped":
            assert summary.count(TrialState.PLANNED) == 0


class Service:
    """Models of random prices that answer at random and write down what they bill."""

    def __init__(self, chance: random.Random) -> None:
        self.seed = chance.random()
        self.cards = [
            replace(PAID, model=f"paid-{place}", price_micro=chance.choice([7_000, 40_000, 80_000, 140_000, 333_333]))
            for place in range(chance.randint(1, 3))
        ]
        self.guard = threading.Lock()
        self.billed = 0

    def model(self, card: Capabilities) -> FakeModel:
        service, chance = self, random.Random(self.seed)

        class Whimsical(FakeModel):
            def generate(self, request: ImageRequest) -> GeneratedImage:
                with service.guard:
                    fate = chance.random()
                    if fate < 0.7:
                        service.billed += card.price_micro or 0
                if fate < 0.45:
                    return super().generate(request)
                if fate < 0.6:
                    raise ContentFiltered("no")
                if fate < 0.7:
                    raise Uncertain("cut off")
                raise Transient("503") if fate < 0.95 else FatalForTrial("no")

        return Whimsical(card)
