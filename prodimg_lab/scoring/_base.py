"""What is a scorer, and what may it look at?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

from prodimg_lab.errors import UsageError
from prodimg_lab.records import EMPTY, ImageRequest, Score, Unscored

if TYPE_CHECKING:
    from prodimg_lab.scoring.measures import Measures


class NotAPicture(UsageError):
    """These bytes don't decode to a picture; the message says how many there are and how they begin."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One picture to be judged. Decoded once, measured once, shared by all scorers.

    `asked` is `Trial.asked`: what the prompt asked for, by attribute. `request` is None for a picture from elsewhere.
    `as_of` is the day (YYYY-MM-DD) whose rules count, for scorers that hold a picture to dated rules; "" is today.
    """

    digest: str
    data: bytes
    request: ImageRequest | None = None
    asked: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    as_of: str = ""

    @cached_property
    def measures(self) -> Measures:
        """Mask, box, 256 px LAB and the rest, made at the first use. Raises `NotAPicture`."""
        from prodimg_lab.scoring.measures import measure

        return measure(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerCard:
    """What people may know of a scorer before trusting it. `direction` is about `raw`: which way is better."""

    unit: str
    direction: Literal["higher", "lower", "target"]
    raw_range: str
    cost: Literal["free", "slow", "paid"]
    formula: str


class Scorer(Protocol):
    """Judges pictures, one answer each, in the order given. Never raises for a picture that it can't judge: `Unscored`.

    `name` and `version` are what its scores carry; `version` is raised whenever the same picture may get another score.
    """

    @property
    def name(self) -> str:
        """Lower-case word by which rubrics and reports call it."""
        ...

    @property
    def version(self) -> str:
        """Part of the cache key of every score."""
        ...

    @property
    def card(self) -> ScorerCard:
        """Unit, direction, range, cost and formula."""
        ...

    def reads(self, subject: Subject) -> Mapping[str, str]:
        """Whatever else than the bytes the score depends on (for its cache key); must not look at the bytes."""
        ...

    def score(self, subjects: Sequence[Subject]) -> list[Score | Unscored]:
        """One `Score` or `Unscored` per subject, in order."""
        ...
