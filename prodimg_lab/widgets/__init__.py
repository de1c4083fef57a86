"""What a notebook shows and lets people do: bench, grid, vote. Each has a still twin for readers without a kernel.

The names load when they are first used: asking whether anybody looks loads no widget.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prodimg_lab.widgets.bench import Bench
    from prodimg_lab.widgets.grid import Grid, Look
    from prodimg_lab.widgets.surroundings import is_headless
    from prodimg_lab.widgets.vote import Vote

__all__ = ["Bench", "Grid", "Look", "Vote", "is_headless"]

_HOMES = {"Bench": "bench", "Grid": "grid", "Look": "grid", "Vote": "vote", "is_headless": "surroundings"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
