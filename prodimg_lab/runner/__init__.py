"""Schedules become pictures: concurrency, pace, retries, budget, cache, progress, resume."""

from prodimg_lab.runner._base import RetryPolicy, RunContext, RunState, RunSummary
from prodimg_lab.runner.events import (
    BlockFinished,
    Event,
    Judging,
    Progress,
    RunFinished,
    RunStarted,
    TrialFinished,
)
from prodimg_lab.runner.paid_calls import Paid, PaidCalls, Stopped, paid_calls
from prodimg_lab.runner.progress import JsonProgress, LogProgress, RichProgress
from prodimg_lab.runner.run import run_schedule
from prodimg_lab.runner.stop import Stop

__all__ = [
    "BlockFinished",
    "Event",
    "JsonProgress",
    "Judging",
    "LogProgress",
    "Paid",
    "PaidCalls",
    "Progress",
    "RetryPolicy",
    "RichProgress",
    "RunContext",
    "RunFinished",
    "RunStarted",
    "RunState",
    "RunSummary",
    "Stop",
    "Stopped",
    "TrialFinished",
    "paid_calls",
    "run_schedule",
]
