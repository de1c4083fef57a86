"""Which bodies do the generators take, and what do they answer?"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from prodimg_lab.emulator import Emulator

SD35 = "stability.sd3-5-large-v1:0"
CORE = "stability.stable-image-core-v1:1"
ULTRA = "stability.stable-image-ultra-v1:1"
GENERATORS = (CORE, SD35, ULTRA)
LEGACY = ("stability.stable-image-core-v1:0", "stability.stable-image-ultra-v1:0", "stability.sd3-large-v1:0")


def path(model: str) -> str:
    return f"/model/{model}/invoke"


@pytest.mark.parametrize("model", [*GENERATORS, *LEGACY])
def test_a_prompt_alone_gives_one_picture_with_its_seed(quick: Emulator, call: Any, model: str) -> None:
    answer = call(quick, path(model), {"prompt": "a mug"})
    assert answer.status == 200
    assert list(answer.json) == ["seeds", "finish_reasons", "images"]
    assert answer.json["finish_reasons"] == [None]
    assert base64.b64decode(answer.json["images"][0], validate=True).startswith(b"\x89PNG")
    assert 1 <= answer.json["seeds"][0] <= 4294967295


@pytest.mark.parametrize("given", [{}, {"seed": 0}])
def test_seed_0_or_none_draws_one_and_reports_it(quick: Emulator, call: Any, given: dict[str, int]) -> None:
    seeds = {call(quick, path(SD35), {"prompt": "a mug", **given}).json["seeds"][0] for _ in range(4)}
    assert len(seeds) > 1 and 0 not in seeds


def test_a_given_seed_comes_back(quick: Emulator, call: Any) -> None:
    assert call(quick, path(CORE), {"prompt": "a mug", "seed": 4294967295}).json["seeds"] == [4294967295]


ALLOWED = [
    (CORE, {"negative_prompt": "text", "aspect_ratio": "16:9", "seed": 1, "output_format": "jpeg"}),
    (SD35, {"negative_prompt": "text", "aspect_ratio": "9:21", "output_format": "webp", "mode": "text-to-image"}),
    (ULTRA, {"negative_prompt": "text", "aspect_ratio": "2:3", "output_format": "png", "mode": "text-to-image"}),
    (ULTRA, {"prompt": ""}),
]


@pytest.mark.parametrize(("model", "more"), ALLOWED)
def test_fields_of_the_allow_list_are_taken(quick: Emulator, call: Any, model: str, more: dict[str, Any]) -> None:
    assert call(quick, path(model), {"prompt": "a mug", **more}).status == 200


WRONG = [
    (SD35, {"prompt": 7}, "#/prompt: expected type: String, found: Integer"),
    (SD35, {"prompt": None}, "#/prompt: expected type: String, found: Null"),
    (SD35, {"prompt": "a" * 10_001}, "#/prompt: expected maxLength: 10000, actual: 10001"),
    (SD35, {"negative_prompt": "a" * 10_001}, "#/negative_prompt: expected maxLength: 10000, actual: 10001"),
    (SD35, {"aspect_ratio": "7:3"}, "#/aspect_ratio: 7:3 is not a valid enum value"),
    (SD35, {"seed": 4294967295}, "#/seed: 4294967295 is not less or equal to 4294967294"),
    (CORE, {"seed": 4294967296}, "#/seed: 4294967296 is not less or equal to 4294967295"),
    (CORE, {"seed": -1}, "#/seed: -1 is not greater or equal to 0"),
    (CORE, {"seed": "5"}, "#/seed: expected type: Integer, found: String"),
    (CORE, {"seed": 5.5}, "#/seed: expected type: Integer, found: BigDecimal"),
    (CORE, {"seed": True}, "#/seed: expected type: Integer, found: Boolean"),
    (CORE, {"output_format": "webp"}, "#/output_format: webp is not a valid enum value"),
    (ULTRA, {"output_format": "tiff"}, "#/output_format: tiff is not a valid enum value"),
    (ULTRA, {"mode": "image-to-image"}, "#/mode: image-to-image is not a valid enum value"),
]


@pytest.mark.parametrize(("model", "more", "text"), WRONG)
def test_a_value_that_does_not_fit_is_named(
    quick: Emulator, call: Any, model: str, more: dict[str, Any], text: str
) -> None:
    refused = call(quick, path(model), {"prompt": "a mug", **more})
    assert (refused.status, refused.code) == (400, "ValidationException")
    assert refused.message == f"Malformed input request: {text}, please reformat your input and try again."


def test_a_body_without_a_prompt_is_told_so_in_the_known_words(quick: Emulator, call: Any) -> None:
    # the body of litellm issue 6722: fields of another family, no prompt
    refused = call(quick, path(ULTRA), {"text_prompts": [{"text": "a mug"}]})
    assert refused.message == (
        "Malformed input request: #: required key [prompt] not found, please reformat your input and try again."
    )


def test_several_faults_are_joined(quick: Emulator, call: Any) -> None:
    assert "#: required key [prompt] not found#/seed: -1 is" in call(quick, path(CORE), {"seed": -1}).message


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (CORE, "style_preset"),
        (CORE, "mode"),
        (CORE, "text_prompts"),
        (SD35, "cfg_scale"),
        (SD35, "steps"),
        (SD35, "style_preset"),
        (ULTRA, "cfg_scale"),
        (ULTRA, "quality"),
        (ULTRA, "width"),
        (ULTRA, "samples"),
    ],
)
def test_a_field_that_the_model_lacks_is_refused_with_those_it_has(
    quick: Emulator, call: Any, model: str, field: str
) -> None:
    refused = call(quick, path(model), {"prompt": "a mug", field: 1})
    assert refused.status == 400
    assert refused.message.startswith('{"detail":"Invalid field in request. Available fields: [\'prompt\', ')
    assert field not in refused.message


def test_ultra_names_its_fields_in_the_known_order(quick: Emulator, call: Any) -> None:
    known = "['prompt', 'negative_prompt', 'mode', 'strength', 'seed', 'output_format', 'image', 'aspect_ratio']"
    refused = call(quick, path(ULTRA), {"prompt": "a mug", "style_preset": "photographic"})
    assert refused.message == f'{{"detail":"Invalid field in request. Available fields: {known}"}}'


@pytest.mark.parametrize("body", [b"", b"not json", b"{", b'{"prompt": NaN}', b"\xff\xfe"])
def test_what_is_no_json_is_refused_in_the_general_words(quick: Emulator, call: Any, body: bytes) -> None:
    refused = call(quick, path(SD35), body)
    assert refused.message == "Malformed input request, please reformat your input and try again."


@pytest.mark.parametrize("body", [b"[]", b'"a mug"', b"null"])
def test_json_that_is_no_object_is_refused(quick: Emulator, call: Any, body: bytes) -> None:
    assert "expected type: JSONObject" in call(quick, path(SD35), body).message


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class TestPicturesAsInput:
    def test_a_right_request_is_told_that_the_emulator_draws_from_text_only(
        self, quick: Emulator, call: Any, picture: Any
    ) -> None:
        image = in_base64(picture())
        for model, more in ((SD35, {"mode": "image-to-image", "strength": 0.5}), (ULTRA, {}), (SD35, {"strength": 1})):
            refused = call(quick, path(model), {"prompt": "a mug", "image": image, **more})
            assert refused.status == 400
            assert refused.message.startswith("prodimg emulator, not AWS: the image-to-image request is in order")
        assert quick.log.billed == 0

    @pytest.mark.parametrize(
        ("more", "text"),
        [
            ({"mode": "image-to-image"}, "required key [image] not found"),
            ({"strength": 0.5}, "required key [image] not found"),
            ({"mode": "image-to-image", "image": "OK"}, "required key [strength] not found"),
            ({"image": "***", "strength": 0.5}, "#/image: not valid base64"),
            ({"image": "aGVsbG8=", "strength": 0.5}, "#/image: no readable picture"),
            ({"image": "OK", "strength": 1.5}, "#/strength: 1.5 is not less or equal to 1"),
            ({"image": "OK", "strength": 0.5, "aspect_ratio": "1:1"}, "aspect_ratio cannot be combined with image"),
            ({"image": "SMALL", "strength": 0.5}, "63 × 64 px; each side must have at least 64"),
        ],
    )
    def test_what_is_wrong_with_it_is_said_first(
        self, quick: Emulator, call: Any, picture: Any, more: dict[str, Any], text: str
    ) -> None:
        images = {"OK": in_base64(picture()), "SMALL": in_base64(picture(63, 64))}
        body = {"prompt": "a mug", **more}
        if "image" in body:
            body["image"] = images.get(body["image"], body["image"])
        assert text in call(quick, path(SD35), body).message


def test_a_refused_word_gives_a_reason_and_nothing_else(quick: Emulator, call: Any) -> None:
    answer = call(quick, path(SD35), {"prompt": "a NSFW mug", "seed": 5})
    assert answer.status == 200
    assert answer.json == {"finish_reasons": ["Filter reason: prompt"]}
    assert quick.log.billed == 1
