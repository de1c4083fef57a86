"""What did the user mean? One wording for every "no such name" message."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], *, most: int = 12) -> str:
    """`did you mean 'x'?` when something is near, else `known are a, b, c` (at most `most` of them)."""
    names = sorted({str(each) for each in known})
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if not names:
        return "there are none"
    shown = ", ".join(names[:most])
    return f"known are {shown}" + (f" and {len(names) - most} more" if len(names) > most else "")
