"""Where does the product stand?

A `Place` says of what the ground is made, how it is built and what is seen behind. `expect` is what a scorer may
find: white, plain or scene.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from prodimg_lab.studio.finishes import coated, matte
from prodimg_lab.studio.meshes import Mesh, lathe, panel, profile, sheet
from prodimg_lab.studio.noise import clouds
from prodimg_lab.studio.surfaces import texture
from prodimg_lab.studio.things import RGB, Material, Part, Texture, linear, scaled
from prodimg_lab.studio.tone import SWEEP_ALBEDO
from prodimg_lab.studio.views import view


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A background. `ground` is a texture's name or `#rrggbb`; `wall` the same, or "" for none; `view` what is far
    behind.
    """

    name: str
    expect: Literal["white", "plain", "scene"]
    build: Literal["sweep", "table", "ground", "cloth", "plinth", "slab"]
    ground: str
    gloss: float = 0.3
    wall: str = ""
    view: str = ""
    props: tuple[str, ...] = ()


PLACES: Mapping[str, Place] = {
    place.name: place
    for place in (
        Place(name="white-sweep", expect="white", build="sweep", ground="#efefef"),
        Place(name="grey-sweep", expect="plain", build="sweep", ground="#bfc1c4"),
        Place(name="black-sweep", expect="plain", build="sweep", ground="#17181a", gloss=0.62),
        Place(name="pastel-sweep", expect="plain", build="sweep", ground="#ecc4c8"),
        Place(name="gradient-studio", expect="plain", build="sweep", ground="gradient"),
        Place(name="marble-counter", expect="scene", build="table", ground="marble", gloss=0.86, view="kitchen"),
        Place(name="oak-table", expect="scene", build="table", ground="oak", gloss=0.55, view="living"),
        Place(name="dark-walnut", expect="scene", build="table", ground="walnut", gloss=0.62, view="evening"),
        Place(name="linen-cloth", expect="scene", build="cloth", ground="linen", gloss=0.0, wall="plaster"),
        Place(name="concrete", expect="scene", build="table", ground="concrete", gloss=0.25, wall="concrete"),
        Place(name="slate", expect="scene", build="slab", ground="slate", gloss=0.35, view="dim"),
        Place(name="terrazzo", expect="scene", build="table", ground="terrazzo", gloss=0.75, wall="#c7cdbf"),
        Place(name="kitchen-counter", expect="scene", build="table", ground="pale-wood", gloss=0.6, view="kitchen"),
        Place(name="bathroom-shelf", expect="scene", build="table", ground="#f1f0ec", gloss=0.9, wall="tiles"),
        Place(
            name="writing-desk",
            expect="scene",
            build="table",
            ground="walnut",
            gloss=0.55,
            view="office",
            props=("notebook",),
        ),
        Place(name="garden-table", expect="scene", build="table", ground="pale-wood", gloss=0.2, view="garden"),
        Place(name="sandy-beach", expect="scene", build="ground", ground="sand", gloss=0.0, view="beach"),
        Place(name="mossy-stone", expect="scene", build="slab", ground="moss", gloss=0.0, view="forest"),
        Place(
            name="festive-table",
            expect="scene",
            build="table",
            ground="walnut",
            gloss=0.7,
            view="festive",
            props=("fir", "baubles"),
        ),
        Place(name="black-marble", expect="scene", build="table", ground="dark-marble", gloss=0.9, view="dim"),
        Place(name="snow-ground", expect="scene", build="ground", ground="snow", gloss=0.0, view="winter"),
        Place(name="stone-plinth", expect="scene", build="plinth", ground="plaster", gloss=0.1, wall="#d9c3a5"),
    )
}


def surface(name: str, gloss: float) -> tuple[Material, float]:
    """The material called `name` (a texture or `#rrggbb`) and the units one texture covers (0: no texture)."""
    if name.startswith("#"):
        colour = linear(name)
        return (matte(colour) if gloss < 0.02 else coated(colour, gloss=gloss)), 0.0
    image, span = texture(name)
    if gloss < 0.02:
        return matte((0.5, 0.5, 0.5), texture=image), span
    return coated((0.5, 0.5, 0.5), gloss=gloss, texture=image), span


