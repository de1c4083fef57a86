"""Which blocks have ended, in the order in which they were given out?

A schedule that decides (a race) hears of blocks in that order only, one at a time, so that which picture came first,
how fast a provider was, or a kill in between change no decision.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from prodimg_lab.records import Block, Outcome, Trial
from prodimg_lab.sweeps._base import FinishedBlock


@dataclass(slots=True)
class _Open:
    block: Block
    missing: set[int]
    outcomes: dict[int, Outcome] = field(default_factory=dict)


class BlockOrder:
    """Collects outcomes and gives finished blocks out in the order of `give`."""

    def __init__(self) -> None:
        self._queue: deque[_Open] = deque()
        self._by_trial: dict[int, _Open] = {}

    def give(self, trials: Sequence[Trial]) -> None:
        """Trials that the schedule gave out: whole blocks."""
        blocks: dict[Block, _Open] = {}
        for trial in trials:
            entry = blocks.get(trial.block)
            if entry is None:
                entry = blocks[trial.block] = _Open(trial.block, set())
                self._queue.append(entry)
            entry.missing.add(trial.index)
            self._by_trial[trial.index] = entry

    def finish(self, index: int, outcome: Outcome) -> None:
        """The trial `index` has its outcome."""
        entry = self._by_trial.pop(index)
        entry.missing.discard(index)
        entry.outcomes[index] = outcome

    def next_finished(self) -> FinishedBlock | None:
        """The next block in order if it has ended, once."""
        if not self._queue or self._queue[0].missing:
            return None
        entry = self._queue.popleft()
        return FinishedBlock(block=entry.block, outcomes=dict(sorted(entry.outcomes.items())))
