"""A second session of a run sends what has no final outcome, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prodimg_lab.errors import ContentFiltered, FatalForRun, FatalForTrial, Throttled, Transient, Uncertain
from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest, TrialState
from prodimg_lab.runner import BlockFinished, RunStarted, Stop, TrialFinished
from prodimg_lab.runner import pace as pacing
from prodimg_lab.store import Index, read_history, rebuild
from prodimg_lab.testing.models import FREE, PAID, FakeModel, plain_trials

if TYPE_CHECKING:
    from conftest import LabFolder


class ByPrompt(FakeModel):
    """Raises for some trials, always."""

    def __init__(self, capabilities: Capabilities, errors: Mapping[int, Exception]) -> None:
        super().__init__(capabilities)
        self.errors = errors

    def generate(self, request: ImageRequest) -> GeneratedImage:
        image = super().generate(request)
        error = self.errors.get(int(request.prompt.split()[-1]))
        if error is not None:
            raise error
        return image


def test_done_refused_and_uncertain_keep_their_outcome_and_failed_ones_are_sent(lab: LabFolder) -> None:
    model = ByPrompt(
        PAID, {0: ContentFiltered("no"), 1: Uncertain("cut off"), 2: FatalForTrial("no"), 3: Transient("503")}
    )
    first = lab.run(model, 6)
    assert len(model.history) == 9
    second_model = FakeModel(PAID)
    second = lab.run(second_model, 6)
    assert sorted(request.prompt for request in second_model.history) == ["mug number 2", "mug number 3"]
    for index in (0, 1, 4, 5):
        assert second.outcomes[index] == replace(first.outcomes[index], seconds=round(first.outcomes[index].seconds, 6))
    assert [second.outcomes[index].sends for index in (2, 3)] == [2, 5]
    assert second.state == "incomplete"
    assert second.real_cost_micro == 6 * 40_000
    assert second.count(TrialState.UNCERTAIN) == 1


def test_uncertain_trials_are_sent_again_only_when_asked_for_and_both_sends_are_paid(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(Uncertain("cut off"))
    lab.run(model, 2, concurrency=1)
    summary = lab.run(model, 2, retry_uncertain=True)
    assert len(model.history) == 3
    assert summary.state == "done"
    assert sorted(outcome.cost_micro for outcome in summary.outcomes.values()) == [40_000, 80_000]
    assert summary.real_cost_micro == 120_000
    assert read_history(lab.folder()).real_cost_micro == 120_000


def test_an_uncertain_trial_whose_picture_another_run_bought_is_done(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(Uncertain("cut off"))
    lab.run(model, 1)
    lab.run(model, 1, run="r2", retry_uncertain=True)
    summary = lab.run(model, 1)
    assert len(model.history) == 2
    assert summary.outcomes[0].state is TrialState.DONE
    assert summary.outcomes[0].cost_micro == summary.real_cost_micro == 40_000


def test_a_new_run_does_not_send_what_another_run_may_have_bought_and_finds_it_later(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(Uncertain("cut off"))
    lab.run(model, 2)
    summary = lab.run(model, 2, run="r2")
    assert len(model.history) == 2
    assert [summary.outcomes[n].state.value for n in (0, 1)] == ["uncertain", "done"]
    assert "prodimg resume r1 --retry-uncertain" in summary.outcomes[0].reason
    assert summary.real_cost_micro == 0
    lab.run(model, 2, retry_uncertain=True)
    again = lab.run(model, 2, run="r2")
    assert len(model.history) == 3
    assert [again.outcomes[n].state.value for n in (0, 1)] == ["done", "done"]
    assert again.real_cost_micro == 0


def test_a_plan_that_changed_under_a_run_is_drawn_where_it_differs(lab: LabFolder) -> None:
    lab.run(FakeModel(PAID), 4)
    trials = plain_trials(PAID, 4)
    trials[2] = replace(trials[2], request=replace(trials[2].request, seed=99))
    model = FakeModel(PAID)
    assert lab.run(model, trials).state == "done"
    assert [request.seed for request in model.history] == [99]


def test_throttled_trials_of_a_stopped_run_are_planned_again_and_their_money_is_free(
    lab: LabFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "FIRST_PAUSE_S", 5.0)
    stop = Stop()
    model = FakeModel(PAID)
    model.enqueue(*[Throttled("slow down")] * 4)
    original = lab.events.append

    def press(event: object) -> None:
        original(event)  # type: ignore[arg-type]
        if len(model.history) == 4:
            stop.request()

    lab.events = type("Listener", (list,), {"append": staticmethod(press)})()
    summary = lab.run(model, 4, concurrency=4, stop=stop)
    assert summary.state == "interrupted"
    assert summary.outcomes == {}
    assert summary.real_cost_micro == 0
    history = read_history(lab.folder())
    assert history.open_claims == ()
    assert {outcome.state for outcome in history.outcomes.values()} == {TrialState.PLANNED}
    lab.events = []
    assert lab.run(FakeModel(PAID), 4).state == "done"


def test_a_second_session_tells_what_is_known_and_all_blocks_but_only_new_trials(lab: LabFolder) -> None:
    model = FakeModel(FREE)
    model.enqueue(b"\x89PNG\r\n\x1a\n1", b"\x89PNG\r\n\x1a\n2", FatalForRun("away"))
    lab.run(model, 8, concurrency=1)
    lab.events.clear()
    lab.run(FakeModel(FREE), 8)
    (started,) = [event for event in lab.events if isinstance(event, RunStarted)]
    assert (started.known, started.planned) == (2, 8)
    finished = [event.trial.index for event in lab.events if isinstance(event, TrialFinished)]
    assert sorted(finished) == [2, 3, 4, 5, 6, 7]
    assert sum(isinstance(event, BlockFinished) for event in lab.events) == 2


def test_an_index_that_was_thrown_away_is_no_reason_to_buy_again(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(Uncertain("cut off"))
    lab.run(model, 6, concurrency=1)
    anew = Index(lab.root / "elsewhere" / "index.db")
    summary = lab.run(model, 6, index=anew)
    assert len(model.history) == 6
    assert summary.count(TrialState.UNCERTAIN) == 1
    assert summary.real_cost_micro == 240_000
    anew.close()


def test_an_index_made_anew_from_journals_equals_the_one_that_runs_wrote(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(ContentFiltered("no"), Uncertain("cut off"), FatalForTrial("no"), Transient("503"))
    lab.run(model, 12)
    lab.run(model, 12, retry_uncertain=True)
    lab.run(model, 14, run="r2")
    lab.run(FakeModel(FREE), 5, run="r3")
    tables = ("runs", "trials", "pictures", "ledger", "totals")
    living = {table: sorted(lab.index.rows(f"SELECT * FROM {table}")) for table in tables}
    anew = Index(lab.root / ".prodimg" / "anew.db")
    assert rebuild(anew, store=lab.store, runs_root=lab.root / "experiments") == 3
    assert {table: sorted(anew.rows(f"SELECT * FROM {table}")) for table in tables} == living
    assert all(living.values())
    anew.close()
