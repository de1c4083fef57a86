"""One self-contained page per run: how is it set, and how does it stay small?

The page needs no network and no other file. Whatever a catalogue, a template or a model wrote enters it as text: Jinja
escapes it, the script uses `textContent`, and a content security policy lets the browser run and load nothing but what
this module wrote.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from prodimg_lab import __version__
from prodimg_lab.experiment.figures import dollars, seconds_text
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.records import usd_text
from prodimg_lab.reports.facts import moment
from prodimg_lab.reports.files import write_atomically
from prodimg_lab.reports.page import Sizes, page_context
from prodimg_lab.reports.thumbnails import Thumbnail, Thumbnails

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_PICTURES = 500
"""Pictures in the contact sheet at most; see `pick` for which."""

MAX_BYTES = 20_000_000
"""Size of a page, ever; `limit_bytes` gives the limit of smaller runs."""

RELOAD_S = 10
"""How often the page of a running run loads itself again."""

SECTIONS = (
    ("variants", "Variants"),
    ("effects", "Effects"),
    ("ends", "Best & worst"),
    ("sheet", "Pictures"),
    ("tables", "Tables"),
    ("cost", "Cost & time"),
    ("troubles", "Refusals"),
    ("rerun", "Rerun"),
    ("run", "Run"),
)


def write_report(view: RunView, path: Path, *, live: bool = False, thumbnails: Thumbnails | None = None) -> Path:
    """Write the page of `view` to `path` in one step; `live` lets it load itself again while the run is `running`.

    `thumbnails` keeps pictures between rewrites. The page stays within `limit_bytes`: first the pictures get smaller,
    then fewer. Raises `StoreError` when the file cannot be written.
    """
    return write_atomically(path, render_report(view, live=live, thumbnails=thumbnails).encode("utf-8", "replace"))


def render_report(view: RunView, *, live: bool = False, thumbnails: Thumbnails | None = None) -> str:
    """The page as text; see `write_report`."""
    cache = thumbnails if thumbnails is not None else Thumbnails()
    sizes = first_sizes(len(view.rows))
    limit = limit_bytes(len(view.rows))
    while True:
        page = _render(view, cache, sizes, live=live)
        length = len(page.encode("utf-8", "replace"))
        if length <= limit or sizes.pictures + sizes.undrawn == 0:
            return page
        sizes = _smaller(sizes)


def limit_bytes(trials: int) -> int:
    """How long the page of a run of that many trials may be: 8 MB to 200, then evenly up to 20 MB at 500."""
    return min(MAX_BYTES, 8_000_000 + 40_000 * max(0, trials - 200))


def first_sizes(trials: int) -> Sizes:
    """Sizes to begin with; they depend on the plan alone, so that thumbnails made early in a run stay good."""
    if trials <= 48:
        return Sizes(pictures=MAX_PICTURES, edge=512, max_bytes=60_000)
    return Sizes(pictures=MAX_PICTURES, edge=384 if trials <= 200 else 320, max_bytes=20_000)


def _smaller(sizes: Sizes) -> Sizes:
    is_small = sizes.max_bytes <= 3_000
    return Sizes(
        pictures=sizes.pictures // 2 if is_small else sizes.pictures,
        undrawn=sizes.undrawn // 2 if is_small else sizes.undrawn,
        edge=max(128, round(sizes.edge * 0.75)),
        max_bytes=max(3_000, sizes.max_bytes // 2),
        card_edge=max(192, round(sizes.card_edge * 0.75)),
        card_bytes=max(10_000, sizes.card_bytes // 2),
    )


def _render(view: RunView, thumbnails: Thumbnails, sizes: Sizes, *, live: bool) -> str:
    def thumb(row: TrialRow, edge: int, max_bytes: int) -> Thumbnail:
        return thumbnails.of(view.picture, row.outcome.digest, edge=edge, max_bytes=max_bytes)

    css, js = _own("report.css"), _own("report.js")
    from markupsafe import Markup

    now = datetime.now(UTC)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            page_context(view, thumb, sizes, live=live),
            css=Markup(css),
            js=Markup(js),
            policy=_policy(css, js),
            sections=SECTIONS,
            reload_s=RELOAD_S,
            started=moment(view.started_at),
            written=f"{now:%Y-%m-%d %H:%M:%S} UTC",
            written_ms=int(now.timestamp() * 1000),
            version=__version__,
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("prodimg_lab.reports", "templates"), autoescape=True, undefined=StrictUndefined
    )
    environment.globals.update(dollars=dollars, seconds_text=seconds_text, usd_text=usd_text)
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False, "separators": (",", ":")}
    return environment


@cache
def _own(name: str) -> str:
    return (files("prodimg_lab.reports") / "templates" / name).read_text(encoding="utf-8")


def _policy(css: str, js: str) -> str:
    """Only our own style sheet and script, by their hashes; pictures only from the page itself; no network at all."""
    style, script = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (css, js))
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'"
    )
