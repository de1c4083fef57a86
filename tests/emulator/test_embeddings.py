"""Are simulated vectors what a client of Titan expects, and near where the pictures are near?"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from prodimg_lab.emulator import Emulator
from prodimg_lab.testing.pictures import draw_product

PATH = "/model/amazon.titan-embed-image-v1/invoke"


def vector(answer: Any) -> np.ndarray[Any, Any]:
    assert answer.status == 200, answer.body
    return np.array(answer.json["embedding"])


def image(**how: Any) -> dict[str, str]:
    return {"inputImage": base64.b64encode(draw_product(size=96, **how).data).decode()}


@pytest.mark.parametrize("length", [256, 384, 1024])
def test_a_vector_has_the_length_that_was_asked_for(quick: Emulator, call: Any, length: int) -> None:
    config = {"embeddingConfig": {"outputEmbeddingLength": length}}
    for given in ({"inputText": "a mug"}, image(), {"inputText": "a mug", **image()}):
        found = vector(call(quick, PATH, {**given, **config}))
        assert len(found) == length and abs(np.linalg.norm(found) - 1) < 1e-5


def test_the_answer_has_the_three_members(quick: Emulator, call: Any) -> None:
    answer = call(quick, PATH, {"inputText": "a red mug."}).json
    assert list(answer) == ["embedding", "inputTextTokenCount", "message"]
    assert (len(answer["embedding"]), answer["inputTextTokenCount"], answer["message"]) == (1024, 4, None)
    assert quick.log.billed == 0


def test_equal_inputs_give_equal_vectors(quick: Emulator, call: Any) -> None:
    first, again = (call(quick, PATH, image()).body for _ in range(2))
    assert first == again


def test_like_pictures_are_nearer_than_unlike_ones(quick: Emulator, call: Any) -> None:
    white, other, scene = (
        vector(call(quick, PATH, image(**how)))
        for how in ({"seed": 1}, {"fill": 0.6}, {"backdrop": "scene", "colour": "#223388"})
    )
    assert white @ other > white @ scene


def test_both_inputs_give_their_mean(quick: Emulator, call: Any) -> None:
    text, picture = vector(call(quick, PATH, {"inputText": "a mug"})), vector(call(quick, PATH, image()))
    both = vector(call(quick, PATH, {"inputText": "a mug", **image()}))
    mean = (text + picture) / np.linalg.norm(text + picture)
    assert np.allclose(both, mean, atol=1e-6)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "required key [inputText] not found"),
        ({"inputText": ""}, "required key [inputText] not found"),
        ({"inputText": 5}, "#/inputText: expected type: String, found: Integer"),
        ({"inputText": "a " * 129}, "expected maxTokens: 128, actual: 129"),
        ({"inputImage": "***"}, "#/inputImage: not valid base64"),
        ({"inputImage": "aGVsbG8="}, "#/inputImage: no readable picture"),
        ({"inputText": "a", "dimensions": 256}, "extraneous key [dimensions] is not permitted"),
        ({"inputText": "a", "embeddingConfig": {"outputEmbeddingLength": 512}}, "512 is not a valid enum value"),
        ({"inputText": "a", "embeddingConfig": 256}, "#/embeddingConfig: expected type: JSONObject, found: Integer"),
    ],
)
def test_what_is_wrong_is_named(quick: Emulator, call: Any, given: dict[str, Any], text: str) -> None:
    refused = call(quick, PATH, given)
    assert refused.status == 400 and text in refused.message
