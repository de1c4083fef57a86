"""One run: every trial gets its outcome, each picture is drawn once, and errors are judged by what they mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prodimg_lab.errors import (
    ContentFiltered,
    FatalForTrial,
    StoreError,
    Uncertain,
    UnknownName,
    UsageError,
)
from prodimg_lab.records import GeneratedImage, ImageRequest, TrialState
from prodimg_lab.runner import BlockFinished, Progress, RunFinished, RunStarted, Stop, TrialFinished
from prodimg_lab.store import FolderStore, Journal, RunLock, read_history
from prodimg_lab.testing.models import FREE, PAID, FakeModel, plain_trials, tiny_png
from prodimg_lab.testing.stores import MemoryStore

if TYPE_CHECKING:
    from conftest import LabFolder


def test_every_trial_is_drawn_once_and_is_in_store_journal_and_index(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    summary = lab.run(model, 10, note="a note")
    assert (summary.state, summary.planned, summary.count(TrialState.DONE)) == ("done", 10, 10)
    assert summary.real_cost_micro == 400_000
    assert sorted(request.fingerprint for request in model.history) == sorted(
        trial.request.fingerprint for trial in summary.trials
    )
    for trial in summary.trials:
        outcome = summary.outcomes[trial.index]
        assert lab.store.get(outcome.digest) == tiny_png(trial.request.fingerprint)
        record = lab.store.lookup(trial.request.fingerprint)
        assert record is not None
        assert (record["digest"], record["cost_micro"], record["run_id"]) == (outcome.digest, 40_000, "r1")
        assert record["request"] == trial.request.fields()
    history = read_history(lab.folder())
    assert history.outcomes == {index: replace(o, seconds=round(o.seconds, 6)) for index, o in summary.outcomes.items()}
    assert (history.state, history.experiment, history.note) == ("done", "mug-hero", "a note")
    assert lab.index.rows("SELECT COUNT(*), SUM(cost_micro) FROM trials WHERE state = 'done'") == [(10, 400_000)]
    (row,) = lab.index.runs()
    assert (row.run_id, row.state, row.real_cost_micro, row.folder) == ("r1", "done", 400_000, lab.folder().resolve())


def test_what_the_store_has_is_not_drawn_again_and_costs_nothing(lab: LabFolder) -> None:
    first = FakeModel(PAID)
    first.enqueue(ContentFiltered("no knives"))
    lab.run(first, 6)
    second = FakeModel(PAID)
    summary = lab.run(second, 8, run="r2")
    assert len(second.history) == 2
    assert summary.real_cost_micro == 80_000
    assert sum(outcome.cached for outcome in summary.outcomes.values()) == 6
    refused = [outcome for outcome in summary.outcomes.values() if outcome.state is TrialState.REFUSED]
    assert [(outcome.reason, outcome.cached, outcome.cost_micro) for outcome in refused] == [("no knives", True, 0)]


def test_equal_requests_of_one_plan_are_sent_once(lab: LabFolder) -> None:
    trials = plain_trials(PAID, 12)
    twins = [replace(trial, request=trials[trial.index % 3].request) for trial in trials]
    model = FakeModel(PAID, seconds=0.02)
    summary = lab.run(model, twins, concurrency=12)
    assert len(model.history) == 3
    assert summary.count(TrialState.DONE) == 12
    assert summary.real_cost_micro == 120_000
    assert len({outcome.digest for outcome in summary.outcomes.values()}) == 3


@pytest.mark.parametrize(
    ("error", "state"),
    [(FatalForTrial("too long"), TrialState.FAILED), (Uncertain("cut off"), TrialState.UNCERTAIN)],
)
def test_equal_requests_share_a_failure_and_its_price_is_counted_once(
    lab: LabFolder, error: Exception, state: TrialState
) -> None:
    trials = plain_trials(PAID, 3)
    model = FakeModel(PAID)
    model.enqueue(error)
    summary = lab.run(model, [replace(trial, request=trials[0].request) for trial in trials])
    assert len(model.history) == 1
    assert summary.count(state) == 3
    assert summary.state == "incomplete"
    assert summary.real_cost_micro == (40_000 if state is TrialState.UNCERTAIN else 0)
    assert read_history(lab.folder()).real_cost_micro == summary.real_cost_micro


def test_a_mistake_in_a_listener_comes_out_and_what_is_in_flight_is_kept(lab: LabFolder) -> None:
    model = FakeModel(PAID, seconds=0.05)

    def fail(event: object) -> None:
        if isinstance(event, TrialFinished):
            raise ZeroDivisionError

    lab.events = type("Listener", (list,), {"append": staticmethod(fail)})()
    with pytest.raises(ZeroDivisionError):
        lab.run(model, 12, concurrency=4)
    lab.events = []
    summary = lab.run(model, 12)
    assert len(model.history) == 12
    assert summary.real_cost_micro == 480_000


def test_a_model_without_a_known_price_is_refused_before_anything_is_sent(lab: LabFolder) -> None:
    model = FakeModel(replace(PAID, price_micro=None))
    with pytest.raises(UsageError, match="price of fake-paid is not known"):
        lab.run(model, 2)
    assert model.history == []


def test_a_trial_of_a_model_that_the_run_was_not_given_is_an_error(lab: LabFolder) -> None:
    with pytest.raises(UnknownName, match="trial 0 asks for fake, which this run was not given; it has fake-paid"):
        lab.run(FakeModel(PAID), plain_trials(FREE, 1))


def test_several_models_in_one_run_have_lanes_of_their_own(lab: LabFolder) -> None:
    slow, quick = FakeModel(replace(FREE, model="slow"), seconds=0.05), FakeModel(replace(FREE, model="quick"))
    trials = plain_trials(slow.capabilities, 8)
    mixed = [
        replace(trial, request=replace(trial.request, model="quick")) if trial.index % 2 else trial for trial in trials
    ]
    summary = lab.run(slow, mixed, models={"slow": slow, "quick": quick}, concurrency=2)
    assert summary.state == "done"
    assert (len(slow.history), len(quick.history)) == (4, 4)
    assert (slow.most_in_flight, quick.most_in_flight) == (2, 2) or quick.most_in_flight == 1


def test_no_more_calls_are_in_flight_than_the_model_or_the_run_allows(lab: LabFolder) -> None:
    own = FakeModel(replace(FREE, concurrency=3), seconds=0.02)
    lab.run(own, 12)
    assert own.most_in_flight == 3
    told = FakeModel(replace(FREE, model="told", concurrency=3), seconds=0.02)
    lab.run(told, 12, run="r2", concurrency=5)
    assert told.most_in_flight == 5


def test_events_tell_the_run_from_beginning_to_end(lab: LabFolder) -> None:
    summary = lab.run(FakeModel(FREE), 8)
    kinds = [type(event) for event in lab.events]
    assert kinds[0] is RunStarted
    assert kinds[-1] is RunFinished
    assert kinds.count(TrialFinished) == 8
    blocks = [event.block.block.name for event in lab.events if isinstance(event, BlockFinished)]
    assert blocks == ["mug#0", "mug#1"]
    last = [event for event in lab.events if isinstance(event, Progress)][-1]
    assert (last.done, last.total, last.states) == (8, 8, {TrialState.DONE: 8})
    assert lab.events[-1] == RunFinished(summary=summary)


def test_a_run_that_another_process_draws_is_refused(lab: LabFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prodimg_lab.store.locks.GRACE_S", 0.05)
    model = FakeModel(FREE)
    with RunLock(lab.folder()), pytest.raises(StoreError, match="being drawn by another process"):
        lab.run(model, 2)
    assert model.history == []


def test_a_button_may_stop_a_run_and_what_is_in_flight_ends(lab: LabFolder) -> None:
    stop = Stop()
    model = FakeModel(PAID, seconds=0.05)
    original = model.generate
    calls: list[int] = []

    def press(request: object) -> GeneratedImage:
        calls.append(1)
        if len(calls) == 6:
            stop.request()
        return original(request)  # type: ignore[arg-type]

    model.generate = press  # type: ignore[method-assign]
    summary = lab.run(model, 40, concurrency=4, stop=stop)
    assert summary.state == "interrupted"
    assert 6 <= len(calls) <= 10
    assert summary.count(TrialState.DONE) == len(calls)
    assert summary.real_cost_micro == 40_000 * len(calls)
    assert summary.stopped_by is None
    resumed = lab.run(FakeModel(PAID), 40)
    assert resumed.state == "done"
    assert resumed.real_cost_micro == 40 * 40_000


def test_a_damaged_record_stops_the_run_with_its_name(lab: LabFolder) -> None:
    model = FakeModel(PAID)
    trials = plain_trials(PAID, 4)
    file: Path = lab.store.record_file(trials[2].request.fingerprint)  # type: ignore[attr-defined]
    file.parent.mkdir(parents=True)
    file.write_bytes(b"{")
    summary = lab.run(model, trials, concurrency=1)
    assert summary.state == "stopped"
    assert str(file) in str(summary.stopped_by)
    assert summary.count(TrialState.DONE) == len(model.history) <= 2


def test_a_store_that_was_emptied_is_filled_again(lab: LabFolder) -> None:
    model = FakeModel(FREE)
    lab.run(model, 3)
    for file in [*lab.store.root.rglob("*.json")]:  # type: ignore[attr-defined]
        file.unlink()
    summary = lab.run(model, 3, run="r2")
    assert summary.state == "done"
    assert len(model.history) == 6


def test_the_order_of_durability_is_bytes_record_journal_line_index_row(
    lab: LabFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def spy(owner: type, name: str, step: Callable[..., str]) -> None:
        real = getattr(owner, name)

        def spied(self: object, *args: object, **kwargs: object) -> object:
            result = real(self, *args, **kwargs)
            steps.append(step(*args, **kwargs))
            return result

        monkeypatch.setattr(owner, name, spied)

    def told(lines: Sequence[dict[str, object]], *, durable: bool = False) -> str:
        (line,) = lines
        return f"line {line['event']} {line.get('state', '')}{' on disk' if durable else ''}"

    class Told(FakeModel):
        def generate(self, request: ImageRequest) -> GeneratedImage:
            steps.append("call")
            return super().generate(request)

    spy(FolderStore, "put", lambda data, *, digest: "bytes")
    spy(FolderStore, "bind", lambda fingerprint, record: "record")
    spy(Journal, "extend", told)
    monkeypatch.setattr(
        "prodimg_lab.store.ledger.project", lambda connection, run, line: steps.append(f"row {line['state']}")
    )
    lab.run(Told(PAID), 1)
    assert steps[2:-2] == [
        "row sent",
        "line trial sent on disk",
        "call",
        "line arrived ",
        "bytes",
        "record",
        "line trial done on disk",
        "row done",
    ]


def test_the_next_call_leaves_while_a_picture_is_being_stored(lab: LabFolder) -> None:
    model = FakeModel(FREE)
    overlapped: list[bool] = []

    class Slow(MemoryStore):
        def put(self, data: bytes, *, digest: str = "") -> str:
            calls, end = len(model.history), time.monotonic() + 2
            while len(model.history) == calls < 4 and time.monotonic() < end:
                time.sleep(0.005)
            overlapped.append(len(model.history) > calls)
            return super().put(data)

    summary = lab.run(model, 4, store=Slow(), concurrency=1)
    assert summary.state == "done"
    assert model.most_in_flight == 1
    assert overlapped.count(True) >= 2
