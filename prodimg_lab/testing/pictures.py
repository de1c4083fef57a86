"""Where do tests of scorers get product pictures whose truth is known to the pixel?

Drawn with numpy and OpenCV at double size and reduced, so that edges are smooth. They are drawings: lit solids with a
highlight and a soft shadow, in front of a white sweep, a plain colour or a scene. They say whether a scorer moves the
right way and what it takes for the product; they do not say how it does on photographs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]

Shape = Literal["mug", "bottle", "box", "ball"]
Backdrop = Literal["white", "plain", "gradient", "scene"]

SHAPES: tuple[Shape, ...] = ("mug", "bottle", "box", "ball")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A drawn picture and what is true of it.

    `picture` is BGR, `mask` True on the product, `box` (left, top, width, height) around the mask in pixels, `colour`
    the product's own `#rrggbb` before light falls on it, `background` what the backdrop counts as.
    """

    picture: Picture
    mask: NDArray[np.bool_]
    box: tuple[int, int, int, int]
    colour: str
    background: Literal["white", "plain", "scene"]

    @property
    def data(self) -> bytes:
        """The picture as PNG."""
        return png(self.picture)


def png(picture: Picture) -> bytes:
    """Encode a BGR, BGRA or gray picture losslessly."""
    done, encoded = cv2.imencode(".png", picture)
    if not done:
        raise ValueError(f"a picture of shape {picture.shape} can't be written as PNG")
    return encoded.tobytes()


def draw_product(
    *,
    colour: str = "#7a9e7e",
    shape: Shape = "mug",
    backdrop: Backdrop = "white",
    size: int = 256,
    fill: float = 0.7,
    centre: tuple[float, float] = (0.5, 0.52),
    seed: int = 1,
) -> Drawn:
    """One product. `fill` is its height as a share of the frame, `centre` (x, y) as shares, `seed` shapes the scene."""
    side = 2 * size
    random = np.random.default_rng(seed)
    cover = _silhouette(shape, side, fill, centre)
    background = _backdrop(backdrop, side, random)
    background *= _shadow(cover, depth=0.12 if backdrop == "white" else 0.3)[..., None]
    product = _lit(colour, cover)
    mixed = background * (1 - cover[..., None]) + product * cover[..., None]
    small = cv2.resize(mixed, (size, size), interpolation=cv2.INTER_AREA)
    if backdrop != "white":
        small = small + random.normal(0, 0.8, small.shape)
    mask = cv2.resize(cover, (size, size), interpolation=cv2.INTER_AREA) > 0.5
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return Drawn(
        picture=np.clip(np.rint(small), 0, 255).astype(np.uint8),
        mask=mask,
        box=(left, top, width, height),
        colour=colour,
        background="plain" if backdrop == "gradient" else backdrop,
    )


def _bgr(colour: str) -> Floats:
    value = int(colour.removeprefix("#"), 16)
    return np.array([value & 255, value >> 8 & 255, value >> 16], np.float32)


