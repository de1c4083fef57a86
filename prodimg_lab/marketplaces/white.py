"""Is the background white to the last bit, nearly so, or not, and what stands on it?

The rim is counted at full size, where one level makes the difference, the rest on the 256 px copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from prodimg_lab.scoring.measures import Measures

Mask = NDArray[np.bool_]

NEAR = 250
"""Least value of every channel at which white is a matter of rounding and compression, and may be set to 255."""
WHOLE_SIDE, MOST_OF_SIDE = 0.97, 0.85
"""Shares of a side along which one step, or a step down and one up, make a border."""
RING = 0.004
"""Depth of the outermost ring, as a share of the frame."""
PALE_L, PALE_CHROMA = 82.0, 7.0
"""A product lighter and less coloured than this can't be told from its own shadow on white."""
BESIDE = 0.04
"""Least area, as a share of the product's largest part, of another part that lies beside it and is its own."""
SOFT_STEP, SOFT_CHROMA = 2.0, 4.0
"""A shadow on white changes by less L* per pixel (of 256) and has less chroma."""
WALL_STEP, WALLED_FROM = 1.5, 0.6
"""Change of L* per pixel that is a step, and the share of a part's rim to the white that must have one for a face."""
SHADE_FROM = 0.8
"""Share of a part beside the product that must be soft for it to be a shade of the background."""
FRINGE = 9
"""Width in places of the fringe that compression leaves along an edge: what lies in it alone is no thing."""
SPECK = 0.00025
"""Least share of the frame that counts as a thing; less is dust or a rounding at an edge."""