def built(place: Place, *, colour: RGB | None, steep: bool, drift: tuple[float, float], gain: RGB) -> list[Part]:
    """The place's parts. `colour` repaints a plain sweep; `steep`: the camera looks down, so the table reaches
    further; `drift` (0..1 each) slides texture and view; `gain` is the light on the far view.
    """
    if place.build == "sweep":
        return [_sweep(place, colour)]
    if place.build == "plinth":
        return _plinth(place, colour, drift)
    if place.build == "slab":
        below = surface("#404347" if place.ground == "slate" else place.ground, 0.0)
        floor = panel(18.0, 18.0).moved(z=-0.16)
        parts = [_slab(place, drift), Part(mesh=_shifted(floor, below[1] or 1.0, drift), material=below[0])]
        return parts if steep else [*parts, _far(place.view, gain, drift, distance=4.6)]
    edge = 6.0 if steep else (4.0 if place.build == "ground" else 1.5)
    parts = [_cloth(place, drift) if place.build == "cloth" else _top(place, edge, drift)]
    if place.wall and not steep:
        parts.append(_wall(place, drift))
    elif place.view and not steep:
        parts.append(_far(place.view, gain, drift, distance=4.6 if place.build == "ground" else 3.4))
    return parts


def _sweep(place: Place, colour: RGB | None) -> Part:
    """Paper that runs from the table up the wall without an edge."""
    ground = linear("#a3a6aa" if place.ground == "gradient" else place.ground) if colour is None else colour
    if place.expect == "white":
        material = matte((SWEEP_ALBEDO,) * 3)
    elif place.ground == "gradient":
        material = matte(ground, texture=_pool(ground))
    else:
        material = coated(ground, gloss=place.gloss) if place.gloss > 0.4 else matte(ground)
    bend = np.linspace(-math.pi / 2, 0, 15)
    y = np.concatenate([[-7.0], 1.1 + 1.3 * np.cos(bend), [2.4]])
    z = np.concatenate([[0.0], 1.3 + 1.3 * np.sin(bend), [8.0]])
    x = np.array([-9.0, 9.0])
    grid = np.stack([*np.broadcast_arrays(x[None, :], y[:, None], z[:, None])], axis=-1)
    mesh = sheet(grid)
    if place.ground != "gradient":
        return Part(mesh=mesh, material=material)
    uv = np.stack(
        [
            mesh.positions[:, 0] / 5.2 + 0.5,
            0.86 - mesh.positions[:, 2] / 4.4 - np.minimum(mesh.positions[:, 1], 1.1) / 30,
        ],
        axis=1,
    )
    return Part(
        mesh=Mesh(positions=mesh.positions, normals=mesh.normals, uvs=uv.astype(np.float32), faces=mesh.faces),
        material=material,
    )


@lru_cache(maxsize=8)
def _pool(colour: RGB) -> Texture:
    """Paper with a pool of light behind the product that fades to dark above and beside."""
    y, x = np.mgrid[0:384, 0:512].astype(np.float32)
    far = ((x / 512 - 0.5) * 1.7) ** 2 + ((y / 384 - 0.74) * 1.25) ** 2
    light = 0.17 + 0.83 * np.exp(-far / 0.11)
    share = np.clip(light[..., None] * np.array(colour, np.float32), 0, 1)
    srgb = np.where(share <= 0.0031308, 12.92 * share, 1.055 * share ** (1 / 2.4) - 0.055)
    return Texture(key=f"pool/{colour}", pixels=(srgb * 255 + 0.5).astype(np.uint8), mirrored=True)


