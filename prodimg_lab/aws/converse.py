"""How is a vision model asked about a picture, so that the answer is JSON? Converse, with a tool that it must use.

A plain call: which model, what to ask and what the answer means is the judge's business. Shapes: the Bedrock Runtime
service model of botocore 1.44.5; limits on pictures are unproven for other models than Claude.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prodimg_lab.aws.call import EMULATOR_HEADER
from prodimg_lab.aws.errors import Called, map_client_errors
from prodimg_lab.errors import ContentFiltered, FatalForTrial, Uncertain

MOST_IMAGES = 20
MOST_IMAGE_BYTES = 3_750_000
TOOL = "answer"
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"))
_REFUSED = ("content_filtered", "guardrail_intervened")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model filled into the tool, and what it used: tokens in and out. `emulated`: an emulator answered."""

    content: Mapping[str, Any]
    input_tokens: int
    output_tokens: int
    emulated: bool


def ask(
    client: Any,
    *,
    called: Called,
    text: str,
    images: Sequence[bytes],
    schema: Mapping[str, object],
    most_tokens: int = 1000,
) -> Answer:
    """Ask `text` about `images` (png, jpeg, gif, webp); the answer fits the JSON Schema `schema`. Sent once, paid.

    Raises `FatalForTrial` for pictures over the bounds, `ContentFiltered` for a refusal, `Uncertain` for an answer that
    was paid and cannot be used, and whatever `map_client_errors` makes of an error.
    """
    blocks = [{"image": {"format": _format(image), "source": {"bytes": image}}} for image in _checked(images, called)]
    with map_client_errors(called):
        reply = client.converse(
            modelId=called.wire_id,
            messages=[{"role": "user", "content": [*blocks, {"text": text}]}],
            inferenceConfig={"maxTokens": most_tokens, "temperature": 0.0},
            toolConfig={
                "tools": [{"toolSpec": {"name": TOOL, "inputSchema": {"json": dict(schema)}}}],
                "toolChoice": {"tool": {"name": TOOL}},
            },
        )
    return _answer(reply, called)


def _answer(reply: Mapping[str, Any], called: Called) -> Answer:
    stopped = str(reply.get("stopReason", ""))
    if stopped in _REFUSED:
        raise ContentFiltered(f"{called.model_id} would not answer: {stopped}", model_id=called.model_id)
    blocks = reply.get("output", {}).get("message", {}).get("content", [])
    used = next((block["toolUse"]["input"] for block in blocks if "toolUse" in block), None)
    if stopped != "tool_use" or not isinstance(used, dict):
        raise Uncertain(
            f"{called.model_id} was paid and gave no usable answer (it stopped with {stopped or 'nothing'!r}); raise "
            "most_tokens if it is max_tokens",
            model_id=called.model_id,
        )
    usage = reply.get("usage", {})
    headers = reply.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return Answer(
        content=used,
        input_tokens=int(usage.get("inputTokens", 0)),
        output_tokens=int(usage.get("outputTokens", 0)),
        emulated=EMULATOR_HEADER in headers,
    )


def _checked(images: Sequence[bytes], called: Called) -> Sequence[bytes]:
    if len(images) > MOST_IMAGES:
        raise FatalForTrial(
            f"{len(images)} pictures are over the {MOST_IMAGES} of a question", model_id=called.model_id
        )
    for image in images:
        if len(image) > MOST_IMAGE_BYTES:
            raise FatalForTrial(
                f"a picture of {len(image):,} bytes is over the {MOST_IMAGE_BYTES:,} of a question; make it smaller",
                model_id=called.model_id,
            )
    return images


def _format(image: bytes) -> str:
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return "webp"
    found = next((name for magic, name in _MAGIC if image.startswith(magic)), None)
    if found is None:
        raise FatalForTrial(f"{len(image)} bytes that begin {image[:8]!r} are no PNG, JPEG, GIF or WebP picture")
    return found
