"""How does a scene become linear light values?

Mitsuba 3 (`scalar_rgb`) traces few paths a pixel, Intel Open Image Denoise cleans them, helped by an albedo picture.
Measured reasons, each worth a factor: the path tracer runs alone, never inside the AOV integrator; the albedo comes
from a twin of the scene in which every surface shines in its own colour; the product's box gets more samples than the
rest.

Determinism: Mitsuba gives the shapes of a scene dictionary their order only when they are built beforehand, so every
child is loaded on its own; the denoiser's result depends on its number of threads, so that is fixed. NaN never
reaches the denoiser. One picture at a time per process.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prodimg_lab.studio.meshes import Mesh
from prodimg_lab.studio.things import METAL_ALBEDO, RGB, Camera, Light, Material, Part, Scene, Sky, Texture

Image = NDArray[np.float32]
OPAQUE_DEPTH, GLASS_DEPTH = 4, 9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Render:
    """Linear light (height, width, 3), the albedo beside it, and the distance from the camera (0: nothing was hit)."""

    light: Image
    albedo: Image
    depth: NDArray[np.float32]


@lru_cache(maxsize=1)
def engine() -> tuple[Any, Any, Any]:
    """Mitsuba, the denoiser and its device, started once per process.

    A worker process traces with one thread (there is one worker per core); a lone process takes every core.
    """
    # By name, since the stubs that they ship do not pass a strict type checker.
    mitsuba, drjit, mitsuba_oidn = (import_module(name) for name in ("mitsuba", "drjit", "mitsuba_oidn"))
    mitsuba.set_variant("scalar_rgb")
    mitsuba.set_log_level(mitsuba.LogLevel.Error)
    drjit.set_thread_count(1 if multiprocessing.parent_process() else os.cpu_count() or 1)
    device = mitsuba_oidn.Device(mitsuba_oidn.DeviceType.CPU)
    device.num_threads = 1
    device.commit()
    return mitsuba, mitsuba_oidn, device


def render(scene: Scene, *, seed: int, effort: float = 1.0, depth: bool = True) -> Render:
    """Trace and denoise `scene`. `effort` scales the samples in the product's box; without `depth` distances are 0."""
    _, oidn, device = engine()
    camera = scene.camera
    parts = [*scene.product, *scene.scenery]
    bounces = GLASS_DEPTH if scene.glass else OPAQUE_DEPTH
    world = _assembled([_shape(part) for part in parts], scene.lights, scene.sky, bounces)
    base = _traced(world, camera, None, 1, seed)
    box = product_box(scene)
    more = _extra(camera, box, effort)
    if more:
        x0, y0, x1, y1 = box
        crop = _traced(world, camera, box, more, seed + 1)
        base[y0:y1, x0:x1] = (base[y0:y1, x0:x1] + more * crop) / (1 + more)
    twin = _twin(scene)
    albedo = _traced(twin, camera, None, 2, seed + 2)
    if more:
        albedo[y0:y1, x0:x1] = (albedo[y0:y1, x0:x1] + _traced(twin, camera, box, 2, seed + 3)) / 2
    light = np.clip(np.nan_to_num(base), 0.0, 40.0)
    albedo = np.clip(np.nan_to_num(albedo), 0.0, 1.0)
    far = _depth(world, camera) if depth else np.zeros(light.shape[:2], dtype=np.float32)
    clean = oidn.denoise(light, albedo, hdr=True, clean_aux=False, quality=oidn.Quality.Fast, device=device)
    return Render(light=np.array(clean), albedo=albedo, depth=far)


def product_mask(scene: Scene) -> NDArray[np.bool_]:
    """Where the product itself is seen, glass counted as solid: a pass in which only the product shines."""
    mi, _, _ = engine()
    glow = {"type": "area", "radiance": _rgb((1.0, 1.0, 1.0))}
    shapes = [_mesh(part.mesh, _black(), mi.load_dict(glow)) for part in scene.product]
    shapes += [_mesh(part.mesh, _black(), None) for part in scene.scenery]
    seen = _traced(_assembled(shapes, (), None, 1), scene.camera, None, 4, 7)
    return np.asarray(seen[..., 0] >= 0.5)


def product_box(scene: Scene) -> tuple[int, int, int, int]:
    """The product's box in the picture (x0, y0, x1, y1), with a margin that holds its contact shadow."""
    camera = scene.camera
    at = np.concatenate([camera.project(part.mesh.positions) for part in scene.product])
    low, high = at.min(axis=0), at.max(axis=0)
    pad = 0.012 * min(camera.width, camera.height)
    x0, y0 = int(max(0, low[0] - pad)), int(max(0, low[1] - pad))
    x1, y1 = int(min(camera.width, high[0] + pad + 1)), int(min(camera.height, high[1] + 2.5 * pad + 1))
    return x0, y0, max(x1, x0), max(y1, y0)


