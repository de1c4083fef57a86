"""What is a scene made of, before any renderer sees it?

Plain records: colours are linear RGB (reflectance 0..1 or radiance), lengths scene units, angles radians. Two
materials are equal when their fields are, textures when their keys are, so built materials can be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from prodimg_lab.studio.meshes import Mesh

RGB = tuple[float, float, float]
Pixels = NDArray[np.uint8]

METAL_ALBEDO: dict[str, RGB] = {
    "Cr": (0.58, 0.58, 0.58),
    "Au": (1.0, 0.78, 0.34),
    "Cu": (0.95, 0.62, 0.48),
    "Al": (0.88, 0.88, 0.89),
    "Ag": (0.94, 0.92, 0.88),
}
"""Reflectance that the denoiser is told for a named metal; the renderer takes its measured index of refraction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texture:
    """A picture (height, width, 3) in sRGB, or (height, width, 1) of raw heights; `key` names its content.

    Beyond its border it repeats, or comes back `mirrored`.
    """

    key: str
    pixels: Pixels = field(compare=False, repr=False)
    mirrored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """How a surface answers light.

    `plastic` is any coated or glossy dielectric (ceramic, print, lacquer), `matte` a diffuse one, `metal` a named or,
    with `metal` = "", a coloured conductor, `glass`/`liquid`/`air` refract (`tint` is what passes one surface),
    `glow` shines `colour` as radiance. `tile` repeats the texture, `spread` makes brushed metal rougher across than
    along.
    """

    kind: Literal["plastic", "matte", "metal", "glass", "liquid", "air", "glow"]
    colour: RGB = (0.5, 0.5, 0.5)
    texture: Texture | None = None
    roughness: float = 0.2
    metal: str = ""
    bump: Texture | None = None
    bump_depth: float = 0.0
    tile: tuple[float, float] = (1.0, 1.0)
    tint: RGB = (1.0, 1.0, 1.0)
    spread: float = 1.0
    shine: float = 0.0

    @property
    def clear(self) -> bool:
        """Whether light passes through."""
        return self.kind in ("glass", "liquid", "air")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A mesh of one material."""

    mesh: Mesh
    material: Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """A rectangular lamp at `at`, facing `towards`, with half sizes in its own plane and one radiance."""

    at: RGB
    towards: RGB = (0.0, 0.0, 0.45)
    half: tuple[float, float]
    radiance: RGB


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """The light from everywhere, as a picture (height, width, 3) of radiance; row 0 is above, the middle column faces
    the camera.
    """

    key: str
    pixels: NDArray[np.float32] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera at `at` aimed at `target`; `fov` in degrees over the shorter side; `shift` moves the picture, in frame
    widths and heights.
    """

    at: RGB
    target: RGB
    fov: float
    width: int
    height: int
    shift: tuple[float, float] = (0.0, 0.0)

    def project(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Pixel coordinates (x right, y down, n x 2) of points (n x 3)."""
        at, forward, right, up = self.frame()
        seen = np.asarray(points, dtype=np.float64) - at
        depth = np.maximum(seen @ forward, 1e-6)
        half = np.tan(np.radians(self.fov) / 2)
        focal = min(self.width, self.height) / 2 / half
        x = self.width * (0.5 + self.shift[0]) + focal * (seen @ right) / depth
        y = self.height * (0.5 + self.shift[1]) - focal * (seen @ up) / depth
        return np.stack([x, y], axis=1)

    def frame(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Place and unit vectors forward, right and up."""
        fx, fy, fz = (b - a for a, b in zip(self.at, self.target, strict=True))
        length = (fx * fx + fy * fy + fz * fz) ** 0.5
        fx, fy, fz = fx / length, fy / length, fz / length
        flat = (fx * fx + fy * fy) ** 0.5
        rx, ry = fy / flat, -fx / flat
        up = np.array([ry * fz, -rx * fz, rx * fy - ry * fx])
        return np.array(self.at, dtype=np.float64), np.array([fx, fy, fz]), np.array([rx, ry, 0.0]), up


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that one picture shows.

    `sweep` is the albedo of a matt one-coloured ground, which may be smoothed; `white`: it is to come out white.
    """

    product: Sequence[Part]
    scenery: Sequence[Part]
    lights: Sequence[Light]
    sky: Sky
    camera: Camera
    white: bool = False
    sweep: RGB | None = None
    exposure: float = 1.0

    @property
    def glass(self) -> bool:
        """Whether anything refracts, which needs longer light paths."""
        return any(part.material.clear for part in (*self.product, *self.scenery))


def linear(hex_colour: str) -> RGB:
    """Linear RGB of `#rrggbb`."""
    levels = [int(hex_colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels)
    return r, g, b


def srgb8(colour: RGB) -> tuple[int, int, int]:
    """8-bit sRGB of a linear colour, clipped."""
    levels = [min(max(c, 0.0), 1.0) for c in colour]
    r, g, b = (round(255 * (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055)) for c in levels)
    return r, g, b


def hex_of(colour: RGB) -> str:
    """`#rrggbb` of a linear colour, clipped."""
    return "#{:02x}{:02x}{:02x}".format(*srgb8(colour))


def mixed(a: RGB, b: RGB, share: float) -> RGB:
    """`a` with `share` (0..1) of `b`."""
    r, g, b_ = (x * (1 - share) + y * share for x, y in zip(a, b, strict=True))
    return r, g, b_


def scaled(colour: RGB, factor: float) -> RGB:
    """`colour` times `factor`."""
    return colour[0] * factor, colour[1] * factor, colour[2] * factor
