"""The trivial schedule: everything at once, in plan order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prodimg_lab.records import Trial
from prodimg_lab.sweeps._base import FinishedBlock, Schedule


class FullSchedule:
    """Gives all trials of a plan, or those of its first `blocks` blocks (a test shot before the money)."""

    def __init__(self, trials: Sequence[Trial], *, blocks: int | None = None) -> None:
        names = list(dict.fromkeys(trial.block.name for trial in trials))
        wanted = set(names if blocks is None else names[:blocks])
        self._trials = tuple(trial for trial in trials if trial.block.name in wanted)
        self._given = False

    @property
    def planned(self) -> int:
        """How many trials it gives over its whole life."""
        return len(self._trials)

    def next(self, finished: Sequence[FinishedBlock]) -> Sequence[Trial] | None:
        """All trials at the first call, None from the second on; what has finished changes nothing."""
        if self._given:
            return None
        self._given = True
        return self._trials


if TYPE_CHECKING:
    _: Schedule = FullSchedule(())
