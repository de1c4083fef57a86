"""Bags, pouches, tubes and cushions: things of leather, cloth, foil and film."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from prodimg_lab.studio.cache import kept
from prodimg_lab.studio.finishes import BRASS, STEEL, coated, matte, trim
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.labels import printed
from prodimg_lab.studio.meshes import Mesh, box, lathe, loft, merged, profile, sheet, tube
from prodimg_lab.studio.noise import clouds
from prodimg_lab.studio.things import RGB, Material, Part, Texture, linear, mixed, scaled, srgb8
from prodimg_lab.studio.wraps import keyed

CLOTH = ("canvas", "cotton", "linen", "jute", "wool", "felt", "nylon", "fabric", "denim")


def _grain() -> NDArray[np.uint8]:
    """Leather pebbles as heights: cells with soft valleys, 384 x 384, tiling."""
    size, count = 384, 38
    rng = np.random.default_rng(7)
    seeds = (
        (
            np.stack(np.meshgrid(np.arange(count), np.arange(count)), -1).reshape(-1, 2)
            + rng.uniform(0.1, 0.9, (count * count, 2))
        )
        * size
        / count
    )
    tiled = np.concatenate([seeds + np.array([dx, dy]) * size for dx in (-1, 0, 1) for dy in (-1, 0, 1)])
    tiled = tiled[((tiled > -30) & (tiled < size + 30)).all(axis=1)]
    page = np.full((size + 60, size + 60), 255, dtype=np.uint8)
    for x, y in tiled:
        cv2.circle(page, (int(x) + 30, int(y) + 30), 1, 0, -1)
    far = cv2.distanceTransform(page, cv2.DIST_L2, 5)[30:-30, 30:-30]
    high = 1 - np.clip(far / (0.62 * size / count), 0, 1) ** 2.2
    return np.asarray(np.clip(high * 255, 0, 255), dtype=np.uint8)[..., None]


def leather(colour: RGB, *, finish: str = "") -> Material:
    """Pebbled leather, coloured a little unevenly."""
    heights = kept("leather-grain", _grain)
    size = heights.shape[0]
    mottle = clouds(size, seed=3, slope=1.7, coarsest=2)
    level = (0.86 + 0.14 * heights[..., 0].astype(np.float32) / 255) * (1 + 0.035 * mottle)
    pixels = np.clip(np.array(srgb8(colour), dtype=np.float32) * level[..., None], 0, 255).astype(np.uint8)
    rough = {"matte": 0.42, "glossy": 0.14, "polished": 0.16}.get(finish, 0.3)
    return Material(
        kind="plastic",
        colour=colour,
        texture=keyed("leather", pixels),
        roughness=rough,
        bump=Texture(key="leather-grain", pixels=np.array(heights)),
        bump_depth=0.0022,
        tile=(1.15, 1.15),
    )


def woven(colour: RGB, *, threads: int = 64) -> Material:
    """Plain-weave cloth."""
    size = 512
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    wave = np.maximum(np.sin(2 * math.pi * x * threads / size), np.sin(2 * math.pi * y * threads / size))
    slub = (
        clouds(size, seed=9, slope=0.6, coarsest=8, stretch=16.0)
        + clouds(size, seed=10, slope=0.6, coarsest=8, stretch=16.0).T
    )
    level = 0.94 + 0.05 * wave + 0.035 * slub
    pixels = np.clip(np.array(srgb8(colour), dtype=np.float32) * level[..., None], 0, 255).astype(np.uint8)
    return matte(colour, texture=keyed("weave", pixels))


def hide_of(identity: Identity) -> Material:
    """Leather, or cloth where the words say so."""
    if identity.material in CLOTH or (identity.shape == "tote" and identity.material != "leather"):
        return woven(identity.colour)
    return leather(identity.colour, finish=identity.finish)


def handbag(identity: Identity) -> Sequence[Part]:
    """A structured handbag with flap and clasp, or with shape `tote` an open shopper."""
    return _tote(identity) if identity.shape == "tote" else _flap_bag(identity)


def _bag_shape(p: NDArray[np.float32], wide: float, tall: float) -> NDArray[np.float32]:
    """Bulge in the middle, taper to the top."""
    q = p.astype(np.float64).copy()
    up = np.clip(q[:, 2] / tall, 0, 1)
    q[:, 0] *= 1.0 - 0.12 * up**1.3
    q[:, 1] *= (1.0 - 0.5 * up**1.5) * (
        1 + 0.16 * np.cos(np.clip(q[:, 0] / wide * math.pi, -1.5, 1.5)) * np.sin(math.pi * np.clip(up, 0, 1))
    )
    return q.astype(np.float32)


def _reshaped(mesh: Mesh, wide: float, tall: float) -> Mesh:
    """`mesh` bent into the bag's shape, with texture coordinates in scene units and normals made anew."""
    moved = _bag_shape(mesh.positions, wide, tall)
    step = 1e-3
    tangent_u = np.cross(mesh.normals, np.where(np.abs(mesh.normals[:, 2:]) < 0.9, [[0, 0, 1.0]], [[1.0, 0, 0]]))
    tangent_v = np.cross(mesh.normals, tangent_u)
    du = _bag_shape((mesh.positions + step * tangent_u).astype(np.float32), wide, tall).astype(np.float64) - moved
    dv = _bag_shape((mesh.positions + step * tangent_v).astype(np.float32), wide, tall).astype(np.float64) - moved
    normal = np.cross(du, dv)
    normal *= np.sign((normal * mesh.normals).sum(axis=1, keepdims=True))
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    side = np.abs(mesh.normals[:, 0]) > 0.7
    u = np.where(side, mesh.positions[:, 1], mesh.positions[:, 0])
    v = np.where(np.abs(mesh.normals[:, 2]) > 0.7, mesh.positions[:, 1], mesh.positions[:, 2])
    return Mesh(
        positions=moved,
        normals=normal.astype(np.float32),
        uvs=np.stack([u, -v], axis=1).astype(np.float32),
        faces=mesh.faces,
    )


