"""How far is a found colour from an asked one, if what the picture's light does to it is discounted?

A product in shade is darker than its colour card, and at golden hour it is warmer; people see through both. A found
colour is therefore also tried brighter, by up to `STOPS` (one in a bright picture), and with the light's colour taken
out, in steps up to the whole of it; what is taken out costs a little, so that the plain match wins where it is as good.
The light's colour is the mean of third powers over the surroundings ("Shades of Gray": Finlayson and Trezzi, Color
Imaging Conference 2004, who found the power 6 best; over the surroundings of products 3 and 6 did not differ), taken
out by channel (von Kries).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from prodimg_lab.scoring.colours import Cluster, ciede2000

Floats = NDArray[np.float32]

STOPS, PER_STOP = 2.0, 2.0
"""How many times a found colour may be doubled in light, and what each doubling costs in ΔE00."""
BRIGHT, STOPS_IN_BRIGHT = 0.6, 1.0
"""From this luminance (0..1) of the lightest twentieth of the surroundings no product stands in deep shade."""
TINTS, WHOLE_TINT = (0.0, 1 / 3, 2 / 3, 1.0), 4.0
"""How much of the light's colour may be taken out, and what all of it costs in ΔE00."""
GAINS = np.linspace(0.0, STOPS, 9)
ENOUGH = 4000
"""About as many pixels of the surroundings are looked at."""
OFF_LOCUS, MOST_TINTED = 0.9, 6.0
"""Light is warm or cold: green lies between blue and red, with that slack; red to blue is at most that, either way."""
MOST_CHANNEL = 1.05
"""A discount that brightens a channel beyond this is not tried: nothing reflects more than all light."""
LUMA = np.array([0.0722, 0.7152, 0.2126])
"""Weights of linear blue, green and red in luminance (ITU-R BT.709)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The best of all pairs: places in `found` and `asked`, ΔE00 with its costs, and what was discounted."""

    distance: float
    found: int
    asked: int
    stops: float
    tint: float

    @property
    def says(self) -> str:
        """What was discounted, for people; "" for nothing worth telling."""
        shade = [f"{self.stops:.1f} stops of shade"] if self.stops >= 0.5 else []
        parts = shade + (["the light's colour"] if self.tint else [])
        return f" without {' and '.join(parts)}" if parts else ""


def light_of(lab: Floats, surroundings: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Colour of the light over `surroundings` of a LAB picture: linear blue, green, red, of luminance 1.

    Neutral where the mean has a colour that light does not have, warm or cold: then it is the backdrop's.
    """
    within = np.flatnonzero(surroundings)
    around = lab.reshape(-1, 3)[within[:: max(1, len(within) // ENOUGH)]]
    linear = cv2.cvtColor(around[:, None], cv2.COLOR_LAB2LBGR).reshape(-1, 3)
    mean = np.cbrt((np.clip(linear, 0.0, None).astype(np.float64) ** 3).mean(0)) + 1e-4  # of a black ground: no colour
    blue, green, red = mean
    between = OFF_LOCUS * min(blue, red) <= green <= max(blue, red) / OFF_LOCUS
    if not between or not 1 / MOST_TINTED <= red / blue <= MOST_TINTED:
        return np.ones(3)  # no lamp or sky is of that colour: it is the backdrop's own
    return np.asarray(mean / (mean @ LUMA))


def stops_in(lab: Floats, surroundings: NDArray[np.bool_]) -> float:
    """How many stops of shade a product may stand in, by the lightest of its surroundings."""
    within = np.flatnonzero(surroundings)
    lightness = lab.reshape(-1, 3)[within[:: max(1, len(within) // ENOUGH)], 0]
    bright = ((float(np.percentile(lightness, 95)) + 16) / 116) ** 3
    return STOPS_IN_BRIGHT if bright >= BRIGHT else STOPS


def nearest(
    found: Sequence[Cluster],
    asked: Sequence[tuple[float, float, float]],
    light: NDArray[np.float64],
    *,
    stops: float = STOPS,
) -> Match:
    """The pair of a found colour and an asked LAB that lie nearest under some discount. Neither may be empty.

    `stops` is the most shade that is discounted.
    """
    gains = GAINS[stops >= GAINS]
    seen = np.array([[each.lab for each in found]], np.float32)
    linear = cv2.cvtColor(seen, cv2.COLOR_LAB2LBGR)[0].astype(np.float64)
    neutral = np.stack([linear / light**tint for tint in TINTS])
    tried = neutral[None] * (2.0**gains)[:, None, None, None]  # gains, tints, found, channels
    labs = cv2.cvtColor(np.clip(tried, 0.0, 1.0).reshape(-1, 1, 3).astype(np.float32), cv2.COLOR_LBGR2LAB)
    costs = PER_STOP * gains[:, None] + WHOLE_TINT * np.array(TINTS)[None]
    beyond = tried.max(-1) > MOST_CHANNEL
    beyond[0, 0] = False  # as it is seen
    apart = ciede2000(labs.reshape(*tried.shape[:3], 1, 3), np.array(asked)) + costs[:, :, None, None]
    apart = np.where(beyond[..., None], np.inf, apart)
    gain, tint, row, column = np.unravel_index(int(np.argmin(apart)), apart.shape)
    return Match(
        distance=float(apart[gain, tint, row, column]),
        found=int(row),
        asked=int(column),
        stops=float(gains[gain]),
        tint=TINTS[int(tint)],
    )
