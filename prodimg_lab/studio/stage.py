"""How do a product, a place, a light and a camera become one scene?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from prodimg_lab.studio import flora, sets
from prodimg_lab.studio.archetypes import LAID, MORE_ABOVE, PRINT_TURN, built
from prodimg_lab.studio.camera import ANGLES, Chance, framed
from prodimg_lab.studio.finishes import matte
from prodimg_lab.studio.identity import Identity, share_of
from prodimg_lab.studio.lights import RIGS, for_white, sky, turned
from prodimg_lab.studio.meshes import merged
from prodimg_lab.studio.props import MAKERS, SEASONS, scattered
from prodimg_lab.studio.things import RGB, Camera, Light, Material, Part, Scene, scaled

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """Everything decided about a picture before it is built; names are levels of the style packs.

    `ground` repaints a plain sweep; `seed` moves the composition only.
    """

    identity: Identity
    background: str
    lighting: str
    angle: str
    season: str = ""
    ground: RGB | None = None
    props: tuple[str, ...] = ()
    clutter: bool = False
    seed: int = 1
    width: int = 512
    height: int = 512


def staged(shot: Shot) -> Scene:
    """The scene of `shot`."""
    chance = _chance(shot.seed)
    place, angle = sets.PLACES[shot.background], ANGLES[shot.angle]
    rig = turned(RIGS[shot.lighting], share_of("side", shot.seed) < 0.35)
    if place.expect == "white":
        rig = for_white(rig)
    sign = 1.0 if share_of("turn", shot.seed) < 0.6 else -1.0
    archetype = shot.identity.archetype
    turn = sign * angle.turn * (1.0 if angle.name == "side" else PRINT_TURN.get(archetype, 1.0)) + 0.07 * chance.turn
    if 2 < angle.elevation < 40:
        angle = replace(angle, elevation=angle.elevation + MORE_ABOVE.get(shot.identity.shape or archetype, 0.0))
    product = built(shot.identity)
    if angle.name == "top-down" and archetype in LAID:
        product = _laid(product)
    product = tuple(Part(mesh=part.mesh.turned(turn), material=part.material) for part in product)
    points = np.concatenate([part.mesh.positions for part in product])
    camera = framed(points, angle, size=(shot.width, shot.height), packshot=place.expect != "scene", chance=chance)
    steep = angle.elevation > 25
    drift = (share_of("drift", shot.seed), share_of("slide", shot.seed))
    scenery = sets.built(place, colour=shot.ground, steep=steep, drift=drift, gain=rig.view)
    if rig.gobo:
        scenery += _canopy(rig.lamps[0], camera, shot.seed)
    scenery += _around(shot, place, points, camera)
    return Scene(
        product=product,
        scenery=scenery,
        lights=tuple(_aside(lamp, camera) for lamp in rig.lamps),
        sky=sky(rig),
        camera=camera,
        white=place.expect == "white",
        sweep=_plain(scenery[0].material) if place.build in ("sweep", "plinth") else None,
        exposure=rig.exposure,
    )


def _around(shot: Shot, place: sets.Place, points: Points, camera: Camera) -> list[Part]:
    """The props of place, season and prompt, each once, at most five."""
    names = [*SEASONS[shot.season], *shot.props, *place.props]
    if shot.clutter:
        names += [("pebbles", "napkin", "leaves", "gift")[int(share_of("clutter", shot.seed, k) * 4)] for k in range(2)]
    wanted = [name for name in dict.fromkeys(names) if name in MAKERS][:5]
    half = np.abs(points[:, :2]).max(axis=0)
    away = float(np.linalg.norm(np.array(camera.at)))
    room = away * float(np.tan(np.radians(camera.fov) / 2)) * camera.width / min(camera.width, camera.height)
    return scattered(wanted, reach=(float(half[0]), float(half[1])), room=room, seed=shot.seed)


def _canopy(lamp: Light, camera: Camera, seed: int) -> list[Part]:
    """Leaves before the key, without those that the camera would see."""
    hidden = []
    for leaf in flora.canopy(lamp.at, seed=seed):
        seen = camera.project(leaf.positions)
        low, high = seen.min(axis=0), seen.max(axis=0)
        if high[0] < 0 or low[0] > camera.width or high[1] < 0 or low[1] > camera.height:
            hidden.append(leaf)
    return [Part(mesh=merged(hidden), material=matte((0.12, 0.2, 0.06)))] if hidden else []


def _plain(paper: Material) -> RGB | None:
    """The colour of matt, unpatterned paper; None for any other."""
    return paper.colour if paper.kind == "matte" and paper.texture is None else None


def _laid(product: Sequence[Part]) -> tuple[Part, ...]:
    """The product on its back, its front up and its top away from the camera."""
    flat = [Part(mesh=part.mesh.turned(-math.pi / 2, "x"), material=part.material) for part in product]
    points = np.concatenate([part.mesh.positions for part in flat])
    low, middle = float(points[:, 2].min()), (points.min(axis=0) + points.max(axis=0)) / 2
    return tuple(
        Part(mesh=part.mesh.moved(-float(middle[0]), -float(middle[1]), -low), material=part.material) for part in flat
    )


def _aside(lamp: Light, camera: Camera) -> Light:
    """The lamp moved away from the product, and brightened to match, until no part of it is in the picture."""
    at = np.array(lamp.at)
    for _ in range(8):
        reach = max(lamp.half)
        corners = at + reach * np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
        seen = camera.project(corners)
        _, forward, _, _ = camera.frame()
        if not ((corners - np.array(camera.at)) @ forward > 0).any():
            break
        low, high = seen.min(axis=0), seen.max(axis=0)
        if high[0] < 0 or low[0] > camera.width or high[1] < 0 or low[1] > camera.height:
            break
        at = at * 1.2
    gain = float((at @ at) / max(1e-9, np.dot(lamp.at, lamp.at)))
    return replace(lamp, at=(float(at[0]), float(at[1]), float(at[2])), radiance=scaled(lamp.radiance, gain))


def _chance(seed: int) -> Chance:
    """What the seed moves."""
    names = ("turn", "elevation", "distance", "across", "upright")
    return Chance(**{name: 2 * share_of("chance", name, seed) - 1 for name in names})


def focus(scene: Scene) -> tuple[float, float]:
    """Nearest and farthest distance of the product from the camera, with a margin."""
    points: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = [
        part.mesh.positions for part in scene.product
    ]
    far = np.linalg.norm(np.concatenate(points) - np.array(scene.camera.at, np.float32), axis=1)
    return float(far.min()) - 0.05, float(far.max()) + 0.03
