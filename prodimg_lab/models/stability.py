"""How are Stable Image Core, SD3.5 Large and Stable Image Ultra asked, and what do they answer?

Flat JSON, one picture a call. Fields and answers: the Bedrock user guide's pages of the three models. Pictures as input
(`image`, `mode: image-to-image`, `strength`) have their place here when `ImageRequest.inputs` is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prodimg_lab.errors import ContentFiltered, Uncertain, UnsupportedParameter
from prodimg_lab.models._adapter import Adapter, Parsed, picture_of, seed_of
from prodimg_lab.records import ImageRequest

FAILED = "Inference error"
"""A finish reason that is no refusal: the model broke, in an answer of 200."""


def build_body(request: ImageRequest, always: Mapping[str, str]) -> dict[str, object]:
    """The body of a request; fields that were not asked for are left out. `always` comes from the catalogue."""
    if request.inputs:
        raise UnsupportedParameter(f"{request.model} draws from text alone here; leave out the inputs")
    asked = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt or None,
        "aspect_ratio": request.aspect_ratio,
        "seed": request.seed,
        "output_format": request.output_format,
        "style_preset": request.style_preset,
    }
    return {**always, **{name: value for name, value in asked.items() if value is not None}}


def parse_body(payload: Mapping[str, Any], model: str) -> Parsed:
    """The picture of an answer of 200. Raises `ContentFiltered` for a refusal, `Uncertain` when there is none."""
    reasons = [str(reason) for reason in payload.get("finish_reasons") or () if reason is not None]
    if FAILED in reasons:
        raise Uncertain(f"{model} answered 200 with {FAILED!r}: it may have been billed", model_id=model)
    if reasons:
        raise ContentFiltered("; ".join(reasons), model_id=model)
    images = payload.get("images")
    if not images:
        raise ContentFiltered(f"{model} gave no picture and no reason", model_id=model)
    seeds = payload.get("seeds") or [None]
    return Parsed(data=picture_of(images[0], model), seed=seed_of(seeds[0]))


STABILITY = Adapter(build_body=build_body, parse_body=parse_body)
