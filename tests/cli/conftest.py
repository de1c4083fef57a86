"""What tests of the command line share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.cli import main
from prodimg_lab.emulator import Emulator
from prodimg_lab.lab import Lab

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def prodimg(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process: exit code, standard output, standard error."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["prodimg", *words])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def bedrock(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """The tiny experiment's lab, as the folder that commands run in, and an emulated Bedrock."""
    monkeypatch.chdir(lab.root)
    with Emulator() as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        forget_clients()
        yield lab
    forget_clients()
