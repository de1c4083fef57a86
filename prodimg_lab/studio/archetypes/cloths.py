"""Leather and cloth: the skins that several archetypes share."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from prodimg_lab.studio.cache import kept
from prodimg_lab.studio.finishes import matte
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.noise import clouds
from prodimg_lab.studio.things import RGB, Material, Texture, srgb8
from prodimg_lab.studio.wraps import keyed

CLOTH = ("canvas", "cotton", "linen", "jute", "wool", "felt", "nylon", "fabric", "denim")


def _grain() -> NDArray[np.uint8]:
    """Leather pebbles as heights: cells with soft valleys, 384 x 384, tiling."""
    size, count = 384, 38
    rng = np.random.default_rng(7)
    seeds = (
        (
            np.stack(np.meshgrid(np.arange(count), np.arange(count)), -1).reshape(-1, 2)
            + rng.uniform(0.1, 0.9, (count * count, 2))
        )
        * size
        / count
    )
    tiled = np.concatenate([seeds + np.array([dx, dy]) * size for dx in (-1, 0, 1) for dy in (-1, 0, 1)])
    tiled = tiled[((tiled > -30) & (tiled < size + 30)).all(axis=1)]
    page = np.full((size + 60, size + 60), 255, dtype=np.uint8)
    for x, y in tiled:
        cv2.circle(page, (int(x) + 30, int(y) + 30), 1, 0, -1)
    far = cv2.distanceTransform(page, cv2.DIST_L2, 5)[30:-30, 30:-30]
    high = 1 - np.clip(far / (0.62 * size / count), 0, 1) ** 2.2
    return np.asarray(np.clip(high * 255, 0, 255), dtype=np.uint8)[..., None]


def leather(colour: RGB, *, finish: str = "") -> Material:
    """Pebbled leather, coloured a little unevenly."""
    heights = kept("leather-grain", _grain)
    size = heights.shape[0]
    mottle = clouds(size, seed=3, slope=1.7, coarsest=2)
    level = (0.94 + 0.06 * heights[..., 0].astype(np.float32) / 255) * (1 + 0.016 * mottle)
    pixels = np.clip(np.array(srgb8(colour), dtype=np.float32) * level[..., None], 0, 255).astype(np.uint8)
    rough = {"matte": 0.42, "glossy": 0.14, "polished": 0.16}.get(finish, 0.3)
    return Material(
        kind="plastic",
        colour=colour,
        texture=keyed("leather", pixels),
        roughness=rough,
        bump=Texture(key="leather-grain", pixels=np.array(heights)),
        bump_depth=0.0022,
        tile=(1.15, 1.15),
    )


def woven(colour: RGB, *, threads: int = 64) -> Material:
    """Plain-weave cloth."""
    size = 512
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    wave = np.maximum(np.sin(2 * math.pi * x * threads / size), np.sin(2 * math.pi * y * threads / size))
    slub = (
        clouds(size, seed=9, slope=0.6, coarsest=8, stretch=16.0)
        + clouds(size, seed=10, slope=0.6, coarsest=8, stretch=16.0).T
    )
    level = 0.94 + 0.05 * wave + 0.035 * slub
    pixels = np.clip(np.array(srgb8(colour), dtype=np.float32) * level[..., None], 0, 255).astype(np.uint8)
    return matte(colour, texture=keyed("weave", pixels))


def hide_of(identity: Identity) -> Material:
    """Leather, or cloth where the words say so."""
    if identity.material in CLOTH or (identity.shape == "tote" and identity.material != "leather"):
        return woven(identity.colour)
    return leather(identity.colour, finish=identity.finish)
