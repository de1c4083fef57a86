"""Jars and candles: a glass with something in it, or a cosmetic pot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from prodimg_lab.studio.archetypes.bottles import glass_body, sticker
from prodimg_lab.studio.archetypes.vessels import round_print, sleeve
from prodimg_lab.studio.finishes import BLACK, BRASS, CLEAR, WAX, coated, glaze, liquid, matte, tinted, trim
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.meshes import Corner, ball, lathe, merged, profile, smooth_profile, tube
from prodimg_lab.studio.surfaces import texture
from prodimg_lab.studio.things import Material, Part, linear, mixed

GAP = 0.0015


def jar(identity: Identity) -> Sequence[Part]:
    """A preserve jar with its content and a lid, or with shape `cream` a cosmetic pot."""
    if identity.shape == "cream":
        return _pot(identity)
    opaque = identity.material and "glass" not in identity.material
    return _crock(identity) if opaque else _preserve(identity)


def _crock(identity: Identity) -> Sequence[Part]:
    """A storage jar of clay or tin with a wooden lid."""
    radius, top = identity.share("radius", 0.28, 0.32), identity.share("tall", 0.62, 0.74)
    body = glaze(identity, identity.colour)
    foot = lathe(
        profile(
            [(0, 0.01), (radius - 0.06, 0.01), (radius - 0.05, 0, 0.006), (radius - 0.012, 0, 0.012), (radius, 0.05)],
            steps=6,
        )
    )
    neck = lathe(
        profile([(radius, top - 0.06), (radius, top, 0.03), (radius - 0.04, top + 0.004)], steps=8), segments=128
    )
    art = round_print(identity, girth=2 * math.pi * radius, tall=top - 0.11, ground=body, share=0.22)
    lid = lathe(
        profile([(0, top), (radius - 0.016, top, 0.006), (radius - 0.016, top + 0.05, 0.012), (0, top + 0.052)]),
        segments=128,
    )
    knob = ball(0.05, segments=32, squash=0.85).moved(z=top + 0.085)
    wood, _ = texture("pale-wood")
    return (
        Part(mesh=merged([foot, neck]), material=body),
        Part(mesh=sleeve((radius, radius), 0.05, top - 0.06), material=replace(body, texture=art)),
        Part(mesh=merged([lid, knob]), material=coated((0.5, 0.5, 0.5), gloss=0.35, texture=wood)),
    )


def _preserve(identity: Identity) -> Sequence[Part]:
    radius, top = identity.share("radius", 0.29, 0.32), 0.76
    outer: list[Corner] = [
        (radius - 0.02, 0.0, 0.02),
        (radius, 0.02, 0.03),
        (radius, top - 0.14, 0.07),
        (radius - 0.055, top - 0.05, 0.03),
        (radius - 0.055, top),
    ]
    colour = identity.colour if identity.coloured else linear("#d8922b")
    body = glass_body(outer, wall=0.018, fill=top - 0.12, drink=liquid(colour, 1.0), glass=CLEAR)
    label = sticker(identity, radius=radius + GAP, low=0.14, high=top - 0.22, arc=0.34)
    lid_r = radius - 0.03
    curve = profile(
        [
            (lid_r - 0.02, top - 0.03),
            (lid_r, top - 0.03, 0.004),
            (lid_r, top + 0.07, 0.016),
            (lid_r - 0.035, top + 0.085, 0.01),
            (lid_r - 0.06, top + 0.08, 0.006),
            (0, top + 0.08),
        ],
        steps=6,
    )
    metal = identity.pick("lid", (BRASS, coated(BLACK, gloss=0.5), coated(linear("#e9e4d8"), gloss=0.6), BRASS))
    return (*body, label, Part(mesh=lathe(curve, segments=128), material=metal))


def _pot(identity: Identity) -> Sequence[Part]:
    radius, top = identity.share("radius", 0.4, 0.44), 0.4
    base_colour = identity.colour
    gloss = {"matte": 0.15, "glossy": 0.97, "satin": 0.4}.get(identity.finish, 0.8)
    body = coated(base_colour, gloss=gloss)
    foot = lathe(
        profile([(0, 0), (radius - 0.02, 0, 0.02), (radius, 0.06, 0.06), (radius, 0.09)], steps=8), segments=128
    )
    side = sleeve((radius, radius), 0.088, top - 0.03)
    shoulder = lathe(
        profile([(radius, top - 0.031), (radius, top, 0.02), (radius - 0.06, top + 0.005)], steps=6), segments=128
    )
    lid = lathe(
        profile(
            [
                (radius - 0.03, top + 0.012),
                (radius - 0.002, top + 0.012, 0.006),
                (radius - 0.002, top + 0.2, 0.025),
                (0, top + 0.205),
            ],
            steps=8,
        ),
        segments=128,
    )
    art = round_print(
        identity,
        girth=2 * math.pi * radius,
        tall=top - 0.118,
        ground=body,
        share=0.2,
        design=identity.pick("pot print", (3, 1)),
    )
    lid_material = identity.pick(
        "pot lid", (trim(identity), coated(mixed(base_colour, (1.0, 1.0, 1.0), 0.75), gloss=0.8), BRASS)
    )
    return (
        Part(mesh=merged([foot, shoulder]), material=body),
        Part(mesh=side, material=coated(base_colour, gloss=gloss, texture=art)),
        Part(mesh=lid, material=lid_material),
    )


def candle(identity: Identity) -> Sequence[Part]:
    """A poured candle: tumbler with wax, wick and a small flame, labelled."""
    radius, top = identity.share("radius", 0.33, 0.365), identity.share("tall", 0.72, 0.82)
    wall, level = 0.02, 0.6
    opaque = identity.material in ("ceramic", "concrete", "stoneware", "tin", "metal") or identity.finish == "matte"
    wax = WAX if opaque or not identity.coloured else mixed(identity.colour, (0.95, 0.92, 0.85), 0.35)
    parts = _candle_cup(identity, (radius, top, wall, level), opaque=opaque)
    dish = smooth_profile(
        [
            (radius - wall - GAP, level),
            (radius * 0.75, level - 0.002),
            (radius * 0.3, level - 0.012),
            (0.001, level - 0.016),
        ],
        steps=8,
    )
    inner = profile([(0, 0.062), (radius - wall - GAP, 0.062), (radius - wall - GAP, level)])
    wax_mesh = merged([lathe(dish), lathe(inner)])
    parts.append(Part(mesh=wax_mesh, material=Material(kind="plastic", colour=wax, roughness=0.25, shine=0.05)))
    lean = np.array([[0, 0, level - 0.03], [0.002, 0, level + 0.05], [0.012, 0, level + 0.085]], dtype=np.float64)
    parts.append(Part(mesh=tube(lean, 0.008, segments=10), material=matte(linear("#2a211a"))))
    parts.append(_flame(level + 0.07))
    return tuple(parts)


def _candle_cup(identity: Identity, size: tuple[float, float, float, float], *, opaque: bool) -> list[Part]:
    """What the wax was poured into, by its radius, height, wall and level of wax; with its label."""
    radius, top, wall, level = size
    parts: list[Part] = []
    lip = profile(
        [(radius, top - 0.01), (radius, top, 0.009), (radius - wall, top, 0.009), (radius - wall, level - 0.06)],
        steps=6,
    )
    base = profile([(0, 0), (radius - 0.012, 0, 0.012), (radius, 0.03, 0.02), (radius, 0.05)], steps=6)
    if opaque:
        ground = coated(identity.colour, gloss=0.35 if identity.finish != "glossy" else 0.9)
        art = round_print(identity, girth=2 * math.pi * radius, tall=top - 0.058, ground=ground, share=0.2)
        parts.append(
            Part(
                mesh=sleeve((radius, radius), 0.05, top - 0.009),
                material=coated(identity.colour, gloss=0.35, texture=art),
            )
        )
        parts.append(Part(mesh=merged([lathe(lip, segments=128), lathe(base, segments=128)]), material=ground))
    else:
        outer: list[Corner] = [
            (radius - 0.012, 0.0, 0.012),
            (radius, 0.03, 0.02),
            (radius, top, 0.009),
            (radius - wall, top, 0.009),
            (radius - wall, level + 0.004, 0.0),
        ]
        shell = lathe(profile([(0, 0), *outer, (radius - wall, 0.06, 0.02), (0, 0.06)], steps=6), segments=128)
        parts.append(
            Part(
                mesh=shell,
                material=tinted(identity.colour, 0.35) if identity.coloured and identity.share("tint") < 0.4 else CLEAR,
            )
        )
        parts.append(sticker(identity, radius=radius + GAP, low=0.16, high=top - 0.2, arc=0.3))
    return parts


def _flame(at: float) -> Part:
    outline = smooth_profile(
        [
            (0.001, at),
            (0.022, at + 0.03),
            (0.03, at + 0.065),
            (0.02, at + 0.115),
            (0.007, at + 0.165),
            (0.001, at + 0.19),
        ],
        steps=6,
    )
    return Part(
        mesh=lathe(outline, segments=24).moved(x=0.012), material=Material(kind="glow", colour=(16.0, 8.6, 2.6))
    )
