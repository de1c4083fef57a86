"""Does every answer fit its schema, and say what was measured?"""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodimg_lab.emulator.filling import Asked, Opinion, filled, questions_in
from prodimg_lab.emulator.judge import PixelJudge, Question
from prodimg_lab.testing.pictures import draw_product


class Opinions:
    def __init__(self, grade: float | None = 0.8, overall: float = 0.6, better: int | None = None) -> None:
        self._grade, self._overall, self._better = grade, overall, better

    def on(self, text: str) -> Opinion:
        return Opinion(grade=self._grade, words="measured")

    def overall(self) -> float:
        return self._overall

    def better(self) -> int | None:
        return self._better


LEAVES = st.one_of(
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        st.integers(-9, 9),
        st.integers(0, 9),
    ),
    st.builds(
        lambda low, more: {"type": "number", "minimum": low, "maximum": low + more},
        st.floats(-9, 9).map(lambda x: round(x, 2)),
        st.floats(1, 9).map(lambda x: round(x, 2)),
    ),
    st.builds(lambda low: {"type": "number", "exclusiveMinimum": low, "exclusiveMaximum": low + 1}, st.integers(-5, 5)),
    st.builds(
        lambda least, more: {"type": "string", "minLength": least, "maxLength": least + more},
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    st.lists(
        st.sampled_from(["yes", "no", "unsure", "good", "bad", "A", "B", "tie", 1, 2, None]), min_size=1, unique=True
    ).map(lambda options: {"enum": options}),
    st.sampled_from(
        [
            {"type": "boolean"},
            {"type": "null"},
            {"const": 7},
            {"type": ["null", "string"]},
            {"type": "string"},
            {"$ref": "#/$defs/x"},
        ]
    ),
)


def wider(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(["score", "reason", "id", "question", "answer", "q1", "confidence"])
    return st.one_of(
        st.dictionaries(names, inner, max_size=4).map(
            lambda found: {
                "type": "object",
                "properties": found,
                "required": sorted(found),
                "additionalProperties": False,
            }
        ),
        st.builds(
            lambda items, least, more: {"type": "array", "items": items, "minItems": least, "maxItems": least + more},
            inner,
            st.integers(0, 4),
            st.integers(0, 4),
        ),
        inner.map(lambda found: {"anyOf": [{"type": "null"}, found]}),
        inner.map(lambda found: {"allOf": [found]}),
    )


@given(
    schema=st.recursive(LEAVES, wider, max_leaves=8),
    grade=st.none() | st.floats(0, 1),
    better=st.sampled_from([None, 0, 1]),
    texts=st.sampled_from([(), ("q1. Is it red?\n2) Is it sharp?",)]),
)
def test_every_answer_fits_its_schema(
    schema: dict[str, Any], grade: float | None, better: int | None, texts: tuple[str, ...]
) -> None:
    root = {**schema, "$defs": {"x": {"type": "integer", "minimum": 3}}}
    jsonschema.Draft202012Validator(root).validate(filled(root, Opinions(grade, 0.6, better), texts=texts))


@pytest.mark.parametrize(
    ("grade", "options", "chosen"),
    [
        (0.8, ["yes", "no", "unsure"], "yes"),
        (0.2, ["yes", "no", "unsure"], "no"),
        (None, ["yes", "no", "unsure"], "unsure"),
        (None, ["yes", "no"], "yes"),
        (0.9, ["No", "Yes"], "Yes"),
        (0.9, ["poor", "fair", "good"], "good"),
        (0.1, ["poor", "fair", "good"], "poor"),
    ],
)
def test_a_choice_follows_the_measurement(grade: float | None, options: list[str], chosen: str) -> None:
    assert filled({"enum": options}, Opinions(grade)) == chosen


@pytest.mark.parametrize(("better", "chosen"), [(0, "A"), (1, "B"), (None, "tie")])
def test_of_two_pictures_the_better_one_is_chosen(better: int | None, chosen: str) -> None:
    assert filled({"enum": ["A", "B", "tie"]}, Opinions(better=better)) == chosen


def test_a_number_spans_its_range() -> None:
    schema = {"type": "integer", "minimum": 1, "maximum": 5}
    assert [filled(schema, Opinions(grade)) for grade in (0.0, 0.5, 1.0)] == [1, 3, 5]


def test_questions_are_found_with_their_numbers() -> None:
    found = questions_in(["Please answer.\n1. Is it red?\n(b) Is it sharp?\n- Is it whole?\nThanks."])
    assert found == [
        Asked(label="1", text="Is it red?"),
        Asked(label="b", text="Is it sharp?"),
        Asked(label="", text="Is it whole?"),
    ]


def test_a_property_named_like_a_question_answers_it() -> None:
    schema = {"properties": {"q1": {"enum": ["yes", "no"]}, "q2": {"enum": ["yes", "no"]}}, "type": "object"}
    mug = draw_product(colour="#cc2222", size=256).data
    question = Question(model="m", texts=("q1. Is it red?\nq2. Is it blue?",), images=(mug,), schema=schema)
    assert PixelJudge()(question) == {"q1": "yes", "q2": "no"}


def test_the_judge_sees_which_of_two_pictures_is_blurred() -> None:
    import cv2

    sharp = draw_product(size=256)
    blurred = cv2.imencode(".png", cv2.GaussianBlur(sharp.picture, (0, 0), 6))[1].tobytes()
    schema = {"enum": ["A", "B", "tie"]}
    pairs = ((sharp.data, blurred), (blurred, sharp.data), (sharp.data, sharp.data))
    found = [PixelJudge()(Question(model="m", texts=("Which?",), images=pair, schema=schema)) for pair in pairs]
    assert found == ["A", "B", "tie"]


def test_a_blurred_picture_is_blurry_and_not_sharp() -> None:
    import cv2

    blurred = cv2.imencode(".png", cv2.GaussianBlur(draw_product(size=256).picture, (0, 0), 6))[1].tobytes()
    schema = {"type": "array", "items": {"enum": ["yes", "no"]}}
    texts = ("Is the picture sharp?\nIs the picture blurry?",)
    assert PixelJudge()(Question(model="m", texts=texts, images=(blurred,), schema=schema)) == ["no", "yes"]


def test_without_a_picture_nothing_is_claimed() -> None:
    schema = {"type": "object", "properties": {"answer": {"enum": ["yes", "no", "unsure"]}, "why": {"type": "string"}}}
    found = PixelJudge()(Question(model="m", texts=("Is it sharp?",), images=(), schema=schema))
    assert isinstance(found, dict) and found["answer"] == "unsure"
    assert found["why"].startswith("simulated: there is no picture")
