"""Cartons and other boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from prodimg_lab.studio.finishes import coated
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.labels import Label, printed
from prodimg_lab.studio.lettering import fitted, write
from prodimg_lab.studio.meshes import box
from prodimg_lab.studio.things import Part
from prodimg_lab.studio.wraps import keyed


def carton(identity: Identity) -> Sequence[Part]:
    """A folding carton, printed on front and side."""
    wide, deep, tall = _size(identity)
    gloss = {"matte": 0.1, "glossy": 0.9}.get(identity.finish, 0.42)
    cell = (720, int(720 * tall / max(wide, 0.2)))
    label = identity.label()
    front = printed(label, width=cell[0], height=cell[1])
    side = _side(label, (int(cell[0]), cell[1]))
    top = Image.new("RGB", cell, label.ground)
    draw = ImageDraw.Draw(top)
    draw.line((0, cell[1] * 0.5, cell[0], cell[1] * 0.5), fill=tuple(int(c * 0.82) for c in label.ground), width=3)
    atlas = Image.new("RGB", (cell[0] * 3, cell[1] * 2), label.ground)
    atlas.paste(Image.fromarray(front.pixels), (0, 0))
    atlas.paste(side, (cell[0], 0))
    atlas.paste(side, (0, cell[1]))
    atlas.paste(top, (cell[0], cell[1]))
    texture = keyed("carton", np.array(atlas))
    mesh = box((wide, deep, tall), fillet=0.006, steps=4)
    return (Part(mesh=mesh, material=coated(identity.colour, gloss=gloss, texture=texture)),)


def _size(identity: Identity) -> tuple[float, float, float]:
    """Width, depth and height by what it holds."""
    if identity.shape == "flat":
        return 0.95, 0.28, 0.68
    if identity.shape == "cube":
        return 0.72, 0.72, 0.7
    return identity.share("wide", 0.58, 0.68), identity.share("deep", 0.3, 0.4), identity.share("tall", 0.9, 1.02)


def _side(label: Label, size: tuple[int, int]) -> Image.Image:
    """A side panel: accent ground, facts in small type."""
    light = sum(label.accent) > 330
    ink = (28, 28, 30) if light else (244, 240, 232)
    panel = Image.new("RGB", size, label.accent)
    w, h = size
    draw = ImageDraw.Draw(panel)
    write(
        panel,
        label.brand.upper(),
        at=(w / 2, h * 0.1),
        face="sans",
        size=fitted(label.brand.upper(), "sans", width=w * 0.76, height=h * 0.07, tracking=0.06),
        ink=ink,
        tracking=0.06,
    )
    draw.line((w * 0.14, h * 0.165, w * 0.86, h * 0.165), fill=ink, width=max(2, h // 300))
    rows = (0.8, 0.72, 0.76, 0.5, 0, 0.78, 0.7, 0.74, 0.62, 0.3)
    for index, share in enumerate(rows):
        y = h * (0.23 + index * 0.042)
        draw.rectangle((w * 0.14, y, w * (0.14 + 0.72 * share), y + h * 0.012), fill=ink)
    for bar in range(24):
        x = w * (0.3 + bar * 0.017)
        draw.rectangle((x, h * 0.84, x + w * (0.004 + 0.008 * ((bar * 7) % 3 == 0)), h * 0.93), fill=ink)
    return panel
