"""What is there to say of a run in a terminal?"""

from __future__ import annotations

import textwrap

from prodimg_lab.experiment.figures import dollars, headline
from prodimg_lab.experiment.view import RunView
from prodimg_lab.reports.facts import STATES, progress_text
from prodimg_lab.reports.pick import best
from prodimg_lab.reports.tables import Line, by_variant, troubles

SHOWN = 3
"""Variants, prompts and reasons in the summary."""


def summary_text(view: RunView, *, width: int = 100) -> str:
    """Headline, best variants, their best pictures with the prompts, and what went wrong, in plain lines.

    `width` is where prompts wrap, in characters; figures and names are not cut.
    """
    lines = [headline(view).text(), f"{view.experiment} {view.run_id}: {STATES[view.state]}"]
    if view.state == "running":
        lines.append(progress_text(view))
    scored = [line for line in by_variant(view) if line.quality is not None][:SHOWN]
    if scored:
        lines += [
            "",
            "Best variants by mean quality (a mean is no verdict), best picture of each:",
        ]
    for place, line in enumerate(scored, 1):
        price = "" if line.price_usd is None else f", {dollars(line.price_usd)} a picture"
        mark = "  (baseline)" if line.name == view.baseline else ""
        counts = f"n {line.scored}, {line.refused} refused{price}"
        lines.append(f"  {place}. {line.quality:.2f}  {line.name}  ({counts}){mark}")
        lines += _best_prompt(line, width)
    bad = troubles(view)
    if bad:
        lines += ["", "Without a picture:"]
    lines += [f"  {len(each.rows)} {each.state.value}: {_printable(each.reason)}" for each in bad[:SHOWN]]
    if len(bad) > SHOWN:
        lines.append(f"  and {len(bad) - SHOWN} further reasons")
    return "\n".join(lines)


def _best_prompt(line: Line, width: int) -> list[str]:
    (row,) = best(line.rows, 1)
    indent = " " * 11
    prompt = textwrap.wrap(_printable(row.trial.prompt.text), width, initial_indent=indent, subsequent_indent=indent)
    return [f"{indent}{row.quality:.2f} for {row.trial.block.name}, picture {row.outcome.digest[:12]}:", *prompt]


def _printable(text: str) -> str:
    """Without control characters: text from a catalogue or a model must not steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
