from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.errors import StoreError, UnknownName, UsageError
from prodimg_lab.experiment import (
    RunFolder,
    RunOptions,
    RunView,
    check_store,
    compare_rerun,
    exit_code_of,
    find_run,
    list_runs,
    open_run,
    plan_rerun,
    read_result,
    rerun_options,
    resume_run,
    run_experiment,
)
from prodimg_lab.lab import Lab
from prodimg_lab.records import TrialState
from prodimg_lab.store import FolderStore
from prodimg_lab.testing.models import counted_calls

Edit = Callable[[str, str], None]


def rerun(run: RunView, **how: bool) -> RunView:
    folder = RunFolder(path=run.folder)
    return run_experiment(plan_rerun(folder, **how), options=rerun_options(folder, **how))


def test_a_run_draws_scores_and_writes_down_everything(lab: Lab, calls: Path) -> None:
    run = run_experiment("tiny", lab=lab, options=RunOptions(note="first"))
    assert run.state == "done"
    assert len(counted_calls(calls)) == len(run.drawn) == 16
    assert all(row.scores for row in run.rows)
    result = read_result(run.folder)
    assert (result["state"], result["exit_code"], result["trials"], result["simulated"]) == ("done", 0, 16, True)
    assert result["counts"]["done"] == 16
    assert {file.name for file in run.folder.iterdir()} >= {"run.json", "plan.jsonl", "inputs", "journal.jsonl"}
    (line,) = list_runs(lab=lab)
    facts = line.facts()
    assert {"run_id", "experiment", "state", "trials", "cost_usd", "simulated"} <= set(facts)
    assert (facts["state"], facts["note"]) == ("done", "first")


def test_a_run_opened_later_is_the_run_that_ended(lab: Lab) -> None:
    run = run_experiment("tiny", lab=lab)
    again = open_run(find_run("last", lab=lab))
    for name in ("rows", "state", "variants", "factors", "baseline", "platform", "finished_at", "wall_seconds"):
        assert getattr(again, name) == getattr(run, name), name
    assert again.picture(run.rows[0].outcome.digest)


def test_a_second_run_buys_nothing_twice(lab: Lab, calls: Path) -> None:
    run_experiment("tiny", lab=lab)
    again = run_experiment("tiny", lab=lab)
    assert len(counted_calls(calls)) == 16
    assert all(row.outcome.cached for row in again.rows)


def test_repeats_draw_cold_and_are_found_warm(lab: Lab, calls: Path) -> None:
    options = RunOptions(repeats=3)
    run_experiment("tiny", lab=lab, options=options)
    assert len(counted_calls(calls)) == 48
    warm = run_experiment("tiny", lab=lab, options=options)
    assert len(counted_calls(calls)) == 48
    assert sum(row.outcome.cached for row in warm.rows) == 48


def test_a_test_shot_draws_whole_blocks_and_resume_goes_on(lab: Lab, calls: Path) -> None:
    shot = run_experiment("tiny", lab=lab, options=RunOptions(blocks=1))
    assert {row.trial.block.name for row in shot.drawn} == {"00123#0"}
    assert shot.count(TrialState.SKIPPED) == 12
    whole = resume_run(find_run(shot.run_id, lab=lab))
    assert (whole.state, len(whole.drawn)) == ("done", 16)
    assert len(counted_calls(calls)) == 16


def test_a_budget_stops_a_paid_run_before_it_is_passed_and_exits_three(lab: Lab, edit: Edit, calls: Path) -> None:
    edit("seconds=0.0", "seconds=0.0&price_micro=40000")
    run = run_experiment("tiny", lab=lab, options=RunOptions(budget_usd=0.20))
    assert run.state == "stopped"
    assert run.real_cost_micro == 200_000 == 40_000 * len(counted_calls(calls))
    assert exit_code_of(run) == 3
    assert "cap" in read_result(run.folder)["reason"]
    more = dict(find_run(lab=lab).read("run.json") or {}, budget_usd=1.0)
    find_run(lab=lab).write("run.json", more)
    assert resume_run(find_run(lab=lab)).state == "done"
    assert len(counted_calls(calls)) == 16


