"""What must be known of a family of models to call it? Two pure functions; the rest is a row of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pybase64

from prodimg_lab.errors import Uncertain
from prodimg_lab.records import ImageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A picture out of an answer, and the seed that the model says it used."""

    data: bytes
    seed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """`build_body(request, always)` is the JSON body; `parse_body(payload, model)` the picture, or a `ModelError`."""

    build_body: Callable[[ImageRequest, Mapping[str, str]], dict[str, object]]
    parse_body: Callable[[Mapping[str, Any], str], Parsed]


def picture_of(text: object, model: str) -> bytes:
    """The bytes of a base64 text, or of a memoryview of one.

    Raises `Uncertain`: the answer was a 200, so it may have been billed.
    """
    try:
        data = pybase64.b64decode(text, validate=True) if isinstance(text, str | memoryview) else b""
    except ValueError:
        data = b""
    if not data:
        raise Uncertain(f"{model} answered 200 without a picture that can be read: it may have been billed")
    return data


def seed_of(value: object) -> int | None:
    """A seed, which some answers give as text."""
    try:
        return int(str(value))
    except ValueError:
        return None
