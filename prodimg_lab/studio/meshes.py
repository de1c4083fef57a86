"""How are the studio's shapes made of triangles?

Lengths are scene units (a product is about one unit tall), z is up, products face -y. Normals point out of the body
and triangles wind counter-clockwise seen from outside: glass and area lights depend on it. Texture coordinates have v
= 0 at the top, as Mitsuba reads bitmaps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Faces = NDArray[np.uint32]
Corner = tuple[float, float] | tuple[float, float, float]
"""A corner of a profile: radius, height and, where the corner is rounded, the radius of its fillet."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mesh:
    """Triangles with a normal and a texture coordinate at every vertex."""

    positions: Floats
    normals: Floats
    uvs: Floats
    faces: Faces

    def turned(self, angle: float, axis: str = "z") -> Mesh:
        """Turned by `angle` radians about an axis through the origin, counter-clockwise seen from its tip."""
        c, s = math.cos(angle), math.sin(angle)
        rows = {"x": ((1, 0, 0), (0, c, -s), (0, s, c)), "y": ((c, 0, s), (0, 1, 0), (-s, 0, c))}
        matrix = np.array(rows.get(axis, ((c, -s, 0), (s, c, 0), (0, 0, 1))), dtype=np.float32)
        return Mesh(
            positions=self.positions @ matrix.T, normals=self.normals @ matrix.T, uvs=self.uvs, faces=self.faces
        )

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
        """Moved by (x, y, z)."""
        shift = np.array([x, y, z], dtype=np.float32)
        return Mesh(positions=self.positions + shift, normals=self.normals, uvs=self.uvs, faces=self.faces)

    def scaled(self, x: float, y: float | None = None, z: float | None = None) -> Mesh:
        """Stretched about the origin; one factor scales all three axes. Factors are above 0."""
        factor = np.array([x, x if y is None else y, x if z is None else z], dtype=np.float32)
        normals = _unit(self.normals / factor)
        return Mesh(positions=self.positions * factor, normals=normals, uvs=self.uvs, faces=self.faces)

    def flipped(self) -> Mesh:
        """The same surface seen from its other side."""
        return Mesh(positions=self.positions, normals=-self.normals, uvs=self.uvs, faces=self.faces[:, ::-1].copy())


