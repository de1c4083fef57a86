"""How many runs of this lab draw on one quota at this moment? Each takes its part of what was learnt of it.

A run writes down on which quotas it draws and strikes that out at its end; of a killed one the lock tells. Clients of
other labs and other machines are found by their effect alone (`pace`).
"""

from __future__ import annotations

from pathlib import Path

from prodimg_lab.runner.pace import Learnt
from prodimg_lab.store import Index, is_living

LOOKS_EVERY_S = 1.0

_RATES = ("per_s", "peak_per_s", "calls")


class Sharing:
    """The quotas that the run in `folder` draws on. Used by one thread."""

    def __init__(self, index: Index, folder: Path) -> None:
        self._index = index
        self._folder = folder
        self._looked_at = float("-inf")

    def join(self, quota: str) -> int:
        """Draw on `quota` from now on; how many do so, this run included."""
        self._index.draw_on(quota, self._folder)
        return self.count(quota)

    def leave(self, quota: str) -> None:
        """Draw on it no more."""
        self._index.draw_no_more_on(quota, self._folder)

    def count(self, quota: str) -> int:
        """How many living runs draw on `quota`, this one included."""
        others = [folder for folder in self._index.drawing_on(quota) if folder.resolve() != self._folder.resolve()]
        for dead in [folder for folder in others if not is_living(folder)]:
            self._index.draw_no_more_on(quota, dead)
            others.remove(dead)
        return 1 + len(others)

    def is_due(self, now: float) -> bool:
        """Whether it is time to count again."""
        if now - self._looked_at < LOOKS_EVERY_S:
            return False
        self._looked_at = now
        return True


def part_of(learnt: Learnt | None, sharers: int) -> Learnt | None:
    """What was learnt of a quota, as one of so many equal parts."""
    if learnt is None:
        return None
    return {name: value / sharers if name in (*_RATES, "burst") else value for name, value in learnt.items()}


def whole_of(learnt: Learnt | None, sharers: int) -> Learnt | None:
    """What one of so many has learnt, as what is true of the whole quota.

    Rates add up. What left before the first refusal does not: whoever came first took most of it.
    """
    if learnt is None:
        return None
    return {name: value * sharers if name in _RATES else value for name, value in learnt.items()}


def with_larger_burst(learnt: Learnt, before: Learnt | None) -> Learnt:
    """What is learnt now; of two bursts the larger, since the smaller one found the bucket half empty."""
    if before is None or "burst" not in learnt:
        return learnt
    return {**learnt, "burst": max(learnt["burst"], before.get("burst", 0.0))}
