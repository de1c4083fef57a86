"""What is left of a grid where no kernel answers: on GitHub, in exported HTML, in a notebook that was reopened?

A page of still pictures in one output of plain HTML. It needs no script and no style sheet, since what shows it may
strip both; every text is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from prodimg_lab.records import TrialState, usd_text
from prodimg_lab.reports.pick import pick
from prodimg_lab.reports.thumbnails import Thumbnails
from prodimg_lab.widgets.present import Shown, factors_of

PICTURES = 30
"""Pictures at most."""

EDGE, MAX_BYTES = 160, 3_500
"""Of a still picture: pixels, and bytes before base64, so that 30 stay under 0.15 MB."""

WIDTH = 128
"""On the page, in CSS pixels."""

Picture = Callable[[Shown], bytes]


def still_page(
    shown: Sequence[Shown], *, mark: str = "", places: Sequence[int] | None = None, picture: Picture | None = None
) -> str:
    """HTML with up to 30 pictures: the best, the worst, and others at even steps; captions as in the grid.

    `places` are those to choose from, in their order (default: all, as planned). `mark` names the widget that hides
    this page while it lives; `picture` gives the bytes to make small pictures from (default: the provider's own).
    """
    asked = [shown[place] for place in (range(len(shown)) if places is None else places)]
    picked = _picked([each for each in asked if each.row.is_drawn])
    attribute = f' data-prodimg-twin="{html.escape(mark, quote=True)}"' if mark else ""
    read = picture or _own_picture
    tiles = "".join(_tile(each, caption, read) for each, caption in zip(picked, _captions(shown, picked), strict=True))
    return (
        f'<div{attribute} style="font-family:sans-serif;font-size:12px;line-height:1.35">'
        f"<p>{html.escape(_headline(shown, len(picked)))}</p><div>{tiles}</div></div>"
    )


def _own_picture(each: Shown) -> bytes:
    return each.view.picture(each.row.outcome.digest)


def _picked(drawn: Sequence[Shown]) -> list[Shown]:
    if len(drawn) <= PICTURES:
        return list(drawn)
    if len({each.view.run_id for each in drawn}) > 1:
        return [drawn[place * len(drawn) // PICTURES] for place in range(PICTURES)]
    kept = {row.trial.index for row in pick([each.row for each in drawn], PICTURES).rows}
    return [each for each in drawn if each.row.trial.index in kept]


def _headline(chosen: Sequence[Shown], still: int) -> str:
    views = {each.view.run_id: each.view for each in chosen}
    drawn = sum(each.row.is_drawn for each in chosen)
    refused = sum(each.row.outcome.state is TrialState.REFUSED for each in chosen)
    money = sum(view.real_cost_micro for view in views.values())
    parts = [
        ", ".join(f"{view.experiment} {view.run_id} ({view.state})" for view in views.values()),
        f"{drawn} of {len(chosen)} pictures drawn",
        f"{refused} refused" if refused else "",
        "simulated" if any(view.simulated for view in views.values()) else usd_text(money),
        f"{still} of them below" if still < drawn else "",
    ]
    return " · ".join(part for part in parts if part)


def _captions(shown: Sequence[Shown], picked: Sequence[Shown]) -> list[str]:
    """The levels in which the pictures of the grid differ."""
    place = {id(each): number for number, each in enumerate(shown)}
    varying = [factor for factor in factors_of(shown) if factor.varies]
    return [
        " · ".join(factor.levels[factor.places[place[id(each)]]] for factor in varying) or each.row.trial.block.name
        for each in picked
    ]


def _tile(each: Shown, caption: str, read: Picture) -> str:
    thumbnail = Thumbnails().of(lambda _: read(each), each.row.outcome.digest, edge=EDGE, max_bytes=MAX_BYTES)
    quality = "" if each.row.quality is None else f"<b>{each.row.quality:.2f}</b> "
    prompt = html.escape(each.row.trial.prompt.text, quote=True)
    picture = (
        f'<img src="{thumbnail.uri}" alt="{prompt}" width="{WIDTH}">'
        if thumbnail.data
        else f"<em>{html.escape(thumbnail.problem)}</em>"
    )
    return (
        f'<span style="display:inline-block;width:{WIDTH + 8}px;margin:0 6px 8px 0;vertical-align:top">'
        f"{picture}<br>{quality}{html.escape(caption)}</span>"
    )
