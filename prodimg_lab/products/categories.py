"""What kind of thing is it, and what does that kind belong to?

A title names its product by the head of its first noun phrase: in English and German the last known noun before `with`,
`for`, `mit`, …; in Spanish, French and Italian the first. The description is asked when the title names nothing known.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from prodimg_lab.products import lexicon
from prodimg_lab.products.lexicon import Match, Token

_LISTED = 8
"""A phrase of so many words is a list of search words."""
_CLOSE = 4


@cache
def table() -> dict[str, Any]:
    """The categories: `{name: {"broader": name, language: [phrases]}}`."""
    return lexicon.load("categories")


@cache
def index() -> lexicon.Index:
    """The categories' phrases by key, `cuddly octopus` and the like among them."""
    found = lexicon.index_of(table())
    for animal in lexicon.phrases("animal"):
        for phrase in (*(f"{soft} {animal}" for soft in lexicon.phrases("cuddly")), f"{animal} plush"):
            lexicon.add(found, phrase, language="en", value="plush toy", english=phrase)
    return found


def broader(category: str) -> tuple[str, ...]:
    """The chain of ever broader kinds: `mug` -> (`cup`, `drinkware`)."""
    chain: list[str] = []
    above = table().get(category, {}).get("broader", "")
    while above and above not in chain and above != category:
        chain.append(above)
        above = table().get(above, {}).get("broader", "")
    return tuple(chain)


def category_of(text: str) -> str | None:
    """The canonical category that a label or a noun phrase names, or None: `Sneakers` -> `sneaker`."""
    tokens = lexicon.tokens_of(text)
    foreign = not any(token.key in lexicon.phrases("saleword") for token in tokens)
    for languages in (("en",), *((language, "en") for language in lexicon.LANGUAGES[1:] if foreign)):
        head = head_of(tokens, languages)
        if head:
            return head.entry.value
    return None


def head_of(tokens: Sequence[Token], languages: Sequence[str], found: Sequence[Match] | None = None) -> Match | None:
    """The match that names the thing in one noun phrase, or None when another, unknown noun is its head.

    `found` are the known nouns in `tokens`, when the caller has them.
    """
    cuts = lexicon.phrases(f"cut:{languages[0]}")
    if found is None:
        found = lexicon.matches(tokens, index(), languages)
    first = found[0].last if found else 0
    asides = lexicon.phrases(f"aside:{languages[0]}")
    # An opening preposition is no cut (`For him: watch`), nor is `set of` before the first noun.
    end = next(
        (
            i
            for i, token in enumerate(tokens)
            if (i > first or (i > 1 and token.key in asides)) and token.key in cuts and not _inside(i, found)
        ),
        None,
    )
    phrase = [match for match in found if end is None or match.last < end]
    if not phrase or _only_holds(tokens, phrase[0]):
        return None
    soft = lexicon.phrases("soft")
    firm = [match for match in phrase if lexicon.key_of(match.entry.value) not in soft] or phrase
    if languages[0] in lexicon.HEAD_FIRST:
        return firm[0]
    if len(tokens) >= _LISTED:
        phrase = firm = _first_group(tokens, firm)
    firm = _without_trailing(tokens, firm)
    head = _first_of_equals(tokens, firm)
    after = tokens[phrase[-1].last + 1 : end]
    if after and after[0].joined and after[0].key in lexicon.phrases("accessory"):
        return None
    return head


def _without_trailing(tokens: Sequence[Token], nouns: list[Match]) -> list[Match]:
    """Without a last word that only tells of the noun before it.

    So a pattern (`Rain Boots Dinosaur Print`), a lid (`Bread Bin Roll Top`) or a count (`Moka Pot 6 Cups`).
    """
    if len(nouns) < 2 or nouns[-1].first != nouns[-1].last or nouns[-2].last + 1 >= nouns[-1].first:
        return nouns
    kind = nouns[-2].entry.value
    key, before = tokens[nouns[-1].first].key, tokens[nouns[-1].first - 1]
    worn = bool({kind, *broader(kind)} & lexicon.phrases("softgood"))
    counted = before.key.isdigit() and key in lexicon.phrases("counted")
    pattern = worn and key == "print"
    return nouns[:-1] if pattern or counted or (key == "top" and not worn) else nouns


def _first_group(tokens: Sequence[Token], nouns: Sequence[Match]) -> list[Match]:
    """The first nouns in a row of a title that lists search words: `Desk Lamp` of `LED Desk Lamp … Touch Timer`.

    A noun that says what a close following one is for (`coffee …`, `phone …`) is passed over.
    """
    groups: list[list[Match]] = []
    for noun in nouns:
        if groups and noun.first == groups[-1][-1].last + 1:
            groups[-1].append(noun)
        else:
            groups.append([noun])
    accessories = lexicon.phrases("accessory")
    for group, following in pairwise(groups):
        last = group[-1]
        kind = last.entry.value
        wide = bool({kind, *broader(kind)} & lexicon.phrases("attributive")) or last.entry.weak
        attached = tokens[last.last + 1].key in accessories
        if not attached and not (wide and following[0].first - last.last <= _CLOSE):
            return group
    return groups[-1]


def _first_of_equals(tokens: Sequence[Token], nouns: Sequence[Match]) -> Match:
    """The last noun; of `cup and saucer` and `cup & saucer` the first."""
    head = nouns[-1]
    for match in reversed(nouns[:-1]):
        between = [token.key for token in tokens[match.last + 1 : head.first]]
        if between == ["and"] or between == ["und"] or (not between and not tokens[head.first].joined):
            head = match
        else:
            break
    return head


def _only_holds(tokens: Sequence[Token], noun: Match) -> bool:
    """Whether the first known noun only holds an unknown thing before it: `Compost in a Bag`."""
    before = [token.key for token in tokens[max(0, noun.first - 3) : noun.first]]
    return len(before) == 3 and before[1:] in (["in", "a"], ["in", "an"])


def _inside(place: int, found: Sequence[Match]) -> bool:
    return any(match.first <= place <= match.last for match in found)
