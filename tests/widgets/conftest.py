"""Runs on disk and a kernel's side of a conversation, recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from prodimg_lab.experiment import RunFolder, run_experiment
from prodimg_lab.lab import Lab
from prodimg_lab.widgets import Grid


class Recorder:
    """Stands where a front end is: `ask` sends a message to a grid, and gives the answer that it would get."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.sent.append((content, buffers or []))

    def ask(self, kind: str, **content: Any) -> tuple[dict[str, Any], list[bytes]]:
        self.grid._answer(self, {"kind": kind, "id": "1", **content})
        return self.sent[-1]


@pytest.fixture
def run(lab: Lab) -> RunFolder:
    """A finished run of 16 trials."""
    return RunFolder(path=run_experiment("tiny", lab=lab).folder)


@pytest.fixture
def front_end() -> Callable[[Grid], Recorder]:
    return Recorder
