"""Turned vessels of one piece: tumblers and drinking bottles, cans, vases, bowls and plates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from prodimg_lab.studio.finishes import ALUMINIUM, BLACK, STEEL, coated, glaze, matte, metal_of
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.labels import printed
from prodimg_lab.studio.meshes import Mesh, Profile, box, lathe, merged, profile, smooth_profile, tube
from prodimg_lab.studio.things import Material, Part, Texture, linear, mixed, scaled, srgb8
from prodimg_lab.studio.wraps import keyed, speckled, wrap

METALS = ("steel", "stainless steel", "metal", "copper", "brass", "silver", "aluminium", "chrome")


def sleeve(radius: tuple[float, float], low: float, high: float) -> Mesh:
    """The plain side of a vessel, from radius[0] at `low` to radius[1] at `high`, textured once round."""
    slope = np.array([high - low, radius[0] - radius[1]])
    slope /= np.linalg.norm(slope)
    curve = Profile(points=np.array([[radius[0], low], [radius[1], high]]), normals=np.array([slope, slope]))
    return lathe(curve, segments=128)


def round_print(
    identity: Identity, *, girth: float, tall: float, ground: Material, share: float = 0.3, design: int | None = None
) -> Texture:
    """A texture for a side `girth` round and `tall` high: the ground's colour with the print on the front."""
    wide, high = 1536, max(64, int(1536 * tall / girth))
    label = identity.label(ground=ground.colour)
    canvas = Image.new("RGB", (wide, high), label.ground)
    across = int(wide * share)
    art = printed(label, width=across, height=min(int(high * 0.86), int(across * 1.25)), design=design)
    return wrap(canvas, art, key=f"round/{identity.key}", centre=(0.5, 0.5), ground=label.ground)


def _painted(identity: Identity) -> bool:
    """Whether the body is coated in colour rather than bare metal."""
    bare = any(word in identity.material for word in ("copper", "brass", "chrome"))
    greyish = max(identity.colour) - min(identity.colour) < 0.08 and min(identity.colour) > 0.3
    silvery = greyish and any(word in identity.material for word in ("steel", "metal", "aluminium", "silver"))
    return identity.coloured and not bare and not silvery


def tumbler(identity: Identity) -> Sequence[Part]:
    """A travel cup with a lid, or with shape `bottle` a vacuum flask with a loop."""
    return _flask(identity) if identity.shape == "bottle" else _cup(identity)


def _body_material(identity: Identity) -> Material:
    if _painted(identity):
        gloss = {"matte": 0.12, "glossy": 0.95, "satin": 0.4, "brushed": 0.3}.get(identity.finish, 0.3)
        return coated(identity.colour, gloss=gloss)
    return metal_of(identity)


def _cup(identity: Identity) -> Sequence[Part]:
    low, high = identity.share("foot", 0.2, 0.225), identity.share("rim", 0.27, 0.295)
    top = 0.88
    body = _body_material(identity)
    seam = 0.1
    base = lathe(
        profile([(0, 0.0), (low - 0.012, 0.0, 0.012), (_width(low, high, (seam) / top), seam)], steps=8), segments=128
    )
    side = sleeve((_width(low, high, (seam) / top), _width(low, high, (top - 0.07) / top)), seam, top - 0.07)
    band = sleeve((_width(low, high, (top - 0.07) / top), _width(low, high, (top) / top)), top - 0.07, top)
    girth = 2 * math.pi * (low + high) / 2
    art = (
        round_print(
            identity,
            girth=girth,
            tall=top - 0.07 - seam,
            ground=body,
            share=0.22,
            design=identity.pick("cup print", (1, 3)),
        )
        if body.kind == "plastic"
        else None
    )
    lid = profile(
        [
            (high - 0.02, top - 0.004),
            (high + 0.012, top - 0.004, 0.006),
            (high + 0.016, top + 0.055, 0.014),
            (high - 0.03, top + 0.06, 0.012),
            (high - 0.05, top + 0.05, 0.01),
            (0, top + 0.05),
        ],
        steps=6,
    )
    tab = box((0.12, 0.16, 0.035), fillet=0.014).moved(y=-0.1, z=top + 0.045)
    hard = coated(BLACK if identity.share("lid") < 0.75 else mixed(identity.colour, (0.9, 0.9, 0.9), 0.6), gloss=0.45)
    side_material = coated(body.colour, gloss=0.3, texture=art) if art else body
    return (
        Part(mesh=base, material=STEEL if body.kind == "plastic" and identity.share("steel foot") < 0.6 else body),
        Part(mesh=side, material=side_material),
        Part(mesh=band, material=STEEL if body.kind == "plastic" else metal_of(identity, roughness=0.08)),
        Part(mesh=merged([lathe(lid, segments=128), tab]), material=hard),
    )


