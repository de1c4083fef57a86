"""What if the machine misbehaves? Clear words, and nothing lost."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prodimg_lab.errors import StoreError
from prodimg_lab.experiment import check_store, find_run, list_runs, resume_run, run_experiment
from prodimg_lab.experiment.running import Audience
from prodimg_lab.lab import Lab
from prodimg_lab.records import TrialState
from prodimg_lab.runner import Event, TrialFinished
from prodimg_lab.store import Index, read_history
from prodimg_lab.testing.models import counted_calls

PAID = "seconds=0.0&price_micro=40000&concurrency=2"


@pytest.fixture(autouse=True)
def paid(edit: Callable[[str, str], None]) -> None:
    edit("seconds=0.0", PAID)


def test_a_truncated_index_is_told_and_made_anew_and_nothing_is_bought_again(lab: Lab, calls: Path) -> None:
    run_experiment("tiny", lab=lab)
    data = lab.index_file.read_bytes()
    lab.index_file.write_bytes(data[: len(data) // 2])
    for name in ("index.db-wal", "index.db-shm"):
        lab.index_file.with_name(name).unlink(missing_ok=True)
    with pytest.raises(StoreError, match=r"index\.db is damaged .*: delete it and run `prodimg fsck --rebuild`"):
        run_experiment("tiny", lab=lab)
    lab.index_file.unlink()
    assert check_store(lab, make_index=True).runs == 1
    again = run_experiment("tiny", lab=lab)
    assert (again.state, again.real_cost_micro, len(counted_calls(calls))) == ("done", 0, 16)


def test_an_index_that_another_process_locks_stops_the_run_and_resume_goes_on(
    lab: Lab, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prodimg_lab.store.index.BUSY_S", 0.3)
    other: list[sqlite3.Connection] = []

    def lock(event: Event) -> None:
        if isinstance(event, TrialFinished) and not other:
            other.append(sqlite3.connect(lab.index_file, isolation_level=None, check_same_thread=False))
            other[0].execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="has been locked by another process"):
        raise _stopped_by(lab, lock)
    other[0].execute("ROLLBACK")
    other[0].close()
    run = find_run("last", lab=lab)
    done = resume_run(run, lab=lab, retry_uncertain=True)
    assert (done.state, len(done.drawn)) == ("done", 16)
    assert max(Counter(counted_calls(calls)).values()) == 1


def _stopped_by(lab: Lab, listen: Callable[[Event], None]) -> StoreError:
    """What a run that must not end well says."""
    view = run_experiment("tiny", lab=lab, audience=Audience(on_event=listen))
    assert view.state == "stopped"
    history = read_history(view.folder)
    assert all(outcome.state is not TrialState.FAILED for outcome in history.outcomes.values())
    from prodimg_lab.experiment import read_result

    return StoreError(str(read_result(view.folder)["reason"]))


def test_a_clock_that_jumps_back_over_midnight_changes_nothing_that_counts(
    lab: Lab, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = itertools.count()
    begin = datetime(2026, 11, 27, 0, 0, 1, tzinfo=UTC)

    def jumping() -> str:
        number = next(ticks)
        moment = begin + timedelta(seconds=number) - timedelta(hours=2 if number > 20 else 0)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    for place in ("store.journal", "store.ledger", "runner.outcomes"):
        monkeypatch.setattr(f"prodimg_lab.{place}.utc_now", jumping)
    view = run_experiment("tiny", lab=lab)
    assert (view.state, view.real_cost_micro, len(counted_calls(calls))) == ("done", 16 * 40_000, 16)
    assert view.wall_seconds >= 0
    assert [run.state for run in list_runs(lab=lab)] == ["done"]
    index = Index(lab.index_file)
    days = index.rows("SELECT scope, real_micro FROM totals WHERE scope LIKE 'day:%' ORDER BY scope")
    index.close()
    assert sum(int(str(micro)) for _, micro in days) == 16 * 40_000
    assert run_experiment("tiny", lab=lab).real_cost_micro == 0


@pytest.fixture
def unshare() -> Iterator[str]:
    found = shutil.which("unshare")
    if found is None or subprocess.run([found, "-rm", "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount anything")
    yield found


def test_a_read_only_lab_is_one_clear_line_before_anything_is_bought(lab: Lab, calls: Path, unshare: str) -> None:
    command = f"mount --bind {lab.root} {lab.root} && mount -o remount,ro,bind {lab.root} && cd {lab.root} && "
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", command + '"$0" -m prodimg_lab.cli run tiny', sys.executable],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    assert "Read-only file system; make the folder writable" in line
    assert counted_calls(calls) == []


def test_a_read_only_index_is_a_finding_of_the_doctor_and_no_traceback(lab: Lab, unshare: str) -> None:
    Index(lab.index_file).close()
    command = f"mount --bind {lab.root} {lab.root} && mount -o remount,ro,bind {lab.root} && cd {lab.root} && "
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", command + '"$0" -m prodimg_lab.cli doctor', sys.executable],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    assert "make its folder writable" in done.stdout
