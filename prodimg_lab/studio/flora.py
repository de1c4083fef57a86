"""Leaves, petals, flowers, fruit and fir: what a stylist picks to lay beside a product."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from prodimg_lab.studio.finishes import coated, matte
from prodimg_lab.studio.meshes import Mesh, ball, lathe, merged, profile, sheet, smooth_profile, tube
from prodimg_lab.studio.things import Material, Part, linear, mixed, scaled


def placed(part: Part, x: float, y: float, z: float, turn: float) -> Part:
    """`part` turned about z, then moved."""
    return Part(mesh=part.mesh.turned(turn).moved(x, y, z), material=part.material)


def _leaf(rng: np.random.Generator, *, long: float, wide: float, curl: float, lobes: float = 0.0) -> Mesh:
    """A leaf on the ground: pointed, bent along its middle rib."""
    t, s = np.linspace(0, 1, 15), np.linspace(-1, 1, 9)
    outline = np.sin(math.pi * t**0.85) ** 0.8 * (1 + lobes * np.sin(t * math.pi * 7))
    x = s[None, :] * wide * outline[:, None]
    y = np.broadcast_to((t * long)[:, None], x.shape)
    z = 0.004 + curl * (t[:, None] - 0.35) ** 2 * long + 0.5 * np.abs(x) * curl * 2 + 0.004 * rng.standard_normal()
    mesh = sheet(np.stack([x, y, np.maximum(z, 0.002)], axis=-1))
    return mesh


def leaves(rng: np.random.Generator) -> list[Part]:
    """A small sprig of green leaves."""
    blades = []
    for index in range(6):
        turn = rng.uniform(-0.5, 0.5) + (0.9 if index % 2 else -0.9)
        leaf = _leaf(rng, long=rng.uniform(0.16, 0.24), wide=rng.uniform(0.045, 0.06), curl=rng.uniform(0.3, 0.9))
        blades.append(leaf.turned(turn).moved(y=0.055 * index, z=0.012))
    stem = tube(np.array([[0, -0.05, 0.008], [0.005, 0.15, 0.014], [0, 0.36, 0.02]]), 0.006, segments=8)
    green = mixed(linear("#4f6b2f"), linear("#7d9a4a"), float(rng.uniform()))
    return [
        Part(mesh=merged(blades), material=coated(green, gloss=0.45)),
        Part(mesh=stem, material=matte(scaled(green, 0.7))),
    ]


def canopy(key: tuple[float, float, float], *, seed: int) -> list[Mesh]:
    """Leaves that hang between the product and a key light at `key`, out of the picture: they dapple the light."""
    rng = np.random.default_rng(seed % 2**32)
    way = np.array(key) - np.array([0.0, 0.0, 0.45])
    across = np.cross(way, (0.0, 0.0, 1.0))
    across /= np.linalg.norm(across)
    upright = np.cross(across, way)
    upright /= np.linalg.norm(upright)
    meshes = []
    for _ in range(46):
        leaf = _leaf(rng, long=float(rng.uniform(0.16, 0.3)), wide=float(rng.uniform(0.05, 0.085)), curl=0.3)
        turned = leaf.turned(float(rng.uniform(0, 6.3))).turned(float(rng.uniform(0.6, 1.6)), "x")
        at = np.array([0.0, 0.0, 0.45]) + way * float(rng.uniform(0.55, 0.68))
        at = at + across * float(rng.normal(0, 0.5)) + upright * float(rng.normal(0, 0.5))
        meshes.append(turned.moved(*(float(v) for v in at)))
    return meshes


def autumn_leaves(rng: np.random.Generator) -> list[Part]:
    """Three dry leaves."""
    parts = []
    for _ in range(3):
        leaf = _leaf(
            rng, long=rng.uniform(0.2, 0.3), wide=rng.uniform(0.075, 0.11), curl=rng.uniform(0.4, 1.3), lobes=0.16
        )
        colour = linear(("#b4531d", "#d08a2a", "#8f3a18", "#c46a1f")[int(rng.integers(4))])
        at = rng.uniform(-0.2, 0.2, 2)
        parts.append(
            Part(
                mesh=leaf.turned(rng.uniform(0, 6.3)).moved(float(at[0]), float(at[1]), float(rng.uniform(0, 0.012))),
                material=coated(colour, gloss=0.2),
            )
        )
    return parts


def petals(rng: np.random.Generator, colour: str = "#efc3cd") -> list[Part]:
    """Loose petals, pale pink unless `colour` says otherwise."""
    pieces = []
    for _ in range(9):
        t, s = np.linspace(0, 1, 9), np.linspace(-1, 1, 9)
        x = s[None, :] * 0.036 * np.sin(math.pi * (0.12 + 0.8 * t))[:, None] ** 0.7
        y = np.broadcast_to((t * 0.07)[:, None], x.shape)
        z = 0.003 + 9 * x * x + 0.35 * (t[:, None] - 0.4) ** 2 * 0.1
        at = rng.normal(0, 0.17, 2)
        pieces.append(sheet(np.stack([x, y, z], axis=-1)).turned(rng.uniform(0, 6.3)).moved(float(at[0]), float(at[1])))
    shade = mixed(linear(colour), (0.95, 0.9, 0.9), 0.2 * float(rng.uniform()))
    return [Part(mesh=merged(pieces), material=coated(shade, gloss=0.15))]


def red_petals(rng: np.random.Generator) -> list[Part]:
    """Loose petals of a red rose."""
    return petals(rng, "#a3172a")


def _flower(rng: np.random.Generator, *, colour: str, size: float, layers: int, heart: str) -> list[Part]:
    """A full blossom lying face up: rings of cupped petals."""
    pieces = []
    for layer in range(layers):
        count = 5 + 2 * layer
        open_up = 0.25 + 0.75 * layer / max(1, layers - 1) if layers > 1 else 1.0
        for index in range(count):
            t, s = np.linspace(0, 1, 9), np.linspace(-1, 1, 9)
            wide = size * 0.3 * np.sin(math.pi * (0.08 + 0.84 * t)) ** 0.8
            x = s[None, :] * wide[:, None]
            reach = size * (0.35 + 0.65 * open_up) * t
            rise = size * (0.55 - 0.42 * open_up) * t**0.7 + 0.25 * size * (t**3) * (0.4 - 0.5 * open_up)
            y = np.broadcast_to(reach[:, None], x.shape)
            z = rise[:, None] + 2.2 * x * x / size
            petal = sheet(np.stack([x, y, z], axis=-1))
            pieces.append(petal.turned(2 * math.pi * (index + 0.5 * (layer % 2)) / count + rng.uniform(-0.1, 0.1)))
    body = coated(mixed(linear(colour), (1.0, 1.0, 1.0), 0.12 * float(rng.uniform())), gloss=0.12)
    centre = ball(size * 0.14, segments=16, squash=0.7).moved(z=size * 0.1)
    return [
        Part(mesh=merged(pieces).moved(z=0.03), material=body),
        Part(mesh=centre.moved(z=0.03), material=matte(linear(heart))),
    ]


def flowers(rng: np.random.Generator) -> list[Part]:
    """Three full blossoms among leaves."""
    parts = leaves(rng)
    for index in range(3):
        flower = _flower(
            rng,
            colour=("#e9a3b5", "#f4d5da", "#d97d95")[index],
            size=float(rng.uniform(0.13, 0.17)),
            layers=3,
            heart="#e9c65a",
        )
        parts += [placed(part, 0.16 * (index - 1), float(rng.uniform(-0.06, 0.1)), 0.0, 0.02) for part in flower]
    return parts


def marigolds(rng: np.random.Generator) -> list[Part]:
    """Four marigolds in a row."""
    parts: list[Part] = []
    for index in range(4):
        flower = _flower(
            rng, colour=("#f0921e", "#f5b32a")[index % 2], size=float(rng.uniform(0.08, 0.1)), layers=4, heart="#c96a12"
        )
        parts += [placed(part, 0.15 * (index - 1.5), 0.05 * math.sin(index * 2.0), 0.0, 0.0) for part in flower]
    return parts


def blossom(rng: np.random.Generator) -> list[Part]:
    """A twig with small open blossoms."""
    knots = np.array([[-0.36, 0.0, 0.02], [-0.12, 0.06, 0.07], [0.1, 0.03, 0.13], [0.38, 0.12, 0.24]])
    path = np.stack([np.interp(np.linspace(0, 3, 25), np.arange(4), knots[:, k]) for k in range(3)], axis=1)
    parts = [Part(mesh=tube(path, np.linspace(0.014, 0.006, 25), segments=10), material=matte(linear("#4a3326")))]
    pink = ("#f5d3da", "#f9e6ea")[int(rng.integers(2))]
    for at in np.linspace(3, 23, 9).astype(int):
        flower = _flower(rng, colour=pink, size=float(rng.uniform(0.06, 0.085)), layers=1, heart="#d9a53a")
        x, y, z = (float(v) for v in path[at])
        parts += [
            placed(part, x + float(rng.uniform(-0.03, 0.03)), y + float(rng.uniform(-0.03, 0.03)), z - 0.02, 0.0)
            for part in flower
        ]
    return parts


def lemons(rng: np.random.Generator) -> list[Part]:
    """A lemon and a slice or two."""
    outline = smooth_profile(
        [(0.001, -0.17), (0.025, -0.155), (0.09, -0.1), (0.118, 0.0), (0.09, 0.1), (0.025, 0.15), (0.001, 0.168)],
        steps=8,
    )
    whole = lathe(outline, segments=40).turned(1.45, "x").turned(rng.uniform(0, 6.3)).moved(z=0.116)
    rind = Material(kind="plastic", colour=linear("#e8bd25"), roughness=0.24)
    parts = [Part(mesh=whole, material=rind)]
    for index in range(2):
        disc = profile([(0, 0), (0.118, 0, 0.004), (0.118, 0.026, 0.004), (0.1, 0.026)])
        slice_ = lathe(disc, segments=40)
        flesh = [_segment(k) for k in range(8)]
        x, y = 0.27 + 0.16 * index, float(rng.uniform(-0.1, 0.05)) - 0.1 * index
        parts.append(Part(mesh=slice_.moved(x, y), material=rind))
        parts.append(
            Part(
                mesh=lathe(profile([(0.101, 0.0255), (0, 0.0255)]), segments=40).moved(x, y),
                material=matte(linear("#f5ecc4")),
            )
        )
        parts.append(
            Part(
                mesh=merged(flesh).moved(x, y, 0.027),
                material=Material(kind="plastic", colour=linear("#efd24a"), roughness=0.12),
            )
        )
    return parts


def _segment(index: int) -> Mesh:
    angles = np.linspace(0.08, math.pi / 4 - 0.08, 7) + index * math.pi / 4
    rows = [np.stack([r * np.cos(angles), r * np.sin(angles), np.full(7, 0.0)], axis=1) for r in (0.092, 0.05, 0.016)]
    return sheet(np.stack(rows))


def pumpkins(rng: np.random.Generator) -> list[Part]:
    """Two small pumpkins."""
    parts = []
    for index in range(2):
        size = float(rng.uniform(0.15, 0.2)) * (1.0 if index == 0 else 0.72)
        angles = np.linspace(-math.pi / 2, math.pi / 2, 33)
        points = np.stack([np.maximum(size * np.cos(angles) ** 0.85, 0.001), size * 0.74 * np.sin(angles)], axis=1)
        body = lathe(smooth_profile([(float(r), float(z)) for r, z in points[::3]], steps=5), segments=120)
        turn = np.arctan2(body.positions[:, 1], body.positions[:, 0])
        rib = 1 - 0.085 * np.abs(np.cos(turn * 5)) ** 0.5 * 1.0 + 0.085
        p = body.positions * np.stack([rib, rib, np.ones_like(rib)], axis=1)
        grid = sheet(p.reshape(-1, 121, 3), wrap=True)
        stem = tube(
            np.array([[0, 0, size * 0.6], [0.01, 0, size * 0.86], [0.04, 0.01, size * 1.02]]),
            np.array([0.03, 0.022, 0.02]) * size / 0.2,
            segments=10,
        )
        at = (0.0, 0.0) if index == 0 else (0.3, -0.08)
        orange = linear(("#c8621b", "#d9822b", "#b9531a")[int(rng.integers(3))])
        parts.append(Part(mesh=grid.moved(*at, size * 0.72), material=coated(orange, gloss=0.4)))
        parts.append(Part(mesh=stem.moved(*at, size * 0.72), material=matte(linear("#7a7440"))))
    return parts


def fir(rng: np.random.Generator) -> list[Part]:
    """A branch of fir with side twigs, lying flat, its needles fine cones."""
    first, last = np.array([-0.42, 0.0, 0.03]), np.array([0.42, 0.08, 0.05])
    lines = [(first, last)]
    for k in range(5):
        root = first + (last - first) * (0.15 + 0.16 * k)
        lines.append((root, root + np.array([0.24, 0.2 if k % 2 else -0.2, 0.015]) * (1 - 0.1 * k)))
    twigs, needles = [], []
    for start, end in lines:
        twigs.append(
            tube(start + (end - start) * np.linspace(0, 1, 6)[:, None], np.linspace(0.011, 0.005, 6), segments=8)
        )
        span = float(np.linalg.norm(end - start))
        along = (end - start) / span
        count = int(span * 120)
        t = np.repeat(np.linspace(0.04, 1.0, count), 2)[:, None]
        across = np.cross(along, (0.0, 0.0, 1.0)) * np.tile([-1.0, 1.0], count)[:, None]
        way = (
            along * 0.75
            + across * rng.uniform(0.55, 1.0, (2 * count, 1))
            + np.array([0, 0, 1.0]) * rng.uniform(-0.1, 0.6, (2 * count, 1))
        )
        root = start + (end - start) * t
        tip = root + way / np.linalg.norm(way, axis=1, keepdims=True) * rng.uniform(0.055, 0.08, (2 * count, 1))
        needles.append(np.stack([root, tip], axis=1))
    green = linear("#24402a")
    return [
        Part(mesh=_cones(np.concatenate(needles)), material=coated(green, gloss=0.4)),
        Part(mesh=merged(twigs), material=matte(linear("#4a3020"))),
    ]


def _cones(ends: NDArray[np.float64]) -> Mesh:
    """Thin three-sided needles between pairs of points (n, 2, 3)."""
    first, last = ends[:, 0], ends[:, 1]
    along = last - first
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along, (0.0, 0.0, 1.0))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-6)
    up = np.cross(side, along)
    corners, normals = [], []
    for k in range(3):
        angle = 2 * math.pi * k / 3 + math.pi / 2
        out = math.cos(angle) * side + math.sin(angle) * up
        corners.append(first + 0.0042 * out)
        normals.append(out)
    positions = np.stack([*corners, last], axis=1).reshape(-1, 3)
    normal = np.stack([*normals, up], axis=1).reshape(-1, 3)
    base = np.arange(len(ends), dtype=np.uint32)[:, None] * 4
    faces = np.concatenate([base + np.array([[a, b, 3]], dtype=np.uint32) for a, b in ((0, 1), (1, 2), (2, 0))])
    uvs = np.zeros((len(positions), 2), dtype=np.float32)
    return Mesh(
        positions=positions.astype(np.float32),
        normals=normal.astype(np.float32),
        uvs=uvs,
        faces=faces.astype(np.uint32),
    )
