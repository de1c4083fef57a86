"""Are the studio's shapes sound? Glass, lamps and the denoiser's albedo all rest on closed, outward-facing meshes."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.studio.archetypes import BUILDERS, built
from prodimg_lab.studio.camera import ANGLES, Chance, framed
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.meshes import Mesh, ball, box, lathe, loft, profile, tube
from prodimg_lab.studio.outline import coverage
from prodimg_lab.studio.props import MAKERS
from prodimg_lab.studio.things import Camera, linear

SHAPES = {"bottle": ("perfume", "dropper", "pump", "wine"), "tumbler": ("bottle",), "jar": ("cream",),
          "box": ("flat", "cube"), "handbag": ("tote",), "vase": ("jug",), "bowl": ("plate",)}  # fmt: skip
ALL = [(name, shape) for name in BUILDERS for shape in ("", *SHAPES.get(name, ()))]


def volume(mesh: Mesh) -> float:
    a, b, c = (mesh.positions[mesh.faces[:, k]].astype(np.float64) for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def agreement(mesh: Mesh) -> float:
    """The share of faces whose winding agrees with the mean of their normals."""
    a, b, c = (mesh.positions[mesh.faces[:, k]].astype(np.float64) for k in range(3))
    normal = mesh.normals[mesh.faces].mean(axis=1)
    return float(((np.cross(b - a, c - a) * normal).sum(axis=1) > 0).mean())


def product(name: str, shape: str, **fields: str) -> Identity:
    return Identity(key=f"{name} {shape}", archetype=name, shape=shape, colour=linear("#4a6b8a"), **fields)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 0.6), st.floats(0.2, 1.2), st.floats(0.0, 0.08))
def test_a_turned_cylinder_has_its_volume_and_faces_outwards(radius: float, height: float, fillet: float) -> None:
    mesh = lathe(profile([(0, 0), (radius, 0, fillet), (radius, height, fillet), (0, height)]), segments=96)
    whole = np.pi * radius**2 * height
    assert 0.75 * whole < volume(mesh) <= whole * 1.001
    assert agreement(mesh) > 0.999
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-4)


def test_a_box_a_ball_a_tube_and_a_loft_are_closed_and_face_outwards() -> None:
    ring = np.linspace(0, np.pi, 40)
    path = np.stack([np.cos(ring), 0 * ring, np.sin(ring)], axis=1)
    bodies = {
        "box": (box((0.4, 0.3, 0.6), fillet=0.02), 0.4 * 0.3 * 0.6),
        "ball": (ball(0.5), 4 / 3 * np.pi * 0.125),
        "tube": (tube(path, 0.1, segments=32), np.pi * 0.01 * np.pi),
        "loft": (
            loft([(0, 0, 0, 2), (0.3, 0.3, 0, 2), (0.3, 0.3, 0, 2), (0.3, 0.3, 1, 2), (0.3, 0.3, 1, 2), (0, 0, 1, 2)]),
            np.pi * 0.09,
        ),
    }
    for name, (mesh, whole) in bodies.items():
        assert abs(volume(mesh) / whole - 1) < 0.05, name
        assert agreement(mesh) > 0.99, name


@pytest.mark.parametrize(("name", "shape"), ALL)
def test_an_archetype_stands_on_the_table_and_is_about_one_unit_large(name: str, shape: str) -> None:
    parts = built(product(name, shape))
    points = np.concatenate([part.mesh.positions for part in parts])
    assert np.isfinite(points).all()
    assert abs(points[:, 2].min()) < 0.02
    assert 0.6 < np.ptp(points, axis=0).max() < 1.35
    for part in parts:
        mesh = part.mesh
        assert mesh.faces.max() < len(mesh.positions)
        assert len(mesh.positions) == len(mesh.normals) == len(mesh.uvs)
        assert np.isfinite(mesh.normals).all()
        assert np.isfinite(mesh.uvs).all()
        assert agreement(mesh) > 0.97, part.material.kind


def test_products_of_one_archetype_differ_in_shape_but_one_product_never_does() -> None:
    for name in ("mug", "vase", "box", "candle"):
        first, again = built(product(name, "")), built(product(name, ""))
        assert first is again
        others = [Identity(key=f"other {k}", archetype=name, shape="", colour=linear("#4a6b8a")) for k in range(3)]
        sizes = {round(float(np.concatenate([p.mesh.positions for p in built(each)]).std()), 5) for each in others}
        assert len(sizes) > 1


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_prop_lies_on_the_ground(name: str) -> None:
    parts = MAKERS[name](np.random.default_rng(3))
    points = np.concatenate([part.mesh.positions for part in parts])
    assert np.isfinite(points).all()
    assert -0.03 < points[:, 2].min() < 0.06
    assert np.abs(points).max() < 1.2


def test_a_packshot_fills_its_frame_alike_for_a_mug_and_a_bottle() -> None:
    for name, angle, size in itertools.product(
        ("mug", "bottle", "box", "handbag"), ("front", "three-quarter", "top-down"), ((512, 512), (832, 320))
    ):
        points = np.concatenate([part.mesh.positions for part in built(product(name, ""))])
        for packshot, low, high in ((True, 0.6, 0.8), (False, 0.5, 0.7)):
            camera = framed(points, ANGLES[angle], size=size, packshot=packshot, chance=Chance(across=1, distance=-1))
            seen = camera.project(points)
            assert low < (np.ptp(seen, axis=0) / size).max() < high
            assert (seen.min(axis=0) > 0).all()
            assert (seen.max(axis=0) < size).all()


def test_the_outlines_coverage_is_the_area_of_the_product() -> None:
    camera = Camera(at=(0, -5, 0.5), target=(0, 0, 0.5), fov=19, width=120, height=120)
    parts = built(product("box", "cube"))
    share = coverage(parts, camera)
    points = np.concatenate([part.mesh.positions for part in parts])
    seen = camera.project(points)
    boxed = float(np.prod(np.ptp(seen, axis=0)))
    assert boxed * 0.9 < share.sum() < boxed * 1.02
    assert share.min() >= 0 and share.max() <= 1
    assert share[0, 0] == 0
