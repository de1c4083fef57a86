"""How is a verdict set on the page: its paragraph, and every variant's difference with its intervals?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from prodimg_lab.errors import MissingExtra, UsageError
from prodimg_lab.experiment.calibration import pairs_of
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.verdicts import Verdict, verdict_on
from prodimg_lab.experiment.view import RunView

ROWS = 12
"""Variants that are shown, best difference first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One variant. Places in percent of the plot's width; the wide whisker holds for all variants at once."""

    variant: str
    units: int
    difference: str
    interval: str
    won: str
    p: str
    place: float
    low: float | None
    high: float | None
    wide_low: float | None
    wide_high: float | None
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """A verdict as the page shows it; `axis` is the difference at either end of the plot."""

    text: str
    choice: str
    declared: bool
    warnings: Sequence[str]
    rows: Sequence[Row]
    more: int
    axis: str
    by: str


def forest_of(view: RunView) -> Forest | None:
    """The verdict on a run, or None where there is nothing to hold anything against."""
    folder = RunFolder(path=view.folder)
    is_there = folder.journal.is_file()
    declared = (folder.read("run.json") or {}).get("decide") if is_there else None
    try:
        found = verdict_on([view], declared or {}, list(pairs_of(folder, view)) if is_there else [])
    except (UsageError, MissingExtra):
        return None
    return _forest(found)


def _forest(found: Verdict) -> Forest:
    shown = [row for row in found.comparison.differences if row.difference is not None][:ROWS]
    ends = [0.1, *(abs(row.difference or 0.0) for row in shown)]
    ends += [abs(end) for row in shown if row.interval for end in (row.interval.low, row.interval.high)]
    axis = ceil(10 * max(ends)) / 10

    def place(value: float) -> float:
        return round(50 + 50 * max(-1.0, min(1.0, value / axis)), 2)

    rows = [
        Row(
            variant=row.variant,
            units=row.units,
            difference=f"{row.difference:+.2f}",
            interval=f"{row.interval.low:+.2f} to {row.interval.high:+.2f}" if row.interval else "no interval",
            won="\u2013" if row.won is None else f"{row.won * row.products:g} of {row.products}",
            p="\u2013" if row.dunnett_p is None else "< 0.001" if row.dunnett_p < 0.001 else f"{row.dunnett_p:.3f}",
            place=place(row.difference or 0.0),
            low=place(row.interval.low) if row.interval else None,
            high=place(row.interval.high) if row.interval else None,
            wide_low=place(row.simultaneous.low) if row.simultaneous else None,
            wide_high=place(row.simultaneous.high) if row.simultaneous else None,
            tone="up" if _is_above(row.simultaneous) else "down" if _is_below(row.simultaneous) else "flat",
        )
        for row in shown
    ]
    return Forest(
        text=found.text(),
        choice=found.decision.choice,
        declared=found.origin == "declared",
        warnings=found.warnings,
        rows=rows,
        more=len(found.comparison.differences) - len(rows),
        axis=f"{axis:g}",
        by=found.by,
    )


def _is_above(interval: object) -> bool:
    return getattr(interval, "low", -1.0) > 0


def _is_below(interval: object) -> bool:
    return getattr(interval, "high", 1.0) < 0
