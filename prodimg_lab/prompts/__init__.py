"""Templates and packs: how a prompt is written, checked and filled.

A template is a prompt with holes; a pack names phrases that fill them. `render` gives the words for one product and
remembers which slot or attribute wrote which of them; `lint` finds what is wrong before anything is paid. Names load on
first use, so that a release renders without importing a YAML reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prodimg_lab.prompts._base import Finding, Library, Pack, StyleLevel, Template
    from prodimg_lab.prompts.linting import lint
    from prodimg_lab.prompts.loader import load_library
    from prodimg_lab.prompts.rendering import missing_attributes, render, slots_of

__all__ = [
    "Finding",
    "Library",
    "Pack",
    "StyleLevel",
    "Template",
    "lint",
    "load_library",
    "missing_attributes",
    "render",
    "slots_of",
]

_HOMES = {
    "lint": "linting",
    "load_library": "loader",
    "missing_attributes": "rendering",
    "render": "rendering",
    "slots_of": "rendering",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOMES.get(name, '_base')}"), name)
    globals()[name] = value
    return value
