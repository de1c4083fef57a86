"""Which models are there, what do they accept, and what does a picture cost? Read from `catalogue.yaml`, dated data."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from prodimg_lab.errors import UnknownName
from prodimg_lab.records import Capabilities, micro_from_usd
from prodimg_lab.suggest import nearest

Text = Annotated[str, BeforeValidator(str)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    regions: list[str] = Field(default_factory=list)
    price_usd: float | None = None
    prompt_limit: int = 10_000
    negative_prompt: bool = True
    seed: tuple[int, int] = (0, 4294967294)
    steps: tuple[int, int] | None = None
    cfg_scale: tuple[float, float] | None = None
    strength: tuple[float, float] | None = None
    samplers: list[str] = Field(default_factory=list)
    style_presets: list[str] = Field(default_factory=list)
    aspect_ratios: list[str] = Field(default_factory=list)
    sizes: tuple[int, int] | None = None
    output_formats: list[str] = Field(default_factory=lambda: ["png"])
    operations: list[str] = Field(default_factory=lambda: ["text-to-image"])
    images_per_call: int = 1
    profile: str = ""
    always: dict[str, str] = Field(default_factory=dict)
    seconds: float = 10.0
    status: Literal["active", "legacy", "retired"] = "active"
    end_of_life: Text = ""
    replacement: str = ""
    unproven: list[str] = Field(default_factory=list)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: Text
    price_source: str
    style_presets: list[str]
    aspect_ratios: list[str]
    models: dict[str, _Row]
    short_names: dict[str, str]


@lru_cache(maxsize=1)
def _file() -> _File:
    from ruamel.yaml import YAML

    text = files("prodimg_lab.models").joinpath("catalogue.yaml").read_text("utf-8")
    return _File.model_validate(YAML(typ="safe", pure=True).load(text))


def as_of() -> str:
    """The day (ISO 8601) on which the catalogue was last checked against its sources."""
    return _file().as_of


def model_id(name: str) -> str:
    """The catalogue id of `name`: a short name (`core`, `sd35`, …), an id, or an inference profile's. `UnknownName`."""
    known = _file()
    profiles = {entry.profile: full for full, entry in known.models.items() if entry.profile}
    full = known.short_names.get(name) or profiles.get(name) or name
    if full not in known.models:
        hint = nearest(name, [*known.models, *known.short_names])
        raise UnknownName(f"no model {name!r} in the catalogue; {hint} (`prodimg models` lists all)")
    return full


def row(name: str) -> Capabilities:
    """What the catalogue says of a model of Bedrock, by id or short name. Raises `UnknownName`."""
    full = model_id(name)
    known, entry = _file(), _file().models[model_id(name)]
    price = None if entry.price_usd is None else micro_from_usd(entry.price_usd)
    return Capabilities(
        model=full,
        title=entry.title,
        source="aws",
        price_micro=price,
        price_source=f"{known.price_source} (as of {known.as_of})" if price is not None else "",
        prompt_limit=entry.prompt_limit,
        negative_prompt=entry.negative_prompt,
        seed=entry.seed,
        steps=entry.steps,
        cfg_scale=entry.cfg_scale,
        strength=entry.strength,
        samplers=tuple(entry.samplers),
        style_presets=tuple(entry.style_presets),
        aspect_ratios=tuple(entry.aspect_ratios),
        sizes=entry.sizes,
        output_formats=tuple(entry.output_formats),
        operations=tuple(entry.operations),
        concurrency=32,
        seconds=entry.seconds,
        status=entry.status,
        end_of_life=entry.end_of_life,
        replacement=entry.replacement,
        regions=tuple(entry.regions),
        profile=entry.profile,
    )


def always(name: str) -> dict[str, str]:
    """The fields that every request to a model carries, whatever was asked. Raises `UnknownName`."""
    return dict(_file().models[model_id(name)].always)


def rows() -> tuple[Capabilities, ...]:
    """Every model of the catalogue, active ones first, then by id."""
    order = {"active": 0, "legacy": 1, "retired": 2}
    return tuple(sorted((row(name) for name in _file().models), key=lambda each: (order[each.status], each.model)))
