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
    new_peak = 1.0 - span * span / (np.maximum(peak, start) + span - start)
    squeezed = colour * (new_peak / np.maximum(peak, 1e-6))
    grey = 1.0 - 1.0 / (desaturation * (peak - new_peak) + 1.0)
    mapped = squeezed * (1 - grey) + new_peak * grey
    return np.asarray(np.where(peak < start, colour, mapped), dtype=np.float32)


def encoded(light: Image) -> Image:
    """Linear 0..1 to sRGB 0..1."""
    clipped = np.clip(light, 0.0, 1.0)
    return np.asarray(
        np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055), dtype=np.float32
    )


def defocused(light: Image, depth: NDArray[np.float32], *, sharp: tuple[float, float], strength: float) -> Image:
    """Blur what lies outside the depths `sharp` (near, far), by the circle of confusion of a thin lens.

    `strength` is the circle's radius, in shares of the shorter side, of things infinitely far away. What is sharp
    never bleeds into what is not: the blur is normalised by the mask.
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
    small = cv2.resize(
        np.clip(light - 1.0, 0, 6.0), (max(1, wide // 4), max(1, high // 4)), interpolation=cv2.INTER_AREA
    )
    soft = cv2.GaussianBlur(small, (0, 0), max(1.0, min(high, wide) / 4 * 0.02))
    return np.asarray(light + amount * cv2.resize(soft, (wide, high), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def calmed(light: Image, albedo: Image, product: NDArray[np.float32], ground: tuple[float, float, float]) -> Image:
    """A bare one-coloured sweep without the blotches that few rays leave; near the product nothing is touched."""
    wide = light.shape[1]
    bare = _bare(albedo, product, ground)
    inner = cv2.GaussianBlur(bare, (0, 0), max(1.0, wide * 0.012))
    weight = cv2.GaussianBlur(bare, (0, 0), max(1.0, wide * 0.02))[..., None]
    even = cv2.GaussianBlur(light * bare[..., None], (0, 0), max(1.0, wide * 0.02)) / np.maximum(weight, 1e-3)
    far = (np.clip((inner - 0.86) / 0.12, 0, 1) * bare)[..., None]
    return np.asarray(light * (1 - far) + even * far, dtype=np.float32)


def _bare(albedo: Image, product: NDArray[np.float32], ground: tuple[float, float, float]) -> NDArray[np.float32]:
    """1 where only the sweep is seen."""
    near = np.abs(albedo - np.array(ground, dtype=np.float32)).max(axis=2) < 0.012
    return np.asarray(near & (product < 0.005), dtype=np.float32)


def whitened(light: Image, albedo: Image, product: NDArray[np.float32]) -> Image:
    """A white sweep brought to white: unshadowed ground becomes 1 everywhere, the contact shadow stays.

    The light on the bare sweep is fitted by a smooth surface away from the product (whose coverage is given) and
    divided out; what is left below 1 is shadow, calmed where nothing is near, since few rays leave blotches.
    """
    wide = light.shape[1]
    bare = _bare(albedo, product, (SWEEP_ALBEDO,) * 3)
    if float(bare.mean()) < 0.02:
        return light
    grey = light.mean(axis=2)
    usual = _fitted(grey, bare)
    ratio = grey / np.maximum(usual, 1e-3)
    inner = cv2.GaussianBlur(bare, (0, 0), max(1.0, wide * 0.012))
    weight = cv2.GaussianBlur(bare, (0, 0), max(1.0, wide * 0.018))
    even = cv2.GaussianBlur(ratio * bare, (0, 0), max(1.0, wide * 0.018)) / np.maximum(weight, 1e-3)
    close = cv2.GaussianBlur(bare, (0, 0), max(0.8, wide * 0.004))
    near = cv2.GaussianBlur(ratio * bare, (0, 0), max(0.8, wide * 0.004)) / np.maximum(close, 1e-3)
    far = np.clip((inner - 0.9) / 0.09, 0, 1)
    ratio = near * (1 - far) + even * far
    shadow = np.clip(ratio / 0.955, 0, 1) ** 1.7
    lit = light / np.maximum(usual, 1e-3)[..., None]
    neutral_sweep = np.repeat(shadow[..., None], 3, axis=2)
    stain = np.clip(lit / np.maximum(lit.mean(axis=2, keepdims=True), 1e-3), 0.7, 1.3)
    tinted = neutral_sweep * (1 + (stain - 1) * (1 - shadow[..., None]) * 1.2)
    level = float(np.median(usual[bare > 0.5]))
    return np.asarray(np.where(bare[..., None] > 0.5, tinted, light / max(level, 1e-3)), dtype=np.float32)


def _fitted(grey: NDArray[np.float32], bare: NDArray[np.float32]) -> NDArray[np.float32]:
    """A cubic surface through the light on the bare sweep; what is darker than it (shadow) is left out, twice."""
    high, wide = grey.shape
    cells = (48, 48)
    count = cv2.resize(bare, cells, interpolation=cv2.INTER_AREA)
    total = cv2.resize(grey * bare, cells, interpolation=cv2.INTER_AREA)
    level = total / np.maximum(count, 1e-3)
    y, x = (np.mgrid[0:48, 0:48].astype(np.float32) + 0.5) / 24 - 1
    terms = np.stack([x**i * y**j for i in range(4) for j in range(4 - i)], axis=-1)
    use = count > 0.97
    if int(use.sum()) < 40:
        return np.full_like(grey, float(np.median(level[count > 0.2])) if (count > 0.2).any() else 1.0)
    for _ in range(3):
        weights, *_rest = np.linalg.lstsq(terms[use], level[use], rcond=None)
        fit = terms @ weights
        use = use & (level > 0.965 * fit)
    return np.asarray(
        cv2.resize(fit.astype(np.float32), (wide, high), interpolation=cv2.INTER_LINEAR), dtype=np.float32
    )


def developed(light: Image, *, white: bool, seed: int) -> Image:
    """Tone curve, contrast, vignette, grain and sRGB."""
    high, wide = light.shape[:2]
    if white:
        # The curve takes 0.04 off for the glare of a dielectric; white paper shall not lose it.
        paper = np.clip(light.min(axis=2, keepdims=True) / 0.9 - 0.1, 0, 1)
        return encoded(neutral(light, start=0.96) + 0.03 * paper * paper)
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    far = ((x + 0.5) / wide - 0.5) ** 2 + ((y + 0.5) / high - 0.5) ** 2
    mapped = neutral(light * (1.0 - 0.3 * far)[..., None])
    picture = encoded(mapped)
    curve = picture * picture * (3 - 2 * picture)
    picture = picture * 0.86 + curve * 0.14
    grain = np.random.default_rng(seed).standard_normal((high, wide, 1)).astype(np.float32)
    return np.asarray(picture + 0.0045 * grain, dtype=np.float32)
