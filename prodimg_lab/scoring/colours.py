"""How far apart are two colours to the eye, and which colours does a region have?

CIE LAB here means D65, L 0..100, from sRGB. CIEDE2000 after Sharma, Wu and Dalal, "The CIEDE2000 color-difference
formula: implementation notes, supplementary test data, and mathematical observations", Color Research and Application
30(1), 2005; checked in the tests against all 34 pairs of that paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One colour of a region: its mean LAB and the share (0..1) of the region's pixels."""

    lab: tuple[float, float, float]
    share: float

    @property
    def hex(self) -> str:
        """The colour as `#rrggbb`, clipped to sRGB."""
        return hex_of(self.lab)


def lab_of(colour: str) -> tuple[float, float, float]:
    """LAB of `#rrggbb`. Raises ValueError for anything else."""
    digits = colour.removeprefix("#")
    if len(digits) != 6 or not colour.startswith("#"):
        raise ValueError(f"{colour!r} is no colour of the form #rrggbb")
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    lab = cv2.cvtColor(np.array([[[blue, green, red]]], np.float32), cv2.COLOR_BGR2LAB)[0, 0]
    return (float(lab[0]), float(lab[1]), float(lab[2]))


def hex_of(lab: tuple[float, float, float]) -> str:
    """`#rrggbb` of a LAB colour, clipped to sRGB."""
    blue, green, red = cv2.cvtColor(np.array([[lab]], np.float32), cv2.COLOR_LAB2BGR)[0, 0]
    return "#" + "".join(f"{round(float(np.clip(part, 0, 1)) * 255):02x}" for part in (red, green, blue))


def ciede2000(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """CIEDE2000 difference of LAB colours along the last axis (kL = kC = kH = 1); shapes broadcast."""
    one, two = np.asarray(first, np.float64), np.asarray(second, np.float64)
    mean_ab = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(two[..., 1], two[..., 2])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean_ab**7 / (mean_ab**7 + 25.0**7))
    chroma1, hue1 = _polar(one[..., 1] * stretch, one[..., 2])
    chroma2, hue2 = _polar(two[..., 1] * stretch, two[..., 2])
    gray = chroma1 * chroma2 == 0

    turn = hue2 - hue1
    turn = np.where(gray, 0.0, turn - 360 * (turn > 180) + 360 * (turn < -180))
    d_hue = 2 * np.sqrt(chroma1 * chroma2) * np.sin(np.radians(turn / 2))
    hue = hue1 + hue2
    hue = np.where(gray, hue, np.where(np.abs(hue1 - hue2) <= 180, hue, hue + np.where(hue < 360, 360, -360)) / 2)
    chroma = (chroma1 + chroma2) / 2
    lightness = (one[..., 0] + two[..., 0]) / 2

    tilt = 1 - 0.17 * _cos(hue - 30) + 0.24 * _cos(2 * hue) + 0.32 * _cos(3 * hue + 6) - 0.20 * _cos(4 * hue - 63)
    scale_l = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    rotation = -np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2)))) * 2
    rotation = rotation * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    by_l = (two[..., 0] - one[..., 0]) / scale_l
    by_c = (chroma2 - chroma1) / (1 + 0.045 * chroma)
    by_h = d_hue / (1 + 0.015 * chroma * tilt)
    return np.asarray(np.sqrt(np.maximum(by_l**2 + by_c**2 + by_h**2 + rotation * by_c * by_h, 0.0)))


def _polar(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _cos(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.cos(np.radians(degrees)))


def clusters(lab: Floats, mask: NDArray[np.bool_], *, count: int = 4, most: int = 3000) -> tuple[Cluster, ...]:
    """The `count` main colours of a LAB picture's pixels in `mask`, largest share first; k-means on about `most`.

    The start is cut along the first principal axis, so no random number is drawn and equal pixels give equal colours.
    """
    within = np.flatnonzero(mask)
    sample = np.ascontiguousarray(lab.reshape(-1, 3)[within[:: max(1, len(within) // most)]], np.float32)
    if len(sample) < 2 * count:
        mean = sample.mean(0)
        return (Cluster(lab=(float(mean[0]), float(mean[1]), float(mean[2])), share=1.0),)
    centred = sample - sample.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    rank = np.empty(len(sample), np.intp)
    rank[np.argsort(centred @ axes[:, -1], kind="stable")] = np.arange(len(sample))
    labels = (rank * count // len(sample)).astype(np.int32)[:, None]
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 12, 0.3)
    _, moved, centres = cv2.kmeans(sample, count, labels, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    shares = np.bincount(np.asarray(moved).ravel(), minlength=count) / len(sample)
    found = [
        Cluster(lab=(float(lab[0]), float(lab[1]), float(lab[2])), share=float(share))
        for lab, share in zip(centres, shares, strict=True)
        if share > 0
    ]
    return tuple(sorted(found, key=lambda cluster: (-cluster.share, cluster.lab)))
