"""Which models does the simulated Bedrock know, in which regions, called by which name?

A reading of its own of the public facts, on purpose not taken from the catalogue of `models`: an adapter or a catalogue
row that is wrong must fail here. Unproven: regions of everything but the Stability models, profiles of judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

US = ("us-east-1", "us-east-2", "us-west-2")
WIDE = (*US, "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "ap-northeast-1", "ap-south-1")
GEOGRAPHIES: Mapping[str, str] = {"us": "us-", "eu": "eu-", "apac": "ap-", "global": ""}
"""What an inference profile's id begins with, and how the regions begin from which it may be called."""


class Dialect(StrEnum):
    """Which body a model takes."""

    STABILITY = "stability"
    IMAGE_SERVICE = "image-service"
    SDXL = "sdxl"
    AMAZON_IMAGE = "amazon-image"
    EMBEDDING = "embedding"
    CONVERSE = "converse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A foundation model. `geographies` has the prefixes of its inference profiles; `on_demand`: callable by bare id.

    `end_of_life` is an ISO 8601 day, or "" when no source names one.
    """

    model: str
    name: str
    dialect: Dialect
    regions: tuple[str, ...] = ("us-west-2",)
    geographies: tuple[str, ...] = ()
    on_demand: bool = True
    status: Literal["active", "legacy", "retired"] = "active"
    end_of_life: str = ""

    @property
    def provider(self) -> str:
        """Who made it, as listings say."""
        vendor = self.model.partition(".")[0]
        return {"stability": "Stability AI", "amazon": "Amazon", "anthropic": "Anthropic"}.get(vendor, vendor.title())

    @property
    def inputs(self) -> tuple[str, ...]:
        """Modalities that go in."""
        return ("IMAGE",) if "remove-background" in self.model or "upscale-v" in self.model else ("TEXT", "IMAGE")

    @property
    def outputs(self) -> tuple[str, ...]:
        """Modalities that come out."""
        return {Dialect.CONVERSE: ("TEXT",), Dialect.EMBEDDING: ("EMBEDDING",)}.get(self.dialect, ("IMAGE",))

    def profiles(self, region: str) -> tuple[str, ...]:
        """Ids of the inference profiles that can be called from `region`."""
        if region not in self.regions:
            return ()
        return tuple(f"{geo}.{self.model}" for geo in self.geographies if region.startswith(GEOGRAPHIES[geo]))


def _generator(model: str, name: str, **more: object) -> Served:
    return Served(model=model, name=name, dialect=Dialect.STABILITY, **more)  # type: ignore[arg-type]


def _service(model: str, name: str) -> Served:
    dialect = Dialect.IMAGE_SERVICE
    return Served(model=model, name=name, dialect=dialect, regions=US, geographies=("us",), on_demand=False)


def _judge(model: str, name: str, *, on_demand: bool = False, geographies: tuple[str, ...] = ()) -> Served:
    geos = geographies or ("us", "eu", "apac", "global")
    dialect = Dialect.CONVERSE
    return Served(model=model, name=name, dialect=dialect, regions=WIDE, geographies=geos, on_demand=on_demand)


_ROWS = (
    _generator("stability.stable-image-core-v1:1", "Stable Image Core"),
    _generator("stability.sd3-5-large-v1:0", "Stable Diffusion 3.5"),
    _generator("stability.stable-image-ultra-v1:1", "Stable Image Ultra"),
    _generator("stability.stable-image-core-v1:0", "Stable Image Core", status="legacy"),
    _generator("stability.stable-image-ultra-v1:0", "Stable Image Ultra", status="legacy"),
    _generator("stability.sd3-large-v1:0", "SD3 Large 1.0", status="legacy"),
    Served(
        model="stability.stable-diffusion-xl-v1",
        name="SDXL 1.0",
        dialect=Dialect.SDXL,
        regions=("us-east-1", "us-west-2"),
        status="retired",
        end_of_life="2025-05-20",
    ),
    _service("stability.stable-image-remove-background-v1:0", "Remove Background"),
    _service("stability.stable-image-inpaint-v1:0", "Inpaint"),
    _service("stability.stable-image-erase-object-v1:0", "Erase Object"),
    _service("stability.stable-image-search-replace-v1:0", "Search and Replace"),
    _service("stability.stable-image-search-recolor-v1:0", "Search and Recolor"),
    _service("stability.stable-image-control-sketch-v1:0", "Control Sketch"),
    _service("stability.stable-image-control-structure-v1:0", "Control Structure"),
    _service("stability.stable-image-style-guide-v1:0", "Style Guide"),
    _service("stability.stable-style-transfer-v1:0", "Style Transfer"),
    _service("stability.stable-outpaint-v1:0", "Outpaint"),
    _service("stability.stable-fast-upscale-v1:0", "Fast Upscale"),
    _service("stability.stable-conservative-upscale-v1:0", "Conservative Upscale"),
    _service("stability.stable-creative-upscale-v1:0", "Creative Upscale"),
    Served(
        model="amazon.titan-image-generator-v1",
        name="Titan Image G1",
        dialect=Dialect.AMAZON_IMAGE,
        regions=("us-east-1", "us-west-2", "ap-south-1", "eu-west-1", "eu-west-2"),
        status="retired",
    ),
    Served(
        model="amazon.titan-image-generator-v2:0",
        name="Titan Image G1 v2",
        dialect=Dialect.AMAZON_IMAGE,
        regions=("us-east-1", "us-west-2"),
        status="retired",
        end_of_life="2026-06-30",
    ),
    Served(
        model="amazon.nova-canvas-v1:0",
        name="Nova Canvas",
        dialect=Dialect.AMAZON_IMAGE,
        regions=("us-east-1", "eu-west-1", "ap-northeast-1"),
        status="retired",
        end_of_life="2026-09-30",
    ),
    Served(
        model="amazon.titan-embed-image-v1",
        name="Titan Multimodal G1",
        dialect=Dialect.EMBEDDING,
        regions=(*WIDE, "ap-southeast-2", "sa-east-1"),
    ),
    _judge("amazon.nova-lite-v1:0", "Nova Lite", on_demand=True, geographies=("us", "eu", "apac")),
    _judge("amazon.nova-pro-v1:0", "Nova Pro", on_demand=True, geographies=("us", "eu", "apac")),
    _judge("amazon.nova-2-lite-v1:0", "Nova 2 Lite"),
    _judge("anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5"),
    _judge("anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5"),
    _judge("anthropic.claude-opus-4-5-20251101-v1:0", "Claude Opus 4.5"),
    _judge("anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6"),
    _judge("anthropic.claude-opus-4-6-v1", "Claude Opus 4.6"),
    _judge("anthropic.claude-haiku-5-5", "Claude Haiku 5.5"),
    _judge("anthropic.claude-sonnet-5", "Claude Sonnet 5"),
    _judge("anthropic.claude-sonnet-5-5", "Claude Sonnet 5.5"),
    _judge("anthropic.claude-opus-5-5", "Claude Opus 5.5"),
)


def served(judge_models: tuple[str, ...] = ()) -> Mapping[str, Served]:
    """Every model by its bare id; `judge_models` are ids that answer to Converse beyond the known ones."""
    known = {row.model: row for row in _ROWS}
    for model in judge_models:
        row = _judge(model, model[:20], on_demand=True, geographies=("us",))
        known.setdefault(model, row)
    return known
