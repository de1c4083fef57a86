"""Bodies and answers of the adapters, field by field against the documentation's lists, written down here again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping

import pytest

from prodimg_lab.errors import ContentFiltered, Uncertain, UnsupportedParameter
from prodimg_lab.models import catalogue
from prodimg_lab.models.bedrock import ADAPTERS
from prodimg_lab.models.sdxl import SDXL
from prodimg_lab.models.stability import STABILITY
from prodimg_lab.records import ImageRequest
from prodimg_lab.sweeps.fit import misfits
from prodimg_lab.testing.models import tiny_png

Golden = Callable[[str, str], None]

# Request fields of the user guide's pages (Core and Ultra v1:1, SD3.5 Large), pictures as input included.
TAKEN: Mapping[str, set[str]] = {
    "stability.stable-image-core-v1:1": {"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format"},
    "stability.sd3-5-large-v1:0": {
        *("prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "mode", "image", "strength"),
    },
    "stability.stable-image-ultra-v1:1": {
        *("prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "mode", "image", "strength"),
    },
}
TAKEN_XL = {"text_prompts", "cfg_scale", "steps", "sampler", "style_preset", "width", "height", "seed", "samples"}
PNG = tiny_png("adapter")
ENCODED = base64.b64encode(PNG).decode()


def full(model: str, **fields: object) -> ImageRequest:
    """A request with everything that the model's row of the catalogue allows."""
    return ImageRequest(
        model=model,
        prompt="Product photograph of a mug, soft light",
        negative_prompt="text, watermark",
        seed=4294967294,
        aspect_ratio="16:9",
        output_format="jpeg",
        source="aws",
        **fields,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("model", TAKEN)
def test_a_body_is_as_written_down_and_names_only_fields_that_the_model_takes(model: str, golden: Golden) -> None:
    request = full(model)
    assert misfits(request, catalogue.row(model)) == []
    body = ADAPTERS[model].build_body(request, catalogue.always(model))
    assert set(body) <= TAKEN[model]
    assert body["seed"] == request.seed
    golden(f"{model.split('.')[1].replace(':', '-')}.json", json.dumps(body, indent=1, sort_keys=True) + "\n")


@pytest.mark.parametrize("model", TAKEN)
def test_what_was_not_asked_for_is_not_sent(model: str) -> None:
    request = ImageRequest(model=model, prompt="a mug", seed=7, source="aws")
    body = ADAPTERS[model].build_body(request, catalogue.always(model))
    assert set(body) == {"prompt", "seed", *catalogue.always(model)}


@pytest.mark.parametrize("model", TAKEN)
@pytest.mark.parametrize("field", [{"steps": 30}, {"cfg_scale": 7.0}, {"style_preset": "cinematic"}, {"width": 512}])
def test_a_parameter_that_the_model_lacks_is_refused_by_the_plan_with_its_name(
    model: str, field: dict[str, object]
) -> None:
    name = next(iter(field))
    assert misfits(full(model, **field), catalogue.row(model)) == [f"{model} takes no {name}"]


def test_a_body_of_sdxl_weighs_its_texts_and_carries_sampler_steps_and_style(golden: Golden) -> None:
    request = ImageRequest(
        model="sagemaker:mine",
        prompt="Product photograph of a mug",
        negative_prompt="text",
        seed=7,
        steps=40,
        cfg_scale=7.5,
        sampler="K_EULER",
        style_preset="photographic",
        width=1024,
        height=1024,
        source="aws",
    )
    assert misfits(request, catalogue.row("sdxl")) == []
    body = SDXL.build_body(request, {})
    assert set(body) <= TAKEN_XL
    assert body["text_prompts"] == [
        {"text": "Product photograph of a mug", "weight": 1},
        {"text": "text", "weight": -1},
    ]
    golden("sdxl.json", json.dumps(body, indent=1, sort_keys=True) + "\n")


@pytest.mark.parametrize("adapter", [STABILITY, SDXL])
def test_pictures_as_input_are_refused_until_they_are_built(adapter: object) -> None:
    request = ImageRequest(model="m", prompt="p", seed=1, inputs=("ab",))
    with pytest.raises(UnsupportedParameter, match="leave out the inputs"):
        adapter.build_body(request, {})  # type: ignore[attr-defined]


@pytest.mark.parametrize(("seeds", "seed"), [([42], 42), (["42"], 42), (None, None), (["x"], None)])
def test_the_picture_and_the_seed_come_out_of_an_answer(seeds: object, seed: int | None) -> None:
    payload = {"images": [ENCODED], "finish_reasons": [None], **({"seeds": seeds} if seeds else {})}
    parsed = STABILITY.parse_body(payload, "m")
    assert (parsed.data, parsed.seed) == (PNG, seed)


def test_sdxl_gives_its_picture_and_seed() -> None:
    artifact = {"seed": 9, "base64": ENCODED, "finishReason": "SUCCESS"}
    parsed = SDXL.parse_body({"result": "success", "artifacts": [artifact]}, "m")
    assert (parsed.data, parsed.seed) == (PNG, 9)


@pytest.mark.parametrize(
    "reason", ["Filter reason: prompt", "Filter reason: output image", "Filter reason: input image"]
)
def test_a_refusal_is_an_outcome_with_its_reason(reason: str) -> None:
    with pytest.raises(ContentFiltered, match=reason):
        STABILITY.parse_body({"finish_reasons": [reason]}, "m")
    with pytest.raises(ContentFiltered, match=reason):
        STABILITY.parse_body({"finish_reasons": [reason], "images": [ENCODED], "seeds": [1]}, "m")


def test_a_filtered_picture_of_sdxl_is_a_refusal_although_a_blurred_one_comes() -> None:
    with pytest.raises(ContentFiltered, match="CONTENT_FILTERED"):
        SDXL.parse_body({"artifacts": [{"seed": 1, "base64": ENCODED, "finishReason": "CONTENT_FILTERED"}]}, "m")


@pytest.mark.parametrize("images", [None, []])
def test_an_answer_without_pictures_is_a_refusal(images: object) -> None:
    with pytest.raises(ContentFiltered, match="no picture and no reason"):
        STABILITY.parse_body({"finish_reasons": [None], "images": images}, "m")


@pytest.mark.parametrize(
    ("adapter", "payload"),
    [
        (STABILITY, {"finish_reasons": ["Inference error"]}),
        (STABILITY, {"finish_reasons": [None], "images": [""]}),
        (STABILITY, {"finish_reasons": [None], "images": ["no/base64*"]}),
        (STABILITY, {"finish_reasons": [None], "images": [7]}),
        (SDXL, {"artifacts": [{"finishReason": "ERROR"}]}),
        (SDXL, {"artifacts": [{"finishReason": "SUCCESS", "base64": ""}]}),
        (SDXL, {"result": "success"}),
    ],
)
def test_a_200_without_a_usable_picture_may_have_been_billed(adapter: object, payload: dict[str, object]) -> None:
    with pytest.raises(Uncertain, match="may have been billed"):
        adapter.parse_body(payload, "m")  # type: ignore[attr-defined]
