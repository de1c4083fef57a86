"""What follows from a finished comparison? `promote`, `keep baseline`, or `inconclusive`. Once, at the end.

A full design may promote the variant of the largest difference when Dunnett's one-sided p, corrected for all variants,
is at most 5 %. It keeps the baseline when no variant can be better by `WORTH` points: the upper ends of all
simultaneous intervals lie below it. Everything between is inconclusive, and says how much more it takes. The rule holds
for one look at the data that was planned: a run that is not finished is never decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from prodimg_lab.verdict.comparison import Difference, VariantComparison

Choice = Literal["promote", "keep baseline", "inconclusive"]
ALPHA = 0.05
WORTH = 0.1
"""Points of 5 below which a difference is not worth a change (and can hardly be paid for)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The choice; `variant` is the one that is promoted or came nearest, "" where there is none."""

    choice: Choice
    variant: str
    why: str


def decide(comparison: VariantComparison, *, finished: bool) -> Decision:
    """The decision that the module describes."""
    tested = [row for row in comparison.differences if row.dunnett_p is not None and row.simultaneous is not None]
    nearest = tested[0].variant if tested else ""
    if not finished:
        return Decision(choice="inconclusive", variant=nearest, why="the run is not finished, and a look is no verdict")
    if comparison.refused:
        return Decision(choice="inconclusive", variant=nearest, why=comparison.refused)
    if not tested:
        why = f"{comparison.complete} units have every variant, and it takes 3"
        return Decision(choice="inconclusive", variant="", why=why)
    best = min(tested, key=lambda row: row.dunnett_p or 0.0)
    if best.dunnett_p is not None and best.dunnett_p <= ALPHA:
        return Decision(choice="promote", variant=best.variant, why=_won(best, len(tested)))
    bound = max(row.simultaneous.high for row in tested if row.simultaneous is not None)
    if bound < WORTH:
        why = f"no variant can be better by {WORTH:g}: at most by {bound:.2f}, with 95 % confidence for all at once"
        return Decision(choice="keep baseline", variant=best.variant, why=why)
    luck = f"may be luck among {_variants(len(tested))} (p {best.dunnett_p:.2f})"
    why = f"the best difference, {best.difference:+.2f}, {luck}"
    return Decision(choice="inconclusive", variant=best.variant, why=why)


def _won(best: Difference, tested: int) -> str:
    p = best.dunnett_p or 0.0
    told = "below 0.001" if p < 0.001 else f"{p:.3f}"
    return f"better than the baseline by {best.difference:.2f}; corrected for {_variants(tested)}, p is {told}"


def _variants(count: int) -> str:
    return f"{count} variant{'s' * (count != 1)}"
