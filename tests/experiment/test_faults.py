"""Every fault of the emulator at 30 % of the calls: each trial gets its end and its reason, and the money is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prodimg_lab.aws import clients
from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.emulator import Emulator
from prodimg_lab.emulator.faults import FAULTS
from prodimg_lab.experiment import RunOptions, find_run, resume_run, run_experiment
from prodimg_lab.lab import Lab
from prodimg_lab.records import TrialState
from prodimg_lab.runner._base import RetryPolicy
from prodimg_lab.testing.models import tiny_png

OVERRIDES = {"model": "bedrock:stability.sd3-5-large-v1:0"}
PRICE = 80_000
ENDS = (TrialState.DONE, TrialState.REFUSED, TrialState.FAILED, TrialState.UNCERTAIN)


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    file = tmp_path / "prepared.png"
    file.write_bytes(tiny_png("emulated", side=64))
    monkeypatch.setattr(clients, "READ_TIMEOUT_S", 0.5)
    monkeypatch.setattr(RetryPolicy, "wait_s", lambda self, fingerprint, sends: 0.005)
    with Emulator(prepared=file) as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        forget_clients()
        yield running
    forget_clients()


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_whatever_goes_wrong_every_trial_has_its_end_and_nothing_is_lost(
    lab: Lab, emulator: Emulator, edit: Callable[[str, str], None], fault: str, soak: bool
) -> None:
    if soak:
        edit("seeds: 2", "seeds: 16")
    emulator.fault(fault, rate=0.3)
    view = run_experiment("tiny", lab=lab, options=RunOptions(overrides=OVERRIDES))
    ended = [row for row in view.rows if row.outcome.state in ENDS]
    assert all(row.outcome.reason for row in ended if row.outcome.state is not TrialState.DONE)
    if view.state == "stopped":
        assert any(row.outcome.state is TrialState.FAILED for row in view.rows)
        assert emulator.log.billed == sum(row.outcome.state is TrialState.DONE for row in view.rows)
    else:
        assert len(ended) == len(view.rows)
    paid = [
        row for row in view.rows if row.outcome.state in (TrialState.DONE, TrialState.REFUSED, TrialState.UNCERTAIN)
    ]
    assert view.simulated_cost_micro == len(paid) * PRICE
    assert emulator.log.billed <= len(paid), "something was billed that the run does not count as spent"

    emulator.reset()
    done = resume_run(find_run(view.run_id, lab=lab), lab=lab, retry_uncertain=True)
    states = {row.outcome.state for row in done.rows}
    assert states <= {TrialState.DONE, TrialState.REFUSED}, states
    again = run_experiment("tiny", lab=lab, options=RunOptions(overrides=OVERRIDES))
    assert (again.state, again.simulated_cost_micro) == ("done", 0)