def _extra(camera: Camera, box: tuple[int, int, int, int], effort: float) -> int:
    """Samples more for every pixel of the box: a fixed share of the picture's pixels, between 1 and 6."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    if area < 16:
        return 0
    budget = 0.12 + 0.0016 * (camera.width * camera.height) ** 0.5
    return int(min(6, max(1, effort * budget * camera.width * camera.height / area)))


def _traced(world: Any, camera: Camera, box: tuple[int, int, int, int] | None, samples: int, seed: int) -> Image:
    mi, _, _ = engine()
    return np.array(mi.render(world, sensor=_sensor(camera, box), spp=samples, seed=seed % (2**31)), dtype=np.float32)


def _depth(world: Any, camera: Camera) -> NDArray[np.float32]:
    mi, _, _ = engine()
    integrator = mi.load_dict({"type": "depth"})
    seen = mi.render(world, sensor=_sensor(camera, None), integrator=integrator, spp=1, seed=0)
    return np.nan_to_num(np.array(seen, dtype=np.float32)[..., 0])


def _sensor(camera: Camera, box: tuple[int, int, int, int] | None) -> Any:
    mi, _, _ = engine()
    film: dict[str, object] = {
        "type": "hdrfilm",
        "width": camera.width,
        "height": camera.height,
        "pixel_format": "rgb",
        "component_format": "float32",
        "rfilter": {"type": "box"},
    }
    if box is not None:
        x0, y0, x1, y1 = box
        film |= {"crop_offset_x": x0, "crop_offset_y": y0, "crop_width": x1 - x0, "crop_height": y1 - y0}
    look = mi.ScalarTransform4f().look_at(origin=list(camera.at), target=list(camera.target), up=[0, 0, 1])
    return mi.load_dict(
        {
            "type": "perspective",
            "fov": camera.fov,
            "fov_axis": "smaller",
            "near_clip": 0.01,
            "to_world": look,
            "principal_point_offset_x": -camera.shift[0],
            "principal_point_offset_y": -camera.shift[1],
            "film": film,
            "sampler": {"type": "multijitter"},
        }
    )


def _assembled(shapes: Sequence[Any], lights: Sequence[Light], sky: Sky | None, depth: int) -> Any:
    """A scene of ready-built children, in the order given."""
    mi, _, _ = engine()
    world: dict[str, object] = {
        "type": "scene",
        "integrator": mi.load_dict({"type": "path", "max_depth": depth, "rr_depth": 4}),
    }
    world |= {f"shape{index}": shape for index, shape in enumerate(shapes)}
    world |= {f"lamp{index}": _lamp(light) for index, light in enumerate(lights)}
    if sky is not None:
        world["sky"] = _sky(sky)
    return mi.load_dict(world)


def _twin(scene: Scene) -> Any:
    """The scene in which every surface shines in its own colour; glass counts as an even surface, what is in it not
    at all.

    Looking through the glass instead gave the denoiser the noise of refraction, which it printed into the liquid.
    """
    parts = [part for part in (*scene.product, *scene.scenery) if part.material.kind not in ("liquid", "air")]
    return _assembled([_mesh(part.mesh, _black(), _albedo(part.material)) for part in parts], (), None, 1)


def _shape(part: Part) -> Any:
    mi, _, _ = engine()
    material = part.material
    emitter = None
    if material.kind == "glow":
        emitter = mi.load_dict({"type": "area", "radiance": _radiance(material)})
    elif material.shine > 0:
        shine = _radiance(Material(kind="glow", colour=tuple(c * material.shine for c in material.colour)))  # type: ignore[arg-type]
        emitter = mi.load_dict({"type": "area", "radiance": shine})
    return _mesh(part.mesh, _bsdf(material), emitter)


def _mesh(mesh: Mesh, bsdf: Any, emitter: Any) -> Any:
    mi, _, _ = engine()
    props = mi.Properties()
    props["bsdf"] = bsdf
    if emitter is not None:
        props["emitter"] = emitter
    made = mi.Mesh(
        "part",
        len(mesh.positions),
        len(mesh.faces),
        has_vertex_normals=True,
        has_vertex_texcoords=True,
        props=props,
    )
    values = mi.traverse(made)
    values["vertex_positions"] = np.ascontiguousarray(mesh.positions, dtype=np.float32).ravel()
    values["vertex_normals"] = np.ascontiguousarray(mesh.normals, dtype=np.float32).ravel()
    values["vertex_texcoords"] = np.ascontiguousarray(mesh.uvs, dtype=np.float32).ravel()
    values["faces"] = np.ascontiguousarray(mesh.faces, dtype=np.uint32).ravel()
    values.update()
    return made


@lru_cache(maxsize=1)
def _black() -> Any:
    """A surface that returns nothing; a mirror without reflectance, so that no light is sampled for it."""
    mi, _, _ = engine()
    return mi.load_dict({"type": "conductor", "material": "none", "specular_reflectance": _rgb((0.0, 0.0, 0.0))})


def _rgb(colour: RGB) -> dict[str, object]:
    return {"type": "rgb", "value": [float(c) for c in colour]}


def _radiance(material: Material) -> Any:
    if material.texture is None:
        return _rgb(material.colour)
    gain = np.array(material.colour, dtype=np.float32)
    return _picture(material.texture, material.tile, gain=tuple(float(g) for g in gain))


@lru_cache(maxsize=96)
def _picture(texture: Texture, tile: tuple[float, float], gain: RGB | None = None) -> Any:
    """A texture, kept; with `gain` its linear values are multiplied (for light)."""
    mi, _, _ = engine()
    pixels = np.array(texture.pixels)
    spec: dict[str, object] = {
        "type": "bitmap",
        "wrap_mode": "mirror" if texture.mirrored else "repeat",
        "filter_type": "bilinear",
    }
    if gain is not None:
        level = pixels.astype(np.float32) / 255
        light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4) * np.array(gain, np.float32)
        spec |= {"bitmap": mi.Bitmap(np.ascontiguousarray(light, dtype=np.float32)), "raw": True}
    elif pixels.shape[2] == 1:
        spec |= {"bitmap": mi.Bitmap(np.ascontiguousarray(pixels.astype(np.float32) / 255)), "raw": True}
    else:
        spec |= {"bitmap": mi.Bitmap(pixels), "raw": False}
    if tile != (1.0, 1.0):
        spec["to_uv"] = mi.ScalarTransform3f().scale([tile[0], tile[1]])
    return mi.load_dict(spec)


def _colour(material: Material) -> Any:
    return _rgb(material.colour) if material.texture is None else _picture(material.texture, material.tile)


@lru_cache(maxsize=512)
def _bsdf(material: Material) -> Any:
    """The surface of a material, kept: a rough plastic alone takes 0.06 s to prepare."""
    mi, _, _ = engine()
    if material.clear:
        indices = {"glass": (1.5, 1.0), "liquid": (1.36, 1.5), "air": (1.0, 1.5)}[material.kind]
        spec: dict[str, object] = {
            "type": "dielectric",
            "int_ior": indices[0],
            "ext_ior": indices[1],
            "specular_transmittance": _rgb(material.tint),
        }
        return mi.load_dict(spec)
    if material.kind == "glow":
        return _black()
    inner = _opaque(material)
    if material.bump is not None:
        heights = _picture(material.bump, material.tile)
        inner = {"type": "bumpmap", "scale": material.bump_depth, "heights": heights, "inner": inner}
    return mi.load_dict({"type": "twosided", "inner": inner})


def _opaque(material: Material) -> dict[str, object]:
    if material.kind == "metal":
        across = material.roughness * material.spread
        spec: dict[str, object] = {"type": "roughconductor", "alpha_u": across, "alpha_v": material.roughness}
        if material.metal:
            return spec | {"material": material.metal}
        return spec | {"material": "none", "specular_reflectance": _colour(material)}
    if material.kind == "matte":
        return {"type": "diffuse", "reflectance": _colour(material)}
    return {
        "type": "roughplastic",
        "diffuse_reflectance": _colour(material),
        "alpha": material.roughness,
        "int_ior": 1.55,
        "nonlinear": False,
    }


def _albedo(material: Material) -> Any:
    """The emitter of a surface's twin: its colour, and for a metal its reflectance."""
    mi, _, _ = engine()
    if material.clear:
        radiance: Any = _rgb(tuple(0.35 + 0.6 * c for c in material.tint))  # type: ignore[arg-type]
    elif material.kind == "metal" and material.metal:
        radiance = _rgb(METAL_ALBEDO[material.metal])
    elif material.kind == "glow":
        radiance = _rgb(tuple(min(1.0, c) for c in material.colour)) if material.texture is None else _colour(material)  # type: ignore[arg-type]
    else:
        radiance = _colour(material)
    return mi.load_dict({"type": "area", "radiance": radiance})


@lru_cache(maxsize=64)
def _lamp(light: Light) -> Any:
    mi, _, _ = engine()
    place = mi.ScalarTransform4f().look_at(origin=list(light.at), target=list(light.towards), up=[0.01, 0.02, 1])
    return mi.load_dict(
        {
            "type": "rectangle",
            "to_world": place @ mi.ScalarTransform4f().scale([light.half[0], light.half[1], 1]),
            "bsdf": {"type": "diffuse", "reflectance": _rgb((0.0, 0.0, 0.0))},
            "emitter": {"type": "area", "radiance": _rgb(light.radiance)},
        }
    )


@lru_cache(maxsize=32)
def _sky(sky: Sky) -> Any:
    mi, _, _ = engine()
    return mi.load_dict(
        {
            "type": "envmap",
            "bitmap": mi.Bitmap(np.array(sky.pixels, dtype=np.float32)),
            "to_world": mi.ScalarTransform4f().rotate([1, 0, 0], 90),
        }
    )
