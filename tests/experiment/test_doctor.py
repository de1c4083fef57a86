"""The doctor says how each thing stands, and how to mend what is not right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.emulator import Emulator
from prodimg_lab.emulator.settings import utc_clock
from prodimg_lab.experiment import list_runs
from prodimg_lab.experiment.doctor import Finding, examine
from prodimg_lab.lab import Lab
from prodimg_lab.store import FolderStore, Index, rebuild
from prodimg_lab.testing.models import tiny_png

CORE = "stability.stable-image-core-v1:1"


def findings(lab: Lab, *, pay: bool = False) -> dict[str, Finding]:
    forget_clients()
    return {finding.name: finding for finding in examine(lab, pay=pay)}


def led_to(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    file = tmp_path / "prepared.png"
    file.write_bytes(tiny_png("doctor"))
    with Emulator(prepared=file, no_access=("stability.stable-image-ultra-v1:1",)) as running:
        led_to(running, monkeypatch)
        yield running
    forget_clients()


def test_without_credentials_it_says_that_the_studio_needs_none(lab: Lab) -> None:
    found = findings(lab)
    assert (found["credentials"].verdict, found["studio"].verdict) == ("warn", "ok")
    assert "fine for the studio" in found["credentials"].mend
    assert CORE not in found


def test_with_credentials_it_tells_the_models_that_may_be_called_and_buys_nothing(lab: Lab, emulator: Emulator) -> None:
    found = findings(lab)
    assert found["endpoint"].verdict == "warn" and "simulated" in found["endpoint"].says
    assert found[CORE].says == "may be called in us-west-2; $0.04 a picture"
    assert found["clock"].verdict == "ok"
    assert found["quotas"].says.startswith("an emulator tells none")
    assert emulator.log.billed == 0
    assert "a picture" not in found


def test_with_pay_one_picture_of_the_cheapest_model_is_bought(lab: Lab, emulator: Emulator) -> None:
    assert findings(lab, pay=True)["a picture"].verdict == "ok"
    assert [(call.model, call.billed) for call in emulator.log.calls if call.billed] == [(CORE, True)]


def test_the_picture_is_held_to_the_caps_and_counted(
    lab: Lab, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = lab.with_settings({"gateways": ["127.0.0.1"], "lab_cap_usd": 0.01}, "command line")
    assert "would pass the lab's cap" in findings(real, pay=True)["a picture"].says
    assert emulator.log.billed == 0
    findings(lab, pay=True)
    index = Index(lab.index_file)
    assert index.rows("SELECT real_micro, simulated_micro FROM totals WHERE scope = 'lab'") == [(0, 40_000)]
    assert rebuild(index, store=FolderStore(lab.store_folder), runs_root=lab.experiments) >= 1
    assert index.rows("SELECT simulated_micro FROM totals WHERE scope = 'lab'") == [(40_000,)]
    index.close()
    assert list_runs(lab=lab) == []


def test_wrong_credentials_are_a_failure_with_its_mend(
    lab: Lab, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    found = findings(lab)
    assert (found["clock"].verdict, found[CORE].verdict) == ("fail", "fail")
    assert "AWS does not know these credentials" in found[CORE].mend


def test_a_wrong_clock_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(clock=lambda: utc_clock() + timedelta(minutes=20)) as running:
        led_to(running, monkeypatch)
        found = findings(lab)
    assert found["clock"].verdict == "fail"
    assert "clock is wrong by more than five minutes" in found["clock"].mend
    forget_clients()
