"""Is everything in place? One command that says so, line by line."""

from __future__ import annotations

from typing import Annotated

import typer

from prodimg_lab.cli.options import Json
from prodimg_lab.cli.show import say, say_json

MARK = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def doctor(
    pay: Annotated[bool, typer.Option("--pay", help="Also buy one picture of the cheapest model, to be sure.")] = False,
    json: Json = False,
) -> None:
    """Check settings, credentials, model access, clock, studio, browser; each fault with its mend. Costs nothing."""
    from prodimg_lab.experiment.doctor import cheapest, examine
    from prodimg_lab.lab import find_lab, with_environment
    from prodimg_lab.models.catalogue import row
    from prodimg_lab.records import usd_text

    if pay and not json:
        card = row(cheapest())
        say(f"one picture of {card.title} will be bought: {usd_text(card.price_micro or 0)}")
    found = []
    for finding in examine(with_environment(find_lab()), pay=pay):
        found.append(finding)
        if not json:
            mend = f"\n{'':21}-> {finding.mend}" if finding.mend else ""
            say(f"{MARK[finding.verdict]} {finding.name:15} {finding.says}{mend}")
    if json:
        say_json(found)
    if any(finding.verdict == "fail" for finding in found):
        raise typer.Exit(1)