def _width(low: float, high: float, share: float) -> float:
    """The radius of a tapering side at `share` of its height."""
    return low + (high - low) * share


def _flask(identity: Identity) -> Sequence[Part]:
    radius, top = identity.share("radius", 0.15, 0.172), 0.72
    body = _body_material(identity)
    base = lathe(profile([(0, 0), (radius - 0.004, 0, 0.016), (radius, 0.05)], steps=8), segments=128)
    side = sleeve((radius, radius), 0.05, top)
    shoulder = lathe(
        profile([(radius, top), (radius, top + 0.03, 0.05), (0.092, top + 0.11, 0.02), (0.092, top + 0.14)], steps=10),
        segments=128,
    )
    ring = lathe(
        profile([(0.09, top + 0.135), (0.1, top + 0.135, 0.003), (0.1, top + 0.155, 0.003), (0.09, top + 0.155)])
    )
    cap = lathe(
        profile(
            [(0.08, top + 0.155), (0.108, top + 0.155, 0.008), (0.108, top + 0.235, 0.016), (0, top + 0.24)], steps=8
        )
    )
    turn = np.linspace(0, math.pi, 33)
    loop = np.stack([0.085 * np.cos(turn), 0 * turn, top + 0.225 + 0.09 * np.sin(turn)], axis=1)
    hard = coated(BLACK, gloss=0.4)
    art = (
        round_print(
            identity,
            girth=2 * math.pi * radius,
            tall=top - 0.05,
            ground=body,
            share=0.3,
            design=identity.pick("flask print", (1, 3, 2)),
        )
        if body.kind == "plastic"
        else None
    )
    texture_of = coated(body.colour, gloss=0.3, texture=art) if art else body
    return (
        Part(mesh=base, material=body),
        Part(mesh=side, material=texture_of),
        Part(mesh=shoulder, material=body),
        Part(mesh=ring, material=STEEL),
        Part(mesh=merged([cap, tube(loop, 0.02, flat=0.6)]), material=hard),
    )


def can(identity: Identity) -> Sequence[Part]:
    """A drinks can, printed all round, with its lid and ring pull."""
    radius, top = identity.share("radius", 0.235, 0.265), 0.93
    base, neck, lid = _can_metal(radius, top)
    side = sleeve((radius, radius), 0.08, top - 0.09)
    art = _can_art(identity, girth=2 * math.pi * radius, tall=top - 0.17)
    shell = coated(identity.colour, gloss={"matte": 0.15}.get(identity.finish, 0.72), texture=art)
    return (
        Part(mesh=base, material=ALUMINIUM),
        Part(mesh=side, material=shell),
        Part(mesh=neck, material=coated(identity.colour, gloss=0.72)),
        Part(mesh=lid, material=ALUMINIUM),
    )


def _can_metal(radius: float, top: float) -> tuple[Mesh, Mesh, Mesh]:
    """A can's foot, its tapered neck, and its lid with the ring pull."""
    base = lathe(
        profile(
            [
                (0, 0.02),
                (radius * 0.72, 0.02, 0.02),
                (radius * 0.78, 0.0, 0.01),
                (radius * 0.84, 0.0, 0.012),
                (radius, 0.075, 0.03),
                (radius, 0.082),
            ],
            steps=8,
        ),
        segments=128,
    )
    neck = lathe(
        profile(
            [
                (radius, top - 0.092),
                (radius, top - 0.085, 0.02),
                (radius * 0.84, top - 0.012, 0.02),
                (radius * 0.84, top - 0.005),
            ],
            steps=8,
        ),
        segments=128,
    )
    rim = lathe(
        profile(
            [
                (radius * 0.84, top - 0.014),
                (radius * 0.87, top - 0.01, 0.006),
                (radius * 0.865, top + 0.01, 0.007),
                (radius * 0.82, top + 0.01, 0.006),
                (radius * 0.8, top - 0.03, 0.008),
                (0, top - 0.03),
            ],
            steps=5,
        ),
        segments=128,
    )
    turn = np.linspace(0, 2 * math.pi, 33)
    pull = np.stack([0.036 * np.cos(turn), -0.03 + 0.055 * np.sin(turn), np.full_like(turn, top - 0.018)], axis=1)
    return base, neck, merged([rim, tube(pull, 0.011, flat=0.5, closed=True)])


