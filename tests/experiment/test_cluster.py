"""A run on a real Dask cluster: a scheduler and workers in processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from prodimg_lab.errors import SettingError, UsageError
from prodimg_lab.experiment import (
    RunOptions,
    RunView,
    find_run,
    overrides_for,
    plan_experiment,
    resume_run,
    run_experiment,
)
from prodimg_lab.experiment.cluster import open_cluster
from prodimg_lab.experiment.running import Audience
from prodimg_lab.lab import Lab
from prodimg_lab.runner import Event, TrialFinished

pytestmark = pytest.mark.xdist_group("dask")


@dataclass
class DaskCluster:
    """A scheduler and its workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def executor(self) -> str:
        return f"dask:{self.address}"

    def add_worker(self) -> None:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--no-nanny", "--nthreads", "1"]
        self.workers.append(_start([*command, "--no-dashboard", "--memory-limit", "0"]))

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
        for process in (*self.workers, self.scheduler):
            process.wait()


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def cluster() -> Iterator[DaskCluster]:
    port = _free_port()
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
    found = DaskCluster(f"tcp://127.0.0.1:{port}", _start([*command, "--no-dashboard"]))
    for _ in range(2):
        found.add_worker()
    yield found
    found.stop()


def wait_for_workers(cluster: DaskCluster, count: int) -> None:
    from distributed import Client

    end = time.monotonic() + 60
    while True:
        try:
            with Client(cluster.address, timeout=5, set_as_default=False) as client:
                client.wait_for_workers(count, timeout=60)
                return
        except OSError:
            if time.monotonic() > end:
                raise


def pictures(view: RunView) -> list[str]:
    return [row.outcome.digest for row in view.rows]


def test_a_cluster_draws_and_scores_the_same_and_a_killed_worker_loses_nothing(lab: Lab, cluster: DaskCluster) -> None:
    wait_for_workers(cluster, 2)
    plan = plan_experiment("tiny", lab=lab, overrides=overrides_for([], model="studio:core@96"))
    here = run_experiment(plan)
    killed: list[int] = []

    def kill_one(event: Event) -> None:
        if isinstance(event, TrialFinished) and not killed:
            killed.append(cluster.workers[0].pid)
            os.kill(cluster.workers[0].pid, signal.SIGKILL)

    options, told = RunOptions(fresh=True), Audience(on_event=kill_one)
    there = run_experiment(plan, options=options, executor=cluster.executor, audience=told)
    assert killed
    assert there.state == "done"
    assert len(there.drawn) == len(there.rows) == len(here.rows)
    assert pictures(there) == pictures(here)
    assert [row.scores for row in there.rows] == [row.scores for row in here.rows]
    assert resume_run(find_run(there.run_id, lab=lab), lab=lab).state == "done"


def test_nobody_at_the_address_is_one_clear_error(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prodimg_lab.experiment.cluster.CONNECT_S", 0.3)
    with pytest.raises(UsageError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        run_experiment("tiny", lab=lab, executor="dask:tcp://127.0.0.1:9")


@pytest.mark.parametrize("name", ["dask", "dask:localhost", "ray:tcp://x:1"])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="write dask:tcp://host:8786"), open_cluster(name):
        pass
