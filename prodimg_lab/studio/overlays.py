"""What do unasked extras look like? Watermark, caption and border, painted over a finished picture (sRGB 0..1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures

from prodimg_lab.studio.identity import share_of
from prodimg_lab.studio.lettering import fitted, write

Image = NDArray[np.float32]

_CAPTIONS = ("NEW COLLECTON", "Prodct of the Year", "PURE QUALTY", "Shop nw", "30% OF", "Origina1 Taste")


def marked(picture: Image, artefacts: tuple[str, ...], *, seed: int) -> Image:
    """`picture` with the watermark, text and border among `artefacts`."""
    for name, paint in (("watermark", _watermark), ("text", _caption), ("border", _border)):
        if name in artefacts:
            picture = paint(picture, seed)
    return picture


def _lettered(picture: Image, words: str, *, at: tuple[float, float], size: int, turn: float = 0.0) -> Image:
    """How much ink (0..1) one line of text lays on each pixel."""
    high, wide = picture.shape[:2]
    page = Pictures.new("RGB", (wide, high))
    write(page, words, at=(at[0] * wide, at[1] * high), face="bold", size=size, ink=(255, 255, 255), tracking=0.04)
    if turn:
        page = page.rotate(turn, resample=Pictures.Resampling.BILINEAR, center=(at[0] * wide, at[1] * high))
    return np.asarray(np.array(page)[..., :1] / 255, dtype=np.float32)


def _watermark(picture: Image, seed: int) -> Image:
    high, wide = picture.shape[:2]
    size = max(8, int(min(high, wide) * 0.075))
    ink = np.zeros((high, wide, 1), dtype=np.float32)
    for row in range(-1, 3):
        for column in range(-1, 2):
            at = (0.5 + column * 0.56 + 0.22 * (row % 2), 0.18 + row * 0.34 + 0.1 * share_of("watermark", seed))
            ink = np.maximum(ink, _lettered(picture, "STOCKIMG", at=at, size=size, turn=24))
    return np.asarray(picture * (1 - 0.34 * ink) + 0.34 * ink * 0.82, dtype=np.float32)


def _caption(picture: Image, seed: int) -> Image:
    high, wide = picture.shape[:2]
    words = _CAPTIONS[int(share_of("caption", seed) * len(_CAPTIONS))]
    size = fitted(words, "bold", width=wide * 0.62, height=high * 0.075)
    ink = _lettered(picture, words, at=(0.5, 0.09 if share_of("caption place", seed) < 0.5 else 0.92), size=size)
    light = float(picture.mean()) < 0.55
    colour = np.array((0.97, 0.95, 0.9) if light else (0.13, 0.13, 0.15), dtype=np.float32)
    return np.asarray(picture * (1 - ink) + ink * colour, dtype=np.float32)


def _border(picture: Image, seed: int) -> Image:
    high, wide = picture.shape[:2]
    thick = max(2, int(min(high, wide) * (0.018 + 0.02 * share_of("border", seed))))
    framed = picture.copy()
    colour = 0.06 if share_of("border colour", seed) < 0.6 else 0.94
    for edge in (np.s_[:thick], np.s_[-thick:], np.s_[:, :thick], np.s_[:, -thick:]):
        framed[edge] = colour
    return framed