def _can_art(identity: Identity, *, girth: float, tall: float) -> Texture:
    """Print for a can: bands and a large label, front and back."""
    wide, high = 1536, int(1536 * tall / girth)
    label = identity.label()
    canvas = np.zeros((high, wide, 3), dtype=np.uint8)
    canvas[:] = label.ground
    style = identity.pick("can", ("bands", "waves", "plain"))
    y, x = np.mgrid[0:high, 0:wide]
    if style == "bands":
        for place, thick in ((0.05, 0.02), (0.09, 0.006), (0.91, 0.006), (0.95, 0.02)):
            canvas[int(high * (place - thick)) : int(high * (place + thick))] = label.accent
    elif style == "waves":
        for index in range(3):
            wave = high * (0.8 + 0.055 * index) + high * 0.02 * np.sin(2 * math.pi * (x / wide * 5 + 0.2 * index))
            canvas[y > wave] = (label.accent, srgb8(mixed(identity.accent, identity.colour, 0.5)), label.accent)[index]
    pieces = keyed("can", canvas)
    art = printed(
        label, width=int(wide * 0.3), height=int(high * 0.72), design=identity.pick("can print", (1, 2, 0, 3))
    )
    front = wrap(Image.fromarray(pieces.pixels), art, key="can", centre=(0.5, 0.45), ground=label.ground)
    return wrap(Image.fromarray(front.pixels), art, key=f"can/{identity.key}", centre=(0.04, 0.45), ground=label.ground)


def vase(identity: Identity) -> Sequence[Part]:
    """A vase of one of several outlines, or a jug."""
    outer, foot, lip, inner = _vase_curves(identity)
    if identity.material in ("glass", "metal", "brass", "steel"):
        surface = metal_of(identity) if identity.material != "glass" else coated(identity.colour, gloss=1.0)
        plain = surface
    else:
        art = speckled(identity.colour, identity.key, size=(768, 512)) if identity.share("speckle") < 0.45 else None
        surface, plain = glaze(identity, identity.colour, art), glaze(identity, identity.colour)
    ribs = identity.pick("ribs", (0, 0, 28))
    body = _ribbed(lathe(outer, segments=168 if ribs else 128), ribs)
    parts = [
        Part(mesh=body, material=surface),
        Part(mesh=lathe(foot), material=plain),
        Part(mesh=merged([lathe(lip), lathe(inner)]), material=plain),
    ]
    if identity.shape == "jug":
        turn = np.linspace(-math.pi / 2, math.pi / 2, 41)
        reach = float(np.interp(0.45, outer.points[:, 1], outer.points[:, 0]))
        path = np.stack([reach - 0.04 + 0.2 * np.cos(turn), 0 * turn, 0.55 + 0.26 * np.sin(turn)], axis=1)
        parts.append(Part(mesh=tube(path, 0.036, flat=0.7), material=plain))
    return tuple(parts)


def _ribbed(mesh: Mesh, ribs: int) -> Mesh:
    """Shallow flutes round a turned body."""
    if not ribs:
        return mesh
    p = mesh.positions.astype(np.float64)
    angle = np.arctan2(p[:, 1], p[:, 0])
    wave = np.cos(angle * ribs)
    factor = 1 + 0.02 * wave
    moved = p * np.stack([factor, factor, np.ones_like(factor)], axis=1)
    tangent = np.stack([-np.sin(angle), np.cos(angle), np.zeros_like(angle)], axis=1)
    lean = mesh.normals + tangent * (0.02 * ribs * np.sin(angle * ribs))[:, None]
    lean /= np.linalg.norm(lean, axis=1, keepdims=True)
    return Mesh(positions=moved.astype(np.float32), normals=lean.astype(np.float32), uvs=mesh.uvs, faces=mesh.faces)


def bowl(identity: Identity) -> Sequence[Part]:
    """A bowl, or with shape `plate` a plate, seen a little into."""
    outer, foot, lip, inside = _bowl_curves(identity)
    art = speckled(identity.colour, identity.key, size=(1024, 384)) if identity.share("speckle") < 0.5 else None
    within = identity.colour if identity.share("within") < 0.5 else linear("#f1ebde")
    out = glaze(identity, identity.colour, art) if identity.material not in METALS else metal_of(identity)
    into = glaze(identity, within) if identity.material not in METALS else out
    raw = matte(scaled(linear("#b79a78"), 0.9)) if identity.share("raw foot") < 0.5 else out
    return (
        Part(mesh=lathe(outer, segments=128), material=out),
        Part(mesh=lathe(foot), material=raw if raw.kind == "matte" else glaze(identity, identity.colour)),
        Part(mesh=lathe(lip, segments=128), material=glaze(identity, within) if out.kind == "plastic" else out),
        Part(mesh=lathe(inside, segments=128), material=into),
    )


