"""What does each level of a factor do to a figure, and how sure is that?

Everything is paired by block (one product × one seed): easy products and lucky seeds lift all levels of their block
alike, and drop out. For factor f, with y the figure, b a block and l a level of f:

    m(b, l)  = mean of y over the rows of b whose level is l
    d(b, l)  = m(b, l) - mean over the levels in b of m(b, ·)
    effect   = mean over blocks of d(b, l)
    interval = effect ± t(n - 1; 0.975) · sd of d(·, l) / √n,      n = blocks with level l and at least one other

which is the randomised-block analysis (Box, Hunter and Hunter, Statistics for Experimenters, 2nd ed., 2005, ch. 4) with
an error of its own for each level, so that levels may scatter differently. `against_first` is the same with
m(b, l) - m(b, first level): the paired t interval.

What the intervals do not cover: other products (blocks are those of this run), and the number of factors and levels
that are looked at together (no correction; a verdict corrects).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, stdev

from prodimg_lab.errors import MissingExtra
from prodimg_lab.records import Level

NONE = "none"
"""The level of a factor for a template that has no such slot; equal to `sweeps.NONE`, without loading the templates."""

Cells = Mapping[str, Mapping[Level, float]]
"""m(b, l) by block, then level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One figure of one picture. A factor that is missing in `levels`, or at level `none`, does not apply to it."""

    block: str
    levels: Mapping[str, Level]
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A two-sided interval at `confidence` (0..1)."""

    low: float
    high: float
    confidence: float = 0.95

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelEffect:
    """One level of a factor. `effect` is to the mean of the factor's levels, `against_first` to its first level.

    `mean` is the overall mean plus `effect`: comparable between levels even where some blocks lack one. What could not
    be computed is None and `why` says so. `blocks` are those behind `effect`, `pictures` the rows with this level.
    """

    level: str
    pictures: int
    blocks: int
    mean: float | None = None
    effect: float | None = None
    interval: Interval | None = None
    against_first: float | None = None
    against_first_interval: Interval | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorEffect:
    """All levels of one factor, in the factor's order. `mean` is the mean of the block means, None without blocks.

    `not_applicable` rows have no level of this factor and stand outside. When not `balanced`, the levels met different
    mixtures of the other factors, so that part of an effect may be theirs.
    """

    factor: str
    levels: tuple[LevelEffect, ...]
    mean: float | None
    blocks: int
    not_applicable: int = 0
    balanced: bool = True

    @property
    def spread(self) -> float:
        """Best level minus worst, in units of the figure; 0 when nothing could be compared."""
        effects = [each.effect for each in self.levels if each.effect is not None]
        return max(effects) - min(effects) if effects else 0.0


