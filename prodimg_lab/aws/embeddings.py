"""Where does a picture, or a text, lie among all others? Titan multimodal embeddings, one paid call each.

Body and answer: the Bedrock user guide's page of Titan Multimodal Embeddings G1 (texts of up to 128 tokens).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pybase64

from prodimg_lab.aws.call import invoke_model
from prodimg_lab.aws.errors import Called
from prodimg_lab.errors import FatalForTrial, Uncertain

TITAN = "amazon.titan-embed-image-v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """A vector of 256, 384 or 1024 numbers. `text_tokens` were counted; `emulated`: an emulator answered."""

    vector: tuple[float, ...]
    text_tokens: int
    emulated: bool


def embed(
    client: Any, *, called: Called, text: str = "", image: bytes = b"", length: Literal[256, 384, 1024] = 1024
) -> Embedding:
    """The vector of a picture, a text, or both (their mean). Raises `ModelError`."""
    if not text and not image:
        raise FatalForTrial("an embedding needs a text, a picture, or both", model_id=called.model_id)
    body: dict[str, object] = {"embeddingConfig": {"outputEmbeddingLength": length}}
    if text:
        body["inputText"] = text
    if image:
        body["inputImage"] = pybase64.b64encode(image).decode()
    reply = invoke_model(client, body=body, called=called)
    said = reply.payload.get("message")
    if said:
        raise FatalForTrial(f"{called.model_id}: {said}", model_id=called.model_id)
    vector = reply.payload.get("embedding")
    if not isinstance(vector, list) or len(vector) != length:
        raise Uncertain(f"{called.model_id} answered 200 without {length} numbers", model_id=called.model_id)
    try:
        numbers = tuple(float(each) for each in vector)
        tokens = int(reply.payload.get("inputTextTokenCount") or 0)
    except (TypeError, ValueError) as error:
        raise Uncertain(f"{called.model_id} answered 200 with what is no number", model_id=called.model_id) from error
    return Embedding(vector=numbers, text_tokens=tokens, emulated=reply.emulated)
