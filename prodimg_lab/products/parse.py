"""What do a product's own words say of it?

`parse` reads a title and a description in English, German, Spanish, French or Italian; `parse_subject` reads a whole
prompt. Each attribute comes with the very words it was read from; what is not said is not in the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from prodimg_lab.products import (
    brands,
    categories,
    choose,
    choose_colour,
    choose_material,
    lexicon,
    materials,
    parts,
    sizes,
    subjects,
)
from prodimg_lab.products.categories import broader, category_of
from prodimg_lab.products.colours import base_colour, canonical_colour, colour_hex
from prodimg_lab.products.lexicon import Match
from prodimg_lab.products.materials import base_material, material_of
from prodimg_lab.products.reading import Reading, read
from prodimg_lab.records import ATTRIBUTES, Found

__all__ = [
    "CATEGORIES",
    "MATERIALS",
    "base_colour",
    "base_material",
    "broader",
    "category_of",
    "colour_hex",
    "material_of",
    "parse",
    "parse_subject",
]

CATEGORIES: tuple[str, ...] = tuple(categories.table())
"""The canonical categories, English and singular."""
MATERIALS: tuple[str, ...] = tuple(materials.table())
"""The canonical materials."""

_OPENING = re.compile(
    r"^.*?\b(?:photograph|photo|photography|picture|image|shot|render|rendering|portrait|still life|close-?up|view)s?"
    r"\s+of\s+",
    re.IGNORECASE | re.DOTALL,
)
_SCENE = re.compile(
    r"""\b(?:on|against|beside|under|underneath|atop|upon|near|behind|placed|standing|sitting|resting|held|lit|
    floating|surrounded|next\sto|in\sfront\sof|isolated|displayed|arranged|centred|centered|photographed|shot|with\s
    (?:soft|a\ssoft|natural|dramatic|gentle|warm|bright|studio|shallow|a\sblurred|a\splain|a\swhite|copy)|
    in\s(?:an?(?!\s(?:bottle|jar|tin|can|tube|box|pouch|compact)\b)|the|its|fine|close|full|sharp|soft|bright|natural|warm|studio|front|use|daylight|sunlight|golden|morning|evening)|
    at\s(?:an?|eye|golden|night|sunset|dawn|dusk))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SCENERY = re.compile(
    r"\b(?:background|backdrop|lighting|lit|light(?!weight)|sunlight|daylight|shadows?|view|angle|shot|studio|lens|bokeh|"
    r"focus|resolution|composition|setting|scene|photography|photorealistic|\d+\s?mm\sf|8k|4k|depth\sof\sfield|style|mood)\b",
    re.IGNORECASE,
)


def parse(title: str, description: str = "", given: Mapping[str, str] | None = None) -> dict[str, Found]:
    """The attributes that are known of a product, in the order of `ATTRIBUTES`.

    `given` values (a catalogue's columns) are never overridden: they are brought to canonical words, with what was
    given as their words. Raises nothing for any text.
    """
    return _parsed(title, description, given or {}, pictured=False)


def _parsed(title: str, description: str, given: Mapping[str, str], *, pictured: bool) -> dict[str, Found]:
    """As `parse`; with `pictured` the words are a picture's, where scents and contents have no colour."""
    language = "en" if pictured else _language(title, description)
    heading, telling = read("title", title, language), read("description", description, language)
    found = {name: _given(name, value.strip()) for name, value in given.items() if name in ATTRIBUTES and value.strip()}
    named = choose.category(heading)
    if pictured and named:
        named = choose.container_of(heading, named)
    told = None if named or _names_unknown(heading) else choose.category(telling)
    if named:
        found.setdefault("category", _found(named[0], heading.words(named[1].first, named[1].last), "title"))
    elif told:
        found.setdefault("category", _found(told[0], telling.words(told[1].first, told[1].last), "description"))
    category = found["category"].value if "category" in found else None
    kinds = () if pictured else (named[0] if named else None, category, told[0] if told else None)
    packed = next((kind for kind in kinds if parts.is_packaged(kind)), None)
    made = choose_material.material(heading, telling, category, packed=packed)
    hue = choose_colour.colour(heading, telling, category, made=made, packed=packed)
    surface = choose.finish(heading, telling, category)
    for name, chosen in (("colour", hue), ("material", made), ("finish", surface)):
        if chosen:
            found.setdefault(name, _found(chosen.value, chosen.words, chosen.reading.field))
    _measure(found, heading, telling)
    holders = [c.name for r in (heading, telling) for c in parts.containers(r)] if packed else []
    if packed and parts.container_name(category):
        holders = [category or ""]
    _call(found, heading, telling, named[1] if named else None)
    if holders and "subject" in found and "subject" not in given:
        found["subject"] = _held(found["subject"], holders[0], category)
    return {name: found[name] for name in ATTRIBUTES if name in found}


