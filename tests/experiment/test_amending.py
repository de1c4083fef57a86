"""More of the same later buys only what is new; an interrupted run has whole blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.experiment import find_run, resume_run, run_experiment
from prodimg_lab.experiment.running import Audience
from prodimg_lab.lab import Lab
from prodimg_lab.records import TrialState
from prodimg_lab.runner import Event, TrialFinished
from prodimg_lab.testing.models import counted_calls

Edit = Callable[[str, str], None]


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        pytest.param("seeds: 2", "seeds: 5", 24, id="seeds"),
        pytest.param("seeds: 2", "seeds: 1", 0, id="fewer seeds"),
    ],
)
def test_an_amended_experiment_buys_only_what_is_new(
    lab: Lab, calls: Path, edit: Edit, old: str, new: str, more: int
) -> None:
    run_experiment("tiny", lab=lab)
    edit(old, new)
    assert run_experiment("tiny", lab=lab).state == "done"
    assert len(counted_calls(calls)) == 16 + more


def test_a_product_more_buys_its_pictures_and_no_other(lab: Lab, calls: Path) -> None:
    file = lab.experiments / "tiny" / "products.csv"
    lines = file.read_text().splitlines()
    run_experiment("tiny", lab=lab)
    last = lines[-1].split(",")
    file.write_text("\n".join([*lines, ",".join(["M-NEW", *last[1:]])]) + "\n")
    before = len(counted_calls(calls))
    view = run_experiment("tiny", lab=lab)
    added = [row for row in view.rows if row.trial.block.sku == "M-NEW"]
    assert view.state == "done"
    assert 0 < len(counted_calls(calls)) - before <= len(added)


def test_an_interrupted_run_has_whole_blocks_to_compare(lab: Lab, edit: Edit) -> None:
    edit("seeds: 2", "seeds: 12")
    edit("seconds=0.0", "seconds=0.02&concurrency=4")

    def stop_after_half(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.trial.index == 47:
            import os
            import signal

            os.kill(os.getpid(), signal.SIGINT)

    view = run_experiment("tiny", lab=lab, audience=Audience(on_event=stop_after_half))
    assert view.state == "interrupted"
    by_block: dict[str, set[TrialState]] = {}
    for row in view.rows:
        by_block.setdefault(row.trial.block.name, set()).add(row.outcome.state)
    begun = [states for states in by_block.values() if TrialState.DONE in states]
    assert sum(states == {TrialState.DONE} for states in begun) >= len(begun) - 2, "at most those in flight are torn"
    done = resume_run(find_run(view.run_id, lab=lab), lab=lab)
    assert len(done.drawn) == len(done.rows) == 96
