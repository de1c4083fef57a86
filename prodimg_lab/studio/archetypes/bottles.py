"""Bottles: glass with a liquid, droppers, perfume, and opaque pumps and squeeze bottles."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from prodimg_lab.studio.finishes import AIR, BLACK, CLEAR, coated, liquid, tinted, trim
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.labels import printed
from prodimg_lab.studio.meshes import Corner, Mesh, Profile, box, lathe, loft, merged, profile, tube
from prodimg_lab.studio.things import RGB, Material, Part, linear, mixed

GAP = 0.0015
AMBER = linear("#8a4312")


def bottle(identity: Identity) -> Sequence[Part]:
    """The bottle that the product's shape names."""
    return {"perfume": perfume, "dropper": dropper, "pump": pump, "wine": wine}.get(identity.shape, flask)(identity)


def glass_body(
    outer: Sequence[Corner], *, wall: float, fill: float, drink: Material, glass: Material
) -> tuple[Part, Part, Part]:
    """A solid glass body with a liquid up to height `fill` inside it and air above, each surface once.

    The liquid borders on glass (its outer index is the glass's), so only the inner wall is modelled, not two.
    """
    shell = [(corner[0], corner[1], corner[2] if len(corner) == 3 else 0.0) for corner in outer]
    inner: list[Corner] = []
    for r, z, f in shell:
        if r > wall:
            inner.append((r - wall, max(z, wall * 1.6), max(0.0, f - wall * 0.5)))
    top = shell[-1][1]
    below = _cut(inner, fill, above=False)
    above = _cut(inner, fill + GAP, above=True)
    wet = lathe(profile([(0.0, below[0][1]), *below, (0.0, fill)]))
    dry = lathe(profile([(0.0, fill + GAP), *above, (0.0, top - 0.004)]))
    body = lathe(profile([(0.0, shell[0][1]), *shell, (0.0, top)]))
    return Part(mesh=body, material=glass), Part(mesh=wet, material=drink), Part(mesh=dry, material=AIR)


def _cut(corners: Sequence[Corner], height: float, *, above: bool) -> list[Corner]:
    """The corners of a rising outline on one side of `height`, with the cut point itself."""
    z = [corner[1] for corner in corners]
    r = float(np.interp(height, z, [corner[0] for corner in corners]))
    if above:
        return [(r, height), *[corner for corner in corners if corner[1] > height + 1e-4]]
    return [*[corner for corner in corners if corner[1] < height - 1e-4], (r, height)]


def sticker(
    identity: Identity, *, radius: float, low: float, high: float, arc: float, design: int | None = None
) -> Part:
    """A paper label round the front, `arc` of the turn wide."""
    paper = identity.paper()
    wide = 2 * math.pi * radius * arc
    art = printed(identity.label(ground=paper), width=int(640 * wide / (high - low)), height=640, design=design)
    curve = Profile(points=np.array([[radius, low], [radius, high]]), normals=np.array([[1.0, 0.0], [1.0, 0.0]]))
    mesh = lathe(curve, segments=64, arc=(0.5 - arc / 2, 0.5 + arc / 2))
    return Part(mesh=mesh, material=coated(paper, gloss=0.15, texture=art))


def cap(radius: float, low: float, high: float, *, ribs: int = 0) -> Mesh:
    """A screw cap; `ribs` grooves round it."""
    curve = profile([(0, low), (radius, low, 0.006), (radius, high, 0.012), (0, high)])
    mesh = lathe(curve, segments=max(96, ribs * 4))
    if ribs:
        angle = np.arctan2(mesh.positions[:, 1], mesh.positions[:, 0])
        side = np.abs(mesh.normals[:, 2]) < 0.5
        factor = np.where(side, 1.0 + 0.012 * np.cos(angle * ribs), 1.0).astype(np.float32)
        positions = mesh.positions * np.stack([factor, factor, np.ones_like(factor)], axis=1)
        return Mesh(positions=positions, normals=mesh.normals, uvs=mesh.uvs, faces=mesh.faces)
    return mesh


