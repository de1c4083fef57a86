"""How is Stable Diffusion XL 1.0 asked? Bedrock has retired it; SageMaker endpoints still speak this.

Weighted texts; a negative weight is a negative prompt. Fields and ranges: the Bedrock user guide's page of SDXL 1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prodimg_lab.errors import ContentFiltered, Uncertain, UnsupportedParameter
from prodimg_lab.models._adapter import Adapter, Parsed, picture_of, seed_of
from prodimg_lab.records import ImageRequest


def build_body(request: ImageRequest, always: Mapping[str, str]) -> dict[str, object]:
    """The body of a request; fields that were not asked for are left out."""
    if request.inputs:
        raise UnsupportedParameter(f"{request.model} draws from text alone here; leave out the inputs")
    texts: list[dict[str, object]] = [{"text": request.prompt, "weight": 1}]
    if request.negative_prompt:
        texts.append({"text": request.negative_prompt, "weight": -1})
    asked = {
        "cfg_scale": request.cfg_scale,
        "steps": request.steps,
        "sampler": request.sampler,
        "style_preset": request.style_preset,
        "width": request.width,
        "height": request.height,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    return {**always, "text_prompts": texts, "seed": request.seed, **given}


def parse_body(payload: Mapping[str, Any], model: str) -> Parsed:
    """The picture of an answer of 200. A filtered one comes with a blurred picture, which is not taken."""
    artifacts = payload.get("artifacts")
    artifact = artifacts[0] if isinstance(artifacts, list) and artifacts else {}
    reason = str(artifact.get("finishReason", "")) if isinstance(artifact, dict) else ""
    if reason == "CONTENT_FILTERED":
        raise ContentFiltered(reason, model_id=model)
    if reason == "ERROR" or not isinstance(artifact, dict):
        raise Uncertain(f"{model} answered 200 with {reason or 'no artifact'}: it may have been billed", model_id=model)
    return Parsed(data=picture_of(artifact.get("base64"), model), seed=seed_of(artifact.get("seed")))


SDXL = Adapter(build_body=build_body, parse_body=parse_body)