def _silhouette(shape: Shape, side: int, fill: float, centre: tuple[float, float]) -> Floats:
    """Coverage 0..1 of the product, `side` pixels square."""
    cover = np.zeros((side, side), np.uint8)
    x, y, half = round(centre[0] * side), round(centre[1] * side), round(fill * side / 2)
    wide = round(half * {"mug": 0.68, "bottle": 0.42, "box": 0.8, "ball": 1.0}[shape])
    if shape == "ball":
        cv2.circle(cover, (x, y), half, 255, -1)
    elif shape == "box":
        cv2.rectangle(cover, (x - wide, y - half), (x + wide, y + half), 255, -1)
    elif shape == "bottle":
        neck = max(2, wide // 3)
        cv2.rectangle(cover, (x - neck, y - half), (x + neck, y), 255, -1)
        cv2.rectangle(cover, (x - wide, y - half // 4), (x + wide, y + half), 255, -1)
        cv2.ellipse(cover, (x, y - half // 4), (wide, half // 4), 0, 180, 360, 255, -1)
    else:
        cv2.ellipse(cover, (x + wide, y), (half // 2, half // 2), 0, -100, 100, 255, max(3, half // 7))
        cv2.rectangle(cover, (x - wide, y - half), (x + wide, y + half), 255, -1)
    return np.asarray(cv2.GaussianBlur(cover.astype(np.float32) / 255, (0, 0), 0.8), np.float32)


def _shadow(cover: Floats, *, depth: float) -> Floats:
    """A soft contact shadow below the product, as a factor on the background."""
    side = cover.shape[0]
    rows = np.flatnonzero(cover.max(1) > 0.5)
    columns = np.flatnonzero(cover.max(0) > 0.5)
    foot, middle, half = int(rows[-1]), int(columns.mean()), max(4, len(columns) // 2)
    pool = np.zeros_like(cover)
    cv2.ellipse(pool, (middle, foot), (round(half * 1.05), max(2, half // 8)), 0, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(pool, (0, 0), side / 40)
    return (1 - depth * soft).astype(np.float32)


def _lit(colour: str, cover: Floats) -> Floats:
    """The product under a softbox from the left: a cosine across, brighter at the top, one narrow highlight."""
    side = cover.shape[0]
    columns = np.flatnonzero(cover.max(0) > 0.5)
    across = (np.arange(side, dtype=np.float32) - columns[0]) / max(1, len(columns) - 1)
    light = 0.62 + 0.42 * np.sin(np.pi * np.clip(across * 0.8 + 0.22, 0, 1))
    down = np.linspace(1.04, 0.9, side, dtype=np.float32)
    lit = _bgr(colour)[None, None, :] * (down[:, None] * light[None, :])[..., None]
    shine = 70 * np.exp(-(((across - 0.28) / 0.035) ** 2)).astype(np.float32)
    return np.asarray(lit + shine[None, :, None], np.float32)


def _backdrop(backdrop: Backdrop, side: int, random: np.random.Generator) -> Floats:
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    if backdrop == "white":
        level = 255 - 3 * np.clip(y - 0.75, 0, 1)
        return np.repeat(level[..., None], 3, axis=2).astype(np.float32)
    base = random.uniform(90, 210, 3).astype(np.float32)
    if backdrop == "plain":
        return np.ascontiguousarray(np.broadcast_to(base, (side, side, 3)), np.float32)
    if backdrop == "gradient":
        fall = 1.12 - 0.5 * ((x - 0.5) ** 2 + (y - 0.4) ** 2)
        return np.asarray(base * fall[..., None], np.float32)
    return _scene(side, random)


def _scene(side: int, random: np.random.Generator) -> Floats:
    """A wooden table before an out-of-focus room: planks with grain below, a window, discs and furniture above."""
    room = np.full((side, side, 3), random.uniform(60, 190) + random.normal(0, 20, 3), np.float32)
    for _ in range(14):
        tint = (random.uniform(20, 240) + random.normal(0, 28, 3)).tolist()
        at = random.uniform(0, side, 2).astype(int)
        if random.random() < 0.5:
            far = at + random.uniform(0.1, 0.45, 2) * side
            cv2.rectangle(room, at.tolist(), far.astype(int).tolist(), tint, -1)
        else:
            cv2.circle(room, at.tolist(), round(float(random.uniform(0.03, 0.12)) * side), tint, -1)
    room = np.asarray(cv2.GaussianBlur(room, (0, 0), side / random.uniform(30, 70)), np.float32)
    streaks = cv2.GaussianBlur(random.normal(0, 1, (side, side // 16)).astype(np.float32), (0, 0), 1.2)
    grain = np.asarray(cv2.resize(streaks, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
    wood = np.array([70, 115, 165], np.float32) * random.uniform(0.6, 1.2) + 22 * grain[..., None]
    seam = np.arange(side) % max(8, side // 9) < max(1, side // 160)
    wood[seam] *= 0.7
    horizon = round(float(random.uniform(0.5, 0.68)) * side)
    room[horizon:] = wood[horizon:]
    return room
