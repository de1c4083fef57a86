"""How does the simulated model follow a prompt, and how do its knobs change the picture?

All of this is invented, not fitted to any real model. It gives sweeps something lifelike to find: a cfg scale too low
loses what was asked, too high burns the picture; few steps leave noise; long prompts are followed less; a negative
prompt keeps watermarks away. Every decision compares a fixed number in 0..1, made from the seed, with a probability
(common random numbers), so along a sweep a picture changes in one direction only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from prodimg_lab.studio.identity import share_of
from prodimg_lab.studio.things import RGB, mixed

Image = NDArray[np.float32]

EASE: Mapping[str, float] = {
    "product": 4.5,
    "colour": 1.6,
    "background": 1.5,
    "lighting": 1.3,
    "season": 1.3,
    "angle": 1.15,
    "material": 1.1,
    "finish": 0.9,
}
"""How readily each attribute is followed; a power on the chance of missing it."""

ARTEFACTS: Mapping[str, tuple[float, str]] = {
    "watermark": (0.12, r"watermark|signature|logo overlay|stamp"),
    "text": (0.10, r"\btext\b|letters|captions?|typograph|writing"),
    "border": (0.07, r"border|\bframe\b|framing"),
    "clutter": (0.14, r"clutter|\bprops?\b|extra objects|distract|busy|messy"),
}
"""Unasked extras: how often at middling settings, and the words of a negative prompt that keep them away."""

NEUTRAL: RGB = (0.33, 0.31, 0.29)


def uniform(kind: str, value: str, seed: int) -> float:
    """The fixed number of one decision."""
    return share_of("studio", kind, value, seed)


def adherence(kind: str, *, position: int, tokens: int, cfg_scale: float) -> float:
    """The chance that an attribute at word `position` of a prompt of `tokens` words is drawn as asked."""
    gate = 1 / (1 + math.exp(-(cfg_scale - 3.2) / 1.15))
    attention = math.exp(-max(0, position - 6) / 90)
    dilution = 1 / (1 + max(0, tokens - 35) / 60)
    reach = min(0.995, 1.02 * gate * attention * dilution)
    return float(1 - (1 - reach) ** EASE[kind])


def bound(colour: RGB, cfg_scale: float) -> RGB:
    """A colour as it is bound to the product: pale and greyish at a low cfg scale."""
    grip = min(1.0, max(0.0, (cfg_scale - 1) / 4.0))
    return mixed(colour, NEUTRAL, 0.55 * (1 - grip))


def artefacts(*, seed: int, cfg_scale: float, steps: int, negative: str) -> tuple[str, ...]:
    """The unasked extras of a picture, in the order of `ARTEFACTS`."""
    over = max(0.0, (cfg_scale - 10) / 10)
    under = max(0.0, (4 - cfg_scale) / 4) + max(0.0, (12 - steps) / 12)
    found = []
    for name, (rate, words) in ARTEFACTS.items():
        chance = rate * (1 + 1.2 * under) * (1 + 0.5 * over)
        if re.search(words, negative, re.I):
            chance *= 0.08
        if uniform("artefact", name, seed) < chance:
            found.append(name)
    return tuple(found)


def residue(steps: int) -> float:
    """What is left of the noise after `steps`: 0.45 at 8, 0.04 at 20, 0.002 at 30."""
    return float((1 - min(1.0, steps / 50)) ** 7 + 0.9 * math.exp(-steps / 4.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grip:
    """How cfg scale weighs on light and tone: `over` above 10, `under` below 4, each 0 at rest."""

    over: float
    under: float


def grip(cfg_scale: float) -> Grip:
    """The weight of `cfg_scale` (0..35)."""
    return Grip(over=max(0.0, (cfg_scale - 10) / 10), under=max(0.0, (4 - cfg_scale) / 4))


def burnt(picture: Image, weight: Grip) -> Image:
    """The tone of a cfg scale: burnt and haloed above 10, pale and flat below 4 (sRGB 0..1 in and out)."""
    if weight.over == 0 and weight.under == 0:
        return picture
    grey = picture.mean(axis=2, keepdims=True)
    saturation = (1 + 1.3 * weight.over) * (1 - 0.45 * weight.under)
    contrast = (1 + 0.85 * weight.over) * (1 - 0.3 * weight.under)
    shown = grey + (picture * (1 + 0.16 * weight.over) - grey) * saturation
    shown = 0.5 + (shown - 0.5) * contrast
    if weight.over > 0.15:
        side = min(picture.shape[:2])
        soft = cv2.GaussianBlur(shown, (0, 0), max(0.8, side / 512 * 2.2))
        shown = shown + (shown - soft) * min(2.2, 1.6 * weight.over)
    return np.asarray(np.clip(shown, 0.0, 1.0), dtype=np.float32)


def unfinished(picture: Image, *, steps: int, seed: int) -> Image:
    """A picture whose noise was not all removed: soft, flat, with blotches of latent noise (sRGB 0..1 in and out)."""
    left = residue(steps)
    if left < 0.004:
        return picture
    high, wide = picture.shape[:2]
    sigma = 9 * left * min(high, wide) / 512
    soft = cv2.GaussianBlur(picture, (0, 0), sigma) if sigma > 0.3 else picture
    mean = soft.mean(axis=(0, 1), keepdims=True)
    flat = mean + (soft - mean) * (1 - 0.35 * left)
    latent = (
        np.random.default_rng(seed % 2**32)
        .standard_normal((max(2, high // 8), max(2, wide // 8), 4))
        .astype(np.float32)
    )
    # Rough colours of the four latent channels: light, and three muted tints.
    tints = np.array([[0.30, 0.30, 0.30], [0.07, 0.12, -0.10], [-0.09, 0.09, 0.10], [0.11, -0.06, 0.05]], np.float32)
    noise = cv2.resize(np.asarray(latent @ tints, dtype=np.float32), (wide, high), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(flat + 0.9 * left * noise, 0.0, 1.0), dtype=np.float32)
