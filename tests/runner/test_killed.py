"""Kill -9, Ctrl-C and SIGTERM, in real processes: only missing pictures are made, none is lost, none bought twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from prodimg_lab.records import Trial, TrialState
from prodimg_lab.runner import RunContext, RunSummary, run_schedule
from prodimg_lab.store import FolderStore, Index, is_living, read_history, rebuild
from prodimg_lab.store.faults import find_faults
from prodimg_lab.sweeps.schedules import FullSchedule
from prodimg_lab.testing.models import counted_calls, counting_model, plain_trials

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

SCRIPT = """
import json, sys
from pathlib import Path
from prodimg_lab.runner import JsonProgress, RunContext, run_schedule
from prodimg_lab.store import FolderStore, Index
from prodimg_lab.sweeps.schedules import FullSchedule
from prodimg_lab.testing.models import counting_model, plain_trials

root, run, count, options = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
model = counting_model(str(root), **options)
summary = run_schedule(
    FullSchedule(plain_trials(model.capabilities, count)),
    models={"counting": model},
    context=RunContext(
        folder=root / "experiments" / "e" / "runs" / run,
        store=FolderStore(root / "experiments" / "objects"),
        index=Index(root / ".prodimg" / "index.db"),
    ),
    on_event=JsonProgress(sys.stdout),
)
"""


class Lab:
    """Runs in processes of their own, which can be killed, and resumed here."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, count: int, run: str = "r1", **options: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(self.root), run, str(count), json.dumps(options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def folder(self, run: str = "r1") -> Path:
        return self.root / "experiments" / "e" / "runs" / run

    def resume(self, count: int, run: str = "r1", *, retry_uncertain: bool = False, **options: str) -> RunSummary:
        model = counting_model(str(self.root), **{**options, "seconds": "0"})  # type: ignore[arg-type]
        index = Index(self.root / ".prodimg" / "index.db")
        try:
            return run_schedule(
                FullSchedule(plain_trials(model.capabilities, count)),
                models={"counting": model},
                context=RunContext(
                    folder=self.folder(run), store=self.store, index=index, retry_uncertain=retry_uncertain
                ),
            )
        finally:
            index.close()

    @property
    def store(self) -> FolderStore:
        return FolderStore(self.root / "experiments" / "objects")

    @property
    def calls(self) -> list[str]:
        return counted_calls(self.root)

    def workers(self, process: subprocess.Popen[str]) -> set[int]:
        """The processes that drew so far, which the run is not one of."""
        lines = (self.root / "calls.log").read_text("utf-8").splitlines()
        pids = {int(line.split()[1]) for line in lines}
        assert pids
        assert process.pid not in pids
        return pids

    def tables(self, index: Index) -> dict[str, list[tuple[object, ...]]]:
        names = ("runs", "trials", "pictures", "ledger")
        return {name: sorted(index.rows(f"SELECT * FROM {name}")) for name in names}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path)
    yield lab
    for process in lab.processes:
        process.kill()
        process.communicate()


def wait_for_trials(process: subprocess.Popen[str], count: int) -> None:
    """Until `count` trials have finished, as the process tells."""
    assert process.stdout is not None
    for line in process.stdout:
        count -= json.loads(line)["event"] == "trial"
        if count <= 0:
            return
    _, errors = process.communicate()
    raise AssertionError(f"the run ended too soon: {errors}")


def is_done(summary: RunSummary, trial: Trial) -> bool:
    return summary.outcomes[trial.index].state is TrialState.DONE


def is_gone(pid: int, *, within_s: float = 10.0) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{pid}/stat")
        if status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_kill_9_and_resume_make_only_the_missing_pictures_of_a_paid_model(lab: Lab) -> None:
    options = {"price_micro": "40000", "seconds": "0.1", "concurrency": "4"}
    process = lab.start(40, **options)
    wait_for_trials(process, 9)
    process.kill()
    process.communicate()
    before = list(lab.calls)
    history = read_history(lab.folder())
    done = sum(outcome.state is TrialState.DONE for outcome in history.outcomes.values())
    assert 9 <= done < 40
    assert not is_living(lab.folder())

    summary = lab.resume(40, **options)
    uncertain = summary.count(TrialState.UNCERTAIN)
    assert 0 <= uncertain <= 8  # at most what was in flight or on its way to the disk
    assert summary.count(TrialState.DONE) == 40 - uncertain
    assert max(Counter(lab.calls).values()) == 1, "a picture was bought twice"
    drawn = {trial.request.fingerprint for trial in summary.trials if is_done(summary, trial)}
    assert drawn <= set(lab.calls)
    assert 40 - uncertain <= len(lab.calls) <= 40  # a kill may fall between the journal line and the call
    assert len(before) <= done + 8
    assert summary.real_cost_micro == 40 * 40_000
    assert list(find_faults(lab.store)) == []
    for outcome in summary.outcomes.values():
        if outcome.state is TrialState.DONE:
            assert lab.store.get(outcome.digest)

    calls = len(lab.calls)
    again = lab.resume(40, **options)
    assert len(lab.calls) == calls
    assert again.outcomes == read_history(lab.folder()).outcomes
    final = lab.resume(40, retry_uncertain=True, **options)
    assert final.count(TrialState.DONE) == 40
    assert len(lab.calls) == calls + uncertain
    assert final.real_cost_micro == (40 + uncertain) * 40_000


