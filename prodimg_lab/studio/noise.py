"""How do we make natural irregularity that tiles without a seam?

Everything is periodic: noise comes from random phases in the frequency domain, displacement wraps round the border.
Values are float32 with mean 0 and deviation 1 unless said otherwise; the seed is a small integer.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


def clouds(
    size: int, *, seed: int, slope: float = 1.8, coarsest: float = 1.0, finest: float = 1e9, stretch: float = 1.0
) -> Field:
    """Fractal noise, size x size. Power falls with frequency to the `slope`; `coarsest`/`finest` bound it in waves
    per tile.

    `stretch` above 1 draws it out along x.
    """
    rng = np.random.default_rng(seed)
    fx = np.fft.rfftfreq(size, 1 / size)[None, :] * stretch
    fy = np.fft.fftfreq(size, 1 / size)[:, None]
    f = np.hypot(fx, fy)
    amplitude = np.where((f >= coarsest) & (f <= finest), np.maximum(f, 1e-3) ** -slope, 0.0)
    amplitude[0, 0] = 0.0
    phase = rng.uniform(0, 2 * np.pi, amplitude.shape)
    field = np.fft.irfft2(amplitude * np.exp(1j * phase), s=(size, size))
    return np.asarray(field / max(float(field.std()), 1e-12), dtype=np.float32)


def displaced(field: Field, dx: Field, dy: Field) -> Field:
    """`field` read at places moved by (dx, dy) pixels, wrapping round."""
    size = field.shape[0]
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    mx, my = np.mod(x + dx, size), np.mod(y + dy, size)
    return np.asarray(cv2.remap(field, mx, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), dtype=np.float32)


def ramp(value: Field, low: float, high: float) -> Field:
    """Smoothstep from 0 at `low` to 1 at `high`."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def graded(value: Field, stops: tuple[tuple[float, str], ...]) -> NDArray[np.float32]:
    """Colours (sRGB 0..1) along a list of (place, `#rrggbb`), places rising."""
    places = [stop[0] for stop in stops]
    levels = np.array([[int(stop[1][at : at + 2], 16) / 255 for at in (1, 3, 5)] for stop in stops])
    return np.stack([np.interp(value, places, levels[:, k]) for k in range(3)], axis=-1).astype(np.float32)


def toned(colour: NDArray[np.float32], factor: Field) -> NDArray[np.float32]:
    """`colour` with its brightness multiplied by `factor`."""
    return np.asarray(colour * factor[..., None], dtype=np.float32)


def blended(a: NDArray[np.float32], b: str, share: Field) -> NDArray[np.float32]:
    """`a` with `share` of the colour `b`."""
    level = np.array([int(b[at : at + 2], 16) / 255 for at in (1, 3, 5)], dtype=np.float32)
    return np.asarray(a * (1 - share[..., None]) + level * share[..., None], dtype=np.float32)


def bytes_of(colour: NDArray[np.float32]) -> NDArray[np.uint8]:
    """8-bit pixels of colours in 0..1."""
    return np.asarray(np.clip(colour * 255 + 0.5, 0, 255), dtype=np.uint8)
