"""What does a prompt ask for?

A prompt is cut into the product's own clause and the rest; the rest is matched against `tables`. Colours, materials
and finishes are understood by `prodimg_lab.products`, as everywhere else. The place of each attribute, in words, is
kept: what stands late in a long prompt is followed less.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from prodimg_lab.studio import tables

_OF = re.compile(
    r"\b(?:photo(?:graph)?(?:y)?|picture|image|shot|packshot|render(?:ing)?|close-?up|portrait|view|still life)"
    r"\s+of\s+",
    re.I,
)
_PLACED = re.compile(
    r"\s+(?=(?:on|onto|against|in front of|upon|atop|over|beside|next to|standing|placed|displayed|resting|sitting|"
    r"lying|isolated|surrounded|under|lit|at|"
    r"with (?:soft|warm|hard|dramatic|natural|golden|studio|even|dappled|bright))\b(?!-))",
    re.I,
)
_SPLIT = re.compile(r"[,;.\n]+|\s[-–—]\s|:\s")
_NAMED = re.compile(r"[\"“”«»]([^\"“”«»]{2,40})[\"“”«»]|'([^']{2,40})'(?!\w)")


_TABLES = (
    ("background", tables.BACKGROUNDS),
    ("lighting", tables.LIGHTINGS),
    ("angle", tables.ANGLES),
    ("season", tables.SEASONS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One thing asked for: its level or value, and after how many words it stands."""

    value: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A prompt, understood. `wishes` by attribute: product, colour, material, finish, background, lighting, angle,
    season.

    `subject` is the product's own words, `key` their plain form, `brand` a name they carry, `ground` a colour word of
    a plain background, `tokens` the number of words, `notes` what could only be done nearly.
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
    opening, subject, rest, start = _parted(text)
    attributes = understood(text)
    rest = _without(rest, attributes)
    archetype, shape, note = archetype_of(subject, attributes.get("category", ""))
    wishes: dict[str, Wish] = {}
    if archetype:
        wishes["product"] = Wish(value=archetype, position=_words_before(text, start))
    for name in ("colour", "material", "finish"):
        if name in attributes:
            at = text.lower().find(attributes[name].split()[-1].lower())
            wishes[name] = Wish(value=attributes[name], position=_words_before(text, at if at >= 0 else start))
    before_rest = len(text) - len(rest)
    for name, table in _TABLES:
        found = _found(rest, table)
        if found:
            wishes[name] = Wish(value=found[0], position=_words_before(text, before_rest + found[1]))
        elif found := _found(opening if name in ("background", "season") else f"{opening} {subject}", table):
            wishes[name] = Wish(value=found[0], position=0)
    notes = [note] if note else []
    return Reading(
        subject=subject,
        key=key_of(subject, attributes),
        brand=brand_of(subject, attributes),
        shape=shape,
        wishes=wishes,
        props=tuple(level for level, pattern in tables.PROPS if re.search(pattern, rest, re.I)),
        ground=_ground(rest),
        tokens=len(text.split()),
        notes=tuple(notes),
    )


def _parted(text: str) -> tuple[str, str, str, int]:
    """The words before the product's clause, that clause, everything after it, and where the clause begins."""
    opening = _OF.search(text)
    start = opening.end() if opening and opening.end() < len(text) else 0
    body = text[start:]
    ends = [match.start() for match in (_SPLIT.search(body), _PLACED.search(body)) if match and match.start() > 0]
    end = min(ends, default=len(body))
    return text[:start], body[:end].strip(" ,;.:"), body[end:], start


def _without(rest: str, attributes: Mapping[str, str]) -> str:
    """`rest` with the clauses blanked that only describe the product: `forest green enamel` names no forest."""
    words = {word for name in ("colour", "material", "finish") for word in attributes.get(name, "").lower().split()}
    known = words | {"finish", "and", "the", "in", "colour", "color", "wood"}
    for clause in _SPLIT.split(rest):
        described = re.findall(r"[\w'-]+", clause.lower())
        if described and words & set(described) and set(described) <= known:
            rest = rest.replace(clause, " " * len(clause), 1)
    return rest


def _found(text: str, table: Sequence[tuple[str, str]]) -> tuple[str, int] | None:
    """The level that `text` asks for: the first clause that matches anything counts, in it the first row of the
    table.
    """
    at = 0
    for clause in _SPLIT.split(text):
        at = max(0, text.find(clause, at))
        for level, pattern in table:
            match = re.search(pattern, clause, re.I)
            if match:
                return level, at + match.start()
    return None


def _words_before(text: str, at: int) -> int:
    return len(text[: max(0, at)].split())


def archetype_of(subject: str, category: str = "") -> tuple[str, str, str]:
    """The archetype of a product, its shape, and a note when only a stand-in exists ("" each if none).

    The words of the subject count first: in English the noun that matters stands last (`candle jar` is a jar, `tea
    mug` a mug), except before `for` or `with`. Then the category that `products` understood, then the nearest
    stand-in.
    """
    head = re.split(r"\b(?:for|with|by|from|in)\b", subject, maxsplit=1, flags=re.I)[0] or subject
    stand_in = re.search(tables.STAND_IN, head, re.I)
    archetype = "" if stand_in else _last_named(head) or _last_named(category) or _last_named(subject)
    note = ""
    if not archetype:
        for pattern, other, kind in tables.NEAREST:
            if re.search(rf"\b({pattern})", f"{head} {category}", re.I):
                archetype, note = other, f"no archetype for {kind}: drawn as a {other}"
                break
    words = f"{subject} {category}"
    shape = next((s for a, s, p in tables.SHAPES if a == archetype and re.search(p, words, re.I)), "")
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


def key_of(subject: str, attributes: Mapping[str, str]) -> str:
    """The product's words in plain form: what it is, its colour and its material, without words of praise.

    `a beautiful sage green mug` and `mug, sage green` are one product.
    """
    known = [attributes.get(name, "") for name in ("colour", "material", "finish")]
    drop = tables.PHOTO_WORDS | {word for value in known for word in value.split()}
    plain = re.sub(r"[^\w\s&'-]", " ", subject.lower())
    words = [word for word in plain.split() if word not in drop]
    return "/".join(part for part in (" ".join(words), *known[:2]) if part)


def brand_of(subject: str, attributes: Mapping[str, str]) -> str:
    """A quoted name, else the brand that `products` found, else the first capitalised words inside the clause; "" if
    none.
    """
    quoted = _NAMED.search(subject)
    if quoted:
        return str(quoted.group(1) or quoted.group(2)).strip()
    words = subject.split()
    capitals = [bool(re.match(r"[A-Z][\w&'’]+$", word)) for word in words]
    run: list[str] = []
    if not all(capitals):  # Title Case Throughout names nothing
        for index, word in enumerate(words):
            if capitals[index] and (index > 0 or (len(words) > 1 and capitals[1])):
                run.append(word)
            elif run:
                break
    brand = attributes.get("brand", "")
    return " ".join(run[:3]) if brand in " ".join(run) else brand


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
    """What `prodimg_lab.products` reads of a prompt's product: category, colour, material, finish, brand."""
    from prodimg_lab.products import parse_subject

    return {name: found.value for name, found in parse_subject(text).items()}


def hex_of_word(name: str) -> str:
    """`#rrggbb` of a colour word, or ""."""
    from prodimg_lab.products import colour_hex

    return colour_hex(name) or ""
