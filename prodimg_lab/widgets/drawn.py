"""What a front end draws: traits and the bundled script, nothing else."""

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
    height = traitlets.Int(640).tag(sync=True)
    twin = traitlets.Unicode("").tag(sync=True)
