"""Which scorers are there? A table of names that loads no OpenCV until one of them is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import cast

from prodimg_lab.errors import MissingExtra, UnknownName
from prodimg_lab.scoring._base import Scorer
from prodimg_lab.suggest import nearest

_HOMES = {
    "sharpness": "technical:SHARPNESS",
    "noise": "technical:NOISE",
    "exposure": "technical:EXPOSURE",
    "contrast": "technical:CONTRAST",
    "colourfulness": "technical:COLOURFULNESS",
    "colour": "attributes:COLOUR",
    "background": "attributes:BACKGROUND",
    "fill": "attributes:FILL",
    "centring": "attributes:CENTRING",
    "cropped": "attributes:CROPPED",
}
NAMES = tuple(_HOMES)
"""Every scorer of this package, in the order in which they are shown."""


def scorers(names: Sequence[str] | None = None) -> tuple[Scorer, ...]:
    """The scorers of `names` in that order; by default all of them. Raises `UnknownName`, `MissingExtra`."""
    return tuple(_scorer(name) for name in (NAMES if names is None else names))


@lru_cache(maxsize=len(_HOMES))
def _scorer(name: str) -> Scorer:
    if name not in _HOMES:
        raise UnknownName(f"no scorer {name!r}; {nearest(name, NAMES)}")
    module, _, attribute = _HOMES[name].partition(":")
    try:
        return cast(Scorer, getattr(import_module(f"prodimg_lab.scoring.{module}"), attribute))
    except ModuleNotFoundError as error:
        if error.name not in ("cv2", "numpy"):
            raise
        raise MissingExtra(
            f"scoring pictures needs {error.name}; install prodimg-lab with its extra `deliver` or `lab`"
        ) from error


def card_table(names: Sequence[str] | None = None) -> str:
    """The scorers' cards as a Markdown table, for the guide and reports."""
    lines = ["| scorer | raw, unit | range | better | cost | formula |", "|---|---|---|---|---|---|"]
    for scorer in scorers(names):
        card = scorer.card
        lines.append(
            f"| `{scorer.name}` {scorer.version} | {card.unit} | {card.raw_range} | {card.direction} | {card.cost} "
            f"| {card.formula} |"
        )
    return "\n".join(lines)
