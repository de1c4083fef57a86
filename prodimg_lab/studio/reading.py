"""What does a prompt ask for?

A prompt is cut into the product's own clause and the rest; the rest is matched against `tables`. Colours, materials and
finishes are understood by `prodimg_lab.products`, as everywhere else. The place of each attribute, in words, is kept: what
stands late in a long prompt is followed less.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from prodimg_lab.studio import tables

_OF = re.compile(
    r"\b(?:photo(?:graph)?(?:y)?|picture|image|shot|packshot|render(?:ing)?|close-?up|portrait|view|still life)\s+of\s+",
    re.I,
)
_PLACED = re.compile(
    r"\s+(?=(?:on|onto|against|in front of|upon|atop|over|beside|next to|standing|placed|displayed|resting|sitting|lying|isolated|"
    r"surrounded|under|lit|with (?:soft|warm|hard|dramatic|natural|golden|studio|even|dappled|bright))\b)",
    re.I,
)
_SPLIT = re.compile(r"[,;.\n]+|\s[-–—]\s|:\s")
_SCENE_WORDS = re.compile(r"light|view|angle|background|backdrop|mood|style|shot|sweep|studio|photo|camera|bokeh", re.I)
_NAMED = re.compile(r"[\"“”«»]([^\"“”«»]{2,40})[\"“”«»]|'([^']{2,40})'(?!\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One thing asked for: its level or value, and after how many words it stands."""

    value: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A prompt, understood. `wishes` by attribute: product, colour, material, finish, background, lighting, angle, season.

    `subject` is the product's own words, `key` their plain form, `brand` a name they carry, `ground` a colour word of a plain
    background, `tokens` the number of words, `notes` what could only be done nearly.
    """

    subject: str
    key: str
    brand: str
    shape: str
    wishes: Mapping[str, Wish]
    props: Sequence[str] = ()
    ground: str = ""
    tokens: int = 0
    notes: Sequence[str] = field(default=())


@lru_cache(maxsize=512)
def read(prompt: str) -> Reading:
    """Understand `prompt`; every prompt can be read, an empty one asks for nothing."""
    text = " ".join(prompt.split())
    subject, rest, start = _parted(text)
    wishes: dict[str, Wish] = {}
    notes: list[str] = []
    archetype, shape, note = archetype_of(subject)
    if note:
        notes.append(note)
    where = _words_before(text, start)
    if archetype:
        wishes["product"] = Wish(value=archetype, position=where)
    extra = _describing(rest)
    for name, value in understood(f"{subject}, {extra}" if extra else subject).items():
        if name in ("colour", "material", "finish"):
            at = text.lower().find(value.split()[-1].lower())
            wishes[name] = Wish(value=value, position=_words_before(text, at if at >= 0 else start))
    for name, table in (
        ("background", tables.BACKGROUNDS),
        ("lighting", tables.LIGHTINGS),
        ("angle", tables.ANGLES),
        ("season", tables.SEASONS),
    ):
        found = _found(rest, table)
        if found:
            wishes[name] = Wish(
                value=found[0], position=_words_before(text, text.find(rest) + found[1] if rest in text else 0)
            )
    return Reading(
        subject=subject,
        key=key_of(subject),
        brand=brand_of(subject),
        shape=shape,
        wishes=wishes,
        props=tuple(level for level, pattern in tables.PROPS if re.search(pattern, rest, re.I)),
        ground=_ground(rest),
        tokens=len(text.split()),
        notes=tuple(notes),
    )


def _parted(text: str) -> tuple[str, str, int]:
    """The product's clause, everything else, and where the clause begins."""
    opening = _OF.search(text)
    start = opening.end() if opening and opening.end() < len(text) else 0
    body = text[start:]
    ends = [match.start() for match in (_SPLIT.search(body), _PLACED.search(body)) if match and match.start() > 0]
    end = min(ends, default=len(body))
    return body[:end].strip(" ,;.:"), (text[:start] + body[end:]).strip(), start


def _describing(rest: str) -> str:
    """Clauses after the product that describe it too: short, and without words of a scene."""
    near = []
    for clause in _SPLIT.split(rest):
        words = clause.split()
        if not words or _OF.search(clause + " x"):
            continue
        placed = re.match(r"\s*(on|against|in front|upon|atop|over|beside|under|at|from|to)\b", clause, re.I)
        if placed or len(words) > 5 or _SCENE_WORDS.search(clause):
            break
        near.append(clause.strip())
    return ", ".join(near[:3])


