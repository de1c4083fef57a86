"""What is it made of?

A material counts when it stands where a product's own material stands: before the noun, after `made of`, after `in`.
That of a part (`leather strap`), of the packaging or of a scent does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from prodimg_lab.products import lexicon
from prodimg_lab.products.lexicon import Match, Token


@cache
def table() -> dict[str, Any]:
    """The materials: `{name: {"base": name, language: [phrases]}}`."""
    return lexicon.load("materials")


@cache
def index() -> lexicon.Index:
    """The materials' phrases by key."""
    return lexicon.index_of(table())


@cache
def _openings() -> tuple[tuple[str, lexicon.Entry], ...]:
    """German compounds' first parts, longest first: `leder`, `seiden`, `woll`."""
    found: dict[str, lexicon.Entry] = {}
    for value, row in table().items():
        for phrase in row.get("de", ()):
            part = lexicon.fold(phrase)
            if len(part) > 3 and part.isalpha():
                entry = lexicon.Entry(value=value, english=value, language="de", weak=False)
                found.setdefault(part, entry)
                if part.endswith("e"):
                    found.setdefault(part + "n", entry)
                    found.setdefault(part[:-1], entry)
    return tuple(sorted(found.items(), key=lambda item: -len(item[0])))


def of_compounds(tokens: Sequence[Token], nouns: Sequence[Match]) -> list[Match]:
    """What German compounds are made of: the product's noun (`Ledergürtel`), or what it is `aus` (`Baumwollseil`)."""
    known = {noun.last for noun in nouns if noun.entry.language == "de"}
    found: list[Match] = []
    for place, token in enumerate(tokens):
        if token.key in lexicon.phrases("plaincompound") or not (place in known or _after_aus(tokens, place)):
            continue
        for part, entry in _openings():
            if token.key.startswith(part) and len(token.key) >= len(part) + 3:
                found.append(Match(first=place, last=place, entry=entry))
                break
    return found


def _after_aus(tokens: Sequence[Token], place: int) -> bool:
    """Whether `aus` stands before, with an adjective between at most: `aus gewachstem Baumwollseil`."""
    before = [token.key for token in tokens[max(0, place - 2) : place]]
    return before[-1:] == ["aus"] or (before[:1] == ["aus"] and before[-1].endswith(("em", "er")))


def material_of(text: str) -> str | None:
    """The first material that `text` names, in its canonical words, or None: `full-grain leather` -> `leather`."""
    tokens = lexicon.tokens_of(text)
    for language in lexicon.LANGUAGES:
        found = lexicon.matches(tokens, index(), (language,))
        if found:
            return found[0].entry.value
    return None


def base_material(value: str) -> str:
    """The plain material behind a specific one: `stoneware` -> `ceramic`; a value that is not known is its own base."""
    known = value if value in table() else material_of(value)
    return str(table()[known]["base"]) if known else value.strip().lower()
