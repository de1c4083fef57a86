"""Old pictures may go, judged and released ones never."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prodimg_lab.errors import StoreError, UsageError
from prodimg_lab.experiment import check_store, find_run, open_run, parsed_age, prune_store, run_experiment
from prodimg_lab.lab import Lab
from prodimg_lab.store import Journal, RunLock
from prodimg_lab.testing.models import counted_calls

LATER = datetime.now(UTC) + timedelta(days=100)
AGE = timedelta(days=90)


def test_nothing_goes_before_its_time_and_a_dry_run_deletes_nothing(lab: Lab) -> None:
    view = run_experiment("tiny", lab=lab)
    assert prune_store(lab, older_than=AGE).pictures == ()
    found = prune_store(lab, older_than=AGE, now=LATER)
    assert (len(found.records), found.runs, found.is_done) == (16, (view.run_id,), False)
    assert found.size == sum(len(view.picture(digest)) for digest in found.pictures)
    assert check_store(lab).pictures == len(found.pictures)


def test_what_was_pruned_is_drawn_again_and_the_run_still_tells_what_it_was(lab: Lab, calls: Path) -> None:
    view = run_experiment("tiny", lab=lab)
    assert prune_store(lab, older_than=AGE, now=LATER, apply=True).is_done
    check = check_store(lab)
    assert (check.pictures, check.records, check.is_clean) == (0, 0, True)
    old = open_run(find_run(view.run_id, lab=lab))
    assert [row.scores for row in old.rows] == [row.scores for row in view.rows]
    assert run_experiment("tiny", lab=lab).state == "done"
    assert len(counted_calls(calls)) == 32


@pytest.mark.parametrize("event", ["rating", "vote", "verdict"])
def test_a_judged_run_keeps_its_pictures(lab: Lab, event: str) -> None:
    view = run_experiment("tiny", lab=lab)
    journal = Journal(view.folder)
    journal.append({"event": event, "trial": 3})
    journal.close()
    found = prune_store(lab, older_than=AGE, now=LATER, apply=True)
    assert (found.pictures, found.kept) == ((), {view.run_id: f"has a {event}"})


def test_what_a_release_names_stays(lab: Lab) -> None:
    view = run_experiment("tiny", lab=lab)
    digest = view.rows[5].outcome.digest
    evidence = lab.root / "releases" / "tiny" / "1.0.0" / "evidence.json"
    evidence.parent.mkdir(parents=True)
    evidence.write_text(json.dumps({"pictures": [digest]}))
    assert digest not in prune_store(lab, older_than=AGE, now=LATER).pictures
    evidence.write_text(json.dumps({"run": view.run_id}))
    assert prune_store(lab, older_than=AGE, now=LATER).kept == {view.run_id: "is the evidence of a release"}


def test_a_run_with_a_name_of_its_own_is_found_in_a_release_too(lab: Lab) -> None:
    run_experiment("tiny", lab=lab, run_id="nightly-2026-11-23")
    evidence = lab.root / "releases" / "tiny.yaml"
    evidence.parent.mkdir()
    evidence.write_text("evidence: {run: nightly-2026-11-23}\n")
    assert prune_store(lab, older_than=AGE, now=LATER).pictures == ()


def test_a_picture_that_a_younger_run_has_stays(lab: Lab, edit: Callable[[str, str], None]) -> None:
    run_experiment("tiny", lab=lab)
    old = Journal(find_run("last", lab=lab).path)
    edit("seeds: 2", "seeds: 1")
    young = run_experiment("tiny", lab=lab)
    journal = Journal(young.folder)
    journal.append({"at": LATER.isoformat(), "event": "note"})
    for each in (old, journal):
        each.close()
    found = prune_store(lab, older_than=AGE, now=LATER)
    assert len(found.records) == 8
    assert not set(found.pictures) & {row.outcome.digest for row in young.rows}


def test_nothing_is_pruned_while_a_run_is_drawn(lab: Lab) -> None:
    view = run_experiment("tiny", lab=lab)
    with RunLock(view.folder), pytest.raises(StoreError, match=f"run {view.run_id} is being drawn"):
        prune_store(lab, older_than=AGE, now=LATER, apply=True)


def test_an_age_is_days_or_weeks() -> None:
    assert parsed_age("90d") == timedelta(days=90)
    assert parsed_age("2w") == timedelta(days=14)
    for text in ("", "90", "0d", "-1d", "3m", "1y"):
        with pytest.raises(UsageError, match="90d or 12w"):
            parsed_age(text)
