"""What are objects and records called, in a folder and in a bucket alike?"""

from __future__ import annotations

import re

from prodimg_lab.errors import CorruptObject

_NAME = re.compile(r"[0-9a-f]{64}")


def is_name(text: str) -> bool:
    """Whether it is a SHA-256 in lower-case hexadecimal."""
    return _NAME.fullmatch(text) is not None


def object_key(digest: str) -> str:
    """Where the bytes of `digest` live, from the store's root: `ab/<digest>`. Raises `CorruptObject` for no digest."""
    return f"{_checked(digest)[:2]}/{digest}"


def record_key(fingerprint: str) -> str:
    """Where the record of `fingerprint` lives: `records/ab/<fingerprint>.json`. Raises `CorruptObject`."""
    return f"records/{_checked(fingerprint)[:2]}/{fingerprint}.json"


def _checked(name: str) -> str:
    if not is_name(name):
        raise CorruptObject(f"{name!r} is no SHA-256 in lower-case hexadecimal, so nothing is stored under it")
    return name
