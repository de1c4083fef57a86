"""Pictures made worse step by step, to see whether a score follows.

A ladder names the scorer that has to follow, how a picture is made worse and the levels from untouched to bad.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files

import cv2
import numpy as np

from prodimg_lab.testing.pictures import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """`worsen(picture, level)` at each of `levels`; the first leaves the picture as it is."""

    scorer: str
    worsen: Callable[[Picture, float], Picture]
    levels: Sequence[float]


def _clipped(values: np.ndarray) -> Picture:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def blurred(picture: Picture, sigma: float) -> Picture:
    """Gaussian blur of `sigma` px."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8) if sigma else picture


def noisy(picture: Picture, sigma: float) -> Picture:
    """Gaussian noise of `sigma` levels a channel."""
    return _clipped(picture + np.random.default_rng(5).normal(0, sigma, picture.shape)) if sigma else picture


def compressed(picture: Picture, quality: float) -> Picture:
    """Through JPEG at `quality`; 100 and more leave it as it is."""
    if quality >= 100:
        return picture
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def darker(picture: Picture, gain: float) -> Picture:
    """All values times `gain`."""
    return _clipped(picture * gain)


def flatter(picture: Picture, share: float) -> Picture:
    """Drawn towards its mean; `share` of the contrast is left."""
    return _clipped((picture - picture.mean()) * share + picture.mean())


def garish(picture: Picture, share: float) -> Picture:
    """Saturation times `share`."""
    gray = picture.mean(axis=2, keepdims=True)
    return _clipped(gray + (picture - gray) * share)


LADDERS: Mapping[str, Ladder] = {
    "blur": Ladder(scorer="sharpness", worsen=blurred, levels=(0, 1, 2, 4, 7)),
    "noise": Ladder(scorer="noise", worsen=noisy, levels=(0, 3, 6, 12, 24)),
    "JPEG": Ladder(scorer="blockiness", worsen=compressed, levels=(100, 85, 60, 30, 10)),
    "underexposure": Ladder(scorer="exposure", worsen=darker, levels=(1, 0.6, 0.4, 0.25, 0.12)),
    "low contrast": Ladder(scorer="contrast", worsen=flatter, levels=(1, 0.7, 0.45, 0.25, 0.1)),
    "oversaturation": Ladder(scorer="colourfulness", worsen=garish, levels=(1, 1.6, 2.4, 3.5, 5)),
}
"""By what goes wrong."""

PHOTOGRAPHS = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "rocket.jpg",
    "motorcycle_left.png",
    "hubble_deep_field.jpg",
)
"""Photographs that scikit-image ships (its data/README.txt names their sources and licences)."""


def photographs() -> Iterator[tuple[str, Picture]]:
    """Name and BGR pixels of each. Needs scikit-image and matplotlib, which ships one more."""
    for package, folder, names in (
        ("skimage", "data", PHOTOGRAPHS),
        ("matplotlib", "mpl-data/sample_data", ("grace_hopper.jpg",)),
    ):
        for name in names:
            with as_file(files(package).joinpath(f"{folder}/{name}")) as file:
                pixels = cv2.imread(str(file), cv2.IMREAD_COLOR)
            if pixels is None:
                raise FileNotFoundError(f"{package} ships no {name}")
            yield name, np.asarray(pixels, np.uint8)
