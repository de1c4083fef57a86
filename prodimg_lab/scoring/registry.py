"""Which scorers are there? A table of names that loads no OpenCV until one of them is wanted.

Others are found through the entry-point group `prodimg_lab.scorers`: the entry point's name is the scorer's, and it
leads to the scorer itself. The marketplaces' come that way, and those of anybody who ships a package.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from prodimg_lab.errors import MissingExtra, UnknownName
from prodimg_lab.scoring._base import Scorer
from prodimg_lab.suggest import nearest

_HOMES = {
    "sharpness": "technical:SHARPNESS",
    "noise": "technical:NOISE",
    "blockiness": "technical:BLOCKINESS",
    "exposure": "technical:EXPOSURE",
    "contrast": "technical:CONTRAST",
    "colourfulness": "technical:COLOURFULNESS",
    "colour": "attributes:COLOUR",
    "background": "attributes:BACKGROUND",
    "fill": "attributes:FILL",
    "centring": "attributes:CENTRING",
    "cropped": "attributes:CROPPED",
    "shadow": "attributes:SHADOW",
    "parts": "attributes:PARTS",
    "label": "words:LABEL",
    "stray-text": "words:STRAY_TEXT",
    "colour-network": "network:COLOUR_NETWORK",
    "fill-network": "network:FILL_NETWORK",
    "centring-network": "network:CENTRING_NETWORK",
    "cropped-network": "network:CROPPED_NETWORK",
    "adherence": "judge:UNASKED",
}
_SLOW = ("label", "stray-text", "colour-network", "fill-network", "centring-network", "cropped-network", "adherence")
NAMES = tuple(name for name in _HOMES if name not in _SLOW)
"""The scorers that run on every picture as it lands, in the order in which they are shown."""
GROUP = "prodimg_lab.scorers"
"""The entry-point group."""


@lru_cache(maxsize=1)
def _elsewhere() -> dict[str, EntryPoint]:
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def names() -> tuple[str, ...]:
    """Every scorer that a rubric may name: those of this room, then those found through entry points."""
    return (*_HOMES, *(name for name in _elsewhere() if name not in _HOMES))


def scorers(wanted: Sequence[str] | None = None) -> tuple[Scorer, ...]:
    """The scorers `wanted`, in that order; by default the fast ones. Raises `UnknownName`, `MissingExtra`."""
    return tuple(_scorer(name) for name in (NAMES if wanted is None else wanted))


def check_ready(wanted: Sequence[str]) -> None:
    """Raises `MissingExtra` where what a slow scorer of these needs (a reader of words, weights) is not installed."""
    for name in wanted:
        if name in _SLOW:
            module = import_module(f"prodimg_lab.scoring.{_HOMES[name].partition(':')[0]}")
            getattr(module, "ready", lambda: None)()


@lru_cache(maxsize=128)
def _scorer(name: str) -> Scorer:
    if name not in _HOMES and name not in _elsewhere():
        raise UnknownName(f"no scorer {name!r}; {nearest(name, names())}")
    try:
        if name not in _HOMES:
            return cast(Scorer, _elsewhere()[name].load())
        module, _, attribute = _HOMES[name].partition(":")
        return cast(Scorer, getattr(import_module(f"prodimg_lab.scoring.{module}"), attribute))
    except ModuleNotFoundError as error:
        if error.name not in ("cv2", "numpy", "PIL"):
            raise
        raise MissingExtra(
            f"scoring pictures needs {error.name}; install prodimg-lab with its extra `deliver` or `lab`"
        ) from error


def card_table(wanted: Sequence[str] | None = None) -> str:
    """The scorers' cards as a Markdown table, for the guide and reports."""
    lines = ["| scorer | raw, unit | range | better | cost | formula |", "|---|---|---|---|---|---|"]
    for scorer in scorers(wanted):
        card = scorer.card
        lines.append(
            f"| `{scorer.name}` {scorer.version} | {card.unit} | {card.raw_range} | {card.direction} | {card.cost} "
            f"| {card.formula} |"
        )
    return "\n".join(lines)