def _found(text: str, table: Sequence[tuple[str, str]]) -> tuple[str, int] | None:
    for level, pattern in table:
        match = re.search(pattern, text, re.I)
        if match:
            return level, match.start()
    return None


def _words_before(text: str, at: int) -> int:
    return len(text[: max(0, at)].split())


def archetype_of(subject: str) -> tuple[str, str, str]:
    """The archetype that the subject's words name, its shape, and a note when only a stand-in exists ("" each if none).

    In English the noun that counts stands last (`candle jar` is a jar, `tea mug` a mug), except before `for` or `with`.
    """
    head = re.split(r"\b(?:for|with|by|from|in)\b", subject, maxsplit=1, flags=re.I)[0] or subject
    archetype = _last_named(head) or _last_named(subject)
    note = ""
    if not archetype:
        for pattern, stand_in, kind in tables.NEAREST:
            if re.search(rf"\b({pattern})", subject, re.I):
                archetype, note = stand_in, f"no archetype for {kind}: drawn as a {stand_in}"
                break
    if archetype and not note and (match := re.search(r"\b(kettle|teapot|backpack|wallet|plate)s?\b", subject, re.I)):
        note = f"no archetype for {match.group(1)}: drawn as a {archetype}"
    shape = next((s for a, s, p in tables.SHAPES if a == archetype and re.search(p, subject, re.I)), "")
    return archetype, shape, note


def _last_named(text: str) -> str:
    """The archetype whose word ends last in `text`; a longer match wins where two end together."""
    best, chosen = (-1, 0), ""
    for archetype, pattern in tables.ARCHETYPES:
        for match in re.finditer(pattern, text, re.I):
            rank = (match.end(), match.end() - match.start())
            if rank > best:
                best, chosen = rank, archetype
    return chosen


def key_of(subject: str) -> str:
    """The product's words in plain form: lower case, without colours, materials, finishes and words of praise."""
    plain = re.sub(r"[^\w\s&'-]", " ", subject.lower())
    known = {
        word
        for name, value in understood(subject).items()
        if name in ("colour", "material", "finish")
        for word in value.split()
    }
    words = [word for word in plain.split() if word not in tables.PHOTO_WORDS and word not in known]
    return " ".join(words) or plain.strip()


def brand_of(subject: str) -> str:
    """A quoted name, else the first run of capitalised words that is not the start of a plain sentence; "" if none."""
    quoted = _NAMED.search(subject)
    if quoted:
        return (quoted.group(1) or quoted.group(2)).strip()
    brand = understood(subject).get("brand", "")
    if brand:
        return brand
    words = subject.split()
    capitals = [bool(re.match(r"[A-Z][\w&'’]+$", word)) for word in words]
    if words and all(capitals):
        return ""  # Title Case Throughout names nothing
    run: list[str] = []
    for index, word in enumerate(words):
        if capitals[index] and (index > 0 or (len(words) > 1 and capitals[1])):
            run.append(word)
        elif run:
            break
    return " ".join(run[:3])


def _ground(rest: str) -> str:
    """The colour of a plain background, as `#rrggbb`, or ""."""
    match = re.search(r"((?:[\w-]+ ){1,4})(?:background|backdrop|sweep|paper|wall)", rest, re.I)
    if not match:
        return ""
    words = [
        word
        for word in match.group(1).lower().split()
        if word not in ("seamless", "studio", "plain", "solid", "smooth", "paper", "the", "a", "on")
    ]
    for first in range(len(words)):
        for last in range(len(words), first, -1):
            value = hex_of_word(" ".join(words[first:last]))
            if value:
                return value
    return ""


def understood(text: str) -> dict[str, str]:
    """Attributes of a product's words (colour, material, finish, brand, …) by `prodimg_lab.products`."""
    from prodimg_lab.products import parse_subject

    return {name: found.value for name, found in parse_subject(text).items()}


def hex_of_word(name: str) -> str:
    """`#rrggbb` of a colour word, or ""."""
    from prodimg_lab.products import colour_hex

    return colour_hex(name) or ""
