"""How does linear light become a picture?

Depth of field, bloom, white balance of a white sweep, the Khronos PBR Neutral tone curve (made to keep label and brand
colours), a touch of contrast, vignette and grain. Pictures are float32 (height, width, 3); the result is sRGB in 0..1.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
SWEEP_ALBEDO = 0.86


def neutral(light: Image, *, start: float = 0.76, desaturation: float = 0.15) -> Image:
    """Khronos PBR Neutral (Khronos Group, 2024): linear up to `start`, then compressed, hue kept."""
    x = light.min(axis=2, keepdims=True)
    offset = np.where(x < 0.08, x - 6.25 * x * x, 0.04)
    colour = light - offset
    peak = colour.max(axis=2, keepdims=True)
    span = 1.0 - start
    new_peak = 1.0 - span * span / (peak + span - start)
    squeezed = colour * (new_peak / np.maximum(peak, 1e-6))
    grey = 1.0 - 1.0 / (desaturation * (peak - new_peak) + 1.0)
    mapped = squeezed * (1 - grey) + new_peak * grey
    return np.asarray(np.where(peak < start, colour, mapped), dtype=np.float32)


def encoded(light: Image) -> Image:
    """Linear 0..1 to sRGB 0..1."""
    clipped = np.clip(light, 0.0, 1.0)
    return np.asarray(np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055), dtype=np.float32)


def defocused(light: Image, depth: NDArray[np.float32], *, sharp: tuple[float, float], strength: float) -> Image:
    """Blur what lies outside the depths `sharp` (near, far), by the circle of confusion of a thin lens.

    `strength` is the circle's radius, in shares of the shorter side, of things infinitely far away. What is sharp never bleeds
    into what is not: the blur is normalised by the mask.
    """
    side = min(light.shape[:2])
    far = np.where(depth > 0, depth, 1e4)
    behind = np.clip((far - sharp[1]) / far, 0, 1)
    before = np.clip((sharp[0] - far) / far, 0, 1)
    radius = np.maximum(behind, before) * strength * side
    if float(radius.max()) < 0.6:
        return light
    mask = (radius > 0.35).astype(np.float32)
    mask = cv2.erode(mask, np.ones((3, 3), np.uint8))
    result = light.copy()
    levels = [level for level in (1.0, 2.2, 4.5, 9.0) if level <= max(1.0, float(radius.max()) * 1.4)]
    previous, previous_radius = light, 0.0
    for level in levels:
        weight = mask * (radius > previous_radius * 0.6)
        top = cv2.GaussianBlur(light * weight[..., None], (0, 0), level * 0.75)
        bottom = cv2.GaussianBlur(weight, (0, 0), level * 0.75)[..., None]
        soft = np.where(bottom > 0.02, top / np.maximum(bottom, 0.02), light)
        share = np.clip((radius - previous_radius) / (level - previous_radius), 0, 1)[..., None]
        inside = (radius > previous_radius)[..., None]
        result = np.where(inside, previous * (1 - share) + soft * share, result)
        previous, previous_radius = soft, level
    return np.asarray(light * (1 - mask[..., None]) + result * mask[..., None], dtype=np.float32)


def bloomed(light: Image, *, amount: float = 0.05) -> Image:
    """Light above white spills a little over its surroundings."""
    high, wide = light.shape[:2]
    small = cv2.resize(np.clip(light - 1.0, 0, 6.0), (max(1, wide // 4), max(1, high // 4)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(1.0, min(high, wide) / 4 * 0.02))
    return np.asarray(light + amount * cv2.resize(soft, (wide, high), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def whitened(light: Image, albedo: Image) -> Image:
    """A white sweep brought to white: unshadowed ground becomes 1, contact shadows stay.

    Single-sample blotches on the bare sweep are smoothed on a coarse grid, away from everything else.
    """
    high, wide = light.shape[:2]
    bare = (np.abs(albedo - SWEEP_ALBEDO).max(axis=2) < 0.012).astype(np.float32)
    if float(bare.mean()) < 0.02:
        return light
    grid = (min(40, wide), min(40, high))
    total = cv2.resize(light * bare[..., None], grid, interpolation=cv2.INTER_AREA)
    count = cv2.resize(bare, grid, interpolation=cv2.INTER_AREA)[..., None]
    total, count = cv2.GaussianBlur(total, (0, 0), 1.0), cv2.GaussianBlur(count, (0, 0), 1.0)
    if count.ndim == 2:
        count = count[..., None]
    even = cv2.resize(total / np.maximum(count, 1e-3), (wide, high), interpolation=cv2.INTER_CUBIC)
    inner = cv2.GaussianBlur(bare, (0, 0), max(1.0, wide * 0.02))
    share = (np.clip((inner - 0.95) / 0.045, 0, 1) * bare)[..., None]
    calm = light * (1 - share) + even * share
    level = float(np.median(calm[bare > 0.5].max(axis=1)))
    scale = 1.0 / max(level, 1e-3)
    grey = calm.mean(axis=2, keepdims=True)
    lifted = calm * scale
    # Ground at 88 % of its usual light or more counts as white; below, shadow deepens as it was.
    lift = np.clip((grey * scale - 0.55) / 0.33, 0, 1)
    lift = (lift * lift * (3 - 2 * lift)) * bare[..., None]
    lift = cv2.GaussianBlur(lift, (0, 0), max(0.6, wide * 0.002)) * bare
    lift = lift[..., None]
    return np.asarray(lifted * (1 - lift) + np.maximum(lifted, 1.0) * lift, dtype=np.float32)


def developed(light: Image, *, white: bool, seed: int) -> Image:
    """Tone curve, contrast, vignette, grain and sRGB."""
    high, wide = light.shape[:2]
    if white:
        return encoded(neutral(light, start=0.93))
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    far = ((x + 0.5) / wide - 0.5) ** 2 + ((y + 0.5) / high - 0.5) ** 2
    mapped = neutral(light * (1.0 - 0.3 * far)[..., None])
    picture = encoded(mapped)
    curve = picture * picture * (3 - 2 * picture)
    picture = picture * 0.86 + curve * 0.14
    grain = np.random.default_rng(seed).standard_normal((high, wide, 1)).astype(np.float32)
    return np.asarray(picture + 0.0045 * grain, dtype=np.float32)
