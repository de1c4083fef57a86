"""How far may a scorer be believed here? Its agreement with the people who rated and voted in this lab.

A person's word on two pictures of one block is a pair: a blind vote, or two different ratings by one rater. A scorer
agrees with a pair when it gives the preferred picture the higher value. Nothing is pooled over laboratories or models:
what holds for another shop's products need not hold for these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import open_run
from prodimg_lab.experiment.view import RunView
from prodimg_lab.experiment.votes import read_votes
from prodimg_lab.records import Score
from prodimg_lab.scoring.rubric import QUALITY
from prodimg_lab.verdict.agreement import krippendorff_alpha, tau_of_signs
from prodimg_lab.verdict.effects import Interval, mean_interval, wilson_interval

ENOUGH = 20
"""Decided pairs from which an accuracy says something; fewer are told as such."""
_PREFERS = {"left": 1, "right": -1, "tie": 0, "bad": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One person on two pictures of a block: `prefers` 1 the first, -1 the second, 0 neither. Trials by place."""

    run_id: str
    rater: str
    first: int
    second: int
    prefers: int
    voted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """How much more often a scorer prefers a variant than people do: mean of -1..1 over its pairs, with interval."""

    variant: str
    pairs: int
    mean: float
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A scorer against people.

    `accuracy` is the share (0..1) of decided pairs that the scorer orders as the person did, its ties counted half;
    `interval` is Wilson's. `tau` (-1..1) counts ties of either side. `alpha` is the agreement of people among
    themselves (Krippendorff, ordinal, over stars), the ceiling. `unscored` pairs are in none of them. `last` is the
    day of the newest run that was rated.
    """

    scorer: str
    votes: int
    rated_pairs: int
    decided: int
    unscored: int
    accuracy: float | None
    interval: Interval | None
    tau: float | None
    alpha: float | None
    raters: int
    last: str
    biases: tuple[Bias, ...]

    @property
    def says(self) -> str:
        """In a few words, for tables: `71 % of 48 pairs`, `not yet calibrated`."""
        if not self.decided or self.accuracy is None or self.interval is None:
            return "not yet calibrated"
        told = f"{self.accuracy:.0%} of {self.decided} pairs ({self.interval.low:.0%} to {self.interval.high:.0%})"
        return told if self.decided >= ENOUGH else f"{told}, too few"

    @property
    def warning(self) -> str:
        """What must stand beside a decision by this scorer; "" where nothing must."""
        if self.decided < ENOUGH or self.interval is None or self.accuracy is None:
            return f"{self.scorer} has not been held against people here ({self.decided} of {ENOUGH} pairs)"
        if self.interval.high < 0.5:
            return f"{self.scorer} contradicts people here: it agrees with {self.says}"
        if self.interval.low <= 0.5:
            return f"{self.scorer} agrees with people here no better than a coin: {self.says}"
        return ""

    def facts(self) -> dict[str, Any]:
        """For JSON."""

        def bounds(interval: Interval | None) -> list[float] | None:
            return [interval.low, interval.high] if interval else None

        return {
            "scorer": self.scorer,
            "votes": self.votes,
            "rated_pairs": self.rated_pairs,
            "decided": self.decided,
            "unscored": self.unscored,
            "accuracy": self.accuracy,
            "interval": bounds(self.interval),
            "tau": self.tau,
            "alpha_of_people": self.alpha,
            "raters": self.raters,
            "last": self.last,
            "biases": [
                {"variant": each.variant, "pairs": each.pairs, "mean": each.mean, "interval": bounds(each.interval)}
                for each in self.biases
            ],
            "warning": self.warning,
        }


def calibrate(folders: Sequence[RunFolder], scorers: Sequence[str] = ()) -> list[Calibration]:
    """Hold scorers against everybody's votes and ratings in these runs; by default all that scored there, and quality.

    Raises `StoreError` for a damaged run.
    """
    views = {folder.run_id: open_run(folder) for folder in folders}
    return calibration_of(views, [pair for each in folders for pair in pairs_of(each, views[each.run_id])], scorers)


def calibration_of(
    views: Mapping[str, RunView], pairs: Sequence[Pair], scorers: Sequence[str] = ()
) -> list[Calibration]:
    """The same, of runs that are open and pairs that are known. Views by run id."""
    seen = sorted({name for view in views.values() for row in view.rows for name in row.scores} - {"prompt-rank"})
    rated = {pair.run_id for pair in pairs}
    last = max((view.started_at[:10] for name, view in views.items() if name in rated), default="")
    alpha = krippendorff_alpha([list(stars) for view in views.values() for stars in _stars(view) if len(stars) > 1])
    return [_calibrated(name, views, pairs, alpha=alpha, last=last) for name in (scorers or (QUALITY, *seen))]


def pairs_of(folder: RunFolder, view: RunView) -> Iterator[Pair]:
    """Every vote that stands, then every two pictures of a block that one rater gave stars to."""
    for vote in read_votes(folder.path):
        yield Pair(
            run_id=view.run_id,
            rater=vote.rater,
            first=vote.left,
            second=vote.right,
            prefers=_PREFERS[vote.choice],
            voted=True,
        )
    given: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row in view.rows:
        for rater, rating in row.ratings.items():
            if rating.stars is not None:
                given[row.trial.block.name, rater].append((row.trial.index, rating.stars))
    for (_, rater), marks in given.items():
        for at, (first, stars) in enumerate(marks):
            for second, others in marks[at + 1 :]:
                prefers = (stars > others) - (stars < others)
                yield Pair(run_id=view.run_id, rater=rater, first=first, second=second, prefers=prefers, voted=False)


def _stars(view: RunView) -> Iterator[tuple[int, ...]]:
    for row in view.rows:
        yield tuple(rating.stars for rating in row.ratings.values() if rating.stars is not None)


def _calibrated(
    name: str, views: Mapping[str, RunView], pairs: Sequence[Pair], *, alpha: float | None, last: str
) -> Calibration:
    signs: list[tuple[int, int]] = []
    by_variant: dict[str, list[float]] = defaultdict(list)
    unscored = 0
    for pair in pairs:
        rows = views[pair.run_id].rows
        first, second = rows[pair.first], rows[pair.second]
        values = (
            _value(first.quality if name == QUALITY else first.scores.get(name)),
            _value(second.quality if name == QUALITY else second.scores.get(name)),
        )
        if values[0] is None or values[1] is None:
            unscored += 1
            continue
        says = (values[0] > values[1]) - (values[0] < values[1])
        signs.append((pair.prefers, says))
        by_variant[first.trial.variant].append((says - pair.prefers) / 2)
        by_variant[second.trial.variant].append((pair.prefers - says) / 2)
    decided = [(person, says) for person, says in signs if person]
    right = sum(1.0 if person == says else 0.5 if not says else 0.0 for person, says in decided)
    return Calibration(
        scorer=name,
        votes=sum(pair.voted for pair in pairs),
        rated_pairs=sum(not pair.voted for pair in pairs),
        decided=len(decided),
        unscored=unscored,
        accuracy=right / len(decided) if decided else None,
        interval=wilson_interval(round(right), len(decided)) if decided else None,
        tau=tau_of_signs(signs),
        alpha=alpha,
        raters=len({pair.rater for pair in pairs}),
        last=last,
        biases=tuple(
            Bias(variant=variant, pairs=len(off), mean=sum(off) / len(off), interval=mean_interval(off))
            for variant, off in sorted(by_variant.items())
        ),
    )


def _value(score: object) -> float | None:
    if isinstance(score, Score):
        return score.value
    return score if isinstance(score, float) else None
