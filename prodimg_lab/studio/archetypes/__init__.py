"""Which products can the studio build, and which one stands in for a category that it cannot?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prodimg_lab.studio.archetypes import boxes, bottles, cups
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.things import Part

BUILDERS: dict[str, Callable[[Identity], Sequence[Part]]] = {
    "mug": cups.mug,
    "bottle": bottles.bottle,
    "box": boxes.carton,
}


def built(identity: Identity) -> Sequence[Part]:
    """The product's parts, standing on z = 0, about one unit tall, facing -y."""
    return BUILDERS[identity.archetype](identity)
