"""What is it made of?

A material counts when it stands where a product's own material stands: before the noun, after `made of`, after `in`.
That of a part (`leather strap`), of the packaging or of a scent does not.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from prodimg_lab.products import lexicon


@cache
def table() -> dict[str, Any]:
    """The materials: `{name: {"base": name, language: [phrases]}}`."""
    return lexicon.load("materials")


@cache
def index() -> lexicon.Index:
    """The materials' phrases by key."""
    return lexicon.index_of(table())


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