def flask(identity: Identity) -> Sequence[Part]:
    """A round glass bottle for syrup, oil, sauce or spirits, with label and screw cap."""
    radius = identity.share("radius", 0.185, 0.215)
    shoulder = identity.share("shoulder", 0.56, 0.64)
    neck = identity.share("neck", 0.068, 0.08)
    outer: list[Corner] = [
        (radius - 0.012, 0.0, 0.01),
        (radius, 0.012, 0.02),
        (radius, shoulder, 0.07),
        (neck, shoulder + 0.13, 0.05),
        (neck, 0.86, 0.0),
        (neck + 0.012, 0.862, 0.004),
        (neck + 0.012, 0.885, 0.004),
        (neck, 0.887, 0.0),
        (neck, 0.93, 0.004),
    ]
    colour = identity.colour if identity.coloured else AMBER
    body = glass_body(outer, wall=0.018, fill=shoulder + 0.02, drink=liquid(colour), glass=CLEAR)
    label = sticker(identity, radius=radius + GAP, low=0.13, high=shoulder - 0.07, arc=0.36)
    ring = lathe(
        profile(
            [(neck + 0.004, 0.872), (neck + 0.026, 0.872, 0.004), (neck + 0.026, 0.893, 0.004), (neck + 0.004, 0.893)]
        )
    )
    return (
        *body,
        label,
        Part(
            mesh=cap(neck + 0.022, 0.895, 1.0, ribs=identity.pick("ribs", (0, 48))), material=coated(BLACK, gloss=0.6)
        ),
        Part(mesh=ring, material=trim(identity)),
    )


def dropper(identity: Identity) -> Sequence[Part]:
    """A serum bottle with a pipette: tinted glass, rubber bulb."""
    radius, shoulder, neck = 0.2, 0.5, 0.085
    outer: list[Corner] = [
        (radius - 0.015, 0.0, 0.012),
        (radius, 0.015, 0.02),
        (radius, shoulder, 0.09),
        (neck, shoulder + 0.1, 0.03),
        (neck, 0.66, 0.004),
    ]
    colour = identity.colour if identity.coloured else AMBER
    body = glass_body(outer, wall=0.016, fill=shoulder - 0.04, drink=liquid(colour, 0.9), glass=tinted(colour, 0.45))
    label = sticker(
        identity,
        radius=radius + GAP,
        low=0.09,
        high=shoulder - 0.06,
        arc=0.4,
        design=identity.pick("serum label", (0, 1, 3)),
    )
    collar = lathe(profile([(neck, 0.64), (neck + 0.03, 0.64, 0.006), (neck + 0.03, 0.75, 0.008), (0.055, 0.75)]))
    bulb = lathe(
        profile(
            [
                (0.056, 0.75),
                (0.062, 0.76, 0.006),
                (0.058, 0.8, 0.02),
                (0.066, 0.9, 0.05),
                (0.045, 0.985, 0.04),
                (0, 0.99),
            ],
            steps=10,
        )
    )
    rubber = coated(BLACK if identity.share("rubber") < 0.6 else linear("#e9e6e0"), gloss=0.3)
    return (*body, label, Part(mesh=collar, material=trim(identity)), Part(mesh=bulb, material=rubber))


def perfume(identity: Identity) -> Sequence[Part]:
    """A heavy square flacon with tinted liquid and a metal cap."""
    half_x, half_y, tall = identity.share("wide", 0.26, 0.31), 0.15, 0.62
    power = identity.pick("corners", (5.0, 7.0, 10.0))

    def block(inset: float, low: float, high: float, soft: float) -> Mesh:
        x, y = half_x - inset, half_y - inset
        rows = [(0.0, 0.0, low, power)]
        for step in range(7):
            t = step / 6 * math.pi / 2
            rows.append(
                (x - soft * (1 - math.sin(t)), y - soft * (1 - math.sin(t)), low + soft * (1 - math.cos(t)), power)
            )
        for step in range(7):
            t = step / 6 * math.pi / 2
            rows.append(
                (x - soft * (1 - math.cos(t)), y - soft * (1 - math.cos(t)), high - soft * (1 - math.sin(t)), power)
            )
        rows.append((0.0, 0.0, high, power))
        return loft(rows, segments=128)

    colour = identity.colour if identity.coloured else linear("#e7b59a")
    level = tall * 0.84
    wet = block(0.04, 0.075, level, 0.02)
    dry = block(0.04, level + GAP, tall - 0.035, 0.015)
    neck = lathe(profile([(0.0, tall - 0.004), (0.075, tall - 0.004), (0.075, tall + 0.05, 0.006), (0.0, tall + 0.05)]))
    metal = trim(identity)
    shape = identity.pick("cap", ("drum", "block", "ball"))
    if shape == "drum":
        top = lathe(
            profile([(0, tall + 0.035), (0.125, tall + 0.035, 0.01), (0.125, tall + 0.3, 0.02), (0, tall + 0.3)])
        )
    elif shape == "block":
        top = box((0.24, 0.2, 0.24), fillet=0.018).moved(z=tall + 0.035)
    else:
        angles = np.linspace(-math.pi / 2, math.pi / 2, 33)
        points = np.stack([0.14 * np.cos(angles), tall + 0.16 + 0.14 * np.sin(angles)], axis=1)
        top = lathe(Profile(points=points, normals=np.stack([np.cos(angles), np.sin(angles)], axis=1)))
    plate = _plate(identity, half_y, tall)
    return (
        Part(mesh=block(0.0, 0.0, tall, 0.03), material=CLEAR),
        Part(mesh=wet, material=liquid(colour, 0.62)),
        Part(mesh=dry, material=AIR),
        Part(mesh=neck, material=metal),
        Part(mesh=top, material=metal),
        plate,
    )


