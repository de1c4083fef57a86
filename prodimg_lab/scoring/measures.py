"""What do all scorers need to know of a picture? Decoded once, every measure made at its first use and kept.

Full resolution serves sharpness, noise and contrast; everything about colour and shape is measured on an area-reduced
copy of at most 256 px, where it costs a tenth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from prodimg_lab.scoring._base import NotAPicture
from prodimg_lab.scoring.noise import noise_of
from prodimg_lab.scoring.segmentation import Segmentation, segment

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIDE = 256
"""Longest side in pixels of the reduced copy."""
OUTLINE_FROM = 0.7
"""Least confidence at which the outline is good enough for size, place, noise and sharpness."""
COLOUR_FROM = 0.3
"""Least confidence at which most of the mask is product, which is enough to look for a colour."""
HARD_L, HARD_CHROMA = 25.0, 12.0
"""A product meets the frame where it stands off the background by more than these; soft shadows stay below."""
WHITE_L, WHITE_CHROMA = 94.0, 4.0
"""From this L* and below this chroma a pixel counts as white; 94 is about 237 of 255, a white sweep before clipping."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle as shares (0..1) of the frame."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def longest(self) -> float:
        """The larger of width and height, each as a share of its own side of the frame."""
        return max(self.right - self.left, self.bottom - self.top)

    @property
    def centre(self) -> tuple[float, float]:
        """Middle (x, y) of the box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, kw_only=True)
class Measures:
    """One decoded picture. `bgr` is full size, 8 bits; arrays are shared by all scorers and must not be written to."""

    bgr: Bytes

    @cached_property
    def gray(self) -> Bytes:
        """Full-size luma, 8 bits."""
        return np.asarray(cv2.cvtColor(self.bgr, cv2.COLOR_BGR2GRAY), np.uint8)

    @cached_property
    def small(self) -> Bytes:
        """The picture area-reduced to at most 256 px (never enlarged)."""
        height, width = self.bgr.shape[:2]
        scale = SIDE / max(height, width)
        if scale >= 1:
            return self.bgr
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        reduced = self.bgr
        while max(reduced.shape[:2]) >= 2 * SIDE and not (reduced.shape[0] % 2 or reduced.shape[1] % 2):
            half = (reduced.shape[1] // 2, reduced.shape[0] // 2)  # by halves it is three times as fast
            reduced = np.asarray(cv2.resize(reduced, half, interpolation=cv2.INTER_AREA), np.uint8)
        return np.asarray(cv2.resize(reduced, size, interpolation=cv2.INTER_AREA), np.uint8)

    @cached_property
    def lab(self) -> Floats:
        """CIE LAB (L 0..100) of `small`."""
        return _lab(self.small)

    @cached_property
    def segmentation(self) -> Segmentation:
        """Mask of the product at the size of `small`, and how far to believe it. Very dark ones are brightened."""
        gain = _gain(self.small)
        if gain <= 1:
            return segment(self.lab, self.small)
        bright = np.asarray(cv2.convertScaleAbs(self.small, alpha=gain), np.uint8)
        return segment(_lab(bright), bright)

    @property
    def mask(self) -> Mask:
        """The product at the size of `small`, holes filled."""
        return self.segmentation.mask

    @property
    def confidence(self) -> float:
        """How far to believe the mask, 0..1; 0: no product found."""
        return self.segmentation.confidence

    @property
    def has_outline(self) -> bool:
        """Whether the mask is good enough for size, place, noise and sharpness."""
        return self.confidence >= OUTLINE_FROM

    @cached_property
    def inner(self) -> Mask:
        """The mask without its rim; the mask itself where nothing would be left."""
        eroded = cv2.erode(self.mask.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        return np.asarray(eroded) if eroded.any() else self.mask

    @cached_property
    def noise(self) -> float:
        """Deviation of noise in gray levels, on the product where it has an outline, else over the whole frame."""
        return noise_of(self.gray, self.inner if self.has_outline else None)

    @cached_property
    def box(self) -> Box:
        """Around the mask. Only meaningful where `confidence` is above 0."""
        height, width = self.mask.shape
        left, top, wide, high = cv2.boundingRect(self.mask.astype(np.uint8))
        return Box(left=left / width, top=top / height, right=(left + wide) / width, bottom=(top + high) / height)

    @cached_property
    def surroundings(self) -> Mask:
        """Where the background is looked at: all but the product, or the outer tenth where the outline is not sure."""
        if self.has_outline:
            around = ~(cv2.dilate(self.mask.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0)
            if around.any():
                return np.asarray(around)
        height, width = self.mask.shape
        frame = np.ones((height, width), np.bool_)
        deep_y, deep_x = max(1, height // 10), max(1, width // 10)
        frame[deep_y : height - deep_y, deep_x : width - deep_x] = False
        return frame

    @cached_property
    def edge_contact(self) -> Mapping[str, float]:
        """Share of each edge of the frame at which the product is cut off, by name of the edge."""
        around = self.lab[::3, ::3][self.surroundings[::3, ::3]]
        base = np.median(around, axis=0) if len(around) else np.array([100.0, 0.0, 0.0])

        def contact(edge: tuple[int | slice, ...]) -> float:
            if not self.mask[edge].any():
                return 0.0
            off = self.lab[edge] - base
            hard = (np.abs(off[:, 0]) > HARD_L) | (np.hypot(off[:, 1], off[:, 2]) > HARD_CHROMA)
            return float((hard & self.mask[edge]).mean())

        everything = slice(None)
        edges = {"top": (0,), "bottom": (-1,), "left": (everything, 0), "right": (everything, -1)}
        return {name: contact(edge) for name, edge in edges.items()}

    @cached_property
    def white_share(self) -> float:
        """Share (0..1) of the surroundings that is white to the eye (`WHITE_L`, `WHITE_CHROMA`)."""
        lightness, a, b = (self.lab[..., channel] for channel in range(3))
        white = (lightness >= WHITE_L) & (a * a + b * b <= WHITE_CHROMA**2)
        return float((white & self.surroundings).sum() / self.surroundings.sum())


def measure(data: bytes) -> Measures:
    """Decode PNG, JPEG, WebP, TIFF or BMP bytes. Transparent parts are laid on white, 16 bits become 8.

    Raises `NotAPicture`.
    """
    try:
        flags = cv2.IMREAD_UNCHANGED if _may_be_transparent(data) else cv2.IMREAD_COLOR
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise NotAPicture(_refusal(data)) from error
    if decoded is None:
        raise NotAPicture(_refusal(data))
    return Measures(bgr=_on_white(np.asarray(decoded)))


def _lab(bgr: Bytes) -> Floats:
    return np.asarray(cv2.cvtColor(bgr.astype(np.float32) / 255, cv2.COLOR_BGR2LAB), np.float32)


def _gain(bgr: Bytes) -> float:
    """What brings the brightest half percent of a picture darker than 128 to 235, at most 8; 1 for a brighter one."""
    counts = np.bincount(bgr[::2, ::2].ravel(), minlength=256)
    bright = int(np.searchsorted(np.cumsum(counts), 0.995 * counts.sum()))
    return min(8.0, 235 / max(1, bright)) if bright < 128 else 1.0


def _refusal(data: bytes) -> str:
    return f"{len(data)} bytes that begin with {data[:8].hex(' ') or 'nothing'} do not decode to a picture"


def _may_be_transparent(data: bytes) -> bool:
    """PNG of colour type 4 or 6 or with a tRNS chunk, or WebP: formats whose alpha a colour read would drop."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return data[25:26] in (b"\x04", b"\x06") or b"tRNS" in data[:2048]
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _on_white(picture: NDArray[np.integer[Any] | np.floating[Any]]) -> Bytes:
    if picture.dtype != np.uint8:
        top = 65535.0 if picture.dtype == np.uint16 else 1.0  # TIFF may hold floats
        picture = np.clip(np.rint(picture.astype(np.float64) * (255 / top)), 0, 255).astype(np.uint8)
    if picture.ndim == 2:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
    if picture.shape[2] == 3:
        return np.asarray(picture, np.uint8)
    alpha = picture[..., 3:].astype(np.float32) / 255
    mixed = picture[..., :3].astype(np.float32) * alpha + 255 * (1 - alpha)
    return np.asarray(np.rint(mixed), np.uint8)
