"""Which words of a prompt cannot both come true?

Pairs of groups: a phrase of one group beside a phrase of the other makes an image model choose, or blend the two.
"""

from __future__ import annotations

import re
from functools import lru_cache

WHITE = ("white background", "white backdrop", "white sweep", "white studio background", "white studio sweep")
BLACK = ("black background", "black backdrop", "black sweep", "matte black studio")
PLACES = (
    *("marble", "oak", "walnut", "concrete", "slate", "terrazzo", "linen cloth", "tablecloth", "tabletop", "kitchen"),
    *("bathroom", "garden", "beach", "forest", "living room", "festive table", "wooden table", "writing desk"),
)
INDOORS = ("kitchen", "bathroom", "living room", "bedroom", "studio background", "studio sweep", "studio backdrop")
OUTDOORS = ("beach", "forest", "garden", "meadow", "mountain", "street")
OVERHEAD = ("top-down", "overhead view", "flat lay", "bird's-eye", "from directly above")
LEVEL = ("eye level", "front view", "side view", "low angle", "in profile", "worm's-eye")
NEAR = ("close-up", "macro", "extreme detail")
FAR = ("wide view", "wide shot", "long shot", "whole product in frame", "entire product in frame")
SUN = ("golden hour", "hard midday", "midday sun", "hard sunlight", "dappled sunlight", "direct sun", "bright sunlight")
CLOUD = ("overcast", "foggy", "cloudy")
NIGHT = ("candlelight", "candle light", "moonlight", "night scene", "at night")
DAY = ("midday", "daylight", "morning", "sunlight", "high-key")
SOFT = ("soft light", "softbox", "diffused light", "soft shadows", "gentle light", "soft natural")
HARD = ("hard sunlight", "hard midday", "harsh light", "hard light", "crisp graphic shadows", "hard shadows")
BRIGHT = ("high-key", "bright and airy", "brightly lit")
DARK = ("low-key", "moody", "deep shadows", "against the dark", "dimly lit")
SPARE = ("minimalist", "uncluttered", "empty background", "bare background")
BUSY = ("cluttered", "busy background", "crowded", "many props", "abundant props")
SHARP = ("deep focus", "everything in focus", "sharp throughout", "edge-to-edge sharpness")
SHALLOW = ("shallow depth of field", "bokeh", "softly blurred", "out of focus")
PHOTO = ("photograph", "photo", "photography")
DRAWN = ("illustration", "cartoon", "line art", "watercolour", "watercolor", "vector art", "sketch", "3d render")
GREY = ("black and white", "monochrome", "greyscale", "grayscale")
VIVID = ("vivid colours", "vivid colors", "vibrant colours", "vibrant colors", "true-to-life colours", "colourful")
COLD = ("snow", "snowy", "winter")
WARM = ("beach", "summer", "tropical")

PAIRS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (WHITE, PLACES),
    (WHITE, BLACK),
    (BLACK, PLACES),
    (INDOORS, OUTDOORS),
    (OVERHEAD, LEVEL),
    (NEAR, FAR),
    (SUN, CLOUD),
    (NIGHT, DAY),
    (SOFT, HARD),
    (BRIGHT, DARK),
    (SPARE, BUSY),
    (SHARP, SHALLOW),
    (PHOTO, DRAWN),
    (GREY, VIVID),
    (COLD, WARM),
)


@lru_cache(maxsize=4096)
def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """Finds a phrase as whole words, in any case, with any spacing, and in the plural of its last word."""
    words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", phrase.strip()) if word)
    return re.compile(rf"(?<![\w-]){words}(?:s|es)?(?![\w-])", re.IGNORECASE)


def found(phrases: tuple[str, ...], text: str) -> str:
    """The first of `phrases` that stands in `text`, or ""."""
    return next((phrase for phrase in phrases if phrase_pattern(phrase).search(text)), "")


def contradictions(one: str, other: str) -> list[tuple[str, str]]:
    """Pairs (phrase of `one`, phrase of `other`) that contradict each other."""
    pairs = []
    for left, right in PAIRS:
        for first, second in ((left, right), (right, left)):
            here, there = found(first, one), found(second, other)
            if here and there and (here, there) not in pairs:
                pairs.append((here, there))
    return pairs
