"""Asking a vision model, and placing a picture: over a socket, against the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from prodimg_lab.aws import Account, Called, client, clients
from prodimg_lab.aws.converse import MOST_IMAGE_BYTES, ask
from prodimg_lab.aws.embeddings import TITAN, embed
from prodimg_lab.emulator import Emulator
from prodimg_lab.errors import ContentFiltered, FatalForTrial, ModelRetired, Throttled, Uncertain

JUDGE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
SCHEMA = {
    "type": "object",
    "properties": {
        "sharp": {"type": "string", "enum": ["yes", "no", "unsure"]},
        "quality": {"type": "number", "minimum": 0, "maximum": 5},
    },
    "required": ["sharp", "quality"],
}


def picture(form: str = "PNG", size: int = 96) -> bytes:
    out = BytesIO()
    Image.effect_noise((size, size), 60).convert("RGB").save(out, form)
    return out.getvalue()


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(judge_models=(JUDGE.removeprefix("us."),)) as running:
        yield running


@pytest.fixture
def runtime(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    clients.forget_clients()
    emulator.reset()
    yield client("bedrock-runtime", "us-west-2", Account())
    clients.forget_clients()


def called(model: str) -> Called:
    return Called(service="bedrock-runtime", region="us-west-2", model_id=model, wire_id=model)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_judge_fills_the_schema_about_a_picture(runtime: object, form: str) -> None:
    answer = ask(runtime, called=called(JUDGE), text="Is it sharp?", images=[picture(form)], schema=SCHEMA)
    assert answer.content["sharp"] in ("yes", "no", "unsure")
    assert 0 <= answer.content["quality"] <= 5
    assert answer.input_tokens > 0 and answer.output_tokens > 0
    assert answer.emulated


def test_pictures_over_the_bounds_are_refused_before_anything_is_paid(runtime: object, emulator: Emulator) -> None:
    for images in ([picture()] * 21, [picture() + b"\0" * MOST_IMAGE_BYTES], [b"no picture"]):
        with pytest.raises(FatalForTrial):
            ask(runtime, called=called(JUDGE), text="?", images=images, schema=SCHEMA)
    assert emulator.log.sends == 0


def test_errors_of_a_judge_are_ours(runtime: object, emulator: Emulator) -> None:
    for name, kind in (("throttled", Throttled), ("end-of-life", ModelRetired), ("half-json", Uncertain)):
        emulator.fault(name)
        with pytest.raises(kind):
            ask(runtime, called=called(JUDGE), text="?", images=[picture()], schema=SCHEMA)


@pytest.mark.parametrize(("stopped", "kind"), [("content_filtered", ContentFiltered), ("max_tokens", Uncertain)])
def test_an_answer_that_is_none_is_told_apart(stopped: str, kind: type[Exception]) -> None:
    class Fake:
        def converse(self, **_: object) -> dict[str, object]:
            return {"stopReason": stopped, "output": {"message": {"content": [{"text": "Well"}]}}}

    with pytest.raises(kind, match=stopped):
        ask(Fake(), called=called(JUDGE), text="?", images=[picture()], schema=SCHEMA)


@pytest.mark.parametrize("length", [256, 384, 1024])
def test_a_picture_and_a_text_get_vectors_of_the_length_asked_for(runtime: object, length: int) -> None:
    seen = embed(runtime, called=called(TITAN), image=picture(), length=length)  # type: ignore[arg-type]
    read = embed(runtime, called=called(TITAN), text="a red mug", length=length)  # type: ignore[arg-type]
    assert len(seen.vector) == len(read.vector) == length
    assert seen.vector != read.vector
    assert seen.emulated


def test_an_embedding_of_nothing_is_refused(runtime: object, emulator: Emulator) -> None:
    with pytest.raises(FatalForTrial, match="needs a text, a picture, or both"):
        embed(runtime, called=called(TITAN))
    assert emulator.log.sends == 0
