"""Mugs, tumblers, bowls and vases: thrown, turned and drawn vessels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from prodimg_lab.studio.finishes import AIR, CLEAR, glaze
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.labels import printed
from prodimg_lab.studio.meshes import Corner, Mesh, lathe, profile, tube
from prodimg_lab.studio.things import RGB, Material, Part, Texture, linear, mixed, srgb8
from prodimg_lab.studio.wraps import speckled, wrap


def mug(identity: Identity) -> Sequence[Part]:
    """A mug with a handle, print facing front."""
    if "glass" in identity.material:
        return _glass_mug(identity)
    height, radius = 0.86, identity.share("radius", 0.36, 0.42)
    taper = identity.share("taper", 0.94, 1.0)
    foot = identity.pick("foot", (0.03, 0.05, 0.1))
    wall = 0.032
    inside = identity.colour if identity.share("inside") < 0.45 else linear("#f1ebde")
    outer = profile([(radius * taper, foot, 0), (radius, height - 0.012, 0)])
    base = profile(
        [
            (0, 0.012, 0),
            (radius * taper - 0.06, 0.012, 0.006),
            (radius * taper - 0.045, 0, 0.006),
            (radius * taper - foot * 0.55, 0, foot * 0.5),
            (radius * taper, foot, 0.03),
            (radius * taper, foot + 0.001),
        ],
        steps=8,
    )
    lip = profile(
        [
            (radius, height - 0.012),
            (radius, height, 0.013),
            (radius - wall, height, 0.013),
            (radius - wall * 1.1, height - 0.1),
            (radius * taper - wall, 0.1, 0.06),
            (0, 0.06),
        ],
        steps=6,
    )
    body = lathe(outer)
    art = _mug_art(identity, body_height=height - foot, girth=2 * math.pi * radius)
    handle = _handle(radius, height, identity)
    return (
        Part(mesh=body, material=glaze(identity, identity.colour, art)),
        Part(mesh=lathe(base), material=glaze(identity, _foot_colour(identity))),
        Part(mesh=lathe(lip), material=glaze(identity, inside if identity.share("lip") < 0.5 else identity.colour)),
        Part(mesh=handle, material=glaze(identity, identity.colour, _plain(identity))),
    )


def _glass_mug(identity: Identity) -> Sequence[Part]:
    """A double-walled glass, tea in the inner one."""
    radius, height = 0.34, identity.share("tall", 0.78, 0.88)
    shell: list[Corner] = [(0, 0), (radius - 0.03, 0, 0.03), (radius, 0.06, 0.06), (radius, height, 0.012)]
    shell += [(radius - 0.07, height, 0.012), (radius - 0.075, 0.16, 0.06), (0, 0.13)]
    tea = linear("#9a4a12") if not identity.coloured else identity.colour
    level, inner = height * 0.78, radius - 0.079
    drink = lathe(profile([(0, 0.135), (inner - 0.02, 0.135, 0.05), (inner, 0.24, 0.02), (inner, level), (0, level)]))
    hollow = lathe(
        profile(
            [
                (0, 0.03),
                (radius - 0.05, 0.03, 0.03),
                (radius - 0.022, 0.08, 0.04),
                (radius - 0.022, height - 0.03, 0.01),
                (radius - 0.052, height - 0.03, 0.01),
                (radius - 0.056, 0.1, 0.03),
                (0, 0.08),
            ]
        )
    )
    return (
        Part(mesh=lathe(profile(shell), segments=128), material=CLEAR),
        Part(mesh=hollow, material=AIR),
        Part(mesh=drink, material=Material(kind="plastic", colour=tea, roughness=0.08)),
        Part(mesh=_handle(radius, height, identity), material=CLEAR),
    )


def _plain(identity: Identity) -> Texture | None:
    return speckled(identity.colour, identity.key, size=(256, 256)) if _stoneware(identity) else None


def _stoneware(identity: Identity) -> bool:
    return identity.material in ("stoneware", "clay", "earthenware") or identity.share("speckle") < 0.25


def _dipped(identity: Identity) -> bool:
    return identity.share("dip") < 0.35


def _dip_colour(identity: Identity) -> RGB:
    """The glaze that a dipped foot has: always a neutral, so that the mug keeps its colour."""
    return linear("#e6dcc8") if identity.dark else linear(identity.pick("dipped", ("#f1ebdd", "#3a3733")))


def _foot_colour(identity: Identity) -> RGB:
    return _dip_colour(identity) if _dipped(identity) else identity.colour


def _mug_art(identity: Identity, *, body_height: float, girth: float) -> Texture:
    """The whole outside of the mug as one texture: glaze, dip and print."""
    wide, high = 1536, int(1536 * body_height / girth)
    base = speckled(identity.colour, identity.key, size=(wide, high)) if _stoneware(identity) else None
    canvas = Image.fromarray(base.pixels) if base else Image.new("RGB", (wide, high), srgb8(identity.colour))
    dip = 0.0
    if _dipped(identity):
        dip = identity.share("dip height", 0.15, 0.24)
        pixels = np.array(canvas)
        pixels[int(high * (1 - dip)) :] = srgb8(_dip_colour(identity))
        seam = int(high * (1 - dip))
        pixels[seam - 5 : seam - 2] = srgb8(mixed(_dip_colour(identity), (0.0, 0.0, 0.0), 0.3))
        canvas = Image.fromarray(pixels)
    label = identity.label()
    tall = high * (1 - dip) * 0.7
    art = printed(label, width=int(tall * 1.12), height=int(tall), design=identity.pick("print", (1, 1, 3)))
    return wrap(canvas, art, key=f"mug/{identity!r}", centre=(0.5, (1 - dip) * 0.5), ground=label.ground)


def _handle(radius: float, height: float, identity: Identity) -> Mesh:
    """A handle on the right, thicker where it joins."""
    reach = identity.share("handle", 0.2, 0.25)
    low, high = 0.2 * height, 0.8 * height
    turn = np.linspace(-math.pi / 2, math.pi / 2, 49)
    power = identity.pick("handle shape", (0.55, 0.75, 0.95))
    x = radius - 0.03 + (reach + 0.03) * np.cos(turn) ** power
    z = (low + high) / 2 + (high - low) / 2 * np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** 0.8
    thick = 0.043 + 0.016 * (np.abs(turn) / (math.pi / 2)) ** 6
    path = np.stack([x, np.zeros_like(x), z], axis=1)
    return tube(path, thick, flat=0.72, segments=28)
