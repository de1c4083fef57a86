"""What do table tops, floors and walls look like from close by?

Each painter returns a seamless square of sRGB pixels; `TEXTURES` says how many scene units one square covers. A unit
is about a product's height, so wood grain and veins are kept at that scale.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from prodimg_lab.studio.cache import kept
from prodimg_lab.studio.noise import Field, blended, bytes_of, clouds, displaced, graded, ramp, toned
from prodimg_lab.studio.things import Pixels, Texture


def _veins(size: int, seed: int, *, waves: float, width: float, warp: float) -> Field:
    """Thin wandering lines, 0..1, that thicken, thin out and break off."""
    base = clouds(size, seed=seed, slope=1.6, coarsest=1, finest=waves, stretch=2.2)
    push = warp * size
    dx = clouds(size, seed=seed + 1, slope=2.0, coarsest=1) * push
    dy = clouds(size, seed=seed + 2, slope=2.0, coarsest=1) * push
    line = displaced(base, dx, dy)
    thick = width * (0.35 + ramp(clouds(size, seed=seed + 3, slope=2.0, coarsest=1, finest=8), -1.2, 1.8) * 1.5)
    there = ramp(clouds(size, seed=seed + 4, slope=2.0, coarsest=1, finest=6), -0.25, 0.7)
    return np.asarray(np.exp(-np.abs(line) / thick) * there, dtype=np.float32)


def _marble(size: int) -> Pixels:
    mist = clouds(size, seed=11, slope=2.1, coarsest=1, stretch=1.6)
    colour = graded(mist, ((-2.5, "#d9dadd"), (-0.8, "#e9e9ea"), (0.6, "#f3f2f0"), (2.5, "#f8f7f4")))
    soft = _veins(size, 21, waves=3, width=0.16, warp=0.05)
    main = _veins(size, 31, waves=3, width=0.030, warp=0.055)
    fine = _veins(size, 41, waves=7, width=0.016, warp=0.035)
    colour = blended(colour, "#b4b8bf", soft * 0.42)
    colour = blended(colour, "#858a93", main * 0.62)
    return bytes_of(blended(colour, "#9a9da3", fine * 0.4))


def _dark_marble(size: int) -> Pixels:
    mist = clouds(size, seed=12, slope=2.0, coarsest=1, stretch=1.5)
    colour = graded(mist, ((-2.5, "#121416"), (0.0, "#1c1f22"), (2.5, "#2b2f33")))
    main = _veins(size, 33, waves=3, width=0.022, warp=0.06)
    fine = _veins(size, 44, waves=6, width=0.011, warp=0.04)
    colour = blended(colour, "#c9b48a", main * 0.55)
    return bytes_of(blended(colour, "#dad6cc", fine * 0.4))


def _wood(size: int, *, seed: int, dark: str, middle: str, light: str, planks: int) -> Pixels:
    """Boards along x with growth rings, fibres and pores."""
    y = np.linspace(0, planks, size, endpoint=False, dtype=np.float32)[:, None]
    board = np.broadcast_to(np.floor(y).astype(np.int64), (size, size))
    rng = np.random.default_rng(seed)
    sway = clouds(size, seed=seed, slope=2.2, coarsest=1, finest=24, stretch=5.0)
    shift = rng.uniform(0, 40, planks).astype(np.float32)[board]
    across = (y - np.floor(y)) + 0 * sway
    centre = rng.uniform(-0.9, 1.9, planks).astype(np.float32)[board]
    rings = np.abs(across - centre + 0.16 * sway) * 11 + shift
    band = 0.5 + 0.5 * np.sin(2 * np.pi * rings + 1.2 * sway)
    band = np.asarray(band**1.6, dtype=np.float32)
    fibre = clouds(size, seed=seed + 1, slope=0.7, coarsest=18, stretch=34.0)
    pores = ramp(clouds(size, seed=seed + 2, slope=0.25, coarsest=60, stretch=22.0), 1.5, 2.6)
    tone = rng.uniform(-0.32, 0.32, planks).astype(np.float32)[board]
    value = 0.42 * (band - 0.5) + 0.17 * fibre + tone + 0.16 * sway
    colour = graded(value, ((-1.0, light), (0.0, middle), (1.0, dark)))
    colour = blended(colour, dark, pores * 0.55)
    edge = np.minimum(across, 1 - across) * size / planks
    return bytes_of(toned(colour, 1.0 - 0.72 * np.exp(-((edge / 1.6) ** 2)).astype(np.float32)))


def _oak(size: int) -> Pixels:
    return _wood(size, seed=51, dark="#8a5f38", middle="#b98a5a", light="#d3ab7c", planks=8)


def _walnut(size: int) -> Pixels:
    return _wood(size, seed=61, dark="#2f1d13", middle="#553724", light="#785238", planks=7)


def _pale_wood(size: int) -> Pixels:
    return _wood(size, seed=71, dark="#b3936c", middle="#d2b78f", light="#e6d3b3", planks=8)


def _concrete(size: int) -> Pixels:
    mist = clouds(size, seed=81, slope=1.7, coarsest=1)
    grain = clouds(size, seed=82, slope=0.3, coarsest=40)
    colour = graded(mist + 0.28 * grain, ((-3.0, "#8b8a87"), (0.0, "#a9a7a3"), (3.0, "#c2c0bb")))
    rng = np.random.default_rng(83)
    pits = np.zeros((size, size), dtype=np.uint8)
    for x, y, r in zip(
        rng.integers(0, size, 420), rng.integers(0, size, 420), rng.gamma(1.5, size / 1500, 420), strict=True
    ):
        cv2.circle(pits, (int(x) * 8, int(y) * 8), int(r * 8), 255, -1, cv2.LINE_AA, 3)
    return bytes_of(toned(colour, np.asarray(1.0 - 0.42 * pits / 255, dtype=np.float32)))


def _slate(size: int) -> Pixels:
    mist = clouds(size, seed=91, slope=1.5, coarsest=2, stretch=1.8)
    steps = np.round(clouds(size, seed=92, slope=1.8, coarsest=2, stretch=1.5) * 2.2) / 2.2
    grain = clouds(size, seed=93, slope=0.4, coarsest=30)
    value = 0.5 * mist + 0.5 * steps.astype(np.float32) + 0.25 * grain
    return bytes_of(graded(value, ((-2.6, "#3f4447"), (0.0, "#60666a"), (2.6, "#888e90"))))


def _linen(size: int) -> Pixels:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    threads = 220.0
    wobble = clouds(size, seed=101, slope=1.6, coarsest=2, finest=40) * 0.5
    warp = np.sin(2 * np.pi * x * threads / size + wobble)
    weft = np.sin(2 * np.pi * y * threads / size + 0.8 * wobble)
    slub = (
        clouds(size, seed=102, slope=0.5, coarsest=12, stretch=24.0)
        + clouds(size, seed=103, slope=0.5, coarsest=12, stretch=24.0).T
    )
    value = 0.5 * np.maximum(warp, weft) + 0.3 * slub + 0.3 * wobble
    return bytes_of(graded(value.astype(np.float32), ((-2.0, "#b9ab93"), (0.0, "#d8ccb6"), (1.6, "#ebe2d1"))))


def _terrazzo(size: int) -> Pixels:
    rng = np.random.default_rng(111)
    colour = graded(clouds(size, seed=112, slope=0.6, coarsest=16), ((-3.0, "#e4ded3"), (3.0, "#f2ede4")))
    pixels = bytes_of(colour)
    chips = ("#c88f74", "#8f9a8c", "#5f6468", "#d9b98c", "#b9b3aa", "#a7604a", "#f6f2ea")
    for _ in range(1500):
        centre = rng.uniform(0, size, 2)
        radius = rng.gamma(2.2, size / 420)
        angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(5, 8)))
        stretch = rng.uniform(0.55, 1.0)
        points = centre + radius * np.stack([np.cos(angles), stretch * np.sin(angles)], axis=1)
        ink = chips[int(rng.integers(0, len(chips)))]
        fill = tuple(int(int(ink[at : at + 2], 16) * rng.uniform(0.9, 1.05)) for at in (1, 3, 5))
        for ox in (-size, 0, size):
            for oy in (-size, 0, size):
                if -60 < centre[0] + ox < size + 60 and -60 < centre[1] + oy < size + 60:
                    corners = np.round((points + np.array([ox, oy])) * 8).astype(np.int32)
                    cv2.fillPoly(pixels, [corners], tuple(min(255, f) for f in fill), cv2.LINE_AA, 3)
    return pixels


def _tiles(size: int) -> Pixels:
    count = 8
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) * (count / size)
    rng = np.random.default_rng(121)
    tone = rng.uniform(0.955, 1.0, (count, count)).astype(np.float32)[y.astype(int) % count, x.astype(int) % count]
    edge = np.minimum.reduce([x % 1, 1 - x % 1, y % 1, 1 - y % 1])
    grout = 1 - ramp(np.asarray(edge, dtype=np.float32), 0.012, 0.026)
    colour = graded(0 * tone, ((0.0, "#eceeed"), (1.0, "#eceeed")))
    return bytes_of(blended(toned(colour, tone), "#b9b8b3", grout))


def _sand(size: int) -> Pixels:
    grain = clouds(size, seed=131, slope=0.15, coarsest=60)
    drift = clouds(size, seed=132, slope=1.9, coarsest=2, stretch=2.5)
    colour = graded(0.55 * grain + 0.5 * drift, ((-3.0, "#a98a63"), (0.0, "#d3b78c"), (3.0, "#efdcbb")))
    return bytes_of(colour)


def _plaster(size: int) -> Pixels:
    mist = clouds(size, seed=141, slope=1.6, coarsest=2)
    stroke = clouds(size, seed=142, slope=1.1, coarsest=8, stretch=3.0)
    return bytes_of(graded(0.6 * mist + 0.4 * stroke, ((-3.0, "#d8cdbd"), (0.0, "#e6ddd0"), (3.0, "#f1eae0"))))


def _moss(size: int) -> Pixels:
    tuft = clouds(size, seed=151, slope=0.8, coarsest=14)
    patch = clouds(size, seed=152, slope=1.9, coarsest=1)
    value = 0.6 * tuft + 0.5 * patch
    return bytes_of(graded(value, ((-2.6, "#474d33"), (-0.6, "#69704a"), (0.8, "#8f9566"), (2.6, "#bcc08f"))))


def _snow(size: int) -> Pixels:
    drift = clouds(size, seed=161, slope=1.8, coarsest=2)
    grain = clouds(size, seed=162, slope=0.2, coarsest=50)
    return bytes_of(graded(0.6 * drift + 0.35 * grain, ((-3.0, "#d4dde8"), (0.0, "#edf2f7"), (3.0, "#fcfdff"))))


TEXTURES: dict[str, tuple[Callable[[int], Pixels], int, float]] = {
    "marble": (_marble, 1152, 4.6),
    "dark-marble": (_dark_marble, 1152, 4.6),
    "oak": (_oak, 1536, 4.4),
    "walnut": (_walnut, 1536, 4.4),
    "pale-wood": (_pale_wood, 1536, 4.4),
    "concrete": (_concrete, 1024, 3.6),
    "slate": (_slate, 1024, 3.0),
    "linen": (_linen, 1536, 2.6),
    "terrazzo": (_terrazzo, 1024, 2.6),
    "tiles": (_tiles, 1024, 3.4),
    "sand": (_sand, 1024, 2.6),
    "plaster": (_plaster, 1024, 4.0),
    "moss": (_moss, 1024, 1.7),
    "snow": (_snow, 1024, 3.0),
}
"""Name -> painter, side in pixels, side in scene units."""


def texture(name: str) -> tuple[Texture, float]:
    """The texture called `name` and the scene units that one square of it covers."""
    paint, size, span = TEXTURES[name]
    return Texture(key=f"surface/{name}", pixels=kept(f"surface-{name}", lambda: paint(size))), span