@dataclass(frozen=True, kw_only=True)
class OnWhite:
    """What a picture on white, or nearly white, holds. Masks are of the size of `Measures.small`."""

    measures: Measures

    @cached_property
    def _ring(self) -> NDArray[np.uint8]:
        """The least channel of every pixel of the outermost ring."""
        bgr = self.measures.bgr
        height, width = bgr.shape[:2]
        deep = max(1, round(RING * max(height, width)))
        sides = (bgr[:deep], bgr[-deep:], bgr[deep:-deep, :deep], bgr[deep:-deep, -deep:])
        return np.asarray(np.concatenate([side.reshape(-1, 3) for side in sides]).min(axis=1), np.uint8)

    @cached_property
    def ring_pure(self) -> float:
        """Share (0..1) of the outermost ring that is 255, 255, 255."""
        return float((self._ring == 255).mean())

    @cached_property
    def ring_near(self) -> float:
        """Share of the outermost ring at 250 or more."""
        return float((self._ring >= NEAR).mean())

    @property
    def is_white(self) -> bool:
        """Whether the frame is white all around, a shadow or a product that leaves it aside."""
        return self.ring_near >= 0.7

    @cached_property
    def _least(self) -> NDArray[np.uint8]:
        """The least channel of every place of the reduced copy."""
        blue, green, red = cv2.split(self.measures.small)
        return np.asarray(cv2.min(cv2.min(blue, green), red), np.uint8)

    @property
    def pure(self) -> Mask:
        """Where the mean of a place, rounded, is 255, 255, 255."""
        return np.asarray(self._least == 255)

    @property
    def near(self) -> Mask:
        """Where it is at least 250 in every channel."""
        return np.asarray(self._least >= NEAR)

    @cached_property
    def _white(self) -> Mask:
        """Where it is white: to the last bit where the frame's rim is, else nearly."""
        return self.pure if self.ring_pure >= 0.99 else self.near

    @cached_property
    def parts(self) -> tuple[Mask, ...]:
        """Everything that is not white, one mask a part, the largest first."""
        things = (~self._white).astype(np.uint8)
        if self.measures.has_outline:
            # letters are joined to words, and not to the product that they stand beside
            clear = things & ~_grown(self.measures.mask, 5)
            words = np.asarray(cv2.morphologyEx(clear, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
            things |= words & ~_grown(self.measures.mask, 3)
        else:
            things = np.asarray(cv2.morphologyEx(things, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(things, connectivity=8)
        areas = stats[:, cv2.CC_STAT_AREA]
        order = sorted(range(1, count), key=lambda part: -int(areas[part]))
        least = max(2, SPECK * things.size)
        return tuple(np.asarray(labels == part) for part in order if areas[part] >= least)

    @cached_property
    def _seed(self) -> Mask:
        """Where the product surely is: the outline's mask, or what is largest on white."""
        measures = self.measures
        if measures.has_outline:
            return measures.mask
        return self.parts[0] if self.parts and self.is_white else measures.mask

    @cached_property
    def _own_parts(self) -> tuple[Mask, ...]:
        """The parts that belong to the product: they meet the seed, or lie beside it like the other half of a mug."""
        seed, found, rest = self._seed, [], list(self.parts)
        box = _box(self._seed)
        for part in self.parts:
            if (part & seed).any():
                found.append(part)
                rest = [each for each in rest if each is not part]
        largest = max((int(part.sum()) for part in found), default=int(self._seed.sum()))
        for part in rest:
            share = min(1.0, float(part.sum()) / largest)
            gap = round((0.08 + 0.2 * share) * max(seed.shape))
            if share >= BESIDE and _is_beside(_box(part), box, gap):
                found.append(part)
        return tuple(found)

    @cached_property
    def is_pale(self) -> bool:
        """Whether the product is so light and colourless that its shading looks like a shadow."""
        lab = self.measures.lab[::3, ::3][self._whole[::3, ::3]]
        if not len(lab):
            return False
        lightness, a, b = np.median(lab, axis=0)
        return bool(lightness > PALE_L and a * a + b * b < PALE_CHROMA**2)

    @cached_property
    def _whole(self) -> Mask:
        """The product with all that is joined to it, its shadow too."""
        return np.asarray(np.logical_or.reduce([self._seed, *self._own_parts]))

    @cached_property
    def _beyond(self) -> Mask:
        """What the outline's mask leaves out of that."""
        return self._whole & ~_grown(self._seed, 3)

    @cached_property
    def _soft(self) -> Mask:
        """Where what is not white and not surely product is smooth, of the white's hue, and fades into it: a shade."""
        unsure = np.asarray(np.logical_or.reduce([self._beyond, *self._apart]))
        soft = np.zeros_like(unsure)
        left, top, right, bottom = _box(unsure)
        window = slice(max(0, top - 6), bottom + 6), slice(max(0, left - 6), right + 6)
        lab = np.ascontiguousarray(self.measures.lab[window])
        smooth = cv2.GaussianBlur(np.ascontiguousarray(lab[..., 0]), (0, 0), 1.0)
        across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8)
        down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
        steepness = across * across + down * down
        tint = lab[..., 1] * lab[..., 1] + lab[..., 2] * lab[..., 2] < SOFT_CHROMA**2
        calm = (steepness < SOFT_STEP**2) & tint & (lab[..., 0] > 50) & ~self._white[window]
        soft[window] = calm & ~_walled(calm, steepness, self._white[window])
        return soft

    @cached_property
    def extent(self) -> Mask:
        """The product for its size and place; on white with every part of it that is no soft shadow."""
        if not self.is_white:
            return self.measures.mask
        if cv2.countNonZero(self._beyond.astype(np.uint8)) < SPECK * self._beyond.size:
            return self._seed
        return _filled(self._whole if self.is_pale else self._seed | (self._whole & ~self._soft))

    @cached_property
    def background(self) -> Mask:
        """All but the product and the pixels at its edge."""
        return ~_grown(self.extent, 7)

    def share(self, white: Mask) -> float:
        """Share (0..1) of the background that is in `pure` or `near`; 1 where there is no background."""
        return float(white[self.background].mean()) if self.background.any() else 1.0

    @cached_property
    def shadow(self) -> Mask:
        """What is soft: joined to a product that is not pale, or a shade on the background by itself."""
        return np.asarray(
            np.logical_or.reduce([self._beyond & ~self.extent, *(p for p in self._apart if self._fades(p))])
        )

    @cached_property
    def _apart(self) -> tuple[Mask, ...]:
        """The parts that are not the product's."""
        return tuple(part for part in self.parts if not any(part is own for own in self._own_parts))

    def _fades(self, part: Mask) -> bool:
        """Whether a part is a shade on the background and no thing: nearly all of it is soft."""
        return float(self._soft[part].mean()) >= SHADE_FROM

    @cached_property
    def contact(self) -> dict[str, float]:
        """Share of each edge at which the product, not its shadow, meets it."""
        off = self.extent & ~self._white
        edges = {"top": off[0], "bottom": off[-1], "left": off[:, 0], "right": off[:, -1]}
        return {name: float(edge.mean()) for name, edge in edges.items()}

    @cached_property
    def extras(self) -> tuple[Mask, ...]:
        """What stands beside the product: text, a logo, an inset, a prop; neither the product nor its shadow."""
        if not self._apart:
            return ()
        near = _grown(self.extent, FRINGE)
        return tuple(part for part in self._apart if (part & ~near).any() and not self._fades(part))


def _walled(soft: Mask, steepness: NDArray[np.float32], white: Mask) -> Mask:
    """The parts of `soft` that meet the white, if at all, with a step: faces of the product. Shadows fade."""
    by_step = cv2.dilate(steepness, np.ones((5, 5), np.uint8)) > WALL_STEP**2
    cut = cv2.morphologyEx(soft.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels = cv2.connectedComponents(cut, connectivity=4)
    reach = cv2.dilate(labels.astype(np.uint16), np.ones((5, 5), np.uint8))  # of two parts at a place, the later one
    rims = np.bincount(reach[white], minlength=count)
    steps = np.bincount(reach[white & by_step], minlength=count)
    faces = (rims == 0) | (steps > WALLED_FROM * rims)
    faces[0] = False
    return _grown(faces[labels], 3) & soft


def _grown(mask: Mask, size: int) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((size, size), np.uint8)) > 0)


def _box(mask: Mask) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels, the last two exclusive."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return left, top, left + width, top + height


def _is_beside(box: tuple[int, ...], other: tuple[int, ...], gap: int) -> bool:
    """Whether a box stands at most `gap` px from the other and level with it, across or down."""
    across, down = (min(box[i + 2], other[i + 2]) - max(box[i], other[i]) for i in (0, 1))
    level = max(across / max(1, box[2] - box[0]), down / max(1, box[3] - box[1])) > 0.5
    return level and across > -gap and down > -gap


def _filled(mask: Mask) -> Mask:
    framed = cv2.copyMakeBorder((~mask).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, labels = cv2.connectedComponents(framed, connectivity=4)
    return np.asarray(labels[1:-1, 1:-1] != labels[0, 0])


def frame_sides(gray: NDArray[np.uint8], *, depth: float = 0.08, step: int = 10) -> int:
    """On how many of the four sides a border runs along, within `depth` of the edge.

    It runs along the whole side, or is a drawn line (a step down and one up) along most of it. A drawn frame has 3 or
    4; bars have 2 opposite ones, a horizon one, a box that nearly fills the picture none.
    """
    height, width = gray.shape
    deep_y, deep_x = max(3, round(depth * height)), max(3, round(depth * width))
    if height < 16 or width < 16:
        return 0
    bands: tuple[NDArray[Any], ...] = (gray[:deep_y], gray[-deep_y:], gray[:, :deep_x].T, gray[:, -deep_x:].T)
    return sum(_has_line(np.asarray(band, np.uint8), step) for band in bands)


def _has_line(band: NDArray[np.uint8], step: int) -> bool:
    least, most, *_ = cv2.minMaxLoc(band)
    if most - least <= step:
        return False
    longest = []
    for one, other in ((band[:-2], band[2:]), (band[2:], band[:-2])):  # two rows apart: edges may be soft
        _, stepped = cv2.threshold(cv2.subtract(one, other), step, 1, cv2.THRESH_BINARY)
        along = cv2.reduce(stepped, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
        longest.append(float(np.max(along)) / band.shape[1])
    return bool(max(longest) >= WHOLE_SIDE or min(longest) >= MOST_OF_SIDE)
