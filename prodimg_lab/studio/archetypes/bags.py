"""Handbags and totes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from prodimg_lab.studio.archetypes.cloths import hide_of, leather
from prodimg_lab.studio.finishes import BRASS, STEEL, coated, matte
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.labels import printed
from prodimg_lab.studio.meshes import Floats, Mesh, box, loft, merged, sheet, tube
from prodimg_lab.studio.things import Part, linear, mixed, scaled


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
        positions, normals, uvs = (_halved(each, unique) for each in (mesh.positions, mesh.normals, mesh.uvs))
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        mesh = Mesh(positions=positions, normals=normals, uvs=uvs, faces=faces)
    return mesh


def _halved(values: Floats, edges: NDArray[np.intp]) -> Floats:
    """Vertex values with those of the middles of `edges` (pairs of vertices) after them."""
    return np.concatenate([values, (values[edges[:, 0]] + values[edges[:, 1]]) / 2]).astype(np.float32)


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