def merged(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes of one material as one."""
    offsets = np.cumsum([0] + [len(mesh.positions) for mesh in meshes[:-1]])
    return Mesh(
        positions=np.concatenate([mesh.positions for mesh in meshes]),
        normals=np.concatenate([mesh.normals for mesh in meshes]),
        uvs=np.concatenate([mesh.uvs for mesh in meshes]),
        faces=np.concatenate([mesh.faces + np.uint32(at) for mesh, at in zip(meshes, offsets, strict=True)]),
    )


def _unit(vectors: NDArray[np.floating]) -> Floats:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """A curve in the (radius, height) half-plane with its normals, walked with the outside to the right."""

    points: NDArray[np.float64]
    normals: NDArray[np.float64]

    def __add__(self, other: Profile) -> Profile:
        return Profile(
            points=np.concatenate([self.points, other.points]), normals=np.concatenate([self.normals, other.normals])
        )


def profile(corners: Sequence[Corner], steps: int = 6) -> Profile:
    """A polyline whose corners are rounded by their fillet (0: sharp, with two normals), `steps` segments each.

    Fillets are cut down to 49 % of the shorter neighbour edge. From the foot's centre outwards, up, and back to the
    axis is a closed body.
    """
    at = np.array([corner[:2] for corner in corners], dtype=np.float64)
    fillets = [corner[2] if len(corner) == 3 else 0.0 for corner in corners]
    along = np.diff(at, axis=0)
    lengths = np.linalg.norm(along, axis=1)
    along /= lengths[:, None]
    outward = np.stack([along[:, 1], -along[:, 0]], axis=1)
    points, normals = [at[0]], [outward[0]]
    for index in range(1, len(at) - 1):
        before, after = along[index - 1], along[index]
        turn = math.acos(float(np.clip(before @ after, -1.0, 1.0)))
        reach = fillets[index] * math.tan(turn / 2)
        reach = min(reach, 0.49 * lengths[index - 1], 0.49 * lengths[index])
        if reach < 1e-6:
            points += [at[index], at[index]]
            normals += [outward[index - 1], outward[index]]
            continue
        radius = reach / math.tan(turn / 2)
        left = before[0] * after[1] - before[1] * after[0] > 0
        side = 1.0 if left else -1.0
        centre = at[index] - before * reach - side * outward[index - 1] * radius
        for step in range(steps + 1):
            angle = side * turn * step / steps
            c, s = math.cos(angle), math.sin(angle)
            normal = np.array([[c, -s], [s, c]]) @ outward[index - 1]
            points.append(centre + side * normal * radius)
            normals.append(normal)
    points.append(at[-1])
    normals.append(outward[-1])
    return Profile(points=np.array(points), normals=np.array(normals))


def smooth_profile(knots: Sequence[tuple[float, float]], steps: int = 8) -> Profile:
    """A smooth curve through `knots` (centripetal Catmull-Rom), `steps` segments between neighbours."""
    p = np.array(knots, dtype=np.float64)
    p = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    out = []
    for i in range(1, len(p) - 2):
        t = np.cumsum([0.0] + [np.linalg.norm(p[i + k] - p[i + k - 1]) ** 0.5 for k in range(3)])
        t = np.concatenate([[t[0] - max(1e-9, np.linalg.norm(p[i] - p[i - 1]) ** 0.5)], t[:3]])
        for x in np.linspace(t[1], t[2], steps, endpoint=False):
            a = [
                (t[k + 1] - x) / (t[k + 1] - t[k]) * p[i - 1 + k] + (x - t[k]) / (t[k + 1] - t[k]) * p[i + k]
                for k in range(3)
            ]
            b = [
                (t[k + 2] - x) / (t[k + 2] - t[k]) * a[k] + (x - t[k]) / (t[k + 2] - t[k]) * a[k + 1] for k in range(2)
            ]
            out.append((t[2] - x) / (t[2] - t[1]) * b[0] + (x - t[1]) / (t[2] - t[1]) * b[1])
    points = np.array([*out, p[-2]])
    points[:, 0] = np.maximum(points[:, 0], 0.0)
    slope = np.gradient(points, axis=0)
    normals = np.stack([slope[:, 1], -slope[:, 0]], axis=1)
    return Profile(points=points, normals=normals / np.linalg.norm(normals, axis=1, keepdims=True))


def lathe(curve: Profile, *, segments: int = 96, arc: tuple[float, float] = (0.0, 1.0)) -> Mesh:
    """`curve` turned about the z axis. u runs round (0.5 faces -y), v falls from 1 at the lowest point to 0 at the top.

    `arc` keeps a part of the turn, in u; the texture then covers that part.
    """
    share = np.linspace(0.0, 1.0, segments + 1)
    theta = -math.pi / 2 + (arc[0] + share * (arc[1] - arc[0]) - 0.5) * 2 * math.pi
    radius, height = curve.points[:, 0], curve.points[:, 1]
    c, s = np.cos(theta), np.sin(theta)
    rows, columns = len(radius), segments + 1
    positions = np.stack([radius[:, None] * c, radius[:, None] * s, np.repeat(height[:, None], columns, 1)], axis=-1)
    normals = np.stack(
        [curve.normals[:, :1] * c, curve.normals[:, :1] * s, np.repeat(curve.normals[:, 1:], columns, 1)], axis=-1
    )
    low, high = float(height.min()), float(height.max())
    v = 1.0 - (height - low) / max(high - low, 1e-9)
    uvs = np.stack(np.broadcast_arrays(share[None, :], v[:, None]), axis=-1)
    return _woven(positions, normals, uvs, rows, columns)


def _woven(
    positions: NDArray[np.floating], normals: NDArray[np.floating], uvs: NDArray[np.floating], rows: int, columns: int
) -> Mesh:
    """A mesh from a grid of vertices; triangles without area (poles, doubled rows) are left out."""
    index = np.arange(rows * columns, dtype=np.uint32).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    flat = np.ascontiguousarray(positions.reshape(-1, 3), dtype=np.float32)
    area = np.cross(flat[faces[:, 1]] - flat[faces[:, 0]], flat[faces[:, 2]] - flat[faces[:, 0]])
    return Mesh(
        positions=flat,
        normals=_unit(normals.reshape(-1, 3)),
        uvs=np.ascontiguousarray(uvs.reshape(-1, 2), dtype=np.float32),
        faces=faces[np.linalg.norm(area, axis=1) > 1e-10],
    )


def sheet(positions: NDArray[np.floating], *, wrap: bool = False, uvs: NDArray[np.floating] | None = None) -> Mesh:
    """A grid of points (rows, columns, 3) as a smooth surface; columns run right and rows up, seen from outside.

    `wrap`: the last column equals the first. Doubled rows make a sharp edge. v falls along the rows.
    """
    rows, columns = positions.shape[:2]
    if uvs is None:
        u, v = np.linspace(0, 1, columns), np.linspace(1, 0, rows)
        uvs = np.stack(np.broadcast_arrays(u[None, :], v[:, None]), axis=-1)
    mesh = _woven(positions, np.zeros_like(positions), uvs, rows, columns)
    p, f = mesh.positions.astype(np.float64), mesh.faces
    weight = np.cross(p[f[:, 1]] - p[f[:, 0]], p[f[:, 2]] - p[f[:, 0]])
    total = np.zeros_like(p)
    for corner in range(3):
        np.add.at(total, f[:, corner], weight)
    grid = total.reshape(rows, columns, 3)
    if wrap:
        grid[:, 0] = grid[:, -1] = grid[:, 0] + grid[:, -1]
    for row in range(rows):  # a row shrunk to a point shares one normal
        if np.ptp(positions[row].reshape(-1, 3), axis=0).max() < 1e-7:
            grid[row] = grid[row].sum(axis=0)
    return Mesh(positions=mesh.positions, normals=_unit(grid.reshape(-1, 3)), uvs=mesh.uvs, faces=f)


def loft(rows: Sequence[tuple[float, float, float, float]], *, segments: int = 96) -> Mesh:
    """A body with superellipse sections: rows of (half width x, half depth y, height z, exponent) from foot to top.

    Exponent 2 is an ellipse, 6 a rectangle with rounded corners. Repeat a row for a sharp edge; start and end with
    half sizes 0 to close the body. u runs round with 0.5 at -y, spaced by arc length on the widest row.
    """
    widest = max(rows, key=lambda row: row[0] * row[1])
    fine = np.linspace(-math.pi, math.pi, 1441) - math.pi / 2
    x, y = _superellipse(fine, widest[0], widest[1], widest[3])
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    theta = np.interp(np.linspace(0, length[-1], segments + 1), length, fine)
    grid = np.zeros((len(rows), segments + 1, 3))
    for index, (half_x, half_y, height, power) in enumerate(rows):
        grid[index, :, 0], grid[index, :, 1] = _superellipse(theta, half_x, half_y, power)
        grid[index, :, 2] = height
    grid[:, -1] = grid[:, 0]
    heights = np.array([row[2] for row in rows])
    v = 1.0 - (heights - heights.min()) / max(float(np.ptp(heights)), 1e-9)
    uvs = np.stack(np.broadcast_arrays(np.linspace(0, 1, segments + 1)[None, :], v[:, None]), axis=-1)
    return sheet(grid, wrap=True, uvs=uvs)


def _superellipse(
    theta: NDArray[np.float64], half_x: float, half_y: float, power: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    c, s = np.cos(theta), np.sin(theta)
    scale = (np.abs(c) ** power + np.abs(s) ** power) ** (-1.0 / power)
    return half_x * c * scale, half_y * s * scale


def box(size: tuple[float, float, float], fillet: float = 0.01, steps: int = 4) -> Mesh:
    """A box standing on z = 0, centred in x and y, with rounded edges.

    Texture atlas of 3 x 2 cells: front (-y), right (+x), back (+y) above; left (-x), top, bottom below.
    """
    half = np.array(size, dtype=np.float64) / 2
    fillet = min(fillet, 0.49 * min(size))
    frames = (
        ((1, 0, 0), (0, 0, 1), (0, -1, 0), 0, 0),
        ((0, 1, 0), (0, 0, 1), (1, 0, 0), 1, 0),
        ((-1, 0, 0), (0, 0, 1), (0, 1, 0), 2, 0),
        ((0, -1, 0), (0, 0, 1), (-1, 0, 0), 0, 1),
        ((1, 0, 0), (0, 1, 0), (0, 0, 1), 1, 1),
        ((1, 0, 0), (0, -1, 0), (0, 0, -1), 2, 1),
    )
    faces = []
    for right, up, out, column, row in frames:
        r, u, o = (np.array(axis, dtype=np.float64) for axis in (right, up, out))
        reach = [float(np.abs(axis) @ half) for axis in (r, u, o)]
        x, y = (_rounded_axis(reach[k], fillet, steps) for k in (0, 1))
        cube = x[None, :, None] * r + y[:, None, None] * u + reach[2] * o
        core = np.clip(cube, -(half - fillet), half - fillet)
        normal = cube - core
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        flat_u = (column + np.clip(x / reach[0], -0.998, 0.998) * 0.5 + 0.5) / 3
        flat_v = (row + 0.5 - np.clip(y / reach[1], -0.998, 0.998) * 0.5) / 2
        uvs = np.stack(np.broadcast_arrays(flat_u[None, :], flat_v[:, None]), axis=-1)
        faces.append(_woven(core + normal * fillet, normal, uvs, len(y), len(x)))
    return merged(faces).moved(z=float(half[2]))


def _rounded_axis(reach: float, fillet: float, steps: int) -> NDArray[np.float64]:
    """Coordinates along one axis of a face, dense where the edge is round (even in angle)."""
    bend = np.tan(np.linspace(0, math.pi / 4, steps + 1)) * fillet
    return np.concatenate([-(reach - fillet) - bend[::-1], (reach - fillet) + bend])


def tube(
    path: NDArray[np.floating],
    radius: float | NDArray[np.floating],
    *,
    flat: float = 1.0,
    segments: int = 20,
    closed: bool = False,
) -> Mesh:
    """A round (or, with `flat` below 1, strap-like) tube along `path` (n, 3), with closed ends unless the path is a
    ring.

    The section is `radius` wide across the path's own plane and `flat` times that within it.
    """
    p = np.asarray(path, dtype=np.float64)
    tangent = np.gradient(p, axis=0)
    if closed:
        tangent[0] = tangent[-1] = p[1] - p[-2]
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    bend = np.cross(tangent[:-1], tangent[1:]).sum(axis=0)
    axis = bend / np.linalg.norm(bend) if np.linalg.norm(bend) > 1e-6 else np.array([1.0, 0.0, 0.0])
    if abs(float(axis @ tangent[0])) > 0.95:
        axis = np.array([0.0, 1.0, 0.0])
    side = axis - (tangent @ axis)[:, None] * tangent
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    inner = np.cross(tangent, side)
    width = np.broadcast_to(np.asarray(radius, dtype=np.float64), (len(p),))
    theta = np.linspace(0, 2 * math.pi, segments + 1)
    ring = np.cos(theta)[None, :, None] * side[:, None] + flat * np.sin(theta)[None, :, None] * inner[:, None]
    grid = p[:, None] + width[:, None, None] * ring
    if not closed:
        caps = [np.repeat(p[end][None, None], segments + 1, 1) for end in (0, -1)]
        grid = np.concatenate([caps[0], grid[:1], grid, grid[-1:], caps[1]])
    return sheet(grid, wrap=True)


def ball(radius: float, *, segments: int = 48, squash: float = 1.0) -> Mesh:
    """A ball about the origin, flattened by `squash` along z."""
    angles = np.linspace(-math.pi / 2, math.pi / 2, segments // 2 + 1)
    points = np.stack([np.maximum(radius * np.cos(angles), 0.0), radius * squash * np.sin(angles)], axis=1)
    points[0, 0] = points[-1, 0] = 0.0
    normals = np.stack([np.cos(angles) * squash, np.sin(angles)], axis=1)
    return lathe(
        Profile(points=points, normals=normals / np.linalg.norm(normals, axis=1, keepdims=True)), segments=segments
    )


def panel(width: float, depth: float, *, tile: float = 0.0) -> Mesh:
    """A flat rectangle in z = 0 about the origin, facing up; with `tile`, one texture covers `tile` units."""
    x, y = np.array([-width / 2, width / 2]), np.array([-depth / 2, depth / 2])
    grid = np.stack([*np.broadcast_arrays(x[None, :], y[:, None]), np.zeros((2, 2))], axis=-1)
    uvs = grid[..., :2] / tile + 0.5 if tile else None
    if uvs is not None:
        uvs = np.stack([uvs[..., 0], 1.0 - uvs[..., 1]], axis=-1)
    return sheet(grid, uvs=uvs)
