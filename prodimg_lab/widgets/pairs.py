"""Which two pictures come next, and what do the votes say so far?

A pair is two variants in the same block. Until a better chooser is handed in, pairs come in balance: those with the
fewest votes first, then the block that they were least compared in, the rest by lot.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from prodimg_lab.experiment import RunView
from prodimg_lab.experiment.votes import Vote, ballots_of
from prodimg_lab.verdict.effects import Interval, wilson_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two trials, by place in the plan, in the order in which they are shown."""

    left: int
    right: int


NextPair = Callable[[RunView, Sequence[Vote], str, random.Random], Pair | None]
"""Chooses a rater's next pair from the run and everybody's votes so far; None when nothing is left to ask them."""


def balanced_pair(view: RunView, votes: Sequence[Vote], rater: str, lot: random.Random) -> Pair | None:
    """The pair of variants with the fewest votes of all, in the block where it has the fewest; sides and ties by lot.

    No pair of pictures is asked twice of the same rater.
    """
    asked = {frozenset((vote.left, vote.right)) for vote in votes if vote.rater == rater}
    names = {row.trial.index: row.trial.variant for row in view.rows}
    counts = Counter(frozenset((names[vote.left], names[vote.right])) for vote in votes)
    best: list[tuple[int, int]] = []
    fewest = -1
    for one, other in _candidates(view):
        if frozenset((one, other)) in asked:
            continue
        count = counts[frozenset((names[one], names[other]))]
        if fewest < 0 or count < fewest:
            best, fewest = [], count
        if count == fewest:
            best.append((one, other))
    if not best:
        return None
    by_block = Counter(view.rows[vote.left].trial.block.name for vote in votes)
    least = min(by_block[view.rows[one].trial.block.name] for one, _ in best)
    choice = lot.choice([pair for pair in best if by_block[view.rows[pair[0]].trial.block.name] == least])
    left, right = choice if lot.random() < 0.5 else choice[::-1]
    return Pair(left=left, right=right)


def active_pair(view: RunView, votes: Sequence[Vote], rater: str, lot: random.Random) -> Pair | None:
    """The pair of variants whose vote would teach most about which is the best, in the block where it has the fewest.

    Needs about a quarter of the votes of pairs by lot at 16 variants (facts); `verdict.strengths.worth` says what is
    weighed. Until every variant has two votes, pairs come in balance. Needs scipy.
    """
    from prodimg_lab.verdict.strengths import fit, worth

    names = {row.trial.index: row.trial.variant for row in view.rows}
    ballots = ballots_of(votes, names)
    met = Counter(name for each in ballots for name in (each.left, each.right))
    variants = list(dict.fromkeys(row.trial.variant for row in view.drawn))
    if any(met[name] < 2 for name in variants):
        return balanced_pair(view, votes, rater, lot)
    table = worth(fit(ballots, variants))
    asked = {frozenset((vote.left, vote.right)) for vote in votes if vote.rater == rater}
    open_pairs: dict[frozenset[str], list[tuple[int, int]]] = {}
    for one, other in _candidates(view):
        if frozenset((one, other)) not in asked:
            open_pairs.setdefault(frozenset((names[one], names[other])), []).append((one, other))
    if not open_pairs:
        return None
    place = {name: at for at, name in enumerate(variants)}

    def value(pair: frozenset[str]) -> tuple[float, list[str]]:
        one, other = pair
        return float(table[place[one], place[other]]), sorted(pair)

    pictures = open_pairs[max(open_pairs, key=value)]
    seen = Counter(frozenset((vote.left, vote.right)) for vote in votes)
    least = min(seen[frozenset(pair)] for pair in pictures)
    choice = lot.choice([pair for pair in pictures if seen[frozenset(pair)] == least])
    left, right = choice if lot.random() < 0.5 else choice[::-1]
    return Pair(left=left, right=right)


def _candidates(view: RunView) -> list[tuple[int, int]]:
    """Pairs of drawn pictures of the same block and different variants; equal pictures say nothing."""
    blocks: dict[tuple[str, int], list[int]] = {}
    for row in view.rows:
        if row.is_drawn:
            key = (row.trial.block.name, row.trial.request.repeat)
            blocks.setdefault(key, []).append(row.trial.index)
    return [
        (one, other)
        for trials in blocks.values()
        for one, other in combinations(trials, 2)
        if view.rows[one].trial.variant != view.rows[other].trial.variant
        and view.rows[one].outcome.digest != view.rows[other].outcome.digest
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A variant in the votes: `won` of `votes`, ties half; `share` with its 95 % interval (Wilson), None without."""

    variant: str
    won: float
    votes: int
    share: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What the votes say. `settled` of `pairs` of variants have a side that 95 % of the chance speaks for.

    `left_share` is how often the left picture won among decided votes, with its interval: sides are drawn by lot, so an
    interval without one half in it is a habit of the raters, not a merit of the pictures.
    """

    standings: tuple[Standing, ...]
    votes: int
    raters: tuple[str, ...]
    settled: int
    pairs: int
    left_share: float | None
    left_interval: Interval | None

    @property
    def sides_text(self) -> str:
        """Whether the raters favour a side, in words."""
        if self.left_share is None or self.left_interval is None:
            return "No vote has chosen a side yet."
        low, high = 100 * self.left_interval.low, 100 * self.left_interval.high
        said = f"The left picture won {100 * self.left_share:.0f} % ({low:.0f} to {high:.0f} %) of the decided votes"
        habit = low > 50 or high < 50
        return f"{said}: {'a habit of the raters, since sides are drawn by lot' if habit else 'no habit shown'}."


def tally(view: RunView, votes: Sequence[Vote]) -> Tally:
    """Count the votes."""
    names = {row.trial.index: row.trial.variant for row in view.rows}
    won: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    by_pair: dict[tuple[str, str], list[float]] = {}
    for vote in votes:
        left, right = names[vote.left], names[vote.right]
        share = {"left": 1.0, "right": 0.0}.get(vote.choice, 0.5)
        won[left] += share  # type: ignore[assignment]  # halves for ties
        won[right] += 1 - share  # type: ignore[assignment]
        asked.update((left, right))
        first, second = sorted((left, right))
        by_pair.setdefault((first, second), []).append(share if left == first else 1 - share)
    decided = [vote.choice == "left" for vote in votes if vote.choice in ("left", "right")]
    standings = [_standing(variant.name, float(won[variant.name]), asked[variant.name]) for variant in view.variants]
    count = len({row.trial.variant for row in view.drawn})
    return Tally(
        standings=tuple(sorted(standings, key=lambda each: -1 if each.share is None else each.share, reverse=True)),
        votes=len(votes),
        raters=tuple(dict.fromkeys(vote.rater for vote in votes)),
        settled=sum(_is_settled(shares) for shares in by_pair.values()),
        pairs=count * (count - 1) // 2,
        left_share=sum(decided) / len(decided) if decided else None,
        left_interval=wilson_interval(sum(decided), len(decided)),
    )


def _standing(name: str, won: float, votes: int) -> Standing:
    share = won / votes if votes else None
    return Standing(variant=name, won=won, votes=votes, share=share, interval=wilson_interval(round(won), votes))


def _is_settled(shares: Sequence[float]) -> bool:
    decided = [share for share in shares if share != 0.5]
    interval = wilson_interval(round(sum(decided)), len(decided))
    return interval is not None and (interval.low > 0.5 or interval.high < 0.5)
