"""Who says which trials come next?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from prodimg_lab.records import Block, Outcome, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedBlock:
    """A block of which every trial that was given out has an outcome; `outcomes` by `Trial.index`."""

    block: Block
    outcomes: Mapping[int, Outcome]


class Schedule(Protocol):
    """Gives trials in whole blocks. Pure: the same finished blocks in the same order give the same answers."""

    @property
    def planned(self) -> int:
        """How many trials it will give at most, over its whole life."""
        ...

    def next(self, finished: Sequence[FinishedBlock]) -> Sequence[Trial] | None:
        """The trials to draw next, in order, or None at the end.

        `finished` are the blocks that ended since the last call, in block order. An empty answer means: nothing until
        more blocks have ended.
        """
        ...
