"""What does a language model answer on Converse? Text, or the input of a forced tool, from a judge that sees pictures.

Token counts are estimates (four characters a token, 750 pixels a token). The request's limits are of memory, unproven.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import orjson

from prodimg_lab.emulator.bodies import read_object
from prodimg_lab.emulator.inputs import picture_from_base64
from prodimg_lab.emulator.judge import Judge, PixelJudge, Question
from prodimg_lab.emulator.wire import Refusal, Reply, invalid, json_reply, not_simulated

FORMATS = ("png", "jpeg", "gif", "webp")
MOST_IMAGES = 20
MOST_IMAGE_BYTES = 3_750_000
LONGEST_SIDE = 8000
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
FREE_TEXT: Mapping[str, object] = {"type": "string"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What form the answer has. `tool` is the forced tool's name, "" for text; `as_json`: the text is JSON."""

    schema: Mapping[str, object]
    tool: str = ""
    as_json: bool = False


def conversed(body: bytes, model: str, judge: Judge | None) -> Reply:
    """The answer to a Converse request. Raises `Refusal` (400)."""
    begun = time.monotonic()
    given = read_object(body)
    texts, images, tokens = _read(given)
    wanted = _wanted(given)
    question = Question(model=model, texts=tuple(texts), images=tuple(images), schema=wanted.schema, tool=wanted.tool)
    answer = (judge or PixelJudge())(question)
    if wanted.tool:
        use = {"toolUseId": f"tooluse_{secrets.token_urlsafe(16)}", "name": wanted.tool, "input": answer}
        block: dict[str, object] = {"toolUse": use}
    else:
        block = {"text": orjson.dumps(answer).decode() if wanted.as_json else str(answer)}
    out = max(1, len(orjson.dumps(block)) // 4)
    return json_reply(
        {
            "output": {"message": {"role": "assistant", "content": [block]}},
            "stopReason": "tool_use" if wanted.tool else "end_turn",
            "usage": {"inputTokens": tokens, "outputTokens": out, "totalTokens": tokens + out},
            "metrics": {"latencyMs": round((time.monotonic() - begun) * 1000)},
        }
    )


def _read(given: Mapping[str, object]) -> tuple[list[str], list[bytes], int]:
    """All texts and pictures in order, and an estimate of their tokens."""
    messages = given.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _wrong("messages", "at least one message is needed")
    texts: list[str] = []
    images: list[bytes] = []
    tokens = 0
    for block in _blocks(given.get("system", []), "system"):
        texts.append(str(block.get("text", "")))
    for at, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant", "system"):
            raise _wrong(f"messages.{at}.role", "must be user or assistant")
        if at == 0 and message["role"] != "user":
            raise invalid("A conversation must start with a user message. Try again with a conversation that does.")
        blocks = _blocks(message.get("content"), f"messages.{at}.content")
        if not blocks:
            raise invalid(
                f"The content field in the Message object at messages.{at} is empty. Add a ContentBlock object."
            )
        for place, block in enumerate(blocks):
            tokens += _read_block(block, f"messages.{at}.content.{place}", texts, images)
    if len(images) > MOST_IMAGES:
        raise _wrong("messages", f"{len(images)} images are more than {MOST_IMAGES}")
    return texts, images, tokens + sum(len(text) for text in texts) // 4


def _blocks(value: object, at: str) -> list[Mapping[str, object]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise _wrong(at, "must be an array of content blocks")
    return value


def _read_block(block: Mapping[str, object], at: str, texts: list[str], images: list[bytes]) -> int:
    """Note the text or picture of one block; the picture's tokens."""
    if isinstance(block.get("text"), str):
        if not str(block["text"]).strip():
            raise invalid(f"The text field in the ContentBlock object at {at} is blank. Add text to it, and try again.")
        texts.append(str(block["text"]))
        return 0
    if not isinstance(block.get("image"), dict):
        kinds = ", ".join(block) or "nothing"
        raise not_simulated(f"{at} holds {kinds}; the emulator reads text and image blocks only")
    image = cast("Mapping[str, object]", block["image"])
    source = image.get("source")
    if image.get("format") not in FORMATS:
        raise _wrong(f"{at}.image.format", f"{image.get('format')!r} is none of {', '.join(FORMATS)}")
    if isinstance(source, dict) and "s3Location" in source:
        raise not_simulated(f"{at} points to S3; send the picture's bytes")
    if not isinstance(source, dict) or not isinstance(source.get("bytes"), str) or not source["bytes"]:
        raise _wrong(f"{at}.image.source", "must hold bytes in base64")
    picture = picture_from_base64(source["bytes"])
    if isinstance(picture, str):
        raise _wrong(f"{at}.image.source.bytes", f"Could not process image: {picture}")
    if picture.format.lower() != image["format"]:
        raise _wrong(f"{at}.image", f"the format says {image['format']}, the bytes are {picture.format.lower()}")
    if len(picture.data) > MOST_IMAGE_BYTES:
        raise _wrong(f"{at}.image", f"{len(picture.data)} bytes are more than {MOST_IMAGE_BYTES}")
    if max(picture.width, picture.height) > LONGEST_SIDE:
        raise _wrong(f"{at}.image", f"{picture.width} × {picture.height} px: a side has more than {LONGEST_SIDE}")
    images.append(picture.data)
    return picture.width * picture.height // 750


def _wanted(given: Mapping[str, object]) -> Wanted:
    config = given.get("toolConfig")
    if isinstance(config, dict):
        tools = [_tool(each, at) for at, each in enumerate(config.get("tools") or [])]
        if not tools:
            raise _wrong("toolConfig.tools", "at least one tool is needed")
        choice = config.get("toolChoice") or {}
        if isinstance(choice, dict) and isinstance(choice.get("tool"), dict):
            name = choice["tool"].get("name")
            named = [tool for tool in tools if tool.tool == name]
            if not named:
                raise _wrong("toolConfig.toolChoice.tool.name", f"{name!r} is none of the tools")
            return named[0]
        return tools[0]
    form = given.get("outputConfig")
    if isinstance(form, dict):
        try:
            text = form["textFormat"]["structure"]["jsonSchema"]["schema"]
            return Wanted(schema=orjson.loads(text), as_json=True)
        except (KeyError, TypeError, orjson.JSONDecodeError):
            raise _wrong(
                "outputConfig.textFormat", "structure.jsonSchema.schema must be a JSON schema as text"
            ) from None
    return Wanted(schema=FREE_TEXT)


def _tool(given: object, at: int) -> Wanted:
    spec = given.get("toolSpec") if isinstance(given, dict) else None
    place = f"toolConfig.tools.{at}.toolSpec"
    if not isinstance(spec, dict):
        raise _wrong(place, "must describe a tool")
    if not isinstance(spec.get("name"), str) or not TOOL_NAME.fullmatch(spec["name"]):
        raise _wrong(f"{place}.name", f"{spec.get('name')!r} must match {TOOL_NAME.pattern}")
    schema = spec.get("inputSchema")
    if not isinstance(schema, dict) or not isinstance(schema.get("json"), dict):
        raise _wrong(f"{place}.inputSchema", "must hold a JSON schema under json")
    if schema["json"].get("type") != "object":
        raise _wrong(f"{place}.inputSchema.json.type", "must be object")
    return Wanted(schema=schema["json"], tool=spec["name"])


def _wrong(at: str, what: str) -> Refusal:
    return invalid(f"The value at {at} is invalid: {what}.")
