"""Wristwatches and headphones: things that are worn, made of many small parts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from prodimg_lab.studio.archetypes.cloths import leather
from prodimg_lab.studio.finishes import BLACK, BRASS, STEEL, coated, metal_of
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.lettering import fitted, write
from prodimg_lab.studio.meshes import Mesh, Profile, box, lathe, merged, profile, tube
from prodimg_lab.studio.things import Part, Texture, linear, mixed, scaled, srgb8
from prodimg_lab.studio.wraps import keyed


def watch(identity: Identity) -> Sequence[Part]:
    """A round wristwatch, its strap closed to a loop on which it stands, dial to the front."""
    radius, thick = 0.27, 0.085
    middle, lean = 0.5, 0.14
    metal = (
        metal_of(identity, roughness=0.12)
        if identity.material in ("gold", "brass", "rose gold", "copper")
        else identity.pick("case", (STEEL, STEEL, BRASS))
    )
    dial_colour = identity.colour
    strap_colour = (
        identity.colour
        if identity.material == "leather"
        else linear(identity.pick("strap", ("#1c1b1d", "#4a2c1c", "#6b4427", "#20262f")))
    )
    strap = leather(strap_colour, finish="matte")

    def front(mesh: Mesh) -> Mesh:
        """From lying on the table, dial up, to its place on the loop."""
        return mesh.turned(math.pi / 2 - lean, "x").moved(y=-0.27, z=middle)

    dial = _disc(radius - 0.044, thick - 0.015)
    parts = [
        Part(mesh=front(lathe(_case(radius, thick), segments=128)), material=metal),
        Part(mesh=front(dial), material=coated(dial_colour, gloss=0.9, texture=_dial(identity, srgb8(dial_colour)))),
    ]
    parts.append(
        Part(mesh=front(_hands(radius - 0.05, thick - 0.013)), material=STEEL if metal is not BRASS else BRASS)
    )
    parts.append(Part(mesh=front(_fittings(radius, thick)), material=metal))
    start, end = -math.pi / 2 + 0.56, 1.5 * math.pi - 0.56
    turn = np.linspace(start, end, 90)  # from above the case over the back to below it
    path = np.stack([0 * turn, 0.29 * np.sin(turn) + 0.02, middle - 0.02 + 0.46 * np.cos(turn)], axis=1)
    half = 0.128 - 0.03 * np.sin(np.linspace(0, math.pi, 90))
    parts.append(Part(mesh=tube(path, half, flat=0.17, segments=28), material=strap))
    low = min(float(part.mesh.positions[:, 2].min()) for part in parts)
    return tuple(Part(mesh=part.mesh.moved(z=-low), material=part.material) for part in parts)


def _case(radius: float, thick: float) -> Profile:
    """The outline of a watch case, from its back to the edge of the dial."""
    return profile(
        [
            (0, 0),
            (radius - 0.03, 0, 0.01),
            (radius, 0.02, 0.012),
            (radius, thick - 0.02, 0.012),
            (radius - 0.016, thick, 0.006),
            (radius - 0.034, thick, 0.004),
            (radius - 0.045, thick - 0.016),
        ],
        steps=6,
    )


def _fittings(radius: float, thick: float) -> Mesh:
    """The crown and the four lugs."""
    crown = (
        lathe(profile([(0, 0), (0.03, 0, 0.004), (0.03, 0.05, 0.006), (0, 0.05)]), segments=40)
        .turned(math.pi / 2, "y")
        .moved(radius - 0.004, 0.0, thick * 0.5)
    )
    lugs = [
        box((0.045, 0.13, 0.05), fillet=0.016, steps=4)
        .turned(-side * up * 0.1)
        .moved(side * 0.145, up * (radius - 0.005), 0.008)
        for side in (-1.0, 1.0)
        for up in (-1.0, 1.0)
    ]
    return merged([crown, *lugs])


def _disc(radius: float, height: float) -> Mesh:
    """A flat disc with its picture laid on from above."""
    mesh = lathe(
        Profile(points=np.array([[radius, height], [0.0, height]]), normals=np.array([[0.0, 1.0], [0.0, 1.0]])),
        segments=96,
    )
    uv = np.stack([mesh.positions[:, 0] / (2 * radius) + 0.5, 0.5 - mesh.positions[:, 1] / (2 * radius)], axis=1)
    return Mesh(positions=mesh.positions, normals=mesh.normals, uvs=uv.astype(np.float32), faces=mesh.faces)


def _dial(identity: Identity, ground: tuple[int, int, int]) -> Texture:
    """The printed dial: minute track, bars, the maker's name."""
    size = 900
    page = Image.new("RGB", (size, size), ground)
    draw = ImageDraw.Draw(page)
    ink = (238, 236, 230) if identity.dark else (32, 33, 36)
    middle = size / 2
    for minute in range(60):
        angle = minute * math.pi / 30
        c, s = math.sin(angle), -math.cos(angle)
        inner, width = (0.8, 20) if minute % 5 == 0 else (0.92, 4)
        if minute % 15 == 0:
            width = 26
        draw.line(
            (
                middle + c * middle * inner,
                middle + s * middle * inner,
                middle + c * middle * 0.96,
                middle + s * middle * 0.96,
            ),
            fill=ink,
            width=width,
        )
    name = identity.label().brand.upper()
    write(
        page,
        name,
        at=(middle, size * 0.32),
        face="serif",
        size=fitted(name, "serif", width=size * 0.36, height=size * 0.07, tracking=0.08),
        ink=ink,
        tracking=0.08,
    )
    write(page, "AUTOMATIC", at=(middle, size * 0.68), face="sans", size=24, ink=ink, tracking=0.2)
    return keyed("dial", np.array(page))


