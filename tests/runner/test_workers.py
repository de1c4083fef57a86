"""Models that compute: worker processes that build once, die alone, and never outlive their parent."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prodimg_lab.errors import FatalForTrial, UnsupportedParameter, UsageError
from prodimg_lab.records import Trial, TrialState
from prodimg_lab.runner.lanes import cores
from prodimg_lab.runner.threads import DaemonThreads
from prodimg_lab.runner.workers import WorkerDied, Workers
from prodimg_lab.store import read_journal
from prodimg_lab.testing.models import (
    FREE,
    FakeModel,
    counted_calls,
    counting_model,
    plain_request,
    plain_trials,
    tiny_png,
)

if TYPE_CHECKING:
    from conftest import LabFolder


def pids(folder: Path) -> list[int]:
    return [int(line.split()[1]) for line in (folder / "calls.log").read_text("utf-8").splitlines()]


def deadly_first(count: int) -> list[Trial]:
    first, *rest = plain_trials(replace(FREE, model="counting"), count)
    return [replace(first, request=replace(first.request, prompt="deadly")), *rest]


def test_pictures_are_drawn_in_worker_processes_one_a_core_and_models_are_built_once(lab: LabFolder) -> None:
    spec = f"python:prodimg_lab.testing.models:counting_model?folder={lab.root}&runs_on=cpu&seconds=0.05"
    model = counting_model(str(lab.root), runs_on="cpu")
    trials = plain_trials(model.capabilities, 10)
    summary = lab.run(model, trials, models={"counting": spec})  # type: ignore[arg-type]
    assert summary.state == "done"
    assert os.getpid() not in pids(lab.root)
    assert 1 <= len(set(pids(lab.root))) <= cores()
    made = [int(line) for line in (lab.root / "made.log").read_text("utf-8").splitlines()]
    assert sorted(pid for pid in made if pid != os.getpid()) == sorted(set(pids(lab.root)))
    assert lab.store.get(summary.outcomes[3].digest) == tiny_png(trials[3].request.fingerprint)


def test_a_worker_that_dies_is_replaced_and_its_trial_drawn_again(lab: LabFolder) -> None:
    model = counting_model(str(lab.root), runs_on="cpu", seconds="0", deaths="2")
    summary = lab.run(model, deadly_first(5), concurrency=1)  # type: ignore[arg-type]
    assert summary.state == "done"
    assert len(counted_calls(lab.root)) == 7
    assert summary.outcomes[0].sends == 3
    errors = [str(line["error"]) for line in read_journal(lab.folder()) if line["event"] == "retry"]
    assert len(errors) == 2
    assert "WorkerDied: the worker process ended with exit code 9" in errors[0]


def test_a_picture_that_kills_its_worker_every_time_fails_alone(lab: LabFolder) -> None:
    model = counting_model(str(lab.root), runs_on="cpu", seconds="0", deaths="4")
    summary = lab.run(model, deadly_first(3), concurrency=2)  # type: ignore[arg-type]
    assert summary.outcomes[0].state is TrialState.FAILED
    assert summary.count(TrialState.DONE) == 2


def test_errors_of_a_model_come_out_of_a_worker_as_they_are(tmp_path: Path) -> None:
    model = counting_model(str(tmp_path), runs_on="cpu", seconds="0")
    workers = Workers({"counting": model, "broken": Broken()})
    request = plain_request(model.capabilities)
    try:
        with pytest.raises(UnsupportedParameter, match="takes no steps"):
            workers.draw("counting", replace(request, steps=5))
        with pytest.raises(ZeroDivisionError) as caught:
            workers.draw("broken", request)
        assert "In a worker process:" in caught.value.__notes__[0]
        assert workers.draw("counting", request).data == tiny_png(request.fingerprint)
    finally:
        workers.close()
    assert len(set(pids(tmp_path))) == 1, "errors cost no worker"


class Broken:
    """A model with a mistake in it, which pickles because it can be imported by nobody but its own file."""

    capabilities = FREE

    def generate(self, request):  # type: ignore[no-untyped-def]
        return 1 / 0

    def __reduce__(self):  # type: ignore[no-untyped-def]
        return (_divide, ())


def _divide():  # type: ignore[no-untyped-def]
    return Broken()


def test_a_model_that_cannot_be_sent_to_workers_is_told_to_be_named_by_its_spec() -> None:
    model = FakeModel(replace(FREE, runs_on="cpu"))
    workers = Workers({"fake": model})
    with pytest.raises(UsageError, match=r"can't be sent to worker processes .*spec"):
        workers.draw("fake", plain_request(FREE))
    workers.close()


def test_killed_workers_are_told_from_answers(tmp_path: Path) -> None:
    model = counting_model(str(tmp_path), runs_on="cpu", seconds="30")
    workers = Workers({"counting": model})
    with ThreadPoolExecutor(1) as pool:
        drawing = pool.submit(workers.draw, "counting", plain_request(model.capabilities))
        while not counted_calls(tmp_path):
            threading.Event().wait(0.02)
        workers.kill()
        with pytest.raises(WorkerDied, match="exit code -9"):
            drawing.result(timeout=10)
    workers.close()


UNGUARDED = """
from pathlib import Path
from prodimg_lab.runner import RunContext, run_schedule
from prodimg_lab.store import FolderStore, Index
from prodimg_lab.sweeps.schedules import FullSchedule
from prodimg_lab.testing.models import counting_model, plain_trials
root = Path(__file__).parent
model = counting_model(str(root), runs_on="cpu")
summary = run_schedule(
    FullSchedule(plain_trials(model.capabilities, 2)),
    models={"counting": model},
    context=RunContext(
        folder=root / "runs" / str(__name__), store=FolderStore(root / "objects"), index=Index(root / "i" / "index.db")
    ),
)
print(summary.state, summary.stopped_by)
"""


def test_a_script_without_a_guard_is_told_what_to_write(tmp_path: Path) -> None:
    script = tmp_path / "draw.py"
    script.write_text(UNGUARDED)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert "stopped worker processes can't start" in done.stdout
    assert 'if __name__ == "__main__":' in done.stdout


def test_pictures_may_be_drawn_by_an_executor_that_the_caller_brings(lab: LabFolder) -> None:
    class Watched(ThreadPoolExecutor):
        submitted = 0

        def submit(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            self.submitted += 1
            return super().submit(*args, **kwargs)

    model = counting_model(str(lab.root), runs_on="cpu", seconds="0")
    with Watched(3) as cluster:
        summary = lab.run(model, 6, executor=cluster, concurrency=3)  # type: ignore[arg-type]
        assert cluster.submitted == 6
    assert summary.state == "done"
    assert set(pids(lab.root)) == {os.getpid()}


def test_daemon_threads_are_an_executor(tmp_path: Path) -> None:
    threads = DaemonThreads(3, name="test")
    results = [threads.submit(pow, 2, exponent) for exponent in range(20)]
    assert [future.result(timeout=5) for future in results] == [2**exponent for exponent in range(20)]
    with pytest.raises(FatalForTrial):
        threads.submit(_raise).result(timeout=5)
    assert sum(thread.name.startswith("test-") for thread in threading.enumerate()) == 3
    assert all(thread.daemon for thread in threading.enumerate() if thread.name.startswith("test-"))
    threads.shutdown()
    assert not any(thread.name.startswith("test-") for thread in threading.enumerate())


def _raise() -> None:
    raise FatalForTrial("no")
