"""How noisy is a picture, texture left aside?"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

BLOCK = 16
BLOCK_BIAS = 0.93
"""The 20th percentile of blocks of pure Gaussian noise, as a share of its deviation (measured, 8 seeds at 512 px)."""


def noise_of(gray: NDArray[np.uint8], region: NDArray[np.uint8] | None = None) -> float:
    """Deviation of noise in gray levels (0-255), after Immerkaer (CVIU 64(2), 1996), where `region` is 255.

    His operator, averaged in blocks of 16 px; the answer is the 20th percentile of the blocks, since noise is
    everywhere and texture is not. Blocks that are nearly black or white are left out (clipping hides noise).
    """
    weights = np.array([1.0, -2.0, 1.0])
    rest = np.abs(cv2.sepFilter2D(gray, cv2.CV_32F, weights, weights)) * np.float32(np.sqrt(np.pi / 2) / 6)
    height, width = (length // BLOCK for length in gray.shape)
    if height and width:
        blocks, levels = _block_means(rest, height, width), _block_means(gray, height, width)
        usable = (levels > 4) & (levels < 251)
        if region is not None:
            usable &= _block_means(region, height, width) > 200
        if usable.sum() >= 4:
            return float(np.percentile(blocks[usable], 20)) / BLOCK_BIAS
    return float(cv2.mean(rest, mask=region)[0])


def _block_means(plane: NDArray[np.uint8] | NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    whole = plane[: height * BLOCK, : width * BLOCK]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.float32)
