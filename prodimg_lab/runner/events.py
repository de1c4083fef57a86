"""What does a run tell while it goes on?

Every event is a frozen record, given to `on_event` in the thread that called `run_schedule`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from prodimg_lab.records import Outcome, Trial, TrialState
from prodimg_lab.runner._base import RunSummary
from prodimg_lab.sweeps._base import FinishedBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The first event. `known` trials have their outcome from an earlier session; `simulated`: no real money flows."""

    run_id: str
    planned: int
    known: int
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFinished:
    """A trial has its outcome. It is in the store, the journal and the index."""

    trial: Trial
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockFinished:
    """A block has ended. These come in block order, those of earlier sessions too."""

    block: FinishedBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where the run stands; at most twice a second, and at the end. Money in micro-dollars.

    `done` counts trials with an outcome, `total` those that the schedule gives at most. `per_second` is the rate of the
    last half minute, pictures that the store had left out; `seconds_left` is None while nothing is known. `cost_micro`
    is real money, spent and reserved; `reserved_micro` the part of it that is not settled. `states` counts
    outcomes.
    """

    run_id: str
    done: int
    total: int
    per_second: float
    seconds_left: float | None
    cost_micro: int
    simulated_cost_micro: int
    reserved_micro: int
    simulated: bool
    states: Mapping[TrialState, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """All is drawn that will be; the last event unless a judge is asked."""

    summary: RunSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """How far a judge has come with the pictures of a run; after `RunFinished`, where a judge is asked.

    `done` of `total` questions have ended; the last event `is_last`, also where a cap or a wish ended it early. Money
    in micro-dollars, of the whole run; `seconds_left` is None while nothing is known.
    """

    run_id: str
    done: int
    total: int
    seconds_left: float | None
    cost_micro: int
    simulated_cost_micro: int
    simulated: bool
    is_last: bool = False


Event = RunStarted | TrialFinished | BlockFinished | Progress | RunFinished | Judging
