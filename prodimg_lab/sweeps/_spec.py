"""What was asked to be swept, what came of it, and what is wrong with it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from prodimg_lab.records import Block, Level, Trial, Variant

REQUEST_PARAMETERS = (
    "steps",
    "cfg_scale",
    "sampler",
    "style_preset",
    "aspect_ratio",
    "width",
    "height",
    "output_format",
    "strength",
)
"""Fields of a request that an experiment may fix under `parameters` or sweep as a factor."""

NONE = "none"
"""The level of a factor for a template that has no such slot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSpec:
    """The `sweep` part of an experiment. `samples` is for the designs `random` and `sobol` only: how many
    variants are drawn.

    `seed_policy`: `common` gives all variants of a block one seed (comparisons are paired), `independent` each its own.
    """

    design: Literal["full", "random", "sobol"] = "full"
    factors: Mapping[str, tuple[Level, ...]] = field(default_factory=dict)
    seeds: int = 1
    seed_policy: Literal["common", "independent"] = "common"
    base_seed: int = 1
    samples: int | None = None
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with a sweep. `where` is the path of keys in the experiment (`("sweep", "factors", "light")`)."""

    message: str
    where: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A cell that its model cannot draw: never sent, listed by `plan`."""

    variant: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The ordered sweep. `factors` has `template` first, then the experiment's factors in its order.

    `trials` are in block order (all variants of a block together; seeds outer, products inner, so that every product is
    seen early). `missing` counts, by attribute, the products that lack what a template names.
    """

    factors: Mapping[str, tuple[Level, ...]]
    variants: tuple[Variant, ...]
    blocks: tuple[Block, ...]
    trials: tuple[Trial, ...]
    left_out: tuple[LeftOut, ...] = ()
    missing: Mapping[str, int] = field(default_factory=dict)
