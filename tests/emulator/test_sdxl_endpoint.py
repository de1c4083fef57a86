"""What does a SageMaker endpoint with Stable Diffusion XL take and answer?"""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from prodimg_lab.emulator import Emulator

PATH = "/endpoints/my-sdxl/invocations"
PROMPT = {"text_prompts": [{"text": "a mug"}]}


@pytest.fixture
def ask(quick: Emulator, call: Any, signer: Any) -> Any:
    return lambda body, **more: call(quick, PATH, body, signer=signer(service="sagemaker"), **more)


def test_text_prompts_give_an_artifact(ask: Any, quick: Emulator) -> None:
    answer = ask({**PROMPT, "seed": 7})
    assert answer.status == 200
    assert list(answer.json) == ["result", "artifacts"]
    (artifact,) = answer.json["artifacts"]
    assert (artifact["seed"], artifact["finishReason"]) == (7, "SUCCESS")
    assert base64.b64decode(artifact["base64"], validate=True).startswith(b"\x89PNG")
    assert answer.headers["x-amzn-invoked-production-variant"] == "AllTraffic"
    assert quick.log.calls[0].operation == "InvokeEndpoint"


def test_every_documented_field_is_taken(ask: Any) -> None:
    body = {
        "text_prompts": [{"text": "a mug", "weight": 1.0}, {"text": "clutter", "weight": -1}],
        "cfg_scale": 7.5,
        "width": 1152,
        "height": 896,
        "steps": 30,
        "seed": 4294967295,
        "samples": 1,
        "clip_guidance_preset": "NONE",
        "sampler": "K_EULER",
        "style_preset": "photographic",
    }
    assert ask(body).status == 200


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "#: required key [text_prompts] not found"),
        ({"prompt": "a mug"}, "#: extraneous key [prompt] is not permitted"),
        ({"text_prompts": []}, "expected minItems: 1"),
        ({"text_prompts": ["a mug"]}, "#/text_prompts/0: expected type: JSONObject"),
        ({"text_prompts": [{"weight": 1}]}, "#/text_prompts/0: required key [text] not found"),
        ({"text_prompts": [{"text": "a" * 2001}]}, "#/text_prompts/0/text: expected maxLength: 2000, actual: 2001"),
        ({**PROMPT, "steps": 9}, "#/steps: 9 is not greater or equal to 10"),
        ({**PROMPT, "steps": 51}, "#/steps: 51 is not less or equal to 50"),
        ({**PROMPT, "cfg_scale": 35.1}, "#/cfg_scale: 35.1 is not less or equal to 35"),
        ({**PROMPT, "samples": 2}, "#/samples: 2 is not less or equal to 1"),
        ({**PROMPT, "sampler": "EULER"}, "#/sampler: EULER is not a valid enum value"),
        ({**PROMPT, "style_preset": "photo"}, "#/style_preset: photo is not a valid enum value"),
        ({**PROMPT, "width": 512, "height": 512}, "512x512 is none of 1024x1024"),
        ({**PROMPT, "init_image": "x"}, "draws from text only; leave out init_image"),
    ],
)
def test_the_complaint_of_the_container_comes_as_a_model_error(ask: Any, body: dict[str, Any], text: str) -> None:
    refused = ask(body)
    assert (refused.status, refused.code) == (424, "ModelError")
    assert refused.json["OriginalStatusCode"] == 400
    assert text in refused.json["OriginalMessage"] and text in refused.json["Message"]


@pytest.mark.parametrize("fault", ["refused-prompt", "refused-output"])
def test_a_filtered_picture_comes_grey(ask: Any, fault: str) -> None:
    (artifact,) = ask(PROMPT, x_prodimg_fault=fault).json["artifacts"]
    assert artifact["finishReason"] == "CONTENT_FILTERED"
    picture = Image.open(io.BytesIO(base64.b64decode(artifact["base64"])))
    assert picture.size == (1024, 1024)
    assert picture.getextrema() == ((127, 127),) * 3


def test_a_refused_word_is_filtered_too(ask: Any) -> None:
    assert ask({"text_prompts": [{"text": "nude mug"}]}).json["artifacts"][0]["finishReason"] == "CONTENT_FILTERED"


def test_an_inference_error_has_no_picture(ask: Any) -> None:
    (artifact,) = ask(PROMPT, x_prodimg_fault="inference-error").json["artifacts"]
    assert (artifact["finishReason"], artifact["base64"]) == ("ERROR", "")


def test_a_signature_for_bedrock_does_not_open_it(quick: Emulator, call: Any) -> None:
    refused = call(quick, PATH, PROMPT)
    assert (refused.status, refused.code) == (403, "InvalidSignatureException")


def test_an_endpoint_is_paid_by_the_hour(ask: Any, quick: Emulator) -> None:
    ask(PROMPT)
    assert (quick.log.billed, quick.log.spent_micro) == (0, 0)