def test_a_rerun_is_equal_makes_no_call_and_does_not_care_about_edited_files(lab: Lab, calls: Path) -> None:
    run = run_experiment("tiny", lab=lab)
    template = lab.root / "templates" / "plain.yaml"
    template.write_text(template.read_text().replace("photo of", "painting of"))
    again = rerun(run)
    result = compare_rerun(RunFolder(path=run.folder), RunFolder(path=again.folder))
    assert result.is_equal
    assert (result.trials, result.pictures, result.scored, result.calls) == (16, 16, 16, 0)
    assert result.changed_inputs == ""
    assert len(counted_calls(calls)) == 16


def test_a_fresh_rerun_draws_every_picture_again_and_finds_the_same_bytes(lab: Lab, calls: Path) -> None:
    run = run_experiment("tiny", lab=lab)
    again = rerun(run, fresh=True)
    assert len(counted_calls(calls)) == 32
    result = compare_rerun(RunFolder(path=run.folder), RunFolder(path=again.folder))
    assert result.is_equal
    assert result.calls == 16


def test_a_rerun_with_todays_files_shows_what_changed(lab: Lab) -> None:
    run = run_experiment("tiny", lab=lab)
    template = lab.root / "templates" / "plain.yaml"
    template.write_text(template.read_text().replace("photo of", "painting of"))
    again = rerun(run, today=True)
    result = compare_rerun(RunFolder(path=run.folder), RunFolder(path=again.folder))
    assert not result.is_equal
    assert result.equal_requests == 0
    assert "-prompt: photo of" in result.changed_inputs
    assert "+prompt: painting of" in result.changed_inputs


def test_another_seed_makes_other_requests_and_pictures(lab: Lab) -> None:
    run = run_experiment("tiny", lab=lab)
    control = run_experiment("tiny", lab=lab, options=RunOptions(overrides={"sweep.base_seed": 8}))
    result = compare_rerun(RunFolder(path=run.folder), RunFolder(path=control.folder))
    assert (result.equal_requests, result.equal_pictures) == (0, 0)


def test_a_rerun_whose_pictures_are_gone_is_refused_not_bought(lab: Lab, calls: Path) -> None:
    run = run_experiment("tiny", lab=lab)
    store = FolderStore(lab.store_folder)
    store.record_file(run.rows[0].trial.request.fingerprint).unlink()
    with pytest.raises(StoreError, match=r"1 pictures of run .* are no longer in the store.*--fresh --budget"):
        plan_rerun(RunFolder(path=run.folder))


def test_a_damaged_picture_is_reported_by_name_and_the_rest_stays_readable(lab: Lab) -> None:
    run = run_experiment("tiny", lab=lab)
    store = FolderStore(lab.store_folder)
    digest = run.rows[0].outcome.digest
    store.object_file(digest).write_bytes(b"rot")
    again = open_run(find_run(lab=lab))
    with pytest.raises(StoreError, match=f"picture {digest} is damaged"):
        again.picture(digest)
    assert again.picture(run.rows[1].outcome.digest)


def test_fsck_sets_damage_aside_and_the_next_run_draws_just_that_again(lab: Lab, calls: Path) -> None:
    run = run_experiment("tiny", lab=lab)
    store = FolderStore(lab.store_folder)
    digest = run.rows[0].outcome.digest
    store.object_file(digest).write_bytes(b"rot")
    check = check_store(lab)
    assert (check.pictures, check.records) == (16, 16)
    assert [fault.kind for fault in check.faults] == ["object", "record of a damaged object"]
    assert {Path(place).stem for place in check.aside} == {digest, run.rows[0].trial.request.fingerprint}
    assert check_store(lab).is_clean
    assert run_experiment("tiny", lab=lab).state == "done"
    assert len(counted_calls(calls)) == 17


def test_an_index_that_was_thrown_away_forgets_no_cap_and_buys_nothing_again(lab: Lab, edit: Edit, calls: Path) -> None:
    edit("seconds=0.0", "seconds=0.0&price_micro=40000")
    (lab.root / "prodimg.toml").write_text("lab_cap_usd = 0.40\n")
    first = run_experiment("tiny", options=RunOptions(overrides={"sweep.seeds": 1}))
    assert (first.state, first.real_cost_micro) == ("done", 320_000)
    for file in lab.index_file.parent.glob("index.db*"):
        file.unlink()
    second = run_experiment("tiny")
    assert (second.state, second.real_cost_micro) == ("stopped", 80_000)
    assert len(counted_calls(calls)) == 10


