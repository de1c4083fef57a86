"""Where does the camera stand, so that the product sits well in the frame?

The product is turned before a camera that always looks along +y; the distance is solved from the product's own
outline, so a mug and a bottle fill their frames alike. Part of the downward tilt is traded for lens shift, as product
photographers do, so that upright edges stay nearly parallel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prodimg_lab.studio.things import Camera


@dataclass(frozen=True, slots=True, kw_only=True)
class Angle:
    """A camera position: `elevation` and `fov` in degrees, the product's `turn` in radians, `fill` of the frame's
    side by the product's longer side in a packshot and in a scene, `keystone` the share of tilt that is not
    shifted away, `centre` the height of the product's middle in the frame (0 top, 1 bottom).
    """

    name: str
    elevation: float
    turn: float
    fill: tuple[float, float]
    fov: float = 19.0
    keystone: float = 0.4
    centre: float = 0.515


ANGLES: Mapping[str, Angle] = {
    angle.name: angle
    for angle in (
        Angle(name="front", elevation=5.5, turn=0.08, fill=(0.72, 0.62)),
        Angle(name="three-quarter", elevation=15.0, turn=0.5, fill=(0.72, 0.62)),
        Angle(name="side", elevation=6.0, turn=1.42, fill=(0.72, 0.62)),
        Angle(name="top-down", elevation=80.0, turn=0.12, fill=(0.66, 0.56), keystone=1.0, centre=0.5),
        Angle(name="low-angle", elevation=1.4, turn=0.28, fill=(0.76, 0.68), fov=27.0, keystone=0.0, centre=0.53),
        Angle(name="high-angle", elevation=42.0, turn=0.36, fill=(0.7, 0.6), keystone=0.9, centre=0.5),
        Angle(name="close-up", elevation=9.0, turn=0.24, fill=(1.32, 1.26), fov=16.0, centre=0.5),
        Angle(name="wide", elevation=9.0, turn=0.24, fill=(0.38, 0.36), centre=0.56),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """What a seed moves: all in -1..1."""

    turn: float = 0.0
    elevation: float = 0.0
    distance: float = 0.0
    across: float = 0.0
    upright: float = 0.0


def framed(
    points: NDArray[np.floating],
    angle: Angle,
    *,
    size: tuple[int, int],
    packshot: bool,
    chance: Chance,
    near: float = 1.0,
) -> Camera:
    """A camera whose frame (width, height in pixels) holds `points` (n x 3) as `angle` asks; `near` scales the fill."""
    elevation = math.radians(max(0.8, angle.elevation + chance.elevation * min(2.0, 0.3 * angle.elevation)))
    fill = angle.fill[0 if packshot else 1] * near * (1.0 + 0.05 * chance.distance)
    low, high = points.min(axis=0), points.max(axis=0)
    middle = (low + high) / 2
    reach = float(np.linalg.norm(high - low))
    near_by, far_off = 0.6 * reach, 60.0 * reach
    hull = _outermost(points)
    for _ in range(22):  # the product's share of the frame falls as the camera backs away
        distance = math.sqrt(near_by * far_off)
        camera = _at(middle, elevation, distance, angle, size)
        seen = camera.project(hull)
        share = float((np.ptp(seen, axis=0) / np.array(size)).max())
        if share > fill:
            near_by = distance
        else:
            far_off = distance
    seen = camera.project(hull)
    centre = (seen.min(axis=0) + seen.max(axis=0)) / 2 / np.array(size)
    free = max(0.0, 1.0 - fill)
    wish = (0.5 + 0.16 * free * chance.across, angle.centre + 0.06 * free * chance.upright)
    if angle.name == "wide":
        wish = (wish[0] + 0.1 * (1 if chance.across >= 0 else -1), wish[1])
    shift = (wish[0] - float(centre[0]), wish[1] - float(centre[1]))
    return Camera(at=camera.at, target=camera.target, fov=camera.fov, width=size[0], height=size[1], shift=shift)


def _outermost(points: NDArray[np.floating]) -> NDArray[np.floating]:
    """Points that matter for the outline: the farthest in each of 96 directions."""
    rng = np.random.default_rng(1)
    ways = rng.standard_normal((3, 96)).astype(np.float32)
    return np.asarray(points[np.unique(np.argmax(points.astype(np.float32) @ ways, axis=0))])


def _at(middle: NDArray[np.floating], elevation: float, distance: float, angle: Angle, size: tuple[int, int]) -> Camera:
    """A camera on the circle about `middle`, tilted by `keystone` of the elevation."""
    y, z = float(middle[1]) - distance * math.cos(elevation), float(middle[2]) + distance * math.sin(elevation)
    tilt = elevation * angle.keystone
    at = (float(middle[0]), y, max(z, 0.03))
    target = (at[0], at[1] + math.cos(tilt), at[2] - math.sin(tilt))
    return Camera(at=at, target=target, fov=angle.fov, width=size[0], height=size[1])