def _shifted(mesh: Mesh, span: float, drift: tuple[float, float]) -> Mesh:
    """Texture coordinates from x and y at `span` units a tile, slid by `drift`."""
    uv = mesh.positions[:, :2] / span * np.array([1.0, -1.0], dtype=np.float32) + np.array(drift, dtype=np.float32)
    return Mesh(positions=mesh.positions, normals=mesh.normals, uvs=uv.astype(np.float32), faces=mesh.faces)


def _top(place: Place, edge: float, drift: tuple[float, float]) -> Part:
    """A table top from before the camera to `edge`, with a rounded far edge."""
    material, span = surface(place.ground, place.gloss)
    bend = np.linspace(0, math.pi / 2, 7)
    y = np.concatenate([[-7.0], edge - 0.03 + 0.03 * np.sin(bend), [edge]])
    z = np.concatenate([[0.0], -0.03 + 0.03 * np.cos(bend), [-0.2]])
    x = np.array([-9.0, 9.0])
    mesh = sheet(np.stack([*np.broadcast_arrays(x[None, :], y[:, None], z[:, None])], axis=-1))
    return Part(mesh=_shifted(mesh, span or 1.0, drift), material=material)


def _wall(place: Place, drift: tuple[float, float]) -> Part:
    """A wall behind the table, near enough to take shadows."""
    material, span = surface(place.wall, 0.75 if place.wall == "tiles" else 0.0)
    x, z = np.array([-9.0, 9.0]), np.array([-0.3, 6.0])
    grid = np.stack([*np.broadcast_arrays(x[None, :], 0 * z[:, None], z[:, None])], axis=-1)
    mesh = sheet(grid)
    uv = mesh.positions[:, [0, 2]] / (span or 1.0) * np.array([1.0, -1.0], dtype=np.float32) + np.array(
        drift, dtype=np.float32
    )
    flat = Mesh(positions=mesh.positions, normals=mesh.normals, uvs=uv.astype(np.float32), faces=mesh.faces)
    return Part(mesh=flat.moved(y=1.35 if place.build == "table" else 1.7), material=material)


def _cloth(place: Place, drift: tuple[float, float]) -> Part:
    """Cloth laid in soft folds, flat where the product stands."""
    material, span = surface(place.ground, 0.0)
    count = 110
    axis = np.linspace(-4.2, 4.2, count)
    x, y = np.meshgrid(axis, axis)
    turn = 0.5 + 1.2 * drift[0]
    along = x * math.cos(turn) + y * math.sin(turn)
    across = -x * math.sin(turn) + y * math.cos(turn)
    sway = clouds(count, seed=5, slope=2.6, coarsest=1, finest=5)
    height = 0.10 * np.exp(1.6 * (np.sin(2.3 * along + 0.35 * across + 1.1 * sway + 6 * drift[1]) - 1))
    height += 0.05 * np.exp(2.4 * (np.sin(4.1 * along - 1.2 * across + 1.6 * sway + 2.0) - 1))
    far = np.hypot(x, y)
    calm = np.clip((far - 0.95) / 0.9, 0, 1)
    z = height * calm * calm * (3 - 2 * calm)
    mesh = sheet(np.stack([x, y, z], axis=-1))
    return Part(mesh=_shifted(mesh, span, drift), material=material)


def _slab(place: Place, drift: tuple[float, float]) -> Part:
    """A flat stone with an irregular rim and a slightly uneven top, level where the product stands."""
    material, span = surface(place.ground, place.gloss)
    turns, rings = 181, 44
    theta = np.linspace(0, 2 * math.pi, turns)
    phase = 6.3 * drift[0]
    rim = (
        1.12
        + 0.1 * np.sin(2 * theta + phase)
        + 0.06 * np.sin(5 * theta + 2 * phase)
        + 0.025 * np.sin(11 * theta)
        + 0.012 * np.sin(23 * theta + phase)
    )
    share = np.concatenate([np.linspace(0.001, 0.97, rings - 8), [0.985, 0.995, 1.0, 1.004, 1.008, 1.012, 1.02, 1.03]])
    drop = np.concatenate([np.zeros(rings - 8), [-0.004, -0.012, -0.024, -0.05, -0.08, -0.11, -0.14, -0.17]])
    x, y = share[:, None] * rim * np.cos(theta), share[:, None] * rim * np.sin(theta)
    soft = place.ground == "moss"
    bumps = clouds(128, seed=6, slope=1.5, coarsest=3, finest=44 if soft else 10)
    column = ((x / 2.8 + 0.5) * 127).astype(int) % 128
    row = ((y / 2.8 + 0.5) * 127).astype(int) % 128
    calm = np.clip((np.hypot(x, y) - 0.42) / 0.4, 0, 1)
    z = drop[:, None] + (0.011 if soft else 0.005) * bumps[row, column] * calm
    mesh = sheet(np.stack([x, y, z], axis=-1)[:, ::-1][::-1], wrap=True)
    return Part(mesh=_shifted(mesh, span, drift), material=material)


