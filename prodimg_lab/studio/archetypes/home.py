"""Lamps, speakers, books and soap."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from prodimg_lab.studio.archetypes.cloths import hide_of, woven
from prodimg_lab.studio.finishes import BLACK, BRASS, STEEL, coated, glaze, matte, metal_of
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.labels import printed
from prodimg_lab.studio.meshes import Mesh, box, lathe, merged, profile, smooth_profile, tube
from prodimg_lab.studio.things import Material, Part, Texture, linear, mixed, scaled
from prodimg_lab.studio.wraps import keyed


def lamp(identity: Identity) -> Sequence[Part]:
    """A table lamp, lit: turned foot, stem and a cloth shade."""
    shade_low, shade_high = identity.pick("shade", ((0.34, 0.22), (0.31, 0.29), (0.37, 0.16)))
    low, high = 0.58, 0.98
    parts: list[Part] = []
    foot_kind = identity.pick("foot", ("vase", "ball") if identity.coloured else ("vase", "disc", "ball"))
    body = (
        glaze(identity, identity.colour)
        if identity.material in ("ceramic", "stoneware", "porcelain", "")
        else metal_of(identity)
    )
    if identity.material in ("wood", "wooden", "oak", "walnut"):
        body = coated(linear("#9a6b42"), gloss=0.4)
    if foot_kind == "vase":
        outline = smooth_profile(
            [(0.11, 0.012), (0.17, 0.1), (0.19, 0.22), (0.13, 0.36), (0.045, 0.46), (0.03, 0.52)], steps=12
        )
        base = profile([(0, 0), (0.1, 0, 0.006), (0.11, 0.012)])
        parts.append(Part(mesh=merged([lathe(outline), lathe(base)]), material=body))
    elif foot_kind == "disc":
        curve = profile(
            [
                (0, 0),
                (0.17, 0, 0.01),
                (0.17, 0.03, 0.012),
                (0.03, 0.035, 0.02),
                (0.02, 0.12, 0.01),
                (0.018, 0.54),
                (0, 0.54),
            ],
            steps=6,
        )
        parts.append(Part(mesh=lathe(curve), material=body))
    else:
        outline = smooth_profile(
            [(0.1, 0.015), (0.19, 0.09), (0.215, 0.2), (0.17, 0.31), (0.07, 0.38), (0.03, 0.41), (0.025, 0.52)],
            steps=12,
        )
        base = profile([(0, 0), (0.09, 0, 0.008), (0.1, 0.015)])
        parts.append(Part(mesh=merged([lathe(outline), lathe(base)]), material=body))
    parts.append(Part(mesh=lathe(profile([(0, 0.5), (0.022, 0.5), (0.022, 0.62), (0, 0.62)])), material=BRASS))
    outer = profile([(shade_low, low), (shade_high, high)])
    inner = profile([(shade_high - 0.006, high - 0.001), (shade_low - 0.006, low + 0.001)])
    cloth = woven(linear("#efe4cf"), threads=40)
    lit = Material(kind="matte", colour=(1.25, 0.98, 0.66), texture=cloth.texture, tile=(6.0, 2.0), shine=1.0)
    parts.append(Part(mesh=lathe(outer, segments=128), material=lit))
    parts.append(Part(mesh=lathe(inner, segments=96), material=Material(kind="glow", colour=(3.4, 2.5, 1.5))))
    hems = [_ring(shade_low, low), _ring(shade_high, high)]
    parts.append(Part(mesh=merged(hems), material=matte(scaled(linear("#d9c9ab"), 0.9))))
    return tuple(parts)


def _ring(radius: float, height: float) -> Mesh:
    turn = np.linspace(0, 2 * math.pi, 97)
    return tube(
        np.stack([radius * np.cos(turn), radius * np.sin(turn), np.full_like(turn, height)], axis=1),
        0.006,
        segments=8,
        closed=True,
    )


def speaker(identity: Identity) -> Sequence[Part]:
    """A cloth-covered cylinder speaker with a touch ring and a leather loop."""
    radius, top = identity.share("radius", 0.27, 0.31), identity.share("tall", 0.72, 0.86)
    cloth = woven(identity.colour, threads=96)
    cloth = Material(kind="matte", colour=cloth.colour, texture=cloth.texture, tile=(5.0, 2.4))
    side = lathe(
        profile(
            [(radius - 0.012, 0.05), (radius, 0.062, 0.01), (radius, top - 0.05, 0.01), (radius - 0.012, top - 0.04)],
            steps=6,
        ),
        segments=128,
    )
    hard = coated(
        BLACK if identity.dark or identity.share("hard") < 0.6 else mixed(identity.colour, (0.9, 0.9, 0.9), 0.3),
        gloss=0.35,
    )
    foot = lathe(profile([(0, 0), (radius - 0.03, 0, 0.01), (radius - 0.012, 0.05)], steps=6), segments=128)
    cap = lathe(
        profile(
            [
                (radius - 0.012, top - 0.042),
                (radius - 0.004, top - 0.03, 0.01),
                (radius - 0.02, top, 0.02),
                (radius - 0.06, top - 0.006, 0.006),
                (0, top - 0.012),
            ],
            steps=6,
        ),
        segments=128,
    )
    metal = lathe(
        profile(
            [
                (radius - 0.014, top - 0.052),
                (radius + 0.003, top - 0.052, 0.002),
                (radius + 0.003, top - 0.038, 0.002),
                (radius - 0.014, top - 0.038),
            ]
        ),
        segments=128,
    )
    plate = box((0.12, 0.012, 0.03), fillet=0.004).moved(y=-radius - 0.001, z=0.14)
    return (
        Part(mesh=side, material=cloth),
        Part(mesh=merged([foot, cap]), material=hard),
        Part(mesh=metal, material=STEEL if identity.share("ring") < 0.5 else BRASS),
        Part(mesh=plate, material=STEEL),
    )


def book(identity: Identity) -> Sequence[Part]:
    """A bound notebook standing upright, with an elastic band and pages to be seen at the side."""
    wide, deep, tall = 0.7, 0.1, 0.98
    cover = (
        hide_of(identity)
        if identity.material in ("leather", "linen", "canvas", "cotton")
        else coated(identity.colour, gloss=0.25)
    )
    cell = (700, int(700 * tall / wide))
    label = identity.label()
    front = printed(label, width=cell[0], height=cell[1], design=identity.pick("cover", (3, 1, 0)))
    atlas = Image.new("RGB", (cell[0] * 3, cell[1] * 2), label.ground)
    atlas.paste(Image.fromarray(front.pixels), (0, 0))
    board = coated(identity.colour, gloss=0.25, texture=keyed("book", np.array(atlas)))
    thick = 0.012
    lids = [
        box((wide, thick, tall), fillet=0.005).moved(y=-deep / 2),
        box((wide, thick, tall), fillet=0.005).moved(y=deep / 2),
    ]
    spine = box((thick, deep + thick, tall), fillet=0.005).moved(x=-wide / 2)
    leaves = box((wide - 0.03, deep - 0.006, tall - 0.03), fillet=0.002).moved(x=0.005, z=0.015)
    strap = box((0.022, deep + 0.03, tall + 0.006), fillet=0.003).moved(x=wide * 0.36, z=-0.003)
    back = coated(identity.colour, gloss=0.25) if cover.bump is None else cover
    return (
        Part(mesh=lids[0], material=board),
        Part(mesh=merged([lids[1], spine]), material=back),
        Part(mesh=leaves, material=matte(linear("#efe8d8"), texture=_leaves())),
        Part(mesh=strap, material=coated(identity.accent, gloss=0.15)),
    )


def _leaves() -> Texture:
    rng = np.random.default_rng(4)
    level = 232 + rng.normal(0, 7, (1, 240, 1))
    page = np.clip(np.repeat(level, 64, axis=0) * np.array([1.0, 0.975, 0.92]), 0, 255).astype(np.uint8)
    return keyed("leaves", page)


def soap(identity: Identity) -> Sequence[Part]:
    """A bar of soap in a paper sleeve."""
    bar = box((0.86, 0.3, 0.52), fillet=0.07, steps=8)
    paper = identity.paper()
    label = identity.label(ground=paper)
    cell = (720, 900)
    atlas = Image.new("RGB", (cell[0] * 3, cell[1] * 2), label.ground)
    art = printed(label, width=cell[0], height=cell[1], design=identity.pick("sleeve", (0, 1, 4)))
    atlas.paste(Image.fromarray(art.pixels), (0, 0))
    sleeve = box((0.42, 0.306, 0.526), fillet=0.068, steps=8).moved(z=-0.003)
    return (
        Part(mesh=bar, material=Material(kind="plastic", colour=identity.colour, roughness=0.3)),
        Part(mesh=sleeve, material=coated(paper, gloss=0.1, texture=keyed("sleeve", np.array(atlas)))),
    )