def _plate(identity: Identity, half_y: float, tall: float) -> Part:
    """The small label on the flacon's front."""
    wide, high = 0.3, 0.24
    paper = identity.paper()
    art = printed(
        identity.label(ground=paper), width=720, height=int(720 * high / wide), design=identity.pick("plate", (3, 0, 4))
    )
    mesh = box((wide, 0.004, high), fillet=0.0015, steps=2)
    u = np.clip((mesh.positions[:, 0] / wide) + 0.5, 0.0, 1.0)
    v = 1.0 - np.clip(mesh.positions[:, 2] / high, 0.0, 1.0)
    flat = Mesh(
        positions=mesh.positions,
        normals=mesh.normals,
        uvs=np.stack([u, v], axis=1).astype(np.float32),
        faces=mesh.faces,
    )
    return Part(
        mesh=flat.moved(y=-half_y - 0.004, z=tall * 0.44 - high / 2), material=coated(paper, gloss=0.2, texture=art)
    )


def wine(identity: Identity) -> Sequence[Part]:
    """A tall bottle with a foil capsule: wine, oil or spirits."""
    radius, neck = 0.138, 0.052
    outer: list[Corner] = [
        (radius - 0.015, 0.0, 0.012),
        (radius, 0.015, 0.02),
        (radius, 0.6, 0.12),
        (neck, 0.78, 0.12),
        (neck - 0.004, 0.95, 0.004),
        (neck, 0.98, 0.004),
    ]
    colour = identity.colour if identity.coloured else linear("#24401f")
    body = glass_body(outer, wall=0.013, fill=0.74, drink=liquid(colour, 1.0), glass=tinted(colour, 0.5))
    label = sticker(identity, radius=radius + GAP, low=0.16, high=0.46, arc=0.4)
    foil = lathe(
        profile(
            [
                (neck + 0.002, 0.8),
                (neck + 0.004, 0.801),
                (neck + 0.002, 0.985, 0.004),
                (neck + 0.006, 0.987, 0.002),
                (neck + 0.006, 1.0, 0.004),
                (0, 1.0),
            ]
        )
    )
    return (*body, label, Part(mesh=foil, material=trim(identity)))


def pump(identity: Identity) -> Sequence[Part]:
    """An opaque bottle with a pump, printed: lotion, soap, shampoo."""
    radius = identity.share("radius", 0.19, 0.22)
    top = 0.66
    shell = profile(
        [(0, 0), (radius, 0, 0.03), (radius, top, 0.09), (0.075, top + 0.06, 0.02), (0.075, top + 0.1)], steps=10
    )
    base: RGB = identity.colour
    body = Part(
        mesh=lathe(shell), material=coated(base, gloss={"matte": 0.1, "glossy": 0.95}.get(identity.finish, 0.5))
    )
    arc = 0.4
    art = printed(
        identity.label(ground=base),
        width=int(640 * 2 * math.pi * radius * arc / (top - 0.14)),
        height=640,
        design=identity.pick("pump print", (0, 1, 3)),
    )
    curve = Profile(
        points=np.array([[radius + GAP, 0.06], [radius + GAP, top - 0.08]]), normals=np.array([[1.0, 0.0], [1.0, 0.0]])
    )
    label = Part(
        mesh=lathe(curve, segments=64, arc=(0.5 - arc / 2, 0.5 + arc / 2)),
        material=coated(base, gloss=0.5, texture=art),
    )
    collar = lathe(
        profile([(0.0, top + 0.075), (0.098, top + 0.075, 0.006), (0.098, top + 0.155, 0.012), (0.04, top + 0.155)])
    )
    stem = lathe(profile([(0.026, top + 0.15), (0.026, top + 0.27)]))
    head = lathe(profile([(0, top + 0.255), (0.062, top + 0.255, 0.01), (0.058, top + 0.325, 0.02), (0, top + 0.33)]))
    path = np.array([[0.0, 0, top + 0.293], [0.1, 0, top + 0.297], [0.17, 0, top + 0.29], [0.212, 0, top + 0.26]])
    spout = tube(path, np.array([0.03, 0.026, 0.022, 0.018]), segments=20)
    hard = trim(identity) if identity.share("pump trim") < 0.5 else coated(mixed(base, (1.0, 1.0, 1.0), 0.7), gloss=0.6)
    return (body, label, Part(mesh=merged([collar, stem, head, spout.turned(-0.5)]), material=hard))