def _bowl_curves(identity: Identity) -> tuple[Profile, Profile, Profile, Profile]:
    """The outside, foot, lip and inside of a bowl or plate."""
    if identity.shape == "plate":
        knots = [(0.2, 0.012), (0.3, 0.02), (0.42, 0.05), (0.5, 0.075)]
    else:
        knots = list(
            identity.pick(
                "outline",
                (
                    ((0.16, 0.03), (0.27, 0.07), (0.38, 0.19), (0.43, 0.36)),
                    ((0.17, 0.03), (0.33, 0.07), (0.41, 0.16), (0.425, 0.33)),
                    ((0.14, 0.04), (0.24, 0.1), (0.36, 0.25), (0.46, 0.37)),
                ),
            )
        )
    outer = smooth_profile(knots, steps=14)
    rim_r, rim_z = knots[-1]
    wall = 0.022
    foot_r = knots[0][0]
    foot = profile(
        [
            (0, 0.015),
            (foot_r - 0.035, 0.015, 0.006),
            (foot_r - 0.028, 0, 0.006),
            (foot_r - 0.004, 0, 0.008),
            (foot_r, knots[0][1]),
        ],
        steps=5,
    )
    lip = profile(
        [
            (rim_r, rim_z),
            (rim_r - 0.002, rim_z + 0.012, 0.009),
            (rim_r - wall, rim_z + 0.01, 0.009),
            (rim_r - wall - 0.002, rim_z - 0.01),
        ],
        steps=6,
    )
    inside = smooth_profile(
        [
            (rim_r - wall - 0.002, rim_z - 0.01),
            *[(r - wall, z + wall * 0.8) for r, z in reversed(knots[1:-1])],
            (knots[0][0] * 0.6, knots[0][1] + wall),
            (0.001, knots[0][1] + wall * 0.8),
        ],
        steps=12,
    )
    return outer, foot, lip, inside


def _vase_curves(identity: Identity) -> tuple[Profile, Profile, Profile, Profile]:
    """The outside, foot, lip and inside of a vase."""
    shapes: tuple[tuple[tuple[float, float], ...], ...] = (
        (
            (0.13, 0.02),
            (0.2, 0.1),
            (0.29, 0.32),
            (0.25, 0.56),
            (0.12, 0.74),
            (0.085, 0.86),
            (0.11, 0.95),
            (0.14, 0.985),
        ),
        ((0.17, 0.02), (0.3, 0.18), (0.36, 0.4), (0.31, 0.62), (0.18, 0.76), (0.15, 0.8), (0.17, 0.84)),
        ((0.12, 0.02), (0.15, 0.2), (0.2, 0.46), (0.25, 0.68), (0.245, 0.82), (0.17, 0.91), (0.12, 0.95), (0.13, 0.99)),
        ((0.2, 0.02), (0.24, 0.2), (0.225, 0.42), (0.15, 0.6), (0.1, 0.76), (0.105, 0.9), (0.16, 0.99)),
    )
    knots = identity.pick("outline", shapes)
    wide = identity.share("girth", 0.94, 1.08)
    outer = smooth_profile([(r * wide, z) for r, z in knots], steps=14)
    mouth_r, mouth_z = float(outer.points[-1, 0]), float(outer.points[-1, 1])
    foot = profile(
        [
            (0, 0.012),
            (knots[0][0] * wide - 0.03, 0.012, 0.006),
            (knots[0][0] * wide - 0.02, 0.0, 0.006),
            (knots[0][0] * wide - 0.006, 0.0, 0.008),
            (knots[0][0] * wide, 0.02),
        ],
        steps=5,
    )
    inside = [(max(0.03, r * wide - 0.022), z) for r, z in reversed(knots[2:])]
    lip = profile(
        [
            (mouth_r, mouth_z),
            (mouth_r - 0.004, mouth_z + 0.012, 0.008),
            (mouth_r - 0.02, mouth_z + 0.01, 0.008),
            (inside[0][0], inside[0][1] - 0.004),
        ],
        steps=5,
    )
    bowl = smooth_profile([*inside, (0.001, knots[1][1])], steps=8)
    return outer, foot, lip, bowl
