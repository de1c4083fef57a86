"""Pouches, tubes and cushions: things of foil, film and cloth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from prodimg_lab.studio.archetypes.cloths import woven
from prodimg_lab.studio.finishes import coated, matte, trim
from prodimg_lab.studio.identity import Identity
from prodimg_lab.studio.labels import printed
from prodimg_lab.studio.meshes import Mesh, box, lathe, loft, merged, profile, sheet, tube
from prodimg_lab.studio.things import Part, Texture, mixed, scaled
from prodimg_lab.studio.wraps import keyed


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
    shell = _tube_shell(radius, cap_top, top)
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


def _tube_shell(radius: float, cap_top: float, top: float) -> Mesh:
    """A round body that is pressed flat towards its seam."""
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
    return loft(
        [
            (0.06, 0.06, cap_top, 2.0),
            (radius * 0.96, radius * 0.96, cap_top + 0.006, 2.0),
            *rows,
            (radius * 1.32, 0.006, top, 2.6),
            (0, 0, top, 2.6),
        ],
        segments=144,
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
