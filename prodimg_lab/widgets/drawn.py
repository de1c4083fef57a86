"""What a front end draws: traits and the bundled scripts, nothing else."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

STATIC = Path(__file__).parent / "static"


class GridWidget(anywidget.AnyWidget):
    """The grid as the front end knows it; everything else is asked for with messages (`Grid`).

    `look` and `selected` (places in the grid) change on both sides; `twin` marks the still page that is hidden while
    the widget lives; `height` in pixels.
    """

    _esm = STATIC / "grid.js"
    _css = STATIC / "grid.css"
    look = traitlets.Dict().tag(sync=True)
    selected = traitlets.List(traitlets.Int()).tag(sync=True)
    height = traitlets.Int(560).tag(sync=True)
    twin = traitlets.Unicode("").tag(sync=True)


class VoteWidget(anywidget.AnyWidget):
    """Blind pairs as the front end knows them; pictures and votes go by messages (`Vote`). `twin` as for the grid."""

    _esm = STATIC / "vote.js"
    _css = STATIC / "grid.css"
    twin = traitlets.Unicode("").tag(sync=True)


class TwinHider(anywidget.AnyWidget):
    """Shows nothing: while it lives, the still page with the mark `twin` is hidden. For widgets without a script."""

    _esm = STATIC / "twin.js"
    twin = traitlets.Unicode("").tag(sync=True)
