"""How does a stranger's text become safe words of a prompt, and how is a rendered prompt tidied?

Product text is data. It is cleaned of what cannot be seen and never read as a template. While a prompt is rendered
every value stands between private-use characters, so that afterwards it is known which words came from where.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from prodimg_lab.records import Span

OPEN, CLOSE = "\ue000", "\ue001"
FIRST_INDEX = 0xF0000
MOST_MARKS = 60_000

JOINERS = "\u200c\u200d"  # shape letters in Persian and Indic scripts; everything else of their category goes

_PLAIN = re.compile(r"[^\x00-\x1f\x7f-\xa0\xad\u0600-\uffff\U00010000-\U0010ffff]*")
_MARK = re.compile(f"{OPEN}(.)|{CLOSE}", re.DOTALL)


class Phrase(str):
    """A value on its way into a prompt: `name` is the slot or attribute it stands for, `level` what it is set to."""

    __slots__ = ("level", "name")
    name: str
    level: str

    @classmethod
    def of(cls, text: str, name: str, level: str) -> Phrase:
        """`text` as the words of `name`."""
        made = cls(text)
        made.name = name
        made.level = level
        return made


def cleaned(text: str) -> str:
    """One line without control, invisible, private-use and unassigned characters, and no comma or space at its ends."""
    if _PLAIN.fullmatch(text) is None:
        text = "".join(_seen(char) for char in text)
    return " ".join(text.split()).strip(" ,;")


def _seen(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    if kind in ("Co", "Cs", "Cn") or (kind == "Cf" and char not in JOINERS):
        return ""
    return char


def invisible(text: str) -> str:
    """The first character that no template may hold (control, private use, half a surrogate), or ""."""
    for char in text:
        kind = unicodedata.category(char)
        if kind in ("Co", "Cs") or (kind == "Cc" and char not in "\n\r\t"):
            return char
    return ""


def marked(phrase: Phrase, text: str, seen: list[Phrase]) -> str:
    """`text` between marks that say it is the `phrase`'s; `seen` collects the phrases of one rendering."""
    if not text or not phrase.level or len(seen) >= MOST_MARKS:
        return text
    seen.append(phrase)
    return f"{OPEN}{chr(FIRST_INDEX + len(seen) - 1)}{text}{CLOSE}"


def unmarked(text: str, seen: Sequence[Phrase]) -> tuple[str, tuple[Span, ...]]:
    """Take the marks out and tidy what the template wrote; spans count characters of the text that comes out.

    Words inside a span stay as they are.
    """
    parts: list[str] = []
    spans: list[tuple[int, int, Phrase]] = []
    at = length = begun = index = 0
    for mark in _MARK.finditer(text):
        parts.append(text[at : mark.start()])
        length += mark.start() - at
        at = mark.end()
        if mark[1]:
            begun, index = length, ord(mark[1]) - FIRST_INDEX
        else:
            spans.append((begun, length, seen[index]))
    parts.append(text[at:])
    bounds = [(start, stop) for start, stop, _ in spans]
    tidy, bounds = tidied("".join(parts), bounds)
    return tidy, tuple(
        Span(start=start, stop=stop, name=phrase.name, level=phrase.level)
        for (start, stop), (_, _, phrase) in zip(bounds, spans, strict=True)
    )


# What an empty hole leaves behind. Group 1 of each is dropped.
_LEFTOVERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"^([\s,;]+)",
        r"([\s,;]+)$",
        r" ( +)",
        r"( +)[,;)]",
        r"[.]( +[.])(?=\s|$)",
        r"( +)[.!?](?=\s|$)",
        r"[,;]([,;]+)",
        r"([,;] *)[.!?](?=\s|$)",
        r"(\( *\))",
        r"\(([ ,;]+)",
        r"([ ,;]+)\)",
    )
)
_SPACES = str.maketrans("\n\r\t\v\f", "     ")
_MOST_ROUNDS = 50

Bounds = list[tuple[int, int]]


def tidied(text: str, keep: Bounds) -> tuple[str, Bounds]:
    """One line without doubled spaces, stray commas and empty brackets; `keep` are pieces that stay as they are.

    Gives the new text and where those pieces stand in it.
    """
    text = text.translate(_SPACES)
    for _ in range(_MOST_ROUNDS):
        before = len(text)
        for pattern in _LEFTOVERS:
            drops = [drop for match in pattern.finditer(text) for drop in _outside(match.span(1), keep)]
            if drops:
                text, keep = _without(text, drops, keep)
        if len(text) == before:
            break
    return text, keep


def _outside(piece: tuple[int, int], keep: Bounds) -> Iterable[tuple[int, int]]:
    """The parts of `piece` that lie in none of `keep` (which are in order and apart)."""
    start, stop = piece
    for first, last in keep:
        if last <= start or first == last:
            continue
        if first >= stop:
            break
        if start < first:
            yield start, first
        start = max(start, last)
    if start < stop:
        yield start, stop


def _without(text: str, drops: Bounds, keep: Bounds) -> tuple[str, Bounds]:
    """`text` without `drops` (in order and apart), and where `keep` stands then."""
    pieces: list[str] = []
    at = 0
    for start, stop in drops:
        pieces.append(text[at:start])
        at = stop
    pieces.append(text[at:])

    def moved(offset: int) -> int:
        return offset - sum(min(stop, offset) - start for start, stop in drops if start < offset)

    return "".join(pieces), [(moved(start), moved(stop)) for start, stop in keep]
