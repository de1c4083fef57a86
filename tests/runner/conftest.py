from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from prodimg_lab.records import Trial
from prodimg_lab.runner import Event, RetryPolicy, RunContext, RunSummary, run_schedule
from prodimg_lab.runner.workers import Spec
from prodimg_lab.store import FolderStore, Index, ObjectStore
from prodimg_lab.sweeps._base import Schedule
from prodimg_lab.sweeps.schedules import FullSchedule
from prodimg_lab.testing.models import FakeModel, plain_trials

QUICK = RetryPolicy(base_s=0.01, poll_s=0.02)


@dataclass
class LabFolder:
    """A lab in a temporary folder, and runs in it with waits that suit a test."""

    root: Path
    store: ObjectStore
    index: Index
    events: list[Event] = field(default_factory=list)

    def folder(self, run: str = "r1") -> Path:
        return self.root / "experiments" / "mug-hero" / "runs" / run

    def context(self, run: str = "r1", **settings: object) -> RunContext:
        standing: dict[str, object] = {
            "folder": self.folder(run),
            "store": self.store,
            "index": self.index,
            "experiment": "mug-hero",
            "retries": QUICK,
        }
        return RunContext(**{**standing, **settings})  # type: ignore[arg-type]

    def run(
        self,
        model: FakeModel,
        trials: int | Sequence[Trial] | Schedule = 8,
        run: str = "r1",
        models: Mapping[str, Spec] | None = None,
        **settings: object,
    ) -> RunSummary:
        if isinstance(trials, int):
            trials = plain_trials(model.capabilities, trials)
        schedule = FullSchedule(trials) if isinstance(trials, Sequence) else trials
        return run_schedule(
            schedule,
            models=models or {model.capabilities.model: model},
            context=self.context(run, **settings),
            on_event=self.events.append,
        )


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[LabFolder]:
    index = Index(tmp_path / ".prodimg" / "index.db")
    yield LabFolder(tmp_path, FolderStore(tmp_path / "experiments" / "objects"), index)
    index.close()
