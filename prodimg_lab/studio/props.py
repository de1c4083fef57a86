"""What lies around the product?

Props are scattered on the ground beside and behind the product, never before its front and never through it; which
ones, by the place, the season and the prompt; where, by the seed. `SEASONS` says what each season brings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from prodimg_lab.studio import flora
from prodimg_lab.studio.finishes import BRASS, coated, matte
from prodimg_lab.studio.flora import placed
from prodimg_lab.studio.identity import share_of
from prodimg_lab.studio.meshes import Mesh, ball, box, lathe, merged, profile, sheet, smooth_profile, tube
from prodimg_lab.studio.things import Material, Part, linear

Maker = Callable[[np.random.Generator], list[Part]]

SEASONS: Mapping[str, Sequence[str]] = {
    "": (),
    "spring": ("blossom", "petals"),
    "summer": ("lemons", "leaves"),
    "autumn": ("autumn-leaves", "pumpkins"),
    "winter": ("fir", "snow"),
    "christmas": ("fir", "baubles", "ribbon"),
    "valentines": ("petals-red", "ribbon"),
    "easter": ("eggs", "blossom"),
    "mothers-day": ("flowers", "petals"),
    "halloween": ("pumpkins", "autumn-leaves"),
    "diwali": ("lamps", "marigolds"),
    "lunar-new-year": ("lanterns", "blossom"),
}
"""The props of each season of the style packs, the most telling first."""


def _baubles(rng: np.random.Generator) -> list[Part]:
    parts = []
    skins = (
        BRASS,
        coated(linear("#8e1420"), gloss=0.97),
        Material(kind="metal", colour=linear("#b3202c"), roughness=0.09),
        coated(linear("#e9e2d2"), gloss=0.5),
    )
    for index in range(3):
        size = float(rng.uniform(0.085, 0.135))
        x, y = 0.26 * (index - 1) + float(rng.uniform(-0.04, 0.04)), float(rng.uniform(-0.12, 0.12))
        tilt = float(rng.uniform(0.3, 1.0))
        cap = lathe(
            profile([(size * 0.2, size * 0.96), (size * 0.21, size * 1.12, 0.004), (0, size * 1.12)]), segments=24
        )
        ring = np.linspace(0, 2 * math.pi, 21)
        loop = tube(
            np.stack([0.02 * np.cos(ring), 0 * ring, size * 1.18 + 0.02 * np.sin(ring)], axis=1),
            0.004,
            segments=8,
            closed=True,
        )
        fitting = merged([cap, loop]).turned(tilt, "x").turned(float(rng.uniform(0, 6.3)))
        parts.append(Part(mesh=ball(size).moved(x, y, size), material=skins[int(rng.integers(len(skins)))]))
        parts.append(Part(mesh=fitting.moved(x, y, size), material=BRASS))
    return parts


def _ribbon(rng: np.random.Generator, colour: str = "#9c1a24") -> list[Part]:
    """A satin ribbon in loose waves."""
    t = np.linspace(0, 1, 90)
    phase = rng.uniform(0, 6.3)
    x, y = 0.9 * (t - 0.5), 0.09 * np.sin(9 * t + phase)
    z = 0.025 + 0.03 * (1 + np.sin(17 * t + phase))
    middle = np.stack([x, y, z], axis=1)
    across = np.stack([0.25 * np.cos(9 * t), np.ones_like(t), 0.9 * np.sin(13 * t + phase)], axis=1)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    grid = middle[:, None] + np.linspace(-0.034, 0.034, 5)[None, :, None] * across[:, None]
    grid[..., 2] = np.maximum(grid[..., 2], 0.003)
    return [Part(mesh=sheet(grid), material=Material(kind="plastic", colour=linear(colour), roughness=0.22))]


def _eggs(rng: np.random.Generator) -> list[Part]:
    parts = []
    for index, colour in enumerate(("#bcd5e3", "#f3d9a8", "#e9bfc9", "#cfe0c0")):
        outline = smooth_profile(
            [(0.001, 0.0), (0.05, 0.012), (0.088, 0.075), (0.08, 0.145), (0.045, 0.205), (0.001, 0.228)], steps=7
        )
        egg = lathe(outline, segments=36).moved(z=-0.09).turned(1.35, "x").turned(float(rng.uniform(0, 6.3)))
        low = float(egg.positions[:, 2].min())
        x, y = 0.19 * (index - 1.5), float(rng.uniform(-0.1, 0.1))
        parts.append(Part(mesh=egg.moved(x, y, -low), material=coated(linear(colour), gloss=0.3)))
    return parts


def _lamps(rng: np.random.Generator) -> list[Part]:
    parts = []
    for index in range(2):
        x, y = 0.3 * index, float(rng.uniform(-0.08, 0.08))
        dish = profile(
            [(0, 0), (0.06, 0, 0.01), (0.13, 0.075, 0.02), (0.12, 0.08, 0.004), (0.055, 0.025, 0.02), (0, 0.025)]
        )
        flame = smooth_profile([(0.001, 0.05), (0.018, 0.075), (0.022, 0.1), (0.012, 0.14), (0.001, 0.17)], steps=5)
        parts.append(Part(mesh=lathe(dish, segments=48).moved(x, y), material=matte(linear("#a8562f"))))
        parts.append(
            Part(
                mesh=lathe(profile([(0.1, 0.052), (0, 0.052)]), segments=32).moved(x, y),
                material=coated(linear("#e3a63a"), gloss=0.9),
            )
        )
        parts.append(
            Part(mesh=lathe(flame, segments=16).moved(x, y), material=Material(kind="glow", colour=(18.0, 9.0, 2.4)))
        )
    return parts


def _lanterns(rng: np.random.Generator) -> list[Part]:
    size = float(rng.uniform(0.2, 0.24))
    body = ball(size, segments=64, squash=0.82)
    turn = np.arctan2(body.positions[:, 1], body.positions[:, 0])
    rib = (1 + 0.03 * np.abs(np.cos(turn * 8))).astype(np.float32)
    p = body.positions * np.stack([rib, rib, np.ones_like(rib)], axis=1)
    paper = Material(kind="matte", colour=linear("#b3141c"), shine=0.1)
    caps = [
        lathe(profile([(0, z), (0.075, z, 0.004), (0.075, z + 0.035, 0.004), (0, z + 0.035)]), segments=40)
        for z in (-size * 0.84, size * 0.78)
    ]
    return [
        Part(
            mesh=Mesh(positions=p, normals=body.normals, uvs=body.uvs, faces=body.faces).moved(z=size * 0.86),
            material=paper,
        ),
        Part(mesh=merged(caps).moved(z=size * 0.86), material=BRASS),
    ]


def _pebbles(rng: np.random.Generator) -> list[Part]:
    stones = []
    for _ in range(5):
        size = float(rng.uniform(0.05, 0.1))
        stone = (
            ball(size, segments=32, squash=0.55)
            .scaled(float(rng.uniform(0.9, 1.4)), 1.0, 1.0)
            .turned(float(rng.uniform(0, 6.3)))
        )
        at = rng.normal(0, 0.15, 2)
        stones.append(stone.moved(float(at[0]), float(at[1]), size * 0.53))
    return [Part(mesh=merged(stones), material=matte(linear(("#8d8a84", "#b9b2a6", "#5f6164")[int(rng.integers(3))])))]


def _beans(rng: np.random.Generator) -> list[Part]:
    beans = []
    for _ in range(34):
        bean = (
            ball(0.026, segments=16, squash=0.6)
            .scaled(1.4, 1.0, 1.0)
            .turned(float(rng.uniform(-0.5, 0.5)), "x")
            .turned(float(rng.uniform(0, 6.3)))
        )
        at = rng.normal(0, 0.14, 2)
        beans.append(bean.moved(float(at[0]), float(at[1]), 0.016))
    return [Part(mesh=merged(beans), material=coated(linear("#3b2114"), gloss=0.5))]


def _notebook(rng: np.random.Generator) -> list[Part]:
    turn = float(rng.uniform(-0.4, 0.4))
    colour = linear(("#2f3f4f", "#7a4a2c", "#4d5b45")[int(rng.integers(3))])
    cover = merged([box((0.62, 0.82, 0.012), fillet=0.004), box((0.62, 0.82, 0.012), fillet=0.004).moved(z=0.062)])
    pages = box((0.6, 0.8, 0.05), fillet=0.002).moved(z=0.012)
    pen = tube(np.array([[-0.1, -0.25, 0.09], [0.12, 0.2, 0.09]]), 0.014, segments=16)
    parts = [
        Part(mesh=cover, material=coated(colour, gloss=0.2)),
        Part(mesh=pages, material=matte(linear("#efe9da"))),
        Part(mesh=pen, material=BRASS),
    ]
    return [Part(mesh=part.mesh.turned(turn), material=part.material) for part in parts]


def _napkin(rng: np.random.Generator) -> list[Part]:
    """A folded cloth."""
    colour = linear(("#c9bda4", "#4a5b78", "#b9785a", "#8a9a86")[int(rng.integers(4))])
    folds = [
        box((0.62 - 0.02 * k, 0.42 - 0.015 * k, 0.024), fillet=0.011).moved(0.006 * k, 0.004 * k, 0.024 * k)
        for k in range(3)
    ]
    return [Part(mesh=merged(folds).turned(float(rng.uniform(-0.5, 0.5))), material=matte(colour))]


def _gift(rng: np.random.Generator) -> list[Part]:
    side = float(rng.uniform(0.28, 0.36))
    tall = side * float(rng.uniform(0.6, 0.9))
    turn = float(rng.uniform(0.2, 0.9))
    wrap, tie = (("#2d5a3c", "#c9a14a"), ("#a3202b", "#efe2c4"), ("#c9b08a", "#8e1420"))[int(rng.integers(3))]
    body = box((side, side, tall), fillet=0.006)
    bands = merged(
        [box((0.05, side + 0.006, tall + 0.004), fillet=0.002), box((side + 0.006, 0.05, tall + 0.004), fillet=0.002)]
    )
    loops = []
    for way in (-1.0, 1.0):
        ring = np.linspace(0, 2 * math.pi, 33)
        path = np.stack(
            [
                way * (0.06 - 0.06 * np.cos(ring)),
                0.02 * np.sin(ring),
                tall + 0.012 + 0.035 * (1 - np.cos(ring)) * 0.8 + 0.02 * np.abs(np.sin(ring)),
            ],
            axis=1,
        )
        loops.append(tube(path, 0.024, flat=0.16, segments=12, closed=True))
    ribbon = Material(kind="plastic", colour=linear(tie), roughness=0.2)
    return [
        Part(mesh=body.turned(turn), material=coated(linear(wrap), gloss=0.4)),
        Part(mesh=merged([bands, *loops]).turned(turn), material=ribbon),
    ]


def _snow(rng: np.random.Generator) -> list[Part]:
    """A dusting of snow: flakes, thick in the middle."""
    flake = ball(1.0, segments=8, squash=0.55)
    count = 420
    at, size = rng.normal(0, 0.15, (count, 2)) * (1, 0.7), rng.gamma(2.0, 0.0042, count) + 0.003
    positions = (
        flake.positions[None] * size[:, None, None] + np.concatenate([at, np.full((count, 1), 0.002)], axis=1)[:, None]
    )
    faces = flake.faces[None] + (np.arange(count, dtype=np.uint32) * len(flake.positions))[:, None, None]
    mesh = Mesh(
        positions=positions.reshape(-1, 3).astype(np.float32),
        normals=np.tile(flake.normals, (count, 1)),
        uvs=np.tile(flake.uvs, (count, 1)),
        faces=faces.reshape(-1, 3).astype(np.uint32),
    )
    return [Part(mesh=mesh, material=matte((0.88, 0.9, 0.94)))]


MAKERS: Mapping[str, Maker] = {
    "leaves": flora.leaves,
    "autumn-leaves": flora.autumn_leaves,
    "petals": flora.petals,
    "petals-red": flora.red_petals,
    "flowers": flora.flowers,
    "marigolds": flora.marigolds,
    "blossom": flora.blossom,
    "lemons": flora.lemons,
    "pumpkins": flora.pumpkins,
    "fir": flora.fir,
    "baubles": _baubles,
    "ribbon": _ribbon,
    "eggs": _eggs,
    "lamps": _lamps,
    "lanterns": _lanterns,
    "pebbles": _pebbles,
    "beans": _beans,
    "notebook": _notebook,
    "napkin": _napkin,
    "gift": _gift,
    "snow": _snow,
}
FLAT = frozenset({"petals", "petals-red", "autumn-leaves", "snow", "ribbon", "beans", "leaves", "blossom"})
"""Props low enough to lie beside or a little before the product."""


def scattered(names: Sequence[str], *, reach: tuple[float, float], room: float, seed: int) -> list[Part]:
    """Each prop at a place of its own about a product that reaches `reach` = (half width, half depth) from the
    origin.

    `room` is half the width of the frame where the product stands: props stay mostly inside it. Places alternate left
    and right; tall props stand behind, flat ones may lie beside and before.
    """
    parts: list[Part] = []
    side = 1.0 if share_of("prop side", seed) < 0.5 else -1.0
    behind = 0.0
    for index, name in enumerate(names):
        rng = np.random.default_rng([seed % 2**32, sum(name.encode()), index])
        pieces = MAKERS[name](rng)
        turn = 0.0 if name in ("notebook", "napkin") else float(rng.uniform(-0.7, 0.7)) + (math.pi if side < 0 else 0.0)
        pieces = [placed(piece, 0.0, 0.0, 0.0, turn) for piece in pieces]
        points = np.concatenate([piece.mesh.positions for piece in pieces])
        half = np.abs(points[:, :2]).max(axis=0)
        if name in FLAT and room - reach[0] > 0.9 * float(half[0]):
            y = float(rng.uniform(-0.3, 0.05))
            x = reach[0] + float(half[0]) * 0.9 + 0.03
        else:
            y = reach[1] + float(half[1]) + 0.04 + behind + float(rng.uniform(0.0, 0.15))
            x = min(reach[0] * 0.8 + float(half[0]) * 0.75, 1.06 * room - 0.45 * float(half[0]))
            behind += 0.12
        x = max(0.25 * reach[0], min(x, room * (1 + 0.1 * max(0.0, y)) - 0.35 * float(half[0])))
        parts += [placed(piece, side * x, y, 0.0, 0.0) for piece in pieces]
        side = -side
    return parts