def _plinth(place: Place, colour: RGB | None, drift: tuple[float, float]) -> list[Part]:
    """A round plinth under the product, on a warm sweep, with a second block behind."""
    wall = linear(place.wall) if colour is None else colour
    paper = _sweep(Place(name="", expect="plain", build="sweep", ground=place.wall), wall)
    stone, span = surface(place.ground, place.gloss)
    drum = lathe(profile([(0, -0.34), (0.66, -0.34), (0.66, 0.0, 0.012), (0, 0.0)]), segments=128)
    back = lathe(profile([(0, -0.34), (0.42, -0.34), (0.42, 0.26, 0.012), (0, 0.26)]), segments=128).moved(
        x=0.95 - 1.9 * (drift[0] > 0.5), y=0.8
    )
    drum, back = (_stony(mesh, span) for mesh in (drum, back))
    return [
        Part(mesh=paper.mesh.moved(z=-0.34), material=paper.material),
        Part(mesh=drum, material=stone),
        Part(mesh=back, material=stone),
    ]


def _stony(mesh: Mesh, span: float) -> Mesh:
    """A turned stone with its pattern laid flat on the top and round the side."""
    p = mesh.positions
    flat = np.abs(mesh.normals[:, 2]) > 0.7
    u = np.where(flat, p[:, 0], mesh.uvs[:, 0] * 2.2 * span)
    v = np.where(flat, p[:, 1], p[:, 2])
    return Mesh(
        positions=p, normals=mesh.normals, uvs=np.stack([u, v], axis=1).astype(np.float32) / span, faces=mesh.faces
    )


def _far(name: str, gain: RGB, drift: tuple[float, float], *, distance: float) -> Part:
    """The view as a shining screen behind the table."""
    picture, level = _screen(name)
    wide, tall = 7.2, 3.6
    grid_x, grid_z = np.array([-9.0, 9.0]), np.array([-1.6, 6.0])
    grid = np.stack([*np.broadcast_arrays(grid_x[None, :], 0 * grid_z[:, None], grid_z[:, None])], axis=-1)
    mesh = sheet(grid)
    u = mesh.positions[:, 0] / wide + (0.15 + 0.7 * drift[0])
    v = 1.0 - (mesh.positions[:, 2] + 1.25) / tall
    flat = Mesh(
        positions=mesh.positions,
        normals=mesh.normals,
        uvs=np.stack([u, v], axis=1).astype(np.float32),
        faces=mesh.faces,
    )
    return Part(
        mesh=flat.moved(y=distance), material=Material(kind="glow", colour=scaled(gain, level), texture=picture)
    )


@lru_cache(maxsize=16)
def _screen(name: str) -> tuple[Texture, float]:
    """A view as a texture and the radiance that its white stands for."""
    light = view(name)
    level = float(light.max())
    share = np.clip(light / level, 0, 1)
    srgb = np.where(share <= 0.0031308, 12.92 * share, 1.055 * share ** (1 / 2.4) - 0.055)
    return Texture(key=f"view/{name}", pixels=(srgb * 255 + 0.5).astype(np.uint8), mirrored=True), level
