"""Schedules become pictures: concurrency, pace, retries, budget, cache, progress, resume."""

from prodimg_lab.runner._base import RetryPolicy, RunContext, RunState, RunSummary
from prodimg_lab.runner.events import BlockFinished, Event, Progress, RunFinished, RunStarted, TrialFinished
from prodimg_lab.runner.progress import JsonProgress, LogProgress, RichProgress
from prodimg_lab.runner.run import run_schedule
from prodimg_lab.runner.stop import Stop

__all__ = [
    "BlockFinished",
    "Event",
    "JsonProgress",
    "LogProgress",
    "Progress",
    "RetryPolicy",
    "RichProgress",
    "RunContext",
    "RunFinished",
    "RunStarted",
    "RunState",
    "RunSummary",
    "Stop",
    "TrialFinished",
    "run_schedule",
]