def main_effects(
    rows: Sequence[Observation], factors: Mapping[str, Sequence[Level]], *, confidence: float = 0.95
) -> tuple[FactorEffect, ...]:
    """The effect of every factor that has two levels or more, in the order of `factors`.

    Raises `MissingExtra` without scipy.
    """
    found = []
    for name, levels in factors.items():
        kept = [level for level in levels if level != NONE]
        if len(kept) > 1:
            found.append(_factor_effect(rows, name, kept, confidence))
    return tuple(found)


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Interval | None:
    """The t interval of the mean of independent `values`; None for fewer than two."""
    if len(values) < 2:
        return None
    half = _t_quantile((1 + confidence) / 2, len(values) - 1) * stdev(values) / sqrt(len(values))
    centre = fmean(values)
    return Interval(low=centre - half, high=centre + half, confidence=confidence)


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> Interval | None:
    """The score interval of a rate, 0..1; None without trials.

    Wilson, JASA 22 (1927) 209-212; advised for small counts by Brown, Cai and DasGupta, Statistical Science 16 (2001)
    101-133.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials is no rate")
    if trials == 0:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / trials
    centre = (rate + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    low = 0.0 if successes == 0 else centre - half  # exact at the ends, where rounding would leave 1e-17
    high = 1.0 if successes == trials else centre + half
    return Interval(low=low, high=high, confidence=confidence)


def newcombe_interval(
    first: int, of_first: int, second: int, of_second: int, confidence: float = 0.95
) -> Interval | None:
    """The interval of a difference of two independent rates, first less second, -1..1; None without trials.

    Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10: from Wilson's intervals of both.
    """
    one, other = wilson_interval(first, of_first, confidence), wilson_interval(second, of_second, confidence)
    if one is None or other is None:
        return None
    p1, p2 = first / of_first, second / of_second
    low = p1 - p2 - sqrt((p1 - one.low) ** 2 + (other.high - p2) ** 2)
    high = p1 - p2 + sqrt((one.high - p1) ** 2 + (p2 - other.low) ** 2)
    return Interval(low=low, high=high, confidence=confidence)


def _factor_effect(rows: Sequence[Observation], name: str, levels: Sequence[Level], confidence: float) -> FactorEffect:
    applicable = [row for row in rows if row.levels.get(name, NONE) != NONE]
    cells = _cells(applicable, name)
    paired = {block: means for block, means in cells.items() if len(means) > 1}
    grand = fmean(fmean(means.values()) for means in paired.values()) if paired else None
    counts = Counter(row.levels[name] for row in applicable)
    return FactorEffect(
        factor=name,
        levels=tuple(
            _level_effect(level, paired, first=levels[0], grand=grand, pictures=counts[level], confidence=confidence)
            for level in levels
        ),
        mean=grand,
        blocks=len(paired),
        not_applicable=len(rows) - len(applicable),
        balanced=_is_balanced([row for row in applicable if row.block in paired], name, levels),
    )


def _level_effect(
    level: Level, paired: Cells, *, first: Level, grand: float | None, pictures: int, confidence: float
) -> LevelEffect:
    deviations = [means[level] - fmean(means.values()) for means in paired.values() if level in means]
    differences = [means[level] - means[first] for means in paired.values() if level in means and first in means]
    if grand is None or not deviations:
        why = "no block holds this level and another" if pictures else "no picture with this level"
        return LevelEffect(level=str(level), pictures=pictures, blocks=0, why=why)
    effect = fmean(deviations)
    has_pair = bool(differences) and level != first
    return LevelEffect(
        level=str(level),
        pictures=pictures,
        blocks=len(deviations),
        mean=grand + effect,
        effect=effect,
        interval=mean_interval(deviations, confidence),
        against_first=fmean(differences) if has_pair else None,
        against_first_interval=mean_interval(differences, confidence) if has_pair else None,
        why="no interval: one block" if len(deviations) == 1 else "",
    )


def _cells(rows: Sequence[Observation], name: str) -> Cells:
    values: dict[str, dict[Level, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        values[row.block][row.levels[name]].append(row.value)
    return {block: {level: fmean(found) for level, found in by_level.items()} for block, by_level in values.items()}


def _is_balanced(rows: Sequence[Observation], name: str, levels: Sequence[Level]) -> bool:
    """Whether, in every block, each level met the other factors in the same proportions.

    Factors that do not apply to some of these rows are left out of the question: no level of them could be met.
    """
    others = sorted({other for row in rows for other in row.levels} - {name})
    common = [other for other in others if all(row.levels.get(other, NONE) != NONE for row in rows)]
    met: dict[str, dict[Level, Counter[tuple[Level, ...]]]] = defaultdict(lambda: defaultdict(Counter))
    for row in rows:
        met[row.block][row.levels[name]][tuple(row.levels[other] for other in common)] += 1
    for by_level in met.values():
        shares = [{cell: count / found.total() for cell, count in found.items()} for found in by_level.values()]
        if set(by_level) != set(levels) or any(share != shares[0] for share in shares):
            return False
    return True


def _t_quantile(probability: float, freedom: int) -> float:
    try:
        from scipy.special import stdtrit  # half of the import time of scipy.stats, the same quantile
    except ImportError as error:
        raise MissingExtra("intervals need scipy: pip install 'prodimg-lab[lab]'") from error
    return float(stdtrit(freedom, probability))
