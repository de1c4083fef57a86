"""What is a studio model called?

`studio:sd35@512`: a family, whose parameters it takes, and the side in pixels of a square picture. Other aspect
ratios keep the area; sides are multiples of 16.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from prodimg_lab.errors import UnknownName, UnsupportedParameter
from prodimg_lab.records import Capabilities, ImageRequest
from prodimg_lab.suggest import nearest

SIDE = 512
SIDES = (96, 1536)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A real model whose parameters the studio takes, and what stands in for the ones that it lacks."""

    catalogue_id: str
    title: str
    steps: int
    cfg_scale: float


FAMILIES: Mapping[str, Family] = {
    "core": Family(catalogue_id="stability.stable-image-core-v1:1", title="Stable Image Core", steps=30, cfg_scale=5.0),
    "sd35": Family(
        catalogue_id="stability.sd3-5-large-v1:0", title="Stable Diffusion 3.5 Large", steps=40, cfg_scale=5.5
    ),
    "ultra": Family(
        catalogue_id="stability.stable-image-ultra-v1:1", title="Stable Image Ultra", steps=50, cfg_scale=6.5
    ),
    "sdxl": Family(
        catalogue_id="stability.stable-diffusion-xl-v1", title="Stable Diffusion XL", steps=30, cfg_scale=7.0
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioName:
    """A parsed name."""

    family: str
    side: int = SIDE

    @property
    def model(self) -> str:
        """The canonical model id, size included."""
        return f"studio:{self.family}@{self.side}"


def parsed(name: str) -> StudioName:
    """`sd35`, `core@384`, `studio:core@384` or "" (sd35@512).

    Raises `UnknownName` for a family or a size that cannot be read, `UnsupportedParameter` for a size out of range.
    """
    plain = name.removeprefix("studio:") if name != "studio" else ""
    family, at, side = plain.partition("@")
    family = family or "sd35"
    if family not in FAMILIES:
        raise UnknownName(f"the studio has no model {family!r}; {nearest(family, FAMILIES)} (e.g. studio:sd35@512)")
    if not at:
        return StudioName(family=family)
    if not side.isdecimal():
        raise UnknownName(f"{name!r} names no size; write the side in pixels, e.g. studio:{family}@384")
    if not SIDES[0] <= int(side) <= SIDES[1]:
        raise UnsupportedParameter(f"size {side} is outside {SIDES[0]}-{SIDES[1]} for studio:{family}")
    return StudioName(family=family, side=int(side))


def capabilities_of(name: StudioName) -> Capabilities:
    """The real model's parameters, as a simulation that costs nothing."""
    from prodimg_lab.models.catalogue import row

    family = FAMILIES[name.family]
    return replace(
        row(family.catalogue_id),
        model=name.model,
        title=f"{family.title} (simulated studio)",
        source="simulated",
        revision=1,
        runs_on="cpu",
        deterministic=True,
        price_micro=0,
        price_source="simulated: draws here, costs nothing",
        concurrency=os.cpu_count() or 1,
        seconds=round(1.3 * (name.side / 384) ** 2.2, 2),
        status="active",
        end_of_life="",
        replacement="",
        samplers=(),
        regions=(),
        profile="",
    )


def size_of(request: ImageRequest, side: int) -> tuple[int, int]:
    """Width and height to draw: `side` squared in area, in the request's proportions, rounded to multiples of 16."""
    wide, high = 1.0, 1.0
    if request.width and request.height:
        wide, high = float(request.width), float(request.height)
    elif request.aspect_ratio:
        first, _, second = request.aspect_ratio.partition(":")
        wide, high = float(first), float(second)
    if wide == high:
        return side, side
    scale = side / (wide * high) ** 0.5
    return max(16, 16 * round(wide * scale / 16)), max(16, 16 * round(high * scale / 16))
