"""Which small emblem does a brand carry?

Each mark is drawn in one colour into a square, at any size, from simple geometry.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageDraw

Ink = tuple[int, int, int]
Box = tuple[float, float, float]
"""Centre x, centre y and half size in pixels."""


def _peak(draw: ImageDraw.ImageDraw, box: Box, ink: Ink, accent: Ink) -> None:
    x, y, r = box
    draw.ellipse((x - r, y - r, x + r, y + r), outline=ink, width=max(1, round(r * 0.09)))
    draw.polygon([(x - r * 0.62, y + r * 0.46), (x - r * 0.08, y - r * 0.5), (x + r * 0.4, y + r * 0.46)], fill=ink)
    draw.polygon(
        [(x + r * 0.02, y + r * 0.46), (x + r * 0.34, y - r * 0.08), (x + r * 0.68, y + r * 0.46)], fill=accent
    )


def _sun(draw: ImageDraw.ImageDraw, box: Box, ink: Ink, accent: Ink) -> None:
    x, y, r = box
    draw.ellipse((x - r * 0.4, y - r * 0.4, x + r * 0.4, y + r * 0.4), fill=accent)
    for ray in range(16):
        angle = ray * math.pi / 8
        c, s = math.cos(angle), math.sin(angle)
        long = 1.0 if ray % 2 == 0 else 0.8
        draw.line(
            (x + c * r * 0.54, y + s * r * 0.54, x + c * r * long, y + s * r * long),
            fill=ink,
            width=max(1, round(r * 0.07)),
        )


def _leaf(draw: ImageDraw.ImageDraw, box: Box, ink: Ink, accent: Ink) -> None:
    x, y, r = box
    stem = max(1, round(r * 0.06))
    draw.line((x, y + r, x, y - r * 0.35), fill=ink, width=stem)
    blades = [(0.0, -0.2, -math.pi / 2, 0.8)]
    blades += [(0.0, 0.62 - 0.38 * k, side, 0.62 - 0.08 * k) for k in range(3) for side in (-0.62, math.pi + 0.62)]
    for index, (dx, dy, angle, size) in enumerate(blades):
        points = []
        for step in range(25):
            t = step / 24
            across = math.sin(math.pi * t) ** 0.9 * 0.2 * size
            points.append((t * size, across))
        outline = [*points, *[(a, -b) for a, b in reversed(points)]]
        c, s = math.cos(angle), math.sin(angle)
        turned = [(x + r * (dx + a * c - b * s), y + r * (dy + a * s + b * c)) for a, b in outline]
        draw.polygon(turned, fill=accent if index % 2 else ink)


def _wave(draw: ImageDraw.ImageDraw, box: Box, ink: Ink, accent: Ink) -> None:
    x, y, r = box
    for row in range(3):
        level = y + (row - 1) * r * 0.5
        path = [(x + r * (t / 30 - 1), level + r * 0.16 * math.sin(t / 30 * 2 * math.pi)) for t in range(61)]
        draw.line(path, fill=accent if row == 1 else ink, width=max(1, round(r * 0.13)), joint="curve")


def _hexagon(draw: ImageDraw.ImageDraw, box: Box, ink: Ink, accent: Ink) -> None:
    x, y, r = box
    for size, colour in ((1.0, ink), (0.62, accent)):
        corners = [
            (x + r * size * math.sin(k * math.pi / 3), y - r * size * math.cos(k * math.pi / 3)) for k in range(7)
        ]
        draw.line(corners, fill=colour, width=max(1, round(r * 0.1)), joint="curve")
    draw.ellipse((x - r * 0.16, y - r * 0.16, x + r * 0.16, y + r * 0.16), fill=ink)


def _arcs(draw: ImageDraw.ImageDraw, box: Box, ink: Ink, accent: Ink) -> None:
    x, y, r = box
    for step in range(4):
        size = r * (1.0 - step * 0.24)
        draw.arc(
            (x - size, y - size + r * 0.4, x + size, y + size + r * 0.4),
            180,
            360,
            fill=ink,
            width=max(1, round(r * 0.09)),
        )
    draw.line((x - r, y + r * 0.44, x + r, y + r * 0.44), fill=accent, width=max(1, round(r * 0.1)))


MARKS: tuple[Callable[[ImageDraw.ImageDraw, Box, Ink, Ink], None], ...] = (_peak, _leaf, _sun, _arcs, _hexagon, _wave)


def stamp(image: Image.Image, which: int, *, at: Box, ink: Ink, accent: Ink) -> None:
    """Draw mark number `which` (any integer) into the square `at`."""
    MARKS[which % len(MARKS)](ImageDraw.Draw(image), at, ink, accent)
