"""How is a scorer made that needs nothing but the picture and what was asked? One frozen record around one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from prodimg_lab.records import Score, Unscored
from prodimg_lab.scoring._base import NotAPicture, ScorerCard, Subject


class CannotJudge(Exception):
    """Raised by a scorer's function: this picture can't be judged, for this reason. Becomes `Unscored`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a scorer's function found: `raw` in the card's unit, its `value` 0..5, `detail` for people."""

    raw: float
    value: float
    detail: str = ""


def nothing_else(subject: Subject) -> Mapping[str, str]:
    """`reads` of a scorer that looks at the bytes alone."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelScorer:
    """A scorer whose function judges one subject at a time, at no cost and without chance.

    `judge` returns a `Reading` or raises `CannotJudge`; `reads` says what else than the bytes it looks at.
    """

    name: str
    version: str
    card: ScorerCard
    judge: Callable[[Subject], Reading]
    extra: Callable[[Subject], Mapping[str, str]] = nothing_else

    def reads(self, subject: Subject) -> Mapping[str, str]:
        """Whatever else than the bytes the score depends on."""
        return self.extra(subject)

    def score(self, subjects: Sequence[Subject]) -> list[Score | Unscored]:
        """One answer per subject, in order; bytes that are no picture are `Unscored`."""
        return [self._one(subject) for subject in subjects]

    def _one(self, subject: Subject) -> Score | Unscored:
        try:
            reading = self.judge(subject)
        except (CannotJudge, NotAPicture) as error:
            return Unscored(scorer=self.name, version=self.version, reason=str(error))
        return Score(
            scorer=self.name,
            version=self.version,
            value=reading.value,
            raw=reading.raw,
            unit=self.card.unit,
            detail=reading.detail,
        )
