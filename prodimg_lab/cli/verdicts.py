"""The command `verdict`: which variant wins, how surely, and what it cost to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from prodimg_lab.cli.options import Json, Run
from prodimg_lab.cli.show import say, say_json, table

if TYPE_CHECKING:
    from prodimg_lab.experiment.verdicts import Verdict
    from prodimg_lab.verdict.comparison import Difference

_COLUMNS = ("variant", "units", "mean", "difference", "95 %", "all at once", "won", "Holm p", "Dunnett p", "refused")
MOST_ROWS = 40


def verdict(
    run_name: Run = "last",
    against: Annotated[
        list[str] | None, typer.Option("--against", metavar="RUN", help="Pair it with another run of the experiment.")
    ] = None,
    by: Annotated[
        str, typer.Option(metavar="SCORER", help="quality, a scorer, or stars; by default what `decide` declares.")
    ] = "",
    claim: Annotated[
        str, typer.Option(metavar="CLAIM", help="these-products or products-in-general; by default as declared.")
    ] = "",
    baseline: Annotated[str, typer.Option(metavar="VARIANT", help="The incumbent; by default the experiment's.")] = "",
    json: Json = False,
) -> None:
    """Say which variant wins, how surely, and what it cost to know: one paragraph, then the evidence."""
    from prodimg_lab.experiment import find_run
    from prodimg_lab.experiment.verdicts import verdict_of

    folders = [find_run(name) for name in (run_name, *(against or ()))]
    found = verdict_of(folders, by=by, claim=claim, baseline=baseline)
    if json:
        say_json(found.facts())
    else:
        _tell(found)


def _tell(found: Verdict) -> None:
    say(found.text())
    if found.origin == "chosen":
        say("Figure, claim or baseline were chosen after the pictures were seen: good for a new question, no evidence.")
    for warning in (*found.warnings, *(f"differs: {each}" for each in found.differs)):
        say(f"mind: {warning}")
    rows = found.comparison.differences[:MOST_ROWS]
    say(table((_row(row) for row in rows), _COLUMNS))
    left = len(found.comparison.differences) - len(rows)
    if left:
        say(f"{left} more variants: --json has all")
    parts = found.components
    if parts is not None and parts.within is not None:
        say(
            f"scatter: {parts.within:.2f} within a product, {parts.product:.2f} between products, "
            f"{parts.interaction:.2f} by how products react; variants of a block share {parts.rho:.0%} of the first"
        )


def _row(row: Difference) -> dict[str, object]:
    def number(value: float | None, form: str = "+.2f") -> str:
        return "-" if value is None else format(value, form)

    def bounds(interval: object) -> str:
        low, high = getattr(interval, "low", None), getattr(interval, "high", None)
        return "-" if low is None or high is None else f"{low:+.2f} to {high:+.2f}"

    cells = (
        row.variant,
        row.units,
        number(row.mean, ".2f"),
        number(row.difference),
        bounds(row.interval),
        bounds(row.simultaneous),
        number(row.won, ".0%"),
        number(row.holm_p, ".3f"),
        number(row.dunnett_p, ".3f"),
        number(row.refusals, "+.0%"),
    )
    return dict(zip(_COLUMNS, cells, strict=True))
