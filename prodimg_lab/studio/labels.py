"""What is printed on a product?

One design per product, chosen by its identity: the same brand, emblem and layout in every picture. A label is drawn
at twice its size and shrunk, on the ground colour that it will stand on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from prodimg_lab.studio.lettering import fitted, wrapped, write
from prodimg_lab.studio.marks import stamp
from prodimg_lab.studio.things import Pixels, Texture

Ink = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words, colours (8-bit sRGB) and layout of a print. `mark` and `design` are any integers."""

    brand: str
    line: str
    small: str
    ground: Ink
    ink: Ink
    accent: Ink
    design: int
    mark: int


def printed(label: Label, *, width: int, height: int, design: int | None = None) -> Texture:
    """The label as a texture of width x height pixels."""
    which = (label.design if design is None else design) % len(DESIGNS)
    key = f"label/{label!r}/{which}/{width}x{height}"
    return Texture(key=key, pixels=_drawn(label, width, height, which))


@lru_cache(maxsize=48)
def _drawn(label: Label, width: int, height: int, which: int) -> Pixels:
    image = Image.new("RGB", (width * 2, height * 2), label.ground)
    DESIGNS[which](image, label)
    return np.array(image.resize((width, height), Image.Resampling.LANCZOS))


def _line(  # noqa: PLR0913 - a line of type has this many properties
    image: Image.Image, text: str, *, y: float, width: float, height: float, face: str, ink: Ink, tracking: float = 0.0
) -> None:
    """One centred line that fits into shares of the picture's width and height."""
    w, h = image.size
    size = fitted(text, face, width=width * w, height=height * h, tracking=tracking)
    write(image, text, at=(w / 2, y * h), face=face, size=size, ink=ink, tracking=tracking)


def _rule(image: Image.Image, *, y: float, width: float, ink: Ink, weight: float = 0.004) -> None:
    w, h = image.size
    half = max(1.0, weight * h / 2)
    ImageDraw.Draw(image).rectangle(
        (w * (0.5 - width / 2), y * h - half, w * (0.5 + width / 2), y * h + half), fill=ink
    )


def _frame(image: Image.Image, *, inset: float, ink: Ink, weight: float = 0.006) -> None:
    w, h = image.size
    gap = inset * min(w, h)
    ImageDraw.Draw(image).rectangle((gap, gap, w - gap, h - gap), outline=ink, width=max(1, round(weight * min(w, h))))


def _classic(image: Image.Image, label: Label) -> None:
    """Apothecary: double frame, spaced serif capitals, italics."""
    _frame(image, inset=0.045, ink=label.ink, weight=0.009)
    _frame(image, inset=0.068, ink=label.ink, weight=0.003)
    w, h = image.size
    stamp(image, label.mark, at=(w / 2, h * 0.22, min(w, h) * 0.085), ink=label.ink, accent=label.accent)
    rows = wrapped(label.brand.upper(), 2)
    for index, row in enumerate(rows):
        y = 0.46 + (index - (len(rows) - 1) / 2) * 0.13
        _line(
            image,
            row,
            y=y,
            width=0.74,
            height=0.13 if len(rows) > 1 else 0.16,
            face="serif-bold",
            ink=label.ink,
            tracking=0.09,
        )
    _rule(image, y=0.62, width=0.3, ink=label.accent, weight=0.008)
    _line(image, label.line, y=0.73, width=0.76, height=0.095, face="italic", ink=label.ink)
    _line(image, label.small, y=0.855, width=0.6, height=0.06, face="sans", ink=label.ink, tracking=0.06)


def _badge(image: Image.Image, label: Label) -> None:
    """Large emblem, wide sans below it."""
    w, h = image.size
    stamp(image, label.mark, at=(w / 2, h * 0.29, min(w * 0.3, h * 0.2)), ink=label.ink, accent=label.accent)
    _line(image, label.brand.upper(), y=0.62, width=0.84, height=0.17, face="sans", ink=label.ink, tracking=0.1)
    _line(image, label.line, y=0.77, width=0.74, height=0.1, face="light", ink=label.ink)
    _line(image, label.small, y=0.9, width=0.5, height=0.055, face="sans", ink=label.accent, tracking=0.08)


def _rings(image: Image.Image, label: Label) -> None:
    """Concentric rings about a disc, brand above, line below."""
    w, h = image.size
    draw = ImageDraw.Draw(image)
    cx, cy, step = w / 2, h * 0.53, min(w, h * 0.8) * 0.058
    for ring in range(8, 1, -1):
        r = step * ring
        colour = label.accent if ring % 2 else label.ink
        draw.ellipse((cx - r, cy - r * 0.9, cx + r, cy + r * 0.9), outline=colour, width=max(2, round(step * 0.14)))
    draw.ellipse((cx - step * 1.5, cy - step * 1.5, cx + step * 1.5, cy + step * 1.5), fill=label.accent)
    draw.rectangle((0, 0, w, h * 0.25), fill=label.ground)
    _line(image, label.brand.upper(), y=0.145, width=0.82, height=0.135, face="sans", ink=label.ink, tracking=0.08)
    draw.rectangle((0, h * 0.79, w, h), fill=label.ground)
    _line(image, label.line, y=0.855, width=0.8, height=0.08, face="sans", ink=label.accent)
    _line(image, label.small, y=0.935, width=0.6, height=0.05, face="sans", ink=label.ink, tracking=0.04)


def _minimal(image: Image.Image, label: Label) -> None:
    """Swiss: flush left, one dot, much ground."""
    w, h = image.size
    left = w * 0.12
    dot = min(w, h) * 0.045
    ImageDraw.Draw(image).ellipse((left, h * 0.13 - dot, left + 2 * dot, h * 0.13 + dot), fill=label.accent)
    rows = wrapped(label.brand, 2)
    sizes = [fitted(row, "bold", width=w * 0.76, height=h * 0.15) for row in rows]
    for index, row in enumerate(rows):
        write(
            image, row, at=(left, h * (0.36 + index * 0.145)), face="bold", size=min(sizes), ink=label.ink, anchor="l"
        )
    below = 0.36 + len(rows) * 0.145
    size = fitted(label.line, "sans", width=w * 0.76, height=h * 0.085)
    write(image, label.line, at=(left, h * below), face="sans", size=size, ink=label.ink, anchor="l")
    ImageDraw.Draw(image).rectangle((left, h * 0.845, w * 0.88, h * 0.849), fill=label.ink)
    size = fitted(label.small, "sans", width=w * 0.7, height=h * 0.055)
    write(image, label.small, at=(left, h * 0.9), face="sans", size=size, ink=label.ink, anchor="l")


def _band(image: Image.Image, label: Label) -> None:
    """A block of the accent colour below, brand in serif across the border."""
    w, h = image.size
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, h * 0.66, w, h), fill=label.accent)
    draw.rectangle((0, h * 0.63, w, h * 0.642), fill=label.accent)
    stamp(image, label.mark, at=(w / 2, h * 0.18, min(w, h) * 0.09), ink=label.ink, accent=label.accent)
    _line(image, label.brand, y=0.42, width=0.8, height=0.22, face="serif-bold", ink=label.ink, tracking=0.02)
    _line(image, label.line, y=0.56, width=0.7, height=0.075, face="sans", ink=label.ink, tracking=0.05)
    _line(image, label.small.upper(), y=0.83, width=0.66, height=0.075, face="sans", ink=label.ground, tracking=0.12)


DESIGNS: tuple[Callable[[Image.Image, Label], None], ...] = (_classic, _badge, _rings, _minimal, _band)
