"""Where do the dots, bars and intervals of a page stand?

Places are percentages of the plot's width or height, so that a plot needs no script and fits any screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Literal

from prodimg_lab.verdict.effects import FactorEffect, LevelEffect

BINS = 20
"""Bars of a histogram: of quality, a quarter of a point each."""

NICE = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Ends that the axis of effects may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: `left`, `width` and `height` in percent, and what it says to a reader."""

    left: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPlot:
    """One level: a dot at `place` within `low`..`high` (percent), None where nothing could be computed."""

    level: str
    pictures: int
    mean: str
    effect: str
    interval: str
    tone: Literal["up", "down", "flat"]
    place: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorPlot:
    """All levels of one factor on the axis shared by the page; `notes` are what a reader must know besides."""

    factor: str
    spread: str
    levels: tuple[LevelPlot, ...]
    notes: tuple[str, ...]


def effects_axis(effects: Iterable[FactorEffect]) -> float:
    """The end of a symmetric axis that holds every interval: a round figure."""
    reach = 0.0
    for effect in effects:
        for level in effect.levels:
            ends = (level.interval.low, level.interval.high) if level.interval else (level.effect or 0.0,)
            reach = max(reach, *(abs(end) for end in ends))
    return next((end for end in NICE if end >= reach), NICE[-1])


def factor_plots(effects: Sequence[FactorEffect]) -> tuple[FactorPlot, ...]:
    """One plot per factor, the widest spread first."""
    axis = effects_axis(effects)
    ordered = sorted(effects, key=lambda effect: -effect.spread)
    return tuple(
        FactorPlot(
            factor=effect.factor,
            spread=f"{effect.spread:.2f}",
            levels=tuple(_level_plot(level, axis) for level in effect.levels),
            notes=tuple(_notes(effect)),
        )
        for effect in ordered
    )


def histogram(values: Sequence[float], end: float, *, unit: str) -> tuple[Bar, ...]:
    """How often each twentieth of 0..`end` was reached; `end` itself falls into the last bar. Empty for no values."""
    if not values:
        return ()
    counts = [0] * BINS
    for value in values:
        counts[min(int(value / end * BINS), BINS - 1)] += 1
    step, top = end / BINS, max(counts)
    return tuple(
        Bar(
            left=100 * i / BINS,
            width=100 / BINS,
            height=100 * count / top,
            title=f"{count} of {len(values)} between {i * step:g} and {(i + 1) * step:g}{unit}",
        )
        for i, count in enumerate(counts)
    )


def round_end(value: float) -> float:
    """A round end of an axis from 0 that holds `value`: 1, 2 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _level_plot(level: LevelEffect, axis: float) -> LevelPlot:
    interval = level.interval
    tone: Literal["up", "down", "flat"] = "flat"
    if interval is not None and interval.excludes_zero:
        tone = "up" if interval.low > 0 else "down"
    return LevelPlot(
        level=level.level,
        pictures=level.pictures,
        mean="–" if level.mean is None else f"{level.mean:.2f}",
        effect="–" if level.effect is None else f"{level.effect:+.2f}",
        interval=level.why if interval is None else f"{interval.low:+.2f} to {interval.high:+.2f}",
        tone=tone,
        place=_place(level.effect, axis),
        low=_place(interval.low if interval else None, axis),
        high=_place(interval.high if interval else None, axis),
    )


def _place(value: float | None, axis: float) -> float | None:
    return None if value is None else min(100.0, max(0.0, 50 + 50 * value / axis))


def _notes(effect: FactorEffect) -> Iterable[str]:
    yield f"{effect.blocks} block{'' if effect.blocks == 1 else 's'} (product × seed)"
    if not effect.balanced:
        yield "unequal mixtures of the other factors: part of an effect may be theirs"
    if effect.not_applicable:
        yield f"{effect.not_applicable} pictures whose template does not take this factor stand outside"
