"""Which products can the studio build, and which one stands in for a category that it cannot?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from prodimg_lab.studio.archetypes import bags, bottles, boxes, cups, home, jars, soft, vessels, wear
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
    "handbag": bags.handbag,
    "pouch": soft.pouch,
    "tube": soft.tube_of_cream,
    "cushion": soft.cushion,
    "lamp": home.lamp,
    "speaker": home.speaker,
    "book": home.book,
    "soap": home.soap,
    "watch": wear.watch,
    "headphones": wear.headphones,
}

PRINT_TURN: Mapping[str, float] = {
    "bottle": 0.42,
    "jar": 0.4,
    "candle": 0.36,
    "can": 0.4,
    "tumbler": 0.4,
    "mug": 0.62,
    "tube": 0.45,
    "speaker": 0.5,
    "pouch": 0.7,
    "handbag": 0.8,
    "cushion": 0.7,
}
"""How far a product is turned for an angled view, as a share of a box's turn: round ones keep their label in sight."""

LAID = frozenset({"handbag", "pouch", "tube", "book", "box", "cushion", "soap", "bottle", "watch", "headphones"})
"""What a stylist lays on its back for a picture from straight above."""

MORE_ABOVE: Mapping[str, float] = {"bowl": 9.0, "plate": 17.0}
"""Degrees by which a low, open product is seen from higher up in ordinary views."""


@lru_cache(maxsize=12)
def built(identity: Identity) -> Sequence[Part]:
    """The product's parts, standing on z = 0, about one unit tall, facing -y; kept, since the variants of a block
    share it.
    """
    return BUILDERS[identity.archetype](identity)