def parse_subject(text: str) -> dict[str, Found]:
    """The attributes of the product that an English prompt describes; those of its scenery are left out.

    The product's phrase stands after `photograph of` and the like, and ends before the first words of place, light or
    camera. The words are the prompt's, with `field` "title".
    """
    opening = _OPENING.match(text)
    rest = text[opening.end() :] if opening else text
    scene = _SCENE.search(rest)
    kept: list[str] = []
    for segment in (rest[: scene.start()] if scene else rest).split(","):
        if _SCENERY.search(segment) and kept:
            break
        kept.append(segment)
    return _parsed(",".join(kept).strip(), "", {}, pictured=True)


def _found(value: str, words: str, field: Literal["title", "description", "column"]) -> Found:
    return Found(value=value, words=words, field=field)


def _language(title: str, description: str) -> str:
    indexes = (categories.index(), materials.index(), lexicon.finishes())
    tokens = lexicon.tokens_of(title)
    return lexicon.language_of([*tokens, *tokens, *lexicon.tokens_of(description)], indexes)


def _names_unknown(title: Reading) -> bool:
    """Whether the title has a known noun that is not its head (`mug warmer`): then the description's are no better."""
    return any(not noun.entry.weak for noun in title.nouns)


def _given(name: str, value: str) -> Found:
    canonical = value
    if name == "category":
        canonical = category_of(value) or value.lower()
    elif name == "colour":
        canonical = canonical_colour(value)
    elif name == "material":
        canonical = material_of(value) or value.lower()
    elif name == "size":
        canonical = (sizes.size_in(value) or (value,))[0]
    elif name == "quantity":
        canonical = (sizes.quantity_in(value) or (value,))[0]
    elif name == "finish":
        known = lexicon.matches(lexicon.tokens_of(value), lexicon.finishes(), lexicon.LANGUAGES)
        canonical = known[0].entry.value if known else value.lower()
    return _found(canonical, value, "column")


def _measure(found: dict[str, Found], heading: Reading, telling: Reading) -> None:
    for name, reader in (("size", sizes.size_in), ("quantity", sizes.quantity_in)):
        for source in (heading, telling):
            measured = reader(source.text)
            if measured:
                found.setdefault(name, _found(*measured, source.field))


def _held(subject: Found, holder: str, kind: str | None) -> Found:
    """The subject with its container, the head of the phrase only where that is the category: `hand cream tube`."""
    if lexicon.key_of(holder) in {token.key for token in lexicon.tokens_of(subject.value)} or kind == "candle":
        return subject
    joint = f" {holder}" if parts.container_name(kind) else f" in a {holder}"
    return replace(subject, value=subject.value + joint)


def _call(found: dict[str, Found], heading: Reading, telling: Reading, head: Match | None) -> None:
    brand = brands.brand(heading)
    if brand:
        found.setdefault("brand", _found(*brand, "title"))
    subject = subjects.subject(heading, telling, head, brand[1] if brand else "")
    if subject:
        found.setdefault("subject", _found(*subject, "title"))
