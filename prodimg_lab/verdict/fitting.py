"""Which weights of a rubric agree best with the choices that people made? A logistic fit, checked on held-out blocks.

Bradley-Terry with features: P(first preferred) = 1 / (1 + exp(-w · (v1 - v2))), v the parts of a quality, 0..5,
and w >= 0, since a better score never makes a picture worse. A part that is not scored on both pictures says nothing.
Weights are drawn toward zero (ridge), so that few votes give no wild ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RIDGE = 0.5
"""Strength of the pull toward zero, in pairs."""
STEPS = 2000
FOLDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One person's choice between two pictures: `block` is what they share, `better` and `worse` values by part."""

    block: str
    better: Mapping[str, float]
    worse: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Weights that sum to 100, and how many of `choices` they order rightly, ties counted half.

    `held_out` are those of blocks that the weights were not fitted to; `before` those of the rubric as it was.
    """

    weights: Mapping[str, float]
    choices: int
    blocks: int
    before: float
    held_out: float
    seen: float


def fit_weights(choices: Sequence[Choice], start: Mapping[str, float]) -> Fit:
    """Fit the weights of the parts of `start` to people's choices. Raises ValueError for fewer than two blocks."""
    names = list(start)
    blocks = sorted({each.block for each in choices})
    if len(blocks) < 2:
        raise ValueError(f"{len(blocks)} blocks are too few to hold one out; vote on more products or seeds")
    gaps = np.array([[_gap(each, name) for name in names] for each in choices])
    of_fold = {block: at % min(FOLDS, len(blocks)) for at, block in enumerate(blocks)}
    fold = np.array([of_fold[each.block] for each in choices])
    held_out = 0.0
    for each in range(min(FOLDS, len(blocks))):
        weights = _fitted(gaps[fold != each])
        held_out += _right(gaps[fold == each], weights)
    weights = _fitted(gaps)
    total = float(weights.sum()) or 1.0
    return Fit(
        weights={name: 100 * float(weight) / total for name, weight in zip(names, weights, strict=True)},
        choices=len(choices),
        blocks=len(blocks),
        before=_right(gaps, np.array([start[name] for name in names])),
        held_out=held_out,
        seen=_right(gaps, weights),
    )


def _gap(choice: Choice, name: str) -> float:
    if name not in choice.better or name not in choice.worse:
        return 0.0
    return choice.better[name] - choice.worse[name]


def _fitted(gaps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Projected gradient descent on a convex loss; the step is one over its largest curvature."""
    width = gaps.shape[1]
    if not len(gaps):
        return np.full(width, 1.0)
    curvature = 0.25 * float(np.linalg.norm(gaps, 2)) ** 2 + RIDGE
    weights = np.full(width, 1.0 / width)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(np.clip(gaps @ weights, -50, 50)))  # of the other one
        weights = np.maximum(0.0, weights - (RIDGE * weights - gaps.T @ chance) / curvature)
    return np.asarray(weights)


def _right(gaps: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    lead = gaps @ weights
    return float((lead > 1e-9).sum() + 0.5 * (abs(lead) <= 1e-9).sum())
