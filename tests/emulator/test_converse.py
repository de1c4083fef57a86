"""Does Converse read what a judge sends, and answer in the form that was forced?"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.emulator import Emulator, Question
from prodimg_lab.testing.pictures import draw_product

JUDGE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
PATH = f"/model/{JUDGE}/converse"
SCHEMA = {
    "type": "object",
    "properties": {
        "answers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "answer": {"type": "string", "enum": ["yes", "no", "unsure"]},
                    "reason": {"type": "string"},
                },
                "required": ["id", "answer", "reason"],
            },
        }
    },
    "required": ["answers"],
}
QUESTIONS = (
    "Look at the picture.\n"
    "q1. Is the background white?\n"
    "q2. Is the mug green?\n"
    "q3. Does the brand exist?\n"
    "q4. Is the mug red?"
)


def image(data: bytes, form: str = "png") -> dict[str, Any]:
    return {"image": {"format": form, "source": {"bytes": base64.b64encode(data).decode()}}}


def body(*blocks: dict[str, Any], schema: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    content = [*blocks] or [{"text": "hello"}]
    found: dict[str, Any] = {"messages": [{"role": "user", "content": content}], **more}
    if schema is not None:
        tool = {"toolSpec": {"name": "report", "inputSchema": {"json": schema}}}
        found["toolConfig"] = {"tools": [tool], "toolChoice": {"tool": {"name": "report"}}}
    return found


def test_a_forced_tool_is_answered_from_the_pixels(quick: Emulator, call: Any) -> None:
    mug = draw_product(colour="#2e8b57", backdrop="white", size=256).data
    answer = call(quick, PATH, body({"text": QUESTIONS}, image(mug), schema=SCHEMA)).json
    use = answer["output"]["message"]["content"][0]["toolUse"]
    assert answer["output"]["message"]["role"] == "assistant" and answer["stopReason"] == "tool_use"
    assert use["name"] == "report" and use["toolUseId"]
    found = {each["id"]: each["answer"] for each in use["input"]["answers"]}
    assert found == {"q1": "yes", "q2": "yes", "q3": "unsure", "q4": "no"}
    assert all(each["reason"].startswith("simulated: ") for each in use["input"]["answers"])


def test_another_picture_gets_another_answer(quick: Emulator, call: Any) -> None:
    scene = draw_product(colour="#2e8b57", backdrop="scene", size=256).data
    answer = call(quick, PATH, body({"text": QUESTIONS}, image(scene), schema=SCHEMA)).json
    answers = answer["output"]["message"]["content"][0]["toolUse"]["input"]["answers"]
    assert {each["id"]: each["answer"] for each in answers}["q1"] == "no"


def test_usage_and_metrics_are_always_there(quick: Emulator, call: Any) -> None:
    for given in (body(), body({"text": "Is it sharp?"}, image(draw_product(size=96).data), schema=SCHEMA)):
        answer = call(quick, PATH, given).json
        assert set(answer) == {"output", "stopReason", "usage", "metrics"}
        usage = answer["usage"]
        assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"] > 0
        assert isinstance(answer["metrics"]["latencyMs"], int)


def test_without_a_tool_the_answer_is_text_that_says_to_be_simulated(quick: Emulator, call: Any) -> None:
    answer = call(quick, PATH, body({"text": "Is it sharp?"}, image(draw_product().data))).json
    assert answer["stopReason"] == "end_turn"
    assert answer["output"]["message"]["content"][0]["text"].startswith("simulated: sharpness ")


def test_an_output_schema_gives_json_as_text(quick: Emulator, call: Any) -> None:
    schema = json.dumps({"type": "object", "properties": {"score": {"type": "integer", "minimum": 1, "maximum": 5}}})
    form = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema, "name": "score"}}}}
    given = body({"text": "Rate it"}, image(draw_product().data), outputConfig=form)
    answer = call(quick, PATH, given).json
    assert answer["stopReason"] == "end_turn"
    assert json.loads(answer["output"]["message"]["content"][0]["text"])["score"] in range(1, 6)


def test_a_judge_of_ones_own_gets_all_that_was_sent(prepared_file: Path, call: Any) -> None:
    asked: list[Question] = []

    def judge(question: Question) -> object:
        asked.append(question)
        return {"verdict": "mine"}

    first, second = draw_product(seed=1).data, draw_product(seed=2).data
    given = body({"text": "Compare"}, image(first), image(second), schema=SCHEMA, system=[{"text": "Be strict"}])
    with Emulator(prepared=prepared_file, judge=judge, judge_models=("acme.eye-v1",)) as emulator:
        answer = call(emulator, "/model/acme.eye-v1/converse", given).json
    assert answer["output"]["message"]["content"][0]["toolUse"]["input"] == {"verdict": "mine"}
    (question,) = asked
    assert question.texts == ("Be strict", "Compare") and question.images == (first, second)
    assert (question.model, question.tool, question.schema) == ("acme.eye-v1", "report", SCHEMA)


def nested(text: str) -> dict[str, Any]:
    return {"image": {"format": "png", "source": {"bytes": text}}}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "at least one message"),
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "user", "content": []}]}, "is empty. Add a ContentBlock"),
        ({"messages": [{"role": "user", "content": "hello"}]}, "must be an array"),
        ({"messages": [{"role": "robot", "content": [{"text": "a"}]}]}, "must be user or assistant"),
        ({"messages": [{"role": "assistant", "content": [{"text": "a"}]}]}, "must start with a user message"),
        (body({"text": " "}), "is blank"),
        (body({"document": {}}), "the emulator reads text and image blocks only"),
        (body({"image": {"format": "tiff", "source": {"bytes": "aaaa"}}}), "none of png, jpeg, gif, webp"),
        (body({"image": {"format": "png", "source": {"s3Location": {"uri": "s3://a/b"}}}}), "points to S3"),
        (body({"image": {"format": "png", "source": {}}}), "must hold bytes in base64"),
        (body(nested("***")), "Could not process image: not valid base64"),
        (body(nested("aGVsbG8=")), "Could not process image: no readable picture"),
        (body(image(draw_product(size=96).data, "jpeg")), "the format says jpeg, the bytes are png"),
        (body(*[image(draw_product(size=96).data)] * 21), "21 images are more than 20"),
        (body(toolConfig={"tools": []}), "at least one tool"),
        (body(toolConfig={"tools": [{"toolSpec": {"name": "a b"}}]}), "must match"),
        (body(toolConfig={"tools": [{"toolSpec": {"name": "ab"}}]}), "must hold a JSON schema"),
        (body(schema={"type": "array"}), "must be object"),
        (body(outputConfig={"textFormat": {}}), "must be a JSON schema as text"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(quick: Emulator, call: Any, given: dict[str, Any], text: str) -> None:
    refused = call(quick, PATH, given)
    assert (refused.status, refused.code) == (400, "ValidationException")
    assert text in refused.message


def test_a_forced_tool_must_be_one_of_the_tools(quick: Emulator, call: Any) -> None:
    given = body(schema=SCHEMA)
    given["toolConfig"]["toolChoice"]["tool"]["name"] = "other"
    assert "'other' is none of the tools" in call(quick, PATH, given).message


def test_an_image_model_does_not_converse(quick: Emulator, call: Any) -> None:
    refused = call(quick, "/model/stability.sd3-5-large-v1:0/converse", body())
    assert "doesn't support the model" in refused.message


def test_a_judge_called_by_bare_id_needs_its_profile(quick: Emulator, call: Any) -> None:
    refused = call(quick, f"/model/{JUDGE.removeprefix('us.')}/converse", body())
    assert "on-demand throughput" in refused.message


def test_a_judge_is_throttled_like_any_model(quick: Emulator, call: Any) -> None:
    quick.fault("throttled", model=JUDGE)
    assert [call(quick, PATH, body()).status for _ in range(2)] == [429, 200]
    assert quick.log.billed == 0
