"""What is the product called in a prompt?

The noun phrase around the title's head noun, in English, without sales talk, sizes, counts, codes, brand, and without
the colour, material and finish, which are attributes of their own. A foreign noun is translated by the lexicon.
"""

from __future__ import annotations

from collections.abc import Sequence

from prodimg_lab.products import lexicon
from prodimg_lab.products.brands import ADJECTIVE
from prodimg_lab.products.lexicon import Match, phrases
from prodimg_lab.products.reading import Reading
from prodimg_lab.products.reading import places as covered

_QUALIFIERS = 4
_MARKS = ("-", "‐", "'", "’")


def subject(title: Reading, telling: Reading, head: Match | None, brand_words: str) -> tuple[str, str] | None:
    """(subject, the very words) or None when the title holds no English noun phrase and no known noun."""
    taken = _taken(title, head)
    branded = len(lexicon.tokens_of(brand_words)) if title.text.lstrip(" \"'“(").startswith(brand_words) else 0
    taken.update(range(branded))
    if head is None:
        return _unknown(title, taken)
    if head.entry.language != "en":
        return head.entry.english, title.words(head.first, head.last)
    kept = list(_own_words(title, head))
    first = head.first
    if title.languages[0] == "en":
        places = title.segments()[title.segment[head.first]]
        before = [i for i in range(places.start, head.first) if i not in taken]
        before = [i for i in before if all(title.tokens[j].joined for j in range(i + 1, head.first + 1))]
        before = _without_name(title, telling, before)[-_QUALIFIERS:]
        kept = [*before, *kept]
        first = min([*before, first])
    return (_spoken(title, kept), title.words(first, head.last)) if kept else None


def _without_name(title: Reading, telling: Reading, before: Sequence[int]) -> list[int]:
    """The words before the noun without the fragment of a series' name that opens them: `Bramble & Bay`, `Market Day`.

    A word that no list knows stays when it has an adjective's ending, or the description has it in small letters.
    """
    kept: list[int] = []
    told = {telling.words(i, i) for i in range(len(telling.tokens))}
    for at in reversed(before):
        token = title.tokens[at]
        hyphened = any(
            title.text[title.tokens[i - 1].stop : title.tokens[i].start] in _MARKS for i in (at, at + 1) if i
        )
        listed = token.key in phrases("qualifier") or at in covered(title.nouns)
        known = listed or hyphened or ADJECTIVE.fullmatch(token.word) or title.words(at, at) == token.word
        if not (known or title.words(at, at).lower() in told):
            break
        kept.insert(0, at)
    while kept and title.tokens[kept[0]].key in phrases("seriesword"):
        kept.pop(0)
    while kept and kept[0] and _is_and(title, kept[0]) and title.tokens[kept[0]].key not in phrases("qualifier"):
        kept.pop(0)
    return kept


def _is_and(title: Reading, at: int) -> bool:
    return "&" in title.text[title.tokens[at - 1].stop : title.tokens[at].start] or title.tokens[at - 1].key == "and"


def _own_words(title: Reading, head: Match) -> range:
    """Places of the head's words, without a material that opens them: `leather belt` -> `belt`."""
    inner = [m for m in title.stuffs if m.first == head.first and m.last < head.last and not m.entry.weak]
    first = inner[0].last + 1 if inner else head.first
    return range(first, head.last + 1)


def _spoken(title: Reading, places: Sequence[int]) -> str:
    """The words at `places` in lower case, with the hyphens and apostrophes that join them."""
    text = ""
    for place in places:
        gap = title.text[title.tokens[place - 1].stop : title.tokens[place].start] if place else ""
        text += (gap if gap in _MARKS and place - 1 in places else " ") if text else ""
        text += title.words(place, place).lower()
    return text


def _taken(title: Reading, head: Match | None) -> set[int]:
    """Places that are no part of a subject: attributes, sales talk, codes."""
    taken = covered(title.stuffs, title.hues, title.surfaces) - covered(title.nouns)
    parts = lexicon.phrases("part")
    taken |= {
        m.last + 1 for m in title.stuffs if m.last + 1 < len(title.tokens) and title.tokens[m.last + 1].key in parts
    }
    talk = lexicon.phrases("talk")
    for at in range(len(title.tokens)):
        for last, key in lexicon.keys_at(title.tokens, at):
            if key in talk:
                taken.update(range(at, last + 1))
                break
        if any(c.isdigit() for c in title.tokens[at].word):
            taken.add(at)
    return taken - (covered([head]) if head else set())


def _unknown(title: Reading, taken: set[int]) -> tuple[str, str] | None:
    """The first English segment's words up to the first preposition, when the noun is none of ours."""
    if title.languages[0] != "en":
        return None
    cuts = lexicon.phrases("cut:en")
    for places in title.segments():
        end = next((i for i in places if title.tokens[i].key in cuts and i > places.start), places.stop)
        kept = [i for i in range(places.start, end) if i not in taken and title.tokens[i].key not in cuts]
        if kept:
            return _spoken(title, kept), title.words(kept[0], kept[-1])
    return None
