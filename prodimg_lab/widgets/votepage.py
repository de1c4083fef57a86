"""How do colleagues vote who have no Jupyter? With one page that holds everything and sends nothing anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from prodimg_lab.errors import UsageError
from prodimg_lab.experiment import RunView
from prodimg_lab.reports.files import write_atomically
from prodimg_lab.reports.thumbnails import Thumbnails
from prodimg_lab.widgets.pairs import Pair

STATIC = Path(__file__).parent / "static"

EDGE, MAX_BYTES = 640, 60_000
"""Of a picture on the page: pixels, and bytes before base64."""


def write_page(view: RunView, file: Path, pairs: Sequence[Pair]) -> Path:
    """Write the page for these pairs. Raises `UsageError` when there are none."""
    if not pairs:
        raise UsageError(f"run {view.run_id} has no pair left to ask")
    return write_atomically(file, page_html(view, pairs).encode("utf-8"))


def page_html(view: RunView, pairs: Sequence[Pair]) -> str:
    """The page as text. It names trials by number, so a look into its source tells no variant."""
    thumbnails, places = Thumbnails(), list(dict.fromkeys(place for pair in pairs for place in (pair.left, pair.right)))
    pictures = {
        place: thumbnails.of(view.picture, view.rows[place].outcome.digest, edge=EDGE, max_bytes=MAX_BYTES).uri
        for place in places
    }
    products = {row.trial.index: view.products.get(row.trial.block.sku) for row in view.rows}
    titles = {place: (known.title if (known := products[place]) else "") for place in places}
    data = {
        "run_id": view.run_id,
        "simulated": view.simulated,
        "pairs": [{"left": pair.left, "right": pair.right, "title": titles[pair.left]} for pair in pairs],
        "pictures": pictures,
    }
    script, style = (STATIC / "votepage.js").read_text("utf-8"), (STATIC / "grid.css").read_text("utf-8")
    policy = (
        f"default-src 'none'; img-src data: blob:; style-src {_hash(style)} 'unsafe-inline'; script-src {_hash(script)}"
    )
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Which picture is better?</title>\n'
        f'<style>{style}</style></head>\n<body><main class="prodimg-grid pg-votepage" id="vote"></main>\n'
        f'<script type="application/json" id="vote-data">{text}</script>\n<script type="module">{script}</script>'
        "</body></html>\n"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
