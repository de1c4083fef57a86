"""What is far behind the product, out of focus?

Each view is a rough painting of a room or a landscape in linear light, blurred with a disc as a lens at full aperture
would: highlights grow into discs of light. Pictures are float32 (height, width, 3), 512 x 1024, white wall about 0.8.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from prodimg_lab.studio.cache import kept
from prodimg_lab.studio.things import RGB, linear

View = NDArray[np.float32]
HIGH, WIDE = 512, 1024


def _wash(top: str, bottom: str, *, gain: float = 1.0) -> View:
    t = np.linspace(0, 1, HIGH, dtype=np.float32)[:, None, None]
    a, b = np.array(linear(top), np.float32), np.array(linear(bottom), np.float32)
    return np.asarray(np.broadcast_to((a * (1 - t) + b * t) * gain, (HIGH, WIDE, 3)).copy(), dtype=np.float32)


def _block(view: View, box: tuple[float, float, float, float], colour: str, gain: float = 1.0) -> None:
    """A rectangle (x0, y0, x1, y1) in shares of the picture."""
    x0, y0, x1, y1 = (int(v * s) for v, s in zip(box, (WIDE, HIGH, WIDE, HIGH), strict=True))
    view[max(y0, 0) : y1, max(x0, 0) : x1] = np.array(linear(colour), np.float32) * gain


def _spot(view: View, at: tuple[float, float], radius: float, colour: str, gain: float = 1.0) -> None:
    """A disc of light or colour; `radius` in shares of the height."""
    centre = (int(at[0] * WIDE * 8), int(at[1] * HIGH * 8))
    light = tuple(float(c * gain) for c in linear(colour))
    cv2.circle(view, centre, max(1, int(radius * HIGH * 8)), light, -1, cv2.LINE_AA, 3)


def _glowing(view: View, at: tuple[float, float], radius: float, colour: str, gain: float) -> None:
    """A soft glow added about a point."""
    y, x = np.mgrid[0:HIGH, 0:WIDE].astype(np.float32)
    far = ((x / WIDE - at[0]) * WIDE / HIGH) ** 2 + (y / HIGH - at[1]) ** 2
    view += np.exp(-far / radius**2)[..., None] * np.array(linear(colour), np.float32) * gain


def defocused(view: View, radius: float) -> View:
    """Blurred by a disc of `radius` pixels with a slightly bright rim, as lenses do."""
    scale = 2 if radius >= 8 else 1
    small = cv2.resize(view, (WIDE // scale, HIGH // scale), interpolation=cv2.INTER_AREA)
    r = radius / scale
    span = int(np.ceil(r)) + 1
    y, x = np.mgrid[-span : span + 1, -span : span + 1].astype(np.float32)
    far = np.hypot(x, y)
    disc = np.clip(r + 0.5 - far, 0, 1) * (0.85 + 0.3 * (far / r) ** 4)
    soft = cv2.filter2D(small, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.resize(soft, (WIDE, HIGH), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _lights(
    view: View,
    rng: np.random.Generator,
    count: int,
    colours: tuple[str, ...],
    *,
    gain: tuple[float, float],
    low: float = 0.0,
    high: float = 0.8,
) -> None:
    """Small bright points that the lens turns into discs."""
    for _ in range(count):
        at = (float(rng.uniform(0, 1)), float(rng.uniform(low, high)))
        _spot(
            view,
            at,
            float(rng.uniform(0.004, 0.008)),
            colours[int(rng.integers(len(colours)))],
            float(rng.uniform(*gain)),
        )


def _kitchen(rng: np.random.Generator) -> View:
    view = _wash("#e9e4da", "#d5cdc0", gain=0.95)
    _block(view, (0.02, 0.04, 0.24, 0.52), "#f2f6fa", 2.6)
    _block(view, (0.125, 0.04, 0.135, 0.52), "#d8d2c8", 0.9)
    _block(view, (0.02, 0.27, 0.24, 0.285), "#d8d2c8", 0.9)
    _block(view, (0.33, 0.3, 0.98, 0.33), "#9b744c", 0.8)
    for x in np.arange(0.35, 0.95, 0.055):
        tall = float(rng.uniform(0.06, 0.17))
        ink = ("#7d8b74", "#c9a27a", "#e9e3d6", "#5d6a6e", "#b9683f", "#d9cdb5")[int(rng.integers(6))]
        _block(view, (x, 0.3 - tall, x + float(rng.uniform(0.02, 0.042)), 0.3), ink)
    for _ in range(40):
        _spot(
            view,
            (float(rng.normal(0.86, 0.035)), float(rng.normal(0.2, 0.06))),
            float(rng.uniform(0.012, 0.03)),
            "#56702f",
            float(rng.uniform(0.5, 1.2)),
        )
    _block(view, (0.0, 0.62, 1.0, 1.0), "#cfc6b6", 0.8)
    _block(view, (0.5, 0.46, 0.58, 0.66), "#8d9299", 1.0)
    return defocused(view, 22)


def _living(rng: np.random.Generator) -> View:
    view = _wash("#cfc2b0", "#b7a58e", gain=0.75)
    _block(view, (0.62, 0.02, 0.9, 0.6), "#fbf4e6", 2.3)
    _block(view, (0.755, 0.02, 0.765, 0.6), "#c9bda9", 0.6)
    _block(view, (0.04, 0.55, 0.46, 0.9), "#7f8a86", 0.6)
    _block(view, (0.06, 0.42, 0.2, 0.6), "#a9653f", 0.7)
    _block(view, (0.26, 0.44, 0.4, 0.6), "#d9cfbf", 0.8)
    for _ in range(60):
        _spot(
            view,
            (float(rng.normal(0.53, 0.03)), float(rng.normal(0.32, 0.12))),
            float(rng.uniform(0.012, 0.035)),
            "#4b5f33",
            float(rng.uniform(0.4, 1.1)),
        )
    _glowing(view, (0.18, 0.2), 0.16, "#ffcf8a", 1.4)
    return defocused(view, 24)


def _garden(rng: np.random.Generator) -> View:
    view = _wash("#9db36a", "#5d7a3a", gain=0.75)
    for _ in range(420):
        at = (float(rng.uniform(0, 1)), float(rng.uniform(0, 1)))
        ink = ("#3f5a22", "#6f8f3a", "#a9bf62", "#2f451c", "#86a24a")[int(rng.integers(5))]
        _spot(view, at, float(rng.uniform(0.015, 0.05)), ink, float(rng.uniform(0.5, 1.25)))
    _glowing(view, (0.75, 0.05), 0.45, "#f7f3c2", 0.9)
    _lights(view, rng, 90, ("#f3ffd0", "#fffbe0", "#dff0a8"), gain=(7, 22), high=0.85)
    return defocused(view, 25)


def _forest(rng: np.random.Generator) -> View:
    view = _wash("#6f7a52", "#3a4029", gain=0.5)
    for _ in range(26):
        x, wide = float(rng.uniform(0, 1)), float(rng.uniform(0.008, 0.03))
        _block(view, (x, 0, x + wide, 0.8), ("#3b3226", "#4d4234", "#2b261d")[int(rng.integers(3))], 0.6)
    for _ in range(220):
        at = (float(rng.uniform(0, 1)), float(rng.beta(1.3, 1.6)))
        ink = ("#4a5730", "#6b7742", "#2f3a20", "#7f8a55")[int(rng.integers(4))]
        _spot(view, at, float(rng.uniform(0.01, 0.035)), ink, float(rng.uniform(0.4, 0.9)))
    _glowing(view, (0.62, 0.12), 0.4, "#f0efc8", 0.55)
    _lights(view, rng, 46, ("#f7f4d8", "#e6ecc0"), gain=(4, 13), high=0.6)
    return defocused(view, 23)


def _beach(rng: np.random.Generator) -> View:
    view = _wash("#7fb9e0", "#d9edf5", gain=1.0)
    _block(view, (0, 0.46, 1, 0.66), "#3f93b5", 0.85)
    _block(view, (0, 0.63, 1, 0.7), "#e9f5f4", 1.0)
    _block(view, (0, 0.68, 1, 1), "#dcc49b", 0.9)
    _lights(view, rng, 120, ("#ffffff", "#fff6df"), gain=(5, 16), low=0.46, high=0.66)
    return defocused(view, 16)


def _winter(rng: np.random.Generator) -> View:
    view = _wash("#c9d7e6", "#eef3f8", gain=0.85)
    for _ in range(26):
        x, tall = float(rng.uniform(0, 1)), float(rng.uniform(0.35, 0.75))
        for row in range(12):
            t = row / 12
            half = 0.012 + 0.05 * t * tall
            y = 0.72 - tall * (1 - t)
            _block(
                view, (x - half, y, x + half, y + 0.05), ("#5c7180", "#7f93a0", "#44596a")[int(rng.integers(3))], 0.7
            )
    _block(view, (0, 0.7, 1, 1), "#eef3f9", 0.85)
    _lights(view, rng, 60, ("#ffffff", "#eaf4ff"), gain=(4, 10), high=0.7)
    return defocused(view, 22)


def _autumn(rng: np.random.Generator) -> View:
    view = _wash("#c98f4a", "#7d4f26", gain=0.7)
    for _ in range(380):
        at = (float(rng.uniform(0, 1)), float(rng.uniform(0, 1)))
        ink = ("#b5541f", "#d98a2b", "#8a3a1a", "#e0b04a", "#5f4a22")[int(rng.integers(5))]
        _spot(view, at, float(rng.uniform(0.015, 0.05)), ink, float(rng.uniform(0.5, 1.2)))
    _glowing(view, (0.3, 0.1), 0.4, "#ffdf9a", 0.9)
    _lights(view, rng, 70, ("#ffe2a0", "#ffc46a"), gain=(6, 20), high=0.85)
    return defocused(view, 25)


def _blossom(rng: np.random.Generator) -> View:
    view = _wash("#d9e6d0", "#b9cf9f", gain=0.9)
    for _ in range(320):
        at = (float(rng.uniform(0, 1)), float(rng.beta(1.4, 2.2)))
        ink = ("#f3c9d3", "#f7dfe4", "#e9a9bb", "#a9c47f", "#c9dba6")[int(rng.integers(5))]
        _spot(view, at, float(rng.uniform(0.012, 0.04)), ink, float(rng.uniform(0.8, 1.3)))
    _lights(view, rng, 60, ("#fff4f2", "#ffffff"), gain=(5, 14), high=0.8)
    return defocused(view, 24)


def _festive(rng: np.random.Generator) -> View:
    view = _wash("#3a1410", "#1d0a09", gain=0.9)
    for _ in range(260):
        x = float(rng.triangular(0.45, 0.78, 1.1))
        _spot(
            view,
            (x, float(rng.uniform(0, 0.9))),
            float(rng.uniform(0.015, 0.05)),
            ("#16301c", "#20442a", "#0f2315")[int(rng.integers(3))],
            0.8,
        )
    _glowing(view, (0.12, 0.35), 0.3, "#ff9a4a", 0.7)
    _lights(view, rng, 85, ("#ffcf87", "#ffb25a", "#ffe3b5", "#ff7a5a", "#ffd98a"), gain=(14, 44), high=0.92)
    return defocused(view, 22)


def _evening(rng: np.random.Generator) -> View:
    view = _wash("#2a2f3f", "#1a1614", gain=0.5)
    _glowing(view, (0.22, 0.5), 0.35, "#ffa658", 0.7)
    _glowing(view, (0.85, 0.4), 0.25, "#ff8a4a", 0.45)
    _lights(view, rng, 55, ("#ffc785", "#ffae62", "#ffe0b5", "#9fb7ff"), gain=(8, 30), high=0.9)
    return defocused(view, 24)


def _bath(rng: np.random.Generator) -> View:
    view = _wash("#e9eeee", "#d8dedd", gain=0.9)
    for x in np.arange(0, 1, 0.05):
        _block(view, (x, 0, x + 0.002, 1), "#b9c1c0", 0.8)
    for y in np.arange(0, 1, 0.1):
        _block(view, (0, y, 1, y + 0.004), "#b9c1c0", 0.8)
    _block(view, (0.66, 0.05, 0.92, 0.55), "#ffffff", 1.9)
    for _ in range(70):
        _spot(
            view,
            (float(rng.normal(0.16, 0.05)), float(rng.normal(0.35, 0.14))),
            float(rng.uniform(0.012, 0.035)),
            "#5d7f4a",
            float(rng.uniform(0.5, 1.2)),
        )
    _block(view, (0.4, 0.48, 0.52, 0.72), "#f3efe6", 1.0)
    return defocused(view, 20)


def _office(rng: np.random.Generator) -> View:
    view = _wash("#d5dbe0", "#c3c6c6", gain=0.8)
    _block(view, (0.05, 0.02, 0.4, 0.58), "#eef6ff", 2.2)
    for x in (0.165, 0.282):
        _block(view, (x, 0.02, x + 0.008, 0.58), "#8a9097", 0.7)
    _block(view, (0.56, 0.1, 0.98, 0.62), "#6b5a48", 0.6)
    for row in (0.16, 0.33, 0.5):
        for x in np.arange(0.58, 0.96, 0.02):
            ink = ("#b55a3a", "#3f5f73", "#d9cdb5", "#6a7f5d", "#8a8f95", "#c9a24a")[int(rng.integers(6))]
            _block(view, (x, row - float(rng.uniform(0.04, 0.09)), x + 0.015, row + 0.05), ink, 0.8)
    _block(view, (0, 0.7, 1, 1), "#a58a6b", 0.7)
    return defocused(view, 23)


def _dim(rng: np.random.Generator) -> View:
    view = _wash("#17181b", "#0c0c0e", gain=0.8)
    _glowing(view, (0.5, 0.62), 0.42, "#5f656d", 1.5 + 0.1 * float(rng.uniform()))
    return view


VIEWS: dict[str, Callable[[np.random.Generator], View]] = {
    "kitchen": _kitchen,
    "living": _living,
    "garden": _garden,
    "forest": _forest,
    "beach": _beach,
    "winter": _winter,
    "autumn": _autumn,
    "blossom": _blossom,
    "festive": _festive,
    "evening": _evening,
    "bath": _bath,
    "office": _office,
    "dim": _dim,
}


def view(name: str) -> View:
    """The view called `name`, always the same picture."""
    return kept(f"view-{name}", lambda: VIEWS[name](np.random.default_rng(sum(name.encode()))).astype(np.float32))


def washed(colour: RGB, *, seed_place: float = 0.5) -> View:
    """A plain studio wall in `colour` with a soft pool of light at `seed_place` (share of the width)."""
    y, x = np.mgrid[0:128, 0:256].astype(np.float32)
    far = ((x / 256 - seed_place) * 1.6) ** 2 + (y / 128 - 0.62) ** 2
    pool = 0.42 + 0.58 * np.exp(-far / 0.16)
    return np.asarray(pool[..., None] * np.array(colour, np.float32), dtype=np.float32)
