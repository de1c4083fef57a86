"""The command `verdict`: which variant wins, how surely, and what it cost to know."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prodimg_lab.cli.options import Json, Run
from prodimg_lab.cli.show import say, say_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prodimg_lab.experiment import RunFolder
    from prodimg_lab.experiment.verdicts import Verdict
    from prodimg_lab.verdict.comparison import Difference
    from prodimg_lab.verdict.strengths import Strength

_COLUMNS = ("variant", "units", "mean", "difference", "95 %", "all at once", "won", "Holm p", "Dunnett p", "refused")
MOST_ROWS = 40


def verdict(
    run_name: Run = "last",
    against: Annotated[
        list[str] | None, typer.Option("--against", metavar="RUN", help="Pair it with another run of the experiment.")
    ] = None,
    by: Annotated[
        str,
        typer.Option(metavar="SCORER", help="quality, a scorer, stars or votes; by default as `decide` says."),
    ] = "",
    claim: Annotated[
        str, typer.Option(metavar="CLAIM", help="these-products or products-in-general; by default as declared.")
    ] = "",
    baseline: Annotated[str, typer.Option(metavar="VARIANT", help="The incumbent; by default the experiment's.")] = "",
    outcomes: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="What shoppers did: asset,arm,shown,clicked[,bought]; no run is read."),
    ] = None,
    control: Annotated[str, typer.Option(metavar="ARM", help="Of the outcomes: the arm that was there before.")] = "",
    self_test: Annotated[
        bool, typer.Option("--self-test", help="How often would this rule promote somebody if nobody were better?")
    ] = False,
    json: Json = False,
) -> None:
    """Say which variant wins, how surely, and what it cost to know: one paragraph, then the evidence."""
    if outcomes is not None:
        _shoppers(outcomes, control, json=json)
        return
    from prodimg_lab.experiment import find_run
    from prodimg_lab.experiment.verdicts import self_test_of, verdict_of

    folders = [find_run(name) for name in (run_name, *(against or ()))]
    if by == "votes":
        _poll(folders, baseline, json=json)
        return
    if self_test:
        tested = self_test_of(folders, by=by, claim=claim, baseline=baseline)
        if json:
            say_json({"self_test": {**asdict(tested), "share": tested.share} if tested else None})
        else:
            say(tested.says if tested else "fewer than 3 units have every variant: there is nothing to test")
        return
    found = verdict_of(folders, by=by, claim=claim, baseline=baseline)
    if json:
        say_json(found.facts())
    else:
        _tell(found)


def _poll(folders: Sequence[RunFolder], baseline: str, *, json: bool) -> None:
    from prodimg_lab.experiment.polls import poll_of

    found = poll_of(folders, baseline=baseline)
    if json:
        say_json(found.facts())
        return
    say(found.text())
    rows = (_strength(each) for each in found.strengths[:MOST_ROWS])
    say(table(rows, ("variant", "votes", "strength", "beats", "best")))
    for remark in found.remarks:
        say(f"mind: {remark}")


def _strength(each: Strength) -> dict[str, object]:
    beats = "-"
    if each.beats is not None and each.beats_interval is not None:
        beats = f"{each.beats:.0%} ({each.beats_interval.low:.0%} to {each.beats_interval.high:.0%})"
    own = f"{each.strength:+.2f} ({each.interval.low:+.2f} to {each.interval.high:+.2f})"
    return {"variant": each.variant, "votes": each.votes, "strength": own, "beats": beats, "best": f"{each.best:.0%}"}


def _shoppers(file: Path, control: str, *, json: bool) -> None:
    from prodimg_lab.verdict.outcomes import outcomes, read_outcomes

    found = []
    for what in ("clicked", "bought"):
        if what == "clicked" or _has_column(file, what):
            found += outcomes(read_outcomes(file, what), control, what=what)
    if json:
        say_json([asdict(each) for each in found])
        return
    for each in found:
        first, second = each.arms
        own = f"{first.happened} of {first.shown} against {second.happened} of {second.shown}"
        low, high = each.interval.low, each.interval.high
        say(
            f"{each.arm}: {each.what} {each.difference:+.2%} to {each.control} (95 %: {low:+.2%} to {high:+.2%}; "
            f"p {each.p:.3f}), corrected for {each.products} products ({each.crude:+.2%} without); {own}"
        )
        if each.left_out:
            say(f"mind: {each.left_out} products were shown in one arm only and are left out")
        if each.warning:
            say(f"mind: {each.warning}")


def _has_column(file: Path, name: str) -> bool:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return name in opened.readline().strip().split(",")


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
