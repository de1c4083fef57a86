"""A run with its live report and with progress for whoever looks: a terminal, a log, a notebook, or nobody."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from prodimg_lab.experiment import Planned, RunFolder, RunOptions, RunView, resume_run, run_experiment
from prodimg_lab.reports.live import live_audience
from prodimg_lab.runner import Event
from prodimg_lab.runner.progress import JsonProgress, LogProgress, RichProgress

Kind = Literal["rich", "log", "cell", "json", "notebook", "silent"]
"""How progress is told; `cell` is a log in the output of a notebook's cell."""


def run_with_report(
    experiment: str | Path | Planned,
    *,
    options: RunOptions,
    progress: Kind = "log",
    run_id: str = "",
    executor: str = "",
) -> RunView:
    """`experiment.run_experiment` with report.html rewritten while it goes on, and progress told as `progress` says."""
    told = live_audience(progress_of(progress))
    return run_experiment(experiment, options=options, run_id=run_id, executor=executor, audience=told)


def resume_with_report(
    folder: RunFolder,
    *,
    retry_uncertain: bool = False,
    budget_usd: float | None = None,
    progress: Kind = "log",
    executor: str = "",
) -> RunView:
    """`experiment.resume_run` with report and progress."""
    told = live_audience(progress_of(progress))
    return resume_run(folder, retry_uncertain=retry_uncertain, budget_usd=budget_usd, executor=executor, audience=told)


def progress_of(kind: Kind) -> Callable[[Event], None] | None:
    """The listener that tells progress."""
    if kind == "rich":
        return RichProgress()
    if kind == "log":
        return LogProgress(sys.stderr)
    if kind == "cell":
        return LogProgress(sys.stdout)
    if kind == "json":
        return JsonProgress(sys.stdout)
    if kind == "notebook":
        from prodimg_lab.notebook.progress import NotebookProgress

        return NotebookProgress()
    return None
