"""How does a print get round a body?

Whole-body textures: a ground, a print pasted into it, and the speckle of stoneware. Pixels are 8-bit sRGB.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image

from prodimg_lab.studio.things import RGB, Pixels, Texture, mixed, srgb8


def wrap(
    canvas: Image.Image, art: Texture, *, key: str, centre: tuple[float, float], ground: tuple[int, int, int]
) -> Texture:
    """`canvas` with the ink of `art` (what differs from its `ground`) laid over it, centred at shares of its size."""
    x = int(canvas.width * centre[0] - art.pixels.shape[1] / 2)
    y = int(canvas.height * centre[1] - art.pixels.shape[0] / 2)
    away = np.abs(art.pixels.astype(np.int16) - np.array(ground, dtype=np.int16)).max(axis=2)
    mask = Image.fromarray(np.clip(away * 6, 0, 255).astype(np.uint8))
    canvas = canvas.copy()
    canvas.paste(Image.fromarray(art.pixels), (x, y), mask)
    return keyed(key, np.array(canvas))


def keyed(name: str, pixels: Pixels) -> Texture:
    """A texture whose key is its name and the digest of its pixels."""
    return Texture(key=f"{name}/{hashlib.blake2b(pixels.tobytes(), digest_size=12).hexdigest()}", pixels=pixels)


@lru_cache(maxsize=16)
def speckled(colour: RGB, key: str, *, size: tuple[int, int]) -> Texture:
    """A stoneware glaze: mottled, with small iron specks. `size` is (width, height)."""
    wide, high = size
    rng = np.random.default_rng(int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big"))
    base = np.array(srgb8(colour), dtype=np.float32)
    coarse = cv2.resize(
        rng.standard_normal((max(2, high // 48), max(2, wide // 48))).astype(np.float32),
        (wide, high),
        interpolation=cv2.INTER_CUBIC,
    )
    pixels = base * (1.0 + 0.018 * coarse[..., None])
    dots = np.zeros((high, wide), dtype=np.uint8)
    count = wide * high // 1800
    for x, y, r in zip(
        rng.integers(0, wide, count), rng.integers(0, high, count), rng.gamma(2.0, 0.55, count), strict=True
    ):
        cv2.circle(dots, (int(x) * 8, int(y) * 8), int(r * 8), 255, -1, cv2.LINE_AA, 3)
    share = (dots.astype(np.float32) / 255 * 0.75)[..., None]
    speck = np.array(srgb8(mixed(colour, (0.03, 0.018, 0.01), 0.85)), dtype=np.float32)
    return keyed("speckle", np.clip(pixels * (1 - share) + speck * share, 0, 255).astype(np.uint8))
