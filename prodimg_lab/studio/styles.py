"""What do style presets do to a picture? SDXL's presets as darkroom work; the drawn ones only hint at their
namesakes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """Darkroom settings: factors for contrast and saturation, split tone (shadows, highlights as RGB offsets), fade
    of the blacks, grain, number of tones (0: all), strength of drawn edges, block size as share of the side,
    smoothing passes.
    """

    contrast: float = 1.0
    saturation: float = 1.0
    shadows: tuple[float, float, float] = (0.0, 0.0, 0.0)
    highlights: tuple[float, float, float] = (0.0, 0.0, 0.0)
    fade: float = 0.0
    grain: float = 0.0
    tones: int = 0
    edges: float = 0.0
    block: float = 0.0
    smooth: int = 0


GRADES: Mapping[str, Grade] = {
    "photographic": Grade(),
    "enhance": Grade(contrast=1.08, saturation=1.16),
    "cinematic": Grade(contrast=1.14, saturation=0.92, shadows=(-0.03, 0.01, 0.045), highlights=(0.04, 0.012, -0.035)),
    "analog-film": Grade(
        contrast=0.94,
        saturation=0.86,
        highlights=(0.03, 0.015, -0.02),
        shadows=(0.01, 0.012, 0.03),
        fade=0.06,
        grain=0.03,
    ),
    "3d-model": Grade(contrast=0.96, saturation=1.06, smooth=2),
    "digital-art": Grade(contrast=1.1, saturation=1.3, smooth=2),
    "fantasy-art": Grade(
        contrast=1.1, saturation=1.35, shadows=(0.03, -0.01, 0.06), highlights=(0.03, 0.01, 0.02), smooth=2
    ),
    "anime": Grade(contrast=1.08, saturation=1.35, tones=7, edges=0.7, smooth=3),
    "comic-book": Grade(contrast=1.2, saturation=1.35, tones=5, edges=1.0, smooth=3),
    "line-art": Grade(saturation=0.0, contrast=1.3, edges=1.3, tones=3, fade=0.35, smooth=2),
    "low-poly": Grade(saturation=1.1, tones=9, smooth=4),
    "isometric": Grade(saturation=1.1, smooth=2, tones=12),
    "modeling-compound": Grade(saturation=1.15, contrast=0.95, smooth=4),
    "neon-punk": Grade(contrast=1.25, saturation=1.5, shadows=(0.08, -0.04, 0.16), highlights=(0.05, -0.03, 0.06)),
    "origami": Grade(saturation=0.9, tones=8, smooth=3, edges=0.25),
    "pixel-art": Grade(saturation=1.2, tones=10, block=1 / 72),
    "tile-texture": Grade(),
}


def styled(picture: Image, preset: str) -> Image:
    """`picture` (sRGB 0..1) in the style `preset`; "" leaves it as it is."""
    if not preset:
        return picture
    grade = GRADES.get(preset, Grade())
    shown = picture
    if preset == "tile-texture":
        half = shown[::2, ::2]
        tiled = np.concatenate(
            [np.concatenate([half, half[:, ::-1]], 1), np.concatenate([half[::-1], half[::-1, ::-1]], 1)], 0
        )
        shown = np.asarray(cv2.resize(tiled, (picture.shape[1], picture.shape[0])), dtype=np.float32)
    for _ in range(grade.smooth):
        smooth = cv2.bilateralFilter(np.ascontiguousarray(shown, dtype=np.float32), 7, 0.08, 5)
        shown = np.asarray(smooth, dtype=np.float32)
    if grade.block:
        shown = _blocks(shown, grade.block)
    outline = _outline(shown) if grade.edges else None
    grey = shown.mean(axis=2, keepdims=True)
    shown = grey + (shown - grey) * grade.saturation
    shown = 0.5 + (shown - 0.5) * grade.contrast
    dark = 1 - np.clip(grey, 0, 1)
    shown = shown + dark * np.array(grade.shadows, np.float32) + (1 - dark) * np.array(grade.highlights, np.float32)
    if grade.tones:
        shown = np.round(shown * grade.tones) / grade.tones
    shown = grade.fade + shown * (1 - grade.fade)
    if outline is not None:
        shown = shown * (1 - np.clip(grade.edges * outline, 0, 1)[..., None])
    if grade.grain:
        shown = shown + grade.grain * np.random.default_rng(5).standard_normal((*shown.shape[:2], 1)).astype(np.float32)
    return np.asarray(np.clip(shown, 0.0, 1.0), dtype=np.float32)


def _blocks(picture: Image, share: float) -> Image:
    high, wide = picture.shape[:2]
    side = max(2, round(min(high, wide) * share))
    small = cv2.resize(picture, (max(1, wide // side), max(1, high // side)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (wide, high), interpolation=cv2.INTER_NEAREST), dtype=np.float32)


def _outline(picture: Image) -> NDArray[np.float32]:
    """Where drawn lines would be, 0..1."""
    grey = cv2.GaussianBlur(picture.mean(axis=2), (0, 0), 1.0)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return np.asarray(np.clip((slope - 0.09) * 5, 0, 1), dtype=np.float32)
