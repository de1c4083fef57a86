"""What was really drawn? For tests and documentation; no scorer may read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """What a picture shows. `asked` and `drawn` by attribute; `kept` and `lost` split the asked ones.

    `colour` is the product's as drawn (`#rrggbb`, before lighting), `bbox` its box in pixels (x0, y0, x1, y1, the
    last two exclusive), `mask` its pixels, glass counted as solid; `notes` say what could only be drawn nearly.
    """

    archetype: str
    asked: Mapping[str, str]
    drawn: Mapping[str, str]
    kept: tuple[str, ...]
    lost: tuple[str, ...]
    colour: str
    background: str
    background_kind: str
    lighting: str
    angle: str
    season: str
    artefacts: tuple[str, ...]
    bbox: tuple[int, int, int, int]
    mask: NDArray[np.bool_]
    notes: tuple[str, ...]
