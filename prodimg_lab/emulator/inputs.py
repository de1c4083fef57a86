"""Are the pictures that come in pictures? Decoded from base64 and looked at, never trusted."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pybase64
from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPicture:
    """A picture from a request; `format` is PNG, JPEG, WEBP or GIF, sizes are in pixels."""

    data: bytes
    format: str
    width: int
    height: int


def picture_from_base64(text: str) -> InputPicture | str:
    """The picture, or what is wrong with it in a few words."""
    try:
        data = pybase64.b64decode(text, validate=True)
    except ValueError:
        return "not valid base64"
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            found = InputPicture(data=data, format=str(opened.format), width=opened.width, height=opened.height)
            if found.width * found.height > MOST_PIXELS:
                return f"{found.width} × {found.height} pixels are too many"
            opened.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return "no readable picture"
    return found
