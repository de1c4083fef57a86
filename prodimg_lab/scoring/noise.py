"""How noisy is a picture, texture left aside?"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

BLOCK = 16
FINER = 8
_SCALE = float(np.sqrt(np.pi / 2) / 6)
BLOCK_BIAS = 0.93
"""The 20th percentile of blocks of pure Gaussian noise, as a share of its deviation (measured, 8 seeds at 512 px)."""


def noise_of(gray: NDArray[np.uint8], region: NDArray[np.bool_] | None = None) -> float:
    """Deviation of noise in gray levels (0-255), after Immerkaer (CVIU 64(2), 1996), in `region` (of any size).

    His operator, averaged in blocks of 16 px; the answer is the 20th percentile of the blocks, since noise is
    everywhere and texture is not. Blocks that are nearly black or white are left out (clipping hides noise).
    """
    height, width = (length // BLOCK for length in gray.shape)
    if height and width:
        inside = np.ones((height, width), np.bool_)
        if region is not None:
            covered = cv2.resize(region.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_AREA)
            inside = np.asarray(covered) > 200
        left, top, wide, high = cv2.boundingRect(inside.astype(np.uint8))
        if wide and high:
            window = gray[top * BLOCK : (top + high) * BLOCK, left * BLOCK : (left + wide) * BLOCK]
            usable = inside[top : top + high, left : left + wide]
            # times 8, since means are rounded to whole numbers; at most 16 · 255 · 8, which still fits
            blocks = _block_means(_rest(window) * np.int16(FINER), high, wide) * np.float32(_SCALE / FINER)
            levels = _block_means(window, high, wide)
            usable = usable & (levels > 4) & (levels < 251)
            if usable.sum() >= 4:
                return float(np.percentile(blocks[usable], 20)) / BLOCK_BIAS
    everywhere = None
    if region is not None:
        full = cv2.resize(region.astype(np.uint8) * 255, gray.shape[::-1], interpolation=cv2.INTER_NEAREST)
        everywhere = np.asarray(full, np.uint8)
    return float(cv2.mean(_rest(gray), mask=everywhere)[0]) * _SCALE


def _rest(gray: NDArray[np.uint8]) -> NDArray[np.int16]:
    weights = np.array([1.0, -2.0, 1.0])
    steps = np.asarray(cv2.sepFilter2D(gray, cv2.CV_16S, weights, weights), np.int16)
    return np.abs(steps, out=steps)


def _block_means(plane: NDArray[np.uint8] | NDArray[np.int16], height: int, width: int) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.float32)
