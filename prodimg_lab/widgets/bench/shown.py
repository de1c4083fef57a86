"""What the bench shows as HTML: prompts with their colours, findings, plans, tables. Every text is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from re import findall

from prodimg_lab.experiment import RunView
from prodimg_lab.experiment.figures import seconds_text
from prodimg_lab.records import Prompt, usd_text
from prodimg_lab.reports.spans import legend, segments
from prodimg_lab.reports.tables import by_variant
from prodimg_lab.runner import Progress
from prodimg_lab.runner.progress import progress_text
from prodimg_lab.widgets.bench.drafting import Draft, Reading
from prodimg_lab.widgets.bench.sweeping import Offer

HUES = (215, 30, 150, 285, 350, 60, 185, 320, 100, 250)
"""Of the marks, as in the grid."""

ROWS = 12
"""Of the table of variants at most; the grid and the report have all."""


def prompt_html(prompt: Prompt, factors: Iterable[str]) -> str:
    """The prompt, each factor's words in its colour, with the legend below."""
    names = legend(factors, [prompt])
    hue = {name: HUES[place % len(HUES)] for place, name in enumerate(names)}
    words = "".join(
        _mark(part.text, hue[part.mark], f"{part.name}: {part.level}" if part.level else part.name)
        if part.name
        else html.escape(part.text)
        for part in segments(prompt)
    )
    keys = " ".join(_mark(name, hue[name], "") for name in names)
    without = f"<p><b>Without:</b> {html.escape(prompt.negative)}</p>" if prompt.negative else ""
    return f'<p style="line-height:1.6">{words}</p>{without}<p style="font-size:12px">{keys}</p>'


def _mark(text: str, hue: int, title: str) -> str:
    style = f"color:inherit;background:hsl({hue} 70% 50% / .25);box-shadow:inset 0 -2px hsl({hue} 60% 50%)"
    return f'<mark style="{style}" title="{html.escape(title, quote=True)}">{html.escape(text)}</mark>'


def reading_html(reading: Reading) -> str:
    """Length against the limit, and what the linter says, errors first."""
    colour = "#b3231c" if reading.length > reading.limit else "inherit"
    parts = [f'<span style="color:{colour}">{reading.length:,} of {reading.limit:,} characters</span>']
    if reading.missing:
        parts.append(f"this product has no {html.escape(', '.join(reading.missing))}")
    found = sorted(reading.findings, key=lambda each: each.severity)
    lines = "".join(f"<li>{_finding(each.severity, each.message)}</li>" for each in found)
    return f"<p>{' · '.join(parts)}</p>" + (f"<ul>{lines}</ul>" if lines else "<p>nothing to complain of</p>")


def _finding(severity: str, message: str) -> str:
    colour = "#b3231c" if severity == "error" else "#855200"
    return f'<b style="color:{colour}">{severity}</b> {html.escape(message)}'


def draft_diff_html(draft: Draft) -> str:
    """What differs from the saved version, word by word; "" when nothing does."""
    if not draft.is_changed:
        return ""
    parts = [word_diff_html(draft.saved.prompt, draft.text)]
    if draft.negative.strip() != draft.saved.negative_prompt.strip():
        parts.append(f"without: {word_diff_html(draft.saved.negative_prompt, draft.negative)}")
    changed = "".join(f"<p>{part}</p>" for part in parts)
    return (
        f"<details open><summary>changed since version {html.escape(draft.saved.version)}</summary>{changed}</details>"
    )


def word_diff_html(before: str, after: str) -> str:
    """The words of `after`, with those that came and went marked."""
    old, new = findall(r"\s+|\w+|[^\w\s]", before.strip()), findall(r"\s+|\w+|[^\w\s]", after.strip())
    made = ""
    for tag, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            made += html.escape("".join(new[c:d]))
            continue
        gone, come = html.escape("".join(old[a:b])), html.escape("".join(new[c:d]))
        made += f'<del style="background:hsl(3 68% 41% / .2)">{gone}</del>' if gone else ""
        made += f'<ins style="background:hsl(154 83% 26% / .25);text-decoration:none">{come}</ins>' if come else ""
    return made


def offer_html(made: Offer) -> str:
    """How many pictures, what they cost, how long they take; and every problem."""
    problems = "".join(f"<li>{_finding('error', each)}</li>" for each in made.problems)
    told = f"<ul>{problems}</ul>" if problems else ""
    if made.planned is None or made.estimate is None:
        return told or "<p>choose a template</p>"
    sweep, cost = made.planned.sweep, made.estimate
    money = f"{usd_text(cost.cost_micro)}{' (simulated)' if made.planned.simulated else ''}"
    facts = {
        "pictures": f"{len(sweep.variants)} variants × {len(sweep.blocks)} blocks = {cost.trials}",
        "in the store": f"{cost.cached}, so {cost.to_draw} to draw",
        "price": f"{money}, {cost.price_source}",
        "time": f"about {seconds_text(cost.seconds)}",
    }
    if sweep.left_out:
        facts["left out"] = f"{len(sweep.left_out)} variants that a model can't draw: {sweep.left_out[0].reason}"
    return table_html(facts) + told


def table_html(facts: Mapping[str, str]) -> str:
    """Names and texts as a table."""
    rows = "".join(
        f'<tr><th style="text-align:left;padding-right:1em">{html.escape(name)}</th>'
        f'<td style="text-align:left">{html.escape(text)}</td></tr>'
        for name, text in facts.items()
    )
    return f"<table>{rows}</table>"


def progress_html(progress: Progress, state: str = "") -> str:
    """A bar and the runner's own words."""
    share = 100 * progress.done / max(1, progress.total)
    bar = f'<progress max="100" value="{share:.1f}" style="width:18em" aria-label="pictures drawn"></progress>'
    return f"{bar} {html.escape(progress_text(progress))} {html.escape(state)}"


def variants_html(view: RunView) -> str:
    """The best variants by mean quality. A mean is no verdict, and the table says so."""
    head = ("variant", "quality", "pictures", "refused", "failed", "seconds", "USD a picture")
    lines = [
        (
            line.name,
            _number(line.quality, 2),
            str(line.drawn),
            str(line.refused),
            str(line.failed),
            _number(line.seconds, 1),
            _number(line.price_usd, 4),
        )
        for line in by_variant(view)
    ]
    note = f"the {ROWS} best of {len(lines)} variants; " if len(lines) > ROWS else ""
    return _grid_table(head, lines[:ROWS]) + f"<p>{note}a mean is a hint where to look, not a verdict</p>"


def _grid_table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    top = "".join(
        f'<th scope="col" style="text-align:left;padding-right:1.2em">{html.escape(each)}</th>' for each in head
    )
    rows = "".join(
        "<tr>"
        + "".join(f'<td style="text-align:left;padding-right:1.2em">{html.escape(cell)}</td>' for cell in line)
        + "</tr>"
        for line in lines
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>"


def _number(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:.{places}f}"
