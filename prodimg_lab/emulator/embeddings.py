"""Which vector stands for a picture or a text? One computed from its colours or words, in place of Titan's.

Simulated: near pictures in colour and layout give near vectors, equal words too, but a picture and its description are
no nearer than chance. Good for pipelines, not for judging adherence.
"""

from __future__ import annotations

import hashlib
import io
import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from prodimg_lab.emulator.bodies import Field, extraneous, malformed, read_object, violations
from prodimg_lab.emulator.inputs import picture_from_base64
from prodimg_lab.emulator.wire import Reply, json_reply

LENGTHS = (256, 384, 1024)
MOST_TOKENS = 128
GRID = 16
"""Pictures are looked at as this many squares a side."""
FIELDS = (
    Field(name="inputText", kind="String"),
    Field(name="inputImage", kind="String"),
    Field(name="embeddingConfig", kind="JSONObject"),
)
CONFIG = (Field(name="outputEmbeddingLength", kind="Integer"),)
Vector = NDArray[np.float64]


def embedded(body: bytes) -> Reply:
    """The answer to a body of Titan Multimodal Embeddings. Raises `Refusal` (400)."""
    given = read_object(body)
    config = given.get("embeddingConfig", {})
    found = violations(given, FIELDS)
    found += [f"#: extraneous key [{key}] is not permitted" for key in extraneous(given, FIELDS)]
    length = config.get("outputEmbeddingLength", 1024) if isinstance(config, dict) else 1024
    if not found and isinstance(config, dict):
        found += violations(config, CONFIG, at="#/embeddingConfig")
        if length not in LENGTHS:
            found.append(f"#/embeddingConfig/outputEmbeddingLength: {length} is not a valid enum value")
    text, image = given.get("inputText"), given.get("inputImage")
    if not text and not image:
        found.append("#: required key [inputText] not found#: required key [inputImage] not found")
    words = re.findall(r"\w+|[^\w\s]", text.lower()) if isinstance(text, str) else []
    if len(words) > MOST_TOKENS:
        found.append(f"#/inputText: expected maxTokens: {MOST_TOKENS}, actual: {len(words)}")
    picture = picture_from_base64(image) if isinstance(image, str) and image else ""
    if isinstance(picture, str) and picture:
        found.append(f"#/inputImage: {picture}")
    if found:
        raise malformed(found)
    parts = [of_text(words, length)] if words else []
    if not isinstance(picture, str):
        parts.append(of_picture(picture.data, length))
    vector = _unit(np.mean(parts, axis=0))
    return json_reply({"embedding": vector.round(8).tolist(), "inputTextTokenCount": len(words), "message": None})


def of_picture(data: bytes, length: int) -> Vector:
    """A unit vector from the colours of 16 × 16 squares, centred on mid-grey."""
    with Image.open(io.BytesIO(data)) as opened:
        small = opened.convert("RGB").resize((GRID, GRID), Image.Resampling.BOX)
    colours = np.asarray(small, dtype=np.float64).ravel() / 127.5 - 1
    return _unit(colours @ _projection(length))


def of_text(words: list[str], length: int) -> Vector:
    """A unit vector: the sum of one fixed random vector per word."""
    return _unit(np.sum([_word(word, length) for word in words], axis=0))


@lru_cache(maxsize=4096)
def _word(word: str, length: int) -> Vector:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(length)


@lru_cache(maxsize=len(LENGTHS))
def _projection(length: int) -> Vector:
    """A fixed random projection, which keeps distances roughly (Johnson and Lindenstrauss 1984)."""
    return np.random.default_rng(length).standard_normal((3 * GRID * GRID, length))


def _unit(vector: Vector) -> Vector:
    size = float(np.linalg.norm(vector))
    return np.asarray(vector / size if size else np.full_like(vector, 1 / np.sqrt(len(vector))))