def test_a_stopped_run_goes_on_with_a_new_cap(lab: Lab, edit: Edit, calls: Path) -> None:
    edit("seconds=0.0", "seconds=0.0&price_micro=40000")
    stopped = run_experiment("tiny", lab=lab, options=RunOptions(budget_usd=0.10))
    assert stopped.state == "stopped"
    assert resume_run(RunFolder(path=stopped.folder)).state == "stopped"
    assert resume_run(RunFolder(path=stopped.folder), budget_usd=1.0).state == "done"
    assert len(counted_calls(calls)) == 16


def test_a_damaged_run_is_refused_whole_and_hides_no_other(lab: Lab) -> None:
    bad = run_experiment("tiny", lab=lab, run_id="bad")
    run_experiment("tiny", lab=lab, run_id="good")
    plan = bad.folder / "plan.jsonl"
    plan.write_bytes(b"".join(plan.read_bytes().splitlines(keepends=True)[:3]))
    with pytest.raises(StoreError, match="has 3 of 16 trials: it was cut"):
        resume_run(RunFolder(path=bad.folder))
    assert read_result(bad.folder)["state"] == "done"
    (bad.folder / "run.json").write_text("{}")
    assert [line.state for line in list_runs(lab=lab)] == ["done", "damaged"]


@pytest.mark.parametrize("run_id", ["../x", "a/b", " x ", "x" * 81])
def test_a_run_id_is_a_name_and_no_path(lab: Lab, run_id: str) -> None:
    with pytest.raises(UsageError, match="run id"):
        run_experiment("tiny", lab=lab, run_id=run_id)


def test_runs_are_found_by_id_start_and_last(lab: Lab) -> None:
    with pytest.raises(UnknownName, match="there are no runs"):
        find_run(lab=lab)
    first = run_experiment("tiny", lab=lab, run_id="20260101-000000-aaaa")
    second = run_experiment("tiny", lab=lab, run_id="20260102-000000-bbbb")
    assert find_run("last", lab=lab).run_id == second.run_id
    assert find_run("20260101", lab=lab).run_id == first.run_id
    with pytest.raises(UnknownName, match="2 runs start with '2026'"):
        find_run("2026", lab=lab)
    with pytest.raises(UnknownName, match="no run 'x'"):
        find_run("x", lab=lab)
    with pytest.raises(StoreError, match="is there already"):
        run_experiment("tiny", lab=lab, run_id="20260101-000000-aaaa")


@pytest.mark.parametrize("runs_on", ["network", "cpu"])
def test_a_killed_run_is_resumed_without_losing_or_buying_a_picture(
    lab: Lab, edit: Edit, calls: Path, runs_on: str
) -> None:
    edit("seconds=0.0", f"seconds=0.15&concurrency=2&runs_on={runs_on}")
    code = "from prodimg_lab.experiment import run_experiment; run_experiment('tiny', run_id='20260101-000000-dead')"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=lab.root)
    deadline = time.monotonic() + 60
    while len(counted_calls(calls)) < 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(0.5)  # worker processes end when they miss their parent
    folder = find_run("20260101-000000-dead", lab=lab)
    killed = open_run(folder)
    kept = {row.trial.index for row in killed.drawn}
    before = len(counted_calls(calls))
    assert killed.state == "interrupted"
    assert 0 < len(kept) < 16
    run = resume_run(folder)
    assert (run.state, len(run.drawn)) == ("done", 16)
    assert len(counted_calls(calls)) - before <= 16 - len(kept)
    assert all(row.scores for row in run.rows)


def test_a_run_folder_that_cannot_be_written_leaves_nothing_behind(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("prodimg_lab.experiment.folder.write_trials", full)
    with pytest.raises(StoreError, match="No space left on device; free some room"):
        run_experiment("tiny", lab=lab)
    assert not list((lab.experiments / "tiny" / "runs").iterdir())