def _dense(mesh: Mesh, rounds: int = 2) -> Mesh:
    """Every triangle cut in four, `rounds` times, so that a flat face can be bent."""
    for _ in range(rounds):
        f = mesh.faces
        edges = np.sort(np.concatenate([f[:, [0, 1]], f[:, [1, 2]], f[:, [2, 0]]]), axis=1)
        unique, where = np.unique(edges, axis=0, return_inverse=True)
        count = len(mesh.positions)
        middle = where.reshape(3, -1).T.astype(np.uint32) + np.uint32(count)
        a, b, c = f[:, 0], f[:, 1], f[:, 2]
        ab, bc, ca = middle[:, 0], middle[:, 1], middle[:, 2]
        faces = np.concatenate([np.stack(t, 1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]).astype(
            np.uint32
        )
        half = lambda values: np.concatenate([values, (values[unique[:, 0]] + values[unique[:, 1]]) / 2]).astype(
            np.float32
        )  # noqa: E731
        normals = half(mesh.normals)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        mesh = Mesh(positions=half(mesh.positions), normals=normals, uvs=half(mesh.uvs), faces=faces)
    return mesh


def _flap_bag(identity: Identity) -> Sequence[Part]:
    wide, deep, tall = identity.share("wide", 0.96, 1.06), 0.34, identity.share("tall", 0.58, 0.66)
    skin = hide_of(identity)
    body = _reshaped(_dense(box((wide, deep, tall), fillet=0.06, steps=3), 3), wide, tall)
    metal = identity.pick("clasp", (BRASS, BRASS, STEEL))
    depth = identity.share("flap", 0.4, 0.55)
    flap, edge = _flap(wide, deep, tall, depth)
    parts = [Part(mesh=body, material=skin), Part(mesh=flap, material=skin)]
    thread = matte(mixed(identity.colour, (0.9, 0.85, 0.7), 0.7))
    parts.append(Part(mesh=_stitches(edge), material=thread))
    middle = edge[len(edge) // 2]
    clasp = merged(
        [box((0.1, 0.022, 0.085), fillet=0.01), box((0.034, 0.03, 0.05), fillet=0.008).moved(y=-0.012, z=0.018)]
    )
    parts.append(Part(mesh=clasp.moved(y=float(middle[1]) - 0.014, z=float(middle[2]) - 0.055), material=metal))
    turn = np.linspace(0, math.pi, 61)
    span, rise = 0.25, identity.share("handle", 0.26, 0.34)
    arch = np.stack([span * np.cos(turn), 0 * turn, tall - 0.03 + rise * np.sin(turn) ** 0.75], axis=1)
    parts.append(Part(mesh=tube(arch, 0.024, segments=20), material=coated(scaled(identity.colour, 0.9), gloss=0.3)))
    rings = []
    for side in (-1.0, 1.0):
        ring = np.linspace(0, 2 * math.pi, 33)
        loop = np.stack([side * span + 0.042 * np.cos(ring), 0 * ring, tall + 0.012 + 0.036 * np.sin(ring)], axis=1)
        rings.append(tube(loop, 0.0095, segments=14, closed=True))
    parts.append(Part(mesh=merged(rings), material=metal))
    return tuple(parts)


def _flap(wide: float, deep: float, tall: float, depth: float) -> tuple[Mesh, NDArray[np.float64]]:
    """The flap that folds over the top and down the front to `depth` of the height, and its edge line for stitches."""
    columns, rows = 65, 40
    s = np.linspace(-1, 1, columns)
    drop = tall * depth * (1.0 - 0.34 * np.abs(s) ** 2.6)
    grid = np.zeros((rows, columns, 3))
    half_top = deep / 2
    for index, t in enumerate(np.linspace(1, 0, rows)):  # 1 = lower edge of the flap, 0 = its back on the top
        flat = np.zeros((columns, 3))
        flat[:, 0] = s * (wide / 2 - 0.035)
        path = t * (drop + half_top * 1.25)
        on_top = path < half_top * 1.25
        corner = 0.05
        flat[:, 1] = np.where(on_top, half_top * 0.25 - path, -half_top)
        flat[:, 2] = np.where(on_top, tall, tall - (path - half_top * 1.25))
        ease = np.exp(-(((path - half_top * 1.25) / corner) ** 2))
        flat[:, 2] -= 0.42 * corner * ease
        flat[:, 1] += 0.42 * corner * ease
        bent = _bag_shape(flat.astype(np.float32), wide, tall).astype(np.float64)
        lift = 0.016 * np.clip((1 - t) * 14 + 0.25, 0, 1) + 0.006
        bent[:, 1] -= np.where(on_top, 0.0, lift)
        bent[:, 2] += np.where(on_top, lift, lift * 0.3)
        grid[index] = bent
    grid[0, :, 1] += 0.014
    uv = np.stack([grid[..., 0], -np.linspace(0, tall, rows)[::-1][:, None] + 0 * grid[..., 0]], axis=-1)
    edge = grid[3].copy()
    edge[:, 1] -= 0.002
    return sheet(grid, uvs=uv), edge


def _stitches(edge: NDArray[np.float64]) -> Mesh:
    """Short threads along a line."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(edge, axis=0), axis=1))])
    pieces = []
    count = int(length[-1] / 0.03)
    for index in range(1, count - 1):
        at = (np.array([0.15, 0.5, 0.85]) + index) * length[-1] / count
        path = np.stack([np.interp(at, length, edge[:, k]) for k in range(3)], axis=1)
        path[1, 1] -= 0.003
        pieces.append(tube(path, 0.0034, segments=6))
    return merged(pieces)


def _tote(identity: Identity) -> Sequence[Part]:
    wide, deep, tall = 0.78, 0.24, 0.74
    skin = hide_of(identity)
    rows: list[tuple[float, float, float, float]] = [(0.0, 0.0, 0.0, 6.0), (wide / 2 * 0.94, deep / 2 * 0.94, 0.0, 6.0)]
    for step in range(1, 20):
        t = step / 19
        rows.append(
            (wide / 2 * (0.97 + 0.05 * t), deep / 2 * (1.0 - 0.38 * t**1.4), 0.012 + (tall - 0.012) * t, 6.0 - 2.4 * t)
        )
    body = _slouched(loft(rows, segments=160))
    inner = [(x - 0.008, y - 0.008, z, p) for x, y, z, p in reversed(rows[2:])]
    lining = _slouched(loft([rows[-1], *inner], segments=160))
    art = printed(identity.label(), width=520, height=560, design=identity.pick("tote print", (1, 3, 2)))
    parts = [Part(mesh=body, material=skin), Part(mesh=lining, material=skin)]
    parts.append(Part(mesh=_front_print(body, 0.4, 0.43, 0.33), material=matte(identity.colour, texture=art)))
    turn = np.linspace(0, math.pi, 61)
    for side in (-1.0, 1.0):
        y = side * (deep / 2 * 0.62 + 0.006)
        arch = np.stack(
            [
                0.16 * np.cos(turn),
                y + 0.03 * side * np.sin(turn) - 0.03 * (side > 0) * np.sin(turn),
                tall - 0.1 + 0.36 * np.sin(turn) ** 0.8,
            ],
            axis=1,
        )
        parts.append(
            Part(
                mesh=tube(arch, 0.026, flat=0.22, segments=16),
                material=leather(linear("#7a4a2c")) if identity.share("straps") < 0.5 else skin,
            )
        )
    return tuple(parts)


def _slouched(mesh: Mesh) -> Mesh:
    """Soft waves of cloth under its own weight."""
    p = mesh.positions.astype(np.float64).copy()
    up = np.clip(p[:, 2] / 0.74, 0, 1)
    p[:, 1] += 0.012 * np.sin(7 * p[:, 0] + 2.0) * up + 0.008 * np.sin(13 * p[:, 0] - 5 * p[:, 2]) * up * (1 - up) * 3
    uv = np.stack([p[:, 0] * 1.6, -p[:, 2] * 1.6], axis=1).astype(np.float32)
    return Mesh(positions=p.astype(np.float32), normals=mesh.normals, uvs=uv, faces=mesh.faces)


def _front_print(body: Mesh, wide: float, tall: float, at: float) -> Mesh:
    """A patch laid on the front of `body`, `wide` x `tall` with its middle at height `at`."""
    front = body.positions[(body.normals[:, 1] < -0.3)]
    s, t = np.linspace(-0.5, 0.5, 25), np.linspace(-0.5, 0.5, 25)
    grid = np.zeros((25, 25, 3))
    for row, v in enumerate(t):
        for column, u in enumerate(s):
            x, z = u * wide, at + v * tall
            near = np.argsort((front[:, 0] - x) ** 2 + (front[:, 2] - z) ** 2)[:4]
            grid[row, column] = (x, float(front[near, 1].min()) - 0.003, z)
    grid[..., 1] = cv2.GaussianBlur(grid[..., 1].astype(np.float32), (0, 0), 2.0)
    return sheet(grid)


def pouch(identity: Identity) -> Sequence[Part]:
    """A stand-up pouch with crimped seam: coffee, tea, snacks."""
    wide, tall = identity.share("wide", 0.62, 0.68), 0.98
    columns, rows = 81, 61
    s = np.linspace(-1, 1, columns)
    gloss = {"matte": 0.12, "glossy": 0.85}.get(identity.finish, 0.32)
    halves = []
    for side in (-1.0, 1.0):
        grid = np.zeros((rows, columns, 3))
        for index, t in enumerate(np.linspace(0, 1, rows)):
            belly = 0.15 * (1 - t) ** 0.55 * np.clip((1 - t) * 9, 0, 1) * (0.72 + 0.28 * np.cos(s * math.pi / 2))
            belly *= (1 - np.abs(s) ** 5) ** 0.6
            half = wide / 2 * (1 - 0.018 * math.sin(math.pi * t))
            crease = 0.006 * np.sin(9 * s + 5 * t) * t * (1 - t) * 2 + 0.004 * np.sin(23 * s * (1 - t) + 3)
            depth = belly + crease * np.clip(belly * 20, 0, 1) + 0.002
            x = s * half * side * -1.0
            grid[index, :, 0], grid[index, :, 1], grid[index, :, 2] = x, side * depth, t * tall
        if side < 0:
            art = _pouch_art(identity, wide, tall)
        halves.append((sheet(grid), side))
    plain = coated(identity.colour, gloss=gloss)
    parts = [
        Part(mesh=mesh, material=coated(identity.colour, gloss=gloss, texture=art) if side < 0 else plain)
        for mesh, side in halves
    ]
    return tuple(parts)


def _pouch_art(identity: Identity, wide: float, tall: float) -> Texture:
    w, h = 900, int(900 * tall / wide)
    label = identity.label()
    page = Image.new("RGB", (w, h), label.ground)
    pixels = np.array(page)
    ridge = (np.arange(h) < 0.075 * h) & (np.arange(h) % 8 < 3)
    pixels[ridge] = tuple(int(c * 0.86 + 8) for c in label.ground)
    pixels[int(0.084 * h) : int(0.088 * h)] = tuple(int(c * 0.8) for c in label.ground)
    style = identity.pick("pouch", ("block", "paper", "full"))
    page = Image.fromarray(pixels)
    if style == "paper":
        paper = identity.paper()
        art = printed(identity.label(ground=paper), width=int(w * 0.62), height=int(h * 0.5))
        page.paste(Image.fromarray(art.pixels), (int(w * 0.19), int(h * 0.24)))
    else:
        art = printed(label, width=int(w * 0.84), height=int(h * 0.66))
        page.paste(Image.fromarray(art.pixels), (int(w * 0.08), int(h * 0.17)))
        if style == "block":
            block = np.array(page)
            block[int(h * 0.88) :] = label.accent
            page = Image.fromarray(block)
    return keyed("pouch", np.array(page))


def tube_of_cream(identity: Identity) -> Sequence[Part]:
    """A cosmetic tube that stands on its cap, flat seam above."""
    radius, top = identity.share("radius", 0.175, 0.2), 1.0
    cap_top = 0.17
    rows: list[tuple[float, float, float, float]] = []
    for step in range(30):
        t = step / 29
        flat = t**1.6
        rows.append(
            (
                radius * (1 + 0.32 * flat),
                max(0.007, radius * (1 - flat) ** 0.8),
                cap_top + 0.03 + (top - cap_top - 0.03) * t,
                2.0 + 0.6 * flat,
            )
        )
    shell = loft(
        [
            (0.06, 0.06, cap_top, 2.0),
            (radius * 0.96, radius * 0.96, cap_top + 0.006, 2.0),
            *rows,
            (radius * 1.32, 0.006, top, 2.6),
            (0, 0, top, 2.6),
        ],
        segments=144,
    )
    base = identity.colour
    gloss = {"matte": 0.12, "glossy": 0.9}.get(identity.finish, 0.45)
    wide, high = 1536, 1180
    label = identity.label()
    art = printed(label, width=480, height=760, design=identity.pick("tube print", (3, 0, 1)))
    page = Image.new("RGB", (wide, high), label.ground)
    page.paste(Image.fromarray(art.pixels), ((wide - 480) // 2, 200))
    texture = keyed("tube", np.array(page))
    cap = lathe(
        profile([(0, 0), (radius * 0.93, 0, 0.014), (radius * 0.97, cap_top, 0.008), (0, cap_top)], steps=6),
        segments=128,
    )
    seam = box((radius * 2.64, 0.016, 0.06), fillet=0.004).moved(z=top - 0.055)
    cap_material = identity.pick(
        "tube cap",
        (
            trim(identity),
            coated(mixed(base, (1.0, 1.0, 1.0), 0.7), gloss=0.6),
            coated(scaled(identity.accent, 1.0), gloss=0.6),
        ),
    )
    return (
        Part(mesh=shell, material=coated(base, gloss=gloss, texture=texture)),
        Part(mesh=seam, material=coated(base, gloss=gloss)),
        Part(mesh=cap, material=cap_material),
    )


def cushion(identity: Identity) -> Sequence[Part]:
    """A square cushion, leaning a little, with piping."""
    count = 121
    s = np.linspace(-1, 1, count)
    x, z = np.meshgrid(s, s)
    edge = ((1 - np.abs(x) ** 2.6) * (1 - np.abs(z) ** 2.6)).clip(0) ** 0.5
    pinch = 1 - 0.075 * (1 - np.abs(x) ** 2) * np.abs(z) ** 3, 1 - 0.075 * (1 - np.abs(z) ** 2) * np.abs(x) ** 3
    wrinkle = 0.012 * np.sin(9 * x * z + 3 * x) * edge * (1 - edge)
    faces = []
    for side in (-1.0, 1.0):
        grid = np.stack(
            [0.5 * x * pinch[1] * -side, side * (0.25 * edge + wrinkle), 0.5 * z * pinch[0] + 0.48], axis=-1
        )
        uv = np.stack([grid[..., 0] * 1.4, -grid[..., 2] * 1.4], axis=-1)
        faces.append(sheet(grid, uvs=uv))
    rim = np.concatenate(
        [
            np.stack([s, -np.ones(count)], 1),
            np.stack([np.ones(count), s], 1),
            np.stack([-s, np.ones(count)], 1),
            np.stack([-np.ones(count), -s], 1),
        ]
    )
    path = np.stack(
        [
            0.5 * rim[:, 0] * (1 - 0.075 * (1 - rim[:, 1] ** 2) * np.abs(rim[:, 0]) ** 3),
            0 * rim[:, 0],
            0.5 * rim[:, 1] * (1 - 0.075 * (1 - rim[:, 0] ** 2) * np.abs(rim[:, 1]) ** 3) + 0.48,
        ],
        axis=1,
    )
    piping = tube(path[::4], 0.012, segments=12, closed=False)
    cloth = woven(identity.colour, threads=56)
    lean = 0.16
    return (
        Part(mesh=merged(faces).turned(-lean, "x").moved(z=0.02), material=cloth),
        Part(
            mesh=piping.turned(-lean, "x").moved(z=0.02),
            material=matte(
                mixed(identity.colour, identity.accent, 0.6)
                if identity.share("piping") < 0.5
                else scaled(identity.colour, 0.8)
            ),
        ),
    )
