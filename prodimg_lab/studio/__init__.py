"""The simulated studio: an image model that draws on this machine, for nothing, from the same requests as the real
ones.

`capabilities` is light. `load` and `draw` start the renderer. Whatever it draws is a simulation and says so in its
file.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from prodimg_lab.records import Capabilities, ImageRequest
from prodimg_lab.studio.names import capabilities_of, parsed

if TYPE_CHECKING:
    from prodimg_lab.lab import Lab
    from prodimg_lab.models._base import ImageModel
    from prodimg_lab.studio.model import Studio
    from prodimg_lab.studio.truth import Truth

__all__ = ["capabilities", "draw", "factory", "load"]


def capabilities(name: str, lab: Lab | None = None) -> Capabilities:
    """What the studio model `name` (`sd35`, `core@384`, "" for sd35@512) accepts. Raises `UnknownName`."""
    return capabilities_of(parsed(name))


def load(name: str, lab: Lab | None = None) -> ImageModel:
    """The studio model `name`, with its renderer started (about a second).

    Raises `UnknownName`, and `MissingExtra` where Mitsuba is not installed.
    """
    return _studio(name)


def draw(request: ImageRequest) -> tuple[bytes, Truth]:
    """The picture of `request`, byte for byte what `generate` gives, and what it shows. For tests and documentation."""
    return _studio(request.model).draw(request)


def _studio(name: str) -> Studio:
    from prodimg_lab.errors import MissingExtra

    known = parsed(name)
    try:
        from prodimg_lab.studio import model, render

        render.engine()
    except ModuleNotFoundError as exc:
        raise MissingExtra(f"the studio needs {exc.name}; install prodimg-lab[lab]") from exc
    return model.Studio(known)


factory = SimpleNamespace(capabilities=capabilities, load=load)
"""What the entry point `studio` of the group `prodimg_lab.models` leads to."""
