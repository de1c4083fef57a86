"""Errors are judged by what they mean: sent again, failed, refused, uncertain, or the end of the run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prodimg_lab.errors import (
    AccessDenied,
    ContentFiltered,
    FatalForTrial,
    Transient,
    Uncertain,
    UnsupportedParameter,
    UsageError,
)
from prodimg_lab.records import GeneratedImage, Outcome, TrialState
from prodimg_lab.runner import RetryPolicy
from prodimg_lab.store import read_history, read_journal
from prodimg_lab.testing.models import FREE, PAID, FakeModel, tiny_png

if TYPE_CHECKING:
    from conftest import LabFolder


def states(outcomes: object) -> list[str]:
    assert isinstance(outcomes, dict)
    return [outcome.state.value for _, outcome in sorted(outcomes.items())]


def test_transient_errors_are_sent_again_up_to_four_sends(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(*[Transient("503")] * 3)
    summary = lab.run(model, 1)
    assert len(model.history) == 4
    assert summary.outcomes[0].state is TrialState.DONE
    assert summary.outcomes[0].sends == 4
    assert summary.real_cost_micro == 40_000
    retries = [line for line in read_journal(lab.folder()) if line["event"] == "retry"]
    assert [(line["sends"], line["error"]) for line in retries] == [(n, "Transient: 503") for n in (1, 2, 3)]


def test_after_four_sends_a_trial_has_failed_and_cost_nothing(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(*[Transient("503")] * 4)
    summary = lab.run(model, 1)
    assert len(model.history) == 4
    assert summary.outcomes[0] == replace(
        Outcome(state=TrialState.FAILED, reason="Transient: 503", sends=4), seconds=summary.outcomes[0].seconds
    )
    assert summary.state == "incomplete"
    assert summary.real_cost_micro == 0


def test_waits_between_sends_grow_have_jitter_and_are_the_same_in_every_run(lab: LabFolder) -> None:
    retries = lab.context().retries
    waits = [[retries.wait_s(f"{trial}", sends) for sends in (1, 2, 3)] for trial in range(200)]
    assert waits == [[retries.wait_s(f"{trial}", sends) for sends in (1, 2, 3)] for trial in range(200)]
    for step, bound in enumerate((0.01, 0.02, 0.04)):
        values = [each[step] for each in waits]
        assert 0 <= min(values) < bound * 0.1
        assert bound * 0.9 < max(values) <= bound
        assert bound * 0.4 < sum(values) / 200 < bound * 0.6
    assert replace(retries, base_s=1.0).wait_s("x", 40) <= 20.0


@pytest.mark.parametrize("error", [FatalForTrial("bad prompt"), UnsupportedParameter("takes no steps")])
def test_what_can_never_work_fails_at_once_and_the_run_goes_on(lab: LabFolder, error: Exception) -> None:
    model = FakeModel(PAID)
    model.enqueue(error)
    summary = lab.run(model, 4, concurrency=1)
    assert len(model.history) == 4
    assert sorted(states(summary.outcomes)) == ["done", "done", "done", "failed"]  # whichever was sent first
    (failed,) = (each for each in summary.outcomes.values() if each.state is TrialState.FAILED)
    assert failed.reason == f"{type(error).__name__}: {error}"
    assert summary.real_cost_micro == 120_000


@pytest.mark.parametrize(("is_billed", "cost"), [(True, 40_000), (False, 0)])
def test_a_refusal_is_an_outcome_of_its_own_and_costs_what_the_catalogue_says(
    lab: LabFolder, is_billed: bool, cost: int
) -> None:
    model = FakeModel(replace(PAID, refusal_billed=is_billed))
    model.enqueue(ContentFiltered("no knives"))
    summary = lab.run(model, 1)
    assert summary.state == "done"
    assert summary.outcomes[0].state is TrialState.REFUSED
    assert summary.outcomes[0].reason == "no knives"
    assert summary.real_cost_micro == summary.outcomes[0].cost_micro == cost
    record = lab.store.lookup(summary.trials[0].request.fingerprint)
    assert record is not None
    assert (record["state"], record["cost_micro"]) == ("refused", cost)


def test_a_billed_send_without_an_answer_is_uncertain_counts_as_spent_and_is_not_sent_again(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(Uncertain("read timeout"))
    summary = lab.run(model, 1)
    assert len(model.history) == 1
    assert summary.outcomes[0].state is TrialState.UNCERTAIN
    assert summary.outcomes[0].cost_micro == summary.real_cost_micro == 40_000
    assert lab.store.lookup(summary.trials[0].request.fingerprint) is None


def test_a_free_model_has_no_uncertain_state_it_draws_again(lab: LabFolder) -> None:
    model = FakeModel(FREE)
    model.enqueue(Uncertain("cut off"))
    summary = lab.run(model, 1)
    assert len(model.history) == 2
    assert summary.outcomes[0].state is TrialState.DONE


def test_an_answer_that_is_no_picture_is_uncertain_where_it_may_be_billed_and_is_kept(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    model.enqueue(b"<html>proxy</html>")
    summary = lab.run(model, 1)
    outcome = summary.outcomes[0]
    assert outcome.state is TrialState.UNCERTAIN
    assert summary.real_cost_micro == 40_000
    assert lab.store.get(outcome.reason.split()[-1]) == b"<html>proxy</html>"
    assert outcome.digest == ""


def test_an_answer_that_is_no_picture_fails_the_trial_of_a_free_model(lab: LabFolder) -> None:
    model = FakeModel(FREE)
    model.enqueue(b"")
    summary = lab.run(model, 1)
    assert summary.outcomes[0].state is TrialState.FAILED
    assert "no PNG, JPEG or WebP picture: 0 bytes" in summary.outcomes[0].reason
    assert len(model.history) == 1


def test_the_format_is_what_the_bytes_are_and_not_what_the_answer_claims(lab: LabFolder) -> None:
    model = FakeModel(FREE)
    webp = b"RIFF\x10\0\0\0WEBPVP8 "
    model.enqueue(b"\xff\xd8\xff\xe0 jpeg", webp, GeneratedImage(data=tiny_png("x"), output_format="webp"))
    summary = lab.run(model, 3, concurrency=1)
    # Pictures are kept side by side, so they need not be done in the order of their requests.
    assert sorted(outcome.output_format for outcome in summary.outcomes.values()) == ["jpeg", "png", "webp"]


@pytest.mark.parametrize("error", [AccessDenied("no access to sd35"), UsageError("install prodimg-lab[lab]")])
def test_what_no_request_survives_stops_the_run_at_the_first_answer(lab: LabFolder, error: Exception) -> None:
    model = FakeModel(PAID)
    model.enqueue(error)
    summary = lab.run(model, 20, concurrency=1)
    assert len(model.history) == 1
    assert summary.state == "stopped"
    assert summary.stopped_by is error
    assert summary.count(TrialState.PLANNED) == 19
    assert summary.real_cost_micro == 0
    ending = list(read_journal(lab.folder()))[-1]
    assert (ending["event"], ending["state"], ending["reason"]) == ("run", "stopped", str(error))
    again = lab.run(model, 20)
    assert again.state == "done"


def test_a_mistake_in_an_adapter_comes_out_and_the_run_can_go_on(lab: LabFolder) -> None:
    model = FakeModel(FREE, seconds=0.02)
    model.enqueue(GeneratedImage(data=tiny_png("a"), output_format="png"), KeyError("images"))
    with pytest.raises(KeyError, match="images"):
        lab.run(model, 30, concurrency=4)
    drawn = len(model.history)
    assert drawn < 30
    assert read_history(lab.folder()).state == "interrupted"
    summary = lab.run(model, 30)
    assert summary.state == "done"
    assert len(model.history) == 31  # only the one that failed is drawn again


def test_a_mistake_leaves_what_waits_to_be_sent_again_planned_and_unpaid(lab: LabFolder) -> None:
    patient = RetryPolicy(base_s=20.0, longest_s=20.0)
    model = FakeModel(PAID, seconds=0.05)
    model.enqueue(Transient("503"), KeyError("images"))
    with pytest.raises(KeyError):
        lab.run(model, 2, concurrency=1, retries=patient)
    history = read_history(lab.folder())
    assert len(history.open_claims) == 1, "only the call that the mistake followed may have been billed"
    summary = lab.run(FakeModel(PAID), 2)
    assert sorted(states(summary.outcomes)) == ["done", "uncertain"]
