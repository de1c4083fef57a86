"""What does each level do, freed from the other factors? Least squares, for designs that don't meet all pairs equally.

Where every block has cells of its own (`design: sobol`), the means of levels carry a little of the other factors with
them. Here all factors are fitted together:

    y_i = block(i) + sum over factors f of effect_f(level of i) + e_i,      the effects of a factor sum to 0

by ordinary least squares after the block means are taken out; intervals are effect ± t(df; 0.975) se, with one residual
variance on df = pictures - blocks - sum of (levels - 1) degrees of freedom (Box, Hunter and Hunter, Statistics for
Experimenters, 2nd ed., 2005, ch. 4 and 9). Interactions are left in the residual, and widen the intervals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import stdtrit

from prodimg_lab.records import Level
from prodimg_lab.verdict.effects import NONE, FactorEffect, Interval, LevelEffect, Observation, main_effects


def adjusted_effects(
    rows: Sequence[Observation], factors: Mapping[str, Sequence[Level]], *, confidence: float = 0.95
) -> tuple[FactorEffect, ...]:
    """The effects of all factors together; plain ones (`main_effects`) where these rows can't carry them.

    They can't when a factor does not apply to some rows, a level has no picture, or too few pictures are left over.
    """
    names = [name for name, levels in factors.items() if len([each for each in levels if each != NONE]) > 1]
    kept = {name: [each for each in factors[name] if each != NONE] for name in names}
    met = {name: Counter(row.levels.get(name, NONE) for row in rows) for name in names}
    whole = names and all(set(met[name]) == set(kept[name]) for name in names)
    blocks = sorted({row.block for row in rows})
    freedom = len(rows) - len(blocks) - sum(len(kept[name]) - 1 for name in names)
    if not whole or freedom < 1:
        return main_effects(rows, factors, confidence=confidence)
    coded = [_coded(rows, name, kept[name]) for name in names]
    design = np.concatenate([columns for columns, _ in coded], axis=1)
    y = np.array([row.value for row in rows])
    place = np.array([blocks.index(row.block) for row in rows])
    counts = np.bincount(place)
    means = np.stack([np.bincount(place, column) / counts for column in design.T], axis=1)
    left = design - means[place]
    centred = y - (np.bincount(place, y) / counts)[place]
    if np.linalg.matrix_rank(left) < left.shape[1]:
        return main_effects(rows, factors, confidence=confidence)
    inverse = np.linalg.inv(left.T @ left)
    found = inverse @ (left.T @ centred)
    residual = centred - left @ found
    covariance = inverse * float(residual @ residual) / freedom
    reach = float(stdtrit(freedom, (1 + confidence) / 2))
    grand, at, made = float(np.mean(np.bincount(place, y) / counts)), 0, []
    for name, (columns, expand) in zip(names, coded, strict=True):
        part = slice(at, at + columns.shape[1])
        at += columns.shape[1]
        effects = expand @ found[part]
        errors = np.sqrt(np.diag(expand @ covariance[part, part] @ expand.T))
        first = expand - expand[:1]
        against, apart = first @ found[part], np.sqrt(np.diag(first @ covariance[part, part] @ first.T))
        levels = tuple(
            LevelEffect(
                level=str(level),
                pictures=met[name][level],
                blocks=len({row.block for row in rows if row.levels[name] == level}),
                mean=grand + float(effects[i]),
                effect=float(effects[i]),
                interval=_interval(float(effects[i]), reach * float(errors[i]), confidence),
                against_first=float(against[i]) if i else None,
                against_first_interval=_interval(float(against[i]), reach * float(apart[i]), confidence) if i else None,
            )
            for i, level in enumerate(kept[name])
        )
        made.append(FactorEffect(factor=name, levels=levels, mean=grand, blocks=len(blocks)))
    return tuple(made)


def _coded(rows: Sequence[Observation], name: str, levels: Sequence[Level]) -> tuple[np.ndarray, np.ndarray]:
    """Columns of a factor whose effects sum to 0, and what expands their coefficients to one effect for each level."""
    expand = np.concatenate([np.eye(len(levels) - 1), -np.ones((1, len(levels) - 1))])
    place = {level: at for at, level in enumerate(levels)}
    return expand[[place[row.levels[name]] for row in rows]], expand


def _interval(centre: float, half: float, confidence: float) -> Interval:
    return Interval(low=centre - half, high=centre + half, confidence=confidence)
