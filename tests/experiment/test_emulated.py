"""A whole experiment on an emulated Bedrock: same flow, play money to the cent, never mistaken for AWS's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.emulator import Emulator
from prodimg_lab.errors import UsageError
from prodimg_lab.experiment import (
    RunFolder,
    RunOptions,
    estimate_plan,
    open_run,
    plan_experiment,
    plan_rerun,
    rerun_options,
    resume_run,
    run_experiment,
)
from prodimg_lab.lab import Lab
from prodimg_lab.testing.models import tiny_png

OVERRIDES = {"model": "bedrock:stability.sd3-5-large-v1:0"}
"""Sixteen pictures of the tiny experiment: four blocks of four variants, $0.08 each."""


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    file = tmp_path / "prepared.png"
    file.write_bytes(tiny_png("emulated", side=64))
    with Emulator(prepared=file) as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        forget_clients()
        yield running
    forget_clients()


def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the endpoint is AWS's own."""
    for name in ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL_BEDROCK", "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"):
        monkeypatch.delenv(name)
    forget_clients()


def test_an_emulated_run_costs_play_money_to_the_cent_and_a_second_one_nothing(lab: Lab, emulator: Emulator) -> None:
    view = run_experiment("tiny", lab=lab, options=RunOptions(overrides=OVERRIDES))
    assert view.state == "done"
    assert emulator.log.billed == emulator.log.sends == 16
    assert (view.simulated, view.real_cost_micro, view.simulated_cost_micro) == (True, 0, 16 * 80_000)
    again = run_experiment("tiny", lab=lab, options=RunOptions(overrides=OVERRIDES))
    assert (again.state, again.simulated_cost_micro, emulator.log.sends) == ("done", 0, 16)


def test_nothing_of_an_emulator_counts_for_aws(lab: Lab, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    run_experiment("tiny", lab=lab, options=RunOptions(overrides=OVERRIDES))
    emulated = estimate_plan(plan_experiment("tiny", lab=lab, overrides=OVERRIDES))
    assert (emulated.cached, emulated.cost_micro) == (16, 0)
    elsewhere(monkeypatch)
    real = estimate_plan(plan_experiment("tiny", lab=lab, overrides=OVERRIDES))
    assert (real.cached, real.cost_micro) == (0, 16 * 80_000)


def test_a_run_is_opened_and_rerun_without_its_provider_and_resumed_only_where_it_was_planned(
    lab: Lab, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = run_experiment("tiny", lab=lab, options=RunOptions(overrides=OVERRIDES, blocks=1))
    folder = RunFolder(path=view.folder)
    elsewhere(monkeypatch)
    assert open_run(folder).simulated
    with pytest.raises(UsageError, match=r"planned for .* with simulated pictures, and they would now be aws"):
        resume_run(folder)
    planned = plan_rerun(folder)
    assert run_experiment(planned, options=rerun_options(folder)).simulated
    assert emulator.log.sends == 4


def test_an_emulator_behind_an_address_of_aws_is_found_out_and_nothing_is_kept(lab: Lab, emulator: Emulator) -> None:
    lab = lab.with_settings({"gateways": ["127.0.0.1"]}, "command line")
    view = run_experiment("tiny", lab=lab, options=RunOptions(overrides=OVERRIDES, budget_usd=1.0))
    assert view.state == "stopped"
    result = RunFolder(path=view.folder).read("result.json") or {}
    assert "an emulator answered" in str(result)
    assert not any(row.outcome.digest for row in view.rows)


def test_no_file_of_a_lab_holds_a_credential(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "prepared.png"
    file.write_bytes(tiny_png("secret", side=64))
    key, secret, token = "AKIAQ7EXAMPLE0000001", "hush-hush-secret-0001", "hush-hush-token-0002"
    with Emulator(prepared=file, keys={key: secret}) as running:
        for name, value in {**running.environment(), "AWS_SESSION_TOKEN": token}.items():
            monkeypatch.setenv(name, value)
        forget_clients()
        for name in ("internal-error", "wrong-signature", "stall"):
            running.fault(name)
        monkeypatch.setattr("prodimg_lab.aws.clients.READ_TIMEOUT_S", 1)
        run_experiment("tiny", lab=lab, options=RunOptions(overrides=OVERRIDES))
        assert running.log.sends > 2
    forget_clients()
    held = [path for path in lab.root.rglob("*") if path.is_file()]
    assert len(held) > 10
    for path in held:
        data = path.read_bytes()
        assert not any(each.encode() in data for each in (key, secret, token)), path