def test_after_kill_9_and_resume_the_index_made_anew_equals_the_living_one(lab: Lab) -> None:
    options = {"price_micro": "40000", "seconds": "0.05", "concurrency": "4"}
    process = lab.start(24, **options)
    wait_for_trials(process, 7)
    process.kill()
    process.communicate()
    lab.resume(24, **options)
    lab.resume(30, run="r2", **options)
    index = Index(lab.root / ".prodimg" / "index.db")
    living = lab.tables(index)
    index.close()
    for file in (lab.root / ".prodimg").iterdir():
        file.unlink()
    anew = Index(lab.root / ".prodimg" / "index.db")
    assert rebuild(anew, store=lab.store, runs_root=lab.root / "experiments") == 2
    assert lab.tables(anew) == living
    assert len(living["trials"]) == 54
    anew.close()


def test_kill_9_of_a_run_that_computes_leaves_no_worker_and_loses_no_picture(lab: Lab) -> None:
    options = {"runs_on": "cpu", "seconds": "0.3"}
    process = lab.start(16, **options)
    wait_for_trials(process, 2)
    workers = lab.workers(process)
    process.kill()
    process.wait()
    assert all(is_gone(worker) for worker in workers), "a worker outlived its parent"
    before = list(lab.calls)
    done = sum(o.state is TrialState.DONE for o in read_history(lab.folder()).outcomes.values())
    summary = lab.resume(16, **options)
    assert summary.state == "done"
    assert summary.count(TrialState.DONE) == 16
    in_flight = len(before) - done
    assert in_flight <= 2 * len(workers)  # being drawn, or on the way to the disk
    assert len(lab.calls) == 16 + in_flight  # a free picture in flight is drawn again, nothing else is


def test_a_worker_ends_at_once_with_its_parent_however_long_its_picture_takes(lab: Lab) -> None:
    process = lab.start(4, runs_on="cpu", seconds="60")
    end = time.monotonic() + 20
    while not lab.calls and time.monotonic() < end:
        time.sleep(0.05)
    workers = lab.workers(process)
    process.kill()
    process.wait()
    assert all(is_gone(worker, within_s=5.0) for worker in workers)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_what_is_in_flight_end_and_keeps_it(lab: Lab, number: signal.Signals) -> None:
    options = {"price_micro": "40000", "seconds": "0.3", "concurrency": "4"}
    process = lab.start(40, **options)
    wait_for_trials(process, 4)
    process.send_signal(number)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    ending = json.loads(out.splitlines()[-1])
    calls = len(lab.calls)
    assert (ending["event"], ending["state"]) == ("finished", "interrupted")
    assert ending["counts"]["done"] == calls < 40
    assert ending["cost_micro"] == 40_000 * calls
    assert read_history(lab.folder()).open_claims == ()
    summary = lab.resume(40, **options)
    assert (summary.state, len(lab.calls)) == ("done", 40)


def test_ctrl_c_goes_to_the_parent_only_and_workers_end_their_pictures(lab: Lab) -> None:
    process = lab.start(40, runs_on="cpu", seconds="0.4")
    wait_for_trials(process, 2)
    workers = lab.workers(process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    out, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    ending = json.loads(out.splitlines()[-1])
    assert ending["state"] == "interrupted"
    assert ending["counts"]["done"] == len(lab.calls) < 40
    assert all(is_gone(worker) for worker in workers)


@pytest.mark.parametrize("runs_on", ["network", "cpu"])
def test_the_second_ctrl_c_leaves_at_once(lab: Lab, runs_on: str) -> None:
    process = lab.start(8, runs_on=runs_on, seconds="60", price_micro="40000" if runs_on == "network" else "0")
    end = time.monotonic() + 20
    while not lab.calls and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors
    assert not is_living(lab.folder())
    assert read_history(lab.folder()).state == "interrupted"
    calls = len(lab.calls)
    summary = lab.resume(8, runs_on=runs_on, price_micro="40000" if runs_on == "network" else "0")
    uncertain = summary.count(TrialState.UNCERTAIN)
    assert uncertain >= calls if runs_on == "network" else uncertain == 0
    assert summary.count(TrialState.DONE) == 8 - uncertain


def test_two_processes_that_want_the_same_pictures_buy_them_once(lab: Lab) -> None:
    options = {"price_micro": "40000", "seconds": "0.1", "concurrency": "4"}
    processes = [lab.start(16, run=run, **options) for run in ("r1", "r2")]
    endings = []
    for process in processes:
        out, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        endings.append(json.loads(out.splitlines()[-1]))
    assert [ending["state"] for ending in endings] == ["done", "done"]
    assert [ending["counts"]["done"] for ending in endings] == [16, 16]
    assert len(lab.calls) == len(set(lab.calls)) == 16
    assert sum(ending["cost_micro"] for ending in endings) == 16 * 40_000


def test_a_run_takes_over_what_a_killed_one_was_drawing_if_it_is_free(lab: Lab) -> None:
    options = {"seconds": "60", "concurrency": "2"}
    process = lab.start(2, **options)
    end = time.monotonic() + 20
    while len(lab.calls) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    process.kill()
    process.communicate()
    summary = lab.resume(2, run="r2", **options)
    assert summary.state == "done"
    assert len(lab.calls) == 4
