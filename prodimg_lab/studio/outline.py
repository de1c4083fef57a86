"""How does the product's outline become smooth when few rays are traced?

With two samples a pixel an outline is jagged. But the outline is known: the product's triangles, projected and filled
at four times the resolution, say how much of each pixel it covers. On the pixels along it the colour is laid anew:
the nearest colours inside and outside, mixed by that share.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from prodimg_lab.studio.things import Camera, Part

Image = NDArray[np.float32]
FINE = 4


def coverage(product: Sequence[Part], camera: Camera) -> NDArray[np.float32]:
    """The share (0..1) of every pixel that the product covers."""
    page = np.zeros((camera.height * FINE, camera.width * FINE), dtype=np.uint8)
    for part in product:
        at = camera.project(part.mesh.positions) * FINE - 0.5
        corners = np.round(at * 16).astype(np.int32)[part.mesh.faces]
        low, high = corners.min(axis=1), corners.max(axis=1)
        limit = np.array([camera.width, camera.height]) * FINE * 16
        seen = ((high > 0) & (low < limit)).all(axis=1)
        edge_a, edge_b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        facing = edge_a[:, 0].astype(np.int64) * edge_b[:, 1] - edge_a[:, 1].astype(np.int64) * edge_b[:, 0] < 0
        for triangle in corners[seen & facing]:
            cv2.fillConvexPoly(page, triangle, 255, cv2.LINE_8, 4)
    small = cv2.resize(page, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    return np.asarray(small.astype(np.float32) / 255, dtype=np.float32)


def smoothed(light: Image, share: NDArray[np.float32]) -> Image:
    """`light` with the pixels along the outline mixed anew."""
    inside, outside = (share > 0.995).astype(np.float32), (share < 0.005).astype(np.float32)
    edge = (share >= 0.005) & (share <= 0.995)
    # One pixel more on either side was touched by rays of both.
    core_in = np.asarray(cv2.erode(inside, np.ones((3, 3), np.uint8)), dtype=np.float32)
    core_out = np.asarray(cv2.erode(outside, np.ones((3, 3), np.uint8)), dtype=np.float32)
    near = cv2.dilate(edge.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    calm = np.minimum(light, 1.6)
    front, has_front = _nearby(calm, core_in)
    back, has_back = _nearby(calm, core_out)
    mixed = front * share[..., None] + back * (1 - share[..., None])
    use = (near & has_front & has_back & ~_standing(share))[..., None]
    return np.asarray(np.where(use, mixed, light), dtype=np.float32)


def _standing(share: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where the outline is the product's foot: its dark line of contact is thinner than the mixing, which would erase
    it.
    """
    rows = np.nonzero((share > 0.5).any(axis=1))[0]
    if not len(rows):
        return np.zeros(share.shape, dtype=np.bool_)
    soft = cv2.GaussianBlur(share, (0, 0), 1.5)
    down, across = cv2.Sobel(soft, cv2.CV_32F, 0, 1), cv2.Sobel(soft, cv2.CV_32F, 1, 0)
    low = np.arange(share.shape[0])[:, None] > rows[-1] - 0.3 * (rows[-1] - rows[0])
    return np.asarray(low & (down < -1.1 * np.abs(across)) & (down < 0))


def _nearby(light: Image, known: NDArray[np.float32]) -> tuple[Image, NDArray[np.bool_]]:
    """The mean of known colours about each pixel, from as near as possible, and where there is one."""
    total, count = np.zeros_like(light), np.zeros(light.shape[:2], dtype=np.float32)
    for size in (3, 5, 7):
        weight = cv2.blur(known, (size, size))
        colour = cv2.blur(light * known[..., None], (size, size))
        fresh = (count == 0) & (weight > 1e-4)
        total[fresh] = colour[fresh] / weight[fresh][:, None]
        count[fresh] = 1
    return total, count > 0
