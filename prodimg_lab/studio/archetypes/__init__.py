"""Which products can the studio build, and which one stands in for a category that it cannot?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from prodimg_lab.studio.archetypes import bottles, boxes, cups, home, jars, soft, vessels
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.things import Part

BUILDERS: Mapping[str, Callable[[Identity], Sequence[Part]]] = {
    "mug": cups.mug,
    "bottle": bottles.bottle,
    "box": boxes.carton,
    "tumbler": vessels.tumbler,
    "can": vessels.can,
    "vase": vessels.vase,
    "bowl": vessels.bowl,
    "jar": jars.jar,
    "candle": jars.candle,
    "handbag": soft.handbag,
    "pouch": soft.pouch,
    "tube": soft.tube_of_cream,
    "cushion": soft.cushion,
    "lamp": home.lamp,
    "speaker": home.speaker,
    "book": home.book,
    "soap": home.soap,
}


def built(identity: Identity) -> Sequence[Part]:
    """The product's parts, standing on z = 0, about one unit tall, facing -y."""
    return BUILDERS[identity.archetype](identity)
