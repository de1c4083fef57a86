"""How is JSON read that is a picture of 2 MB with a little around it, without copying the picture?"""

from __future__ import annotations

from typing import Any

import orjson

LONG = 1 << 16
"""Texts of so many bytes are left where they are."""


def loads(raw: bytes) -> Any:
    """What `raw` says; texts longer than `LONG` come as memoryviews of their bytes, within `raw`.

    Where a backslash stands anywhere it is read as any JSON, and all texts are texts. Raises `orjson.JSONDecodeError`.
    """
    spans = [] if b"\\" in raw else _long_texts(raw)
    if not spans:
        return orjson.loads(raw)
    parts: list[bytes] = []
    since = 0
    for number, (start, stop) in enumerate(spans):
        parts += [raw[since:start], b"\\u0000%d" % number]
        since = stop
    view = memoryview(raw)
    return _put_back(orjson.loads(b"".join([*parts, raw[since:]])), [view[start:stop] for start, stop in spans])


def _long_texts(raw: bytes) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start = raw.find(b'"')
    while start >= 0 and (stop := raw.find(b'"', start + 1)) >= 0:
        if stop - start > LONG:
            found.append((start + 1, stop))
        start = raw.find(b'"', stop + 1)
    return found


def _put_back(value: Any, texts: list[memoryview]) -> Any:
    if isinstance(value, dict):
        return {name: _put_back(each, texts) for name, each in value.items()}
    if isinstance(value, list):
        return [_put_back(each, texts) for each in value]
    return texts[int(value[1:])] if isinstance(value, str) and value.startswith("\0") else value