def _hands(reach: float, height: float) -> Mesh:
    """Hands at ten past ten, as every advertisement shows them."""
    pieces = []
    for hour_angle, long, wide, lift in (
        (-0.94, 0.56, 0.026, 0.004),
        (1.05, 0.8, 0.018, 0.008),
        (3.5, 0.86, 0.006, 0.012),
    ):
        hand = box((wide, long * reach, 0.004), fillet=0.0018, steps=2).moved(
            y=long * reach / 2 - 0.03, z=height + lift
        )
        pieces.append(hand.turned(-hour_angle))
    pieces.append(
        lathe(profile([(0, height), (0.016, height), (0.016, height + 0.018, 0.003), (0, height + 0.018)]), segments=32)
    )
    return merged(pieces)


def headphones(identity: Identity) -> Sequence[Part]:
    """Over-ear headphones standing on their cups."""
    shell = coated(identity.colour, gloss={"matte": 0.12, "glossy": 0.95}.get(identity.finish, 0.4))
    metal = identity.pick("yoke", (STEEL, coated(BLACK, gloss=0.6), BRASS))
    pad = coated(scaled(mixed(identity.colour, linear("#3a3530"), 0.6), 0.8), gloss=0.2)
    spread, cup_z = 0.36, 0.24
    parts: list[Part] = []
    turn = np.linspace(-0.18, math.pi + 0.18, 80)
    arch = np.stack([(spread + 0.04) * np.cos(turn), 0 * turn, 0.5 + 0.47 * np.sin(turn)], axis=1)
    parts.append(Part(mesh=tube(arch[9:-9], 0.062, flat=0.42, segments=24), material=shell))
    under = np.stack([(spread + 0.005) * np.cos(turn), 0 * turn, 0.49 + 0.435 * np.sin(turn)], axis=1)
    parts.append(Part(mesh=tube(under[24:-24], 0.054, flat=0.45, segments=24), material=pad))
    rods = [tube(arch[:20], 0.017, flat=0.6, segments=14), tube(arch[-20:], 0.017, flat=0.6, segments=14)]
    for side in (-1.0, 1.0):
        cup, cushion, ring = (_worn(mesh, side, spread, cup_z) for mesh in _earcup())
        parts += [Part(mesh=cup, material=shell), Part(mesh=cushion, material=pad), Part(mesh=ring, material=metal)]
        bend = np.linspace(-0.2, math.pi + 0.2, 40)
        rods.append(
            tube(
                np.stack(
                    [
                        np.full_like(bend, side * (spread + 0.05)),
                        0.19 * np.cos(bend),
                        cup_z + 0.03 + 0.2 * np.sin(bend),
                    ],
                    axis=1,
                ),
                0.014,
                segments=14,
            )
        )
    parts.append(Part(mesh=merged(rods), material=metal))
    low = min(float(part.mesh.positions[:, 2].min()) for part in parts)
    return tuple(Part(mesh=part.mesh.moved(z=-low), material=part.material) for part in parts)


def _earcup() -> tuple[Mesh, Mesh, Mesh]:
    """Shell, cushion and trim ring of one ear, its outside up."""
    outer = profile([(0, 0.125), (0.13, 0.122, 0.03), (0.185, 0.09, 0.05), (0.195, 0.02, 0.02), (0.185, 0.0)], steps=8)
    cushion = profile(
        [(0.19, 0.0), (0.205, -0.035, 0.04), (0.18, -0.085, 0.04), (0.11, -0.08, 0.03), (0.1, -0.01)], steps=8
    )
    rim = Profile(points=np.array([[0.135, 0.1225], [0.12, 0.1265]]), normals=np.array([[0.3, 0.95], [0.3, 0.95]]))
    rising = (Profile(points=curve.points[::-1], normals=-curve.normals[::-1]) for curve in (outer, cushion))
    cup, soft, ring = (
        lathe(curve, segments=96).scaled(1.0, 0.86, 1.0).turned(math.pi / 2, "z") for curve in (*rising, rim)
    )
    return cup, soft, ring


def _worn(mesh: Mesh, side: float, spread: float, height: float) -> Mesh:
    """A cup modelled with its outside up, put on the left (-1) or right (1) ear."""
    return mesh.turned(side * math.pi / 2, "y").turned(side * -0.14, "y").moved(x=side * spread, z=height)
