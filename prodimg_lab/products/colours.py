"""Which colour do these words name, and what does it look like?

Names come from our own shop list, the CSS colours and the XKCD survey (CC0), all package data. `light`, `dark`, `dusty`
and the like change a known colour; German, Spanish, French and Italian names stand for English ones.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from prodimg_lab.products import lexicon
from prodimg_lab.products.lexicon import LANGUAGES, Token

_TINTS = ("green", "blue", "red", "pink", "grey", "brown", "black", "white", "yellow", "orange", "purple", "beige")
_SPELLINGS = {"gray": "grey", "offwhite": "off white", "multicolor": "multicolour", "multicolored": "multicolour"}
_SPELLINGS |= {"tortoise shell": "tortoiseshell", "colorless": "clear", "colourless": "clear", "see through": "clear"}
_SPELLINGS |= {"golden": "gold", "silvery": "silver", "multi color": "multicolour", "multi coloured": "multicolour"}
_SPELLINGS |= {"multicoloured": "multicolour", "multi colored": "multicolour", "multi": "multicolour"}
_SHADES = frozenset({"navy", "teal", "lilac", "mauve", "turquoise"})
_UNDERTONES = frozenset({"based", "leaning", "tinged"})
_UNNAMED = frozenset({"true"})
"""First words of the survey's names that a shop uses otherwise: `a true blue`."""
_TAILS = frozenset({"tone", "toned", "colored", "coloured", "color", "colour", "hued", "marl", "melange", "mix"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """A colour read from tokens `first` to `last` (inclusive); `unsure`: as often no colour (`clay`)."""

    first: int
    last: int
    value: str
    unsure: bool


@cache
def _shop() -> dict[str, Any]:
    return lexicon.load("colours")


@cache
def _named() -> dict[str, str]:
    """Every English name with its `#rrggbb`, shop names over CSS over XKCD."""
    named = {name.replace("gray", "grey"): value for name, value in lexicon.load("xkcd").items()}
    named |= {name.replace("gray", "grey"): value for name, value in lexicon.load("css").items()}
    return named | {name: value for name, (value, _) in _shop()["names"].items()}


@cache
def _spoken() -> dict[str, tuple[tuple[str, str], ...]]:
    """Names to look for in texts: key -> ((language, English name), …).

    Of the survey's names only those of several words that end in a plain colour: `leather` and `booger` are colours
    there, and not in a shop.
    """
    spoken: dict[str, tuple[tuple[str, str], ...]] = {}

    def put(name: str, language: str, english: str) -> None:
        key = lexicon.key_of(name)
        if all(known != language for known, _ in spoken.get(key, ())):
            spoken[key] = (*spoken.get(key, ()), (language, english))

    for name in (*_shop()["names"], *_SPELLINGS):
        put(name, "en", _SPELLINGS.get(name, name))
    for name in _named():
        words = name.split()
        if len(words) > 1 and words[-1] in _TINTS and words[0] not in {*_shop()["modifiers"], *_UNNAMED}:
            put(name, "en", name)
    for language in LANGUAGES[1:]:
        for name, english in _shop()[language].items():
            for form in _forms(name, language):
                put(form, language, english)
    return spoken


def _forms(name: str, language: str) -> list[str]:
    folded = lexicon.fold(name)
    if language == "de":
        stem = folded.removesuffix("e")
        return [folded, *(stem + ending for ending in ("e", "er", "es", "en", "em"))]
    if language == "it":
        head, _, rest = folded.partition(" ")
        plural = {"o": "i", "a": "e", "e": "i"}.get(head[-1:])
        plurals = [head[:-1] + plural, head[:-1] + "h" + plural] if plural else []
        return [folded, *(f"{form} {rest}".strip() for form in plurals)]
    return [folded, folded + "es"] if folded[-1:] not in "aeiou" else [folded]


def colours_in(tokens: Sequence[Token], languages: Sequence[str]) -> list[Colour]:
    """The colours that `tokens` name, left to right."""
    found: list[Colour] = []
    at = 0
    while at < len(tokens):
        colour = _colour_at(tokens, at, languages)
        if colour:
            found.append(colour)
        at = colour.last + 1 if colour else at + 1
    return found


def _colour_at(tokens: Sequence[Token], at: int, languages: Sequence[str]) -> Colour | None:
    start = at
    while at < len(tokens) and tokens[at].word in _shop()["modifiers"] and (at == start or tokens[at].joined):
        whole = _name_at(tokens, at, languages)
        if whole and whole[0] > at:
            break
        at += 1
    named = _name_at(tokens, at, languages) if at < len(tokens) and (at == start or tokens[at].joined) else None
    if named is None and at > start:
        at = start
        named = _name_at(tokens, at, languages)
    if named is None:
        return None
    last, english = named
    after = last + 1
    if after < len(tokens) and tokens[after].joined and tokens[after].word in _UNDERTONES:
        shown = _colour_at(tokens, after + 1, languages)  # a blue-based red is a red
        if shown:
            return replace(shown, first=start)
    if (
        after < len(tokens)
        and tokens[after].joined
        and (tokens[after].word in _TAILS or _tinted(tokens[after].word, english))
    ):
        if _tinted(tokens[after].word, english):
            english = f"{english} {_SPELLINGS.get(tokens[after].word, tokens[after].word)}"
        last = after
    drop = {"classic", "soft", "metallic", "intense", "rich", "pure", "medium", "mid", "heathered"}
    value = " ".join([*(token.word for token in tokens[start:at] if token.word not in drop), english])
    shaded = any(token.key not in lexicon.phrases("faint") for token in tokens[start:at])
    plain = last > at or shaded or english not in _shop()["ambiguous"]
    return Colour(first=start, last=last, value=value, unsure=not plain)


def _tinted(word: str, shade: str) -> bool:
    """Whether the word is a plain colour that the shade before it only colours: `slate blue`, `ink navy`."""
    return _SPELLINGS.get(word, word) in _TINTS or (word in _SHADES and shade in _shop()["ambiguous"])


def _name_at(tokens: Sequence[Token], at: int, languages: Sequence[str]) -> tuple[int, str] | None:
    for last, key in lexicon.keys_at(tokens, at):
        for language, english in _spoken().get(key, ()):
            things = language == "en" and last == at and tokens[at].word != key and key in _shop()["ambiguous"]
            if language in languages and not things:  # `Lemons` and `Clouds` are a pattern
                return last, english
    return None


def canonical_colour(text: str) -> str:
    """A colour phrase as attributes hold it: `Sage-Green` -> `sage green`; unknown words stay, in lower case."""
    tokens = lexicon.tokens_of(text)
    for languages in (("en",), *((language, "en") for language in LANGUAGES[1:])):
        found = colours_in(tokens, languages)
        if found:
            return " and ".join(dict.fromkeys(colour.value for colour in found[:2]))
    return " ".join(text.lower().split())


def colour_hex(name: str) -> str | None:
    """`#rrggbb` of a colour phrase in any of the five languages, of its first colour when it names two; else None."""
    phrase = " ".join(token.word for token in lexicon.tokens_of(name)).replace("gray", "grey")
    if phrase in _named():
        return _named()[phrase]
    first = canonical_colour(name).split(" and ")[0]
    if first in _named():
        return _named()[first]
    words = [word for word in first.split() if word not in {"matte", "glossy"}]
    modifiers = _shop()["modifiers"]
    for start in range(len(words)):
        value = _named().get(" ".join(words[start:]))
        if value:
            for word in reversed(words[:start]):
                value = _shifted(value, float(modifiers.get(word, 0.0)))
            return value
    return None


def _shifted(value: str, by: float) -> str:
    """The colour moved towards white (`by` > 0) or black (`by` < 0) by that share of the way."""
    to, share = (255, by) if by > 0 else (0, -by)
    channels = [int(value[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(c + (to - c) * share):02x}" for c in channels)


def base_colour(value: str) -> str:
    """The plain hue that a shopper would say (`black`, `grey`, `green`, `gold`, `clear`, …) of the first colour named.

    An unknown phrase is its own base.
    """
    first = canonical_colour(value).split(" and ")[0]
    names = _shop()["names"]
    words = first.split()
    for start in range(len(words)):
        known = names.get(" ".join(words[start:]))
        if known:
            return str(known[1])
    rgb = colour_hex(first)
    return _hue(rgb) if rgb else first


def _hue(rgb: str) -> str:
    red, green, blue = (int(rgb[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    if light < 0.12:
        return "black"
    if light > 0.94:
        return "white"
    if saturation < 0.12:
        return "grey"
    if 0.04 < hue < 0.12 and light < 0.4:
        return "brown"
    bounds = ((0.04, "red"), (0.11, "orange"), (0.18, "yellow"), (0.45, "green"), (0.7, "blue"), (0.82, "purple"))
    return next((name for bound, name in bounds if hue < bound), "pink" if hue < 0.95 else "red")
