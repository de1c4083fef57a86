"""Who makes it?

A brand stands first in a title and no list knows it, or it follows `by` or a dash's `from`. Ordinary English adjectives
that the lists do not hold are recognised by their endings.
"""

from __future__ import annotations

import re

from prodimg_lab.products import lexicon
from prodimg_lab.products.reading import Reading, places

ADJECTIVE = re.compile(
    r".{2,}(?:ed|able|ible|ic|al|ous|ing|ish|less|ful|ive|ly|ant|ent|proof|free|wall|walled|size|sized)"
)
_BY = re.compile(r"\b(?:by|from|von|por|par|di)\s+((?:[A-Z][\w&'’]*)(?:\s+(?:&\s+)?[A-Z][\w&'’]*){0,2})")
_WORDS = 3


def brand(title: Reading) -> tuple[str, str] | None:
    """(brand, the very words of the title) or None. A name in capitals becomes a capitalised one: `NORTHFELL`."""
    last = _leading(title)
    if last is not None:
        words = title.words(0, last)
        return " ".join(_named(word) for word in words.split()), words
    for match in _BY.finditer(title.text):
        tokens = [i for i, t in enumerate(title.tokens) if match.start(1) <= t.start < match.end(1)]
        if tokens and not any(_known(title, i) for i in tokens):
            return " ".join(_named(word) for word in match[1].split()), match[1]
    return None


def _leading(title: Reading) -> int | None:
    if not any(c.islower() for c in title.text) or not title.nouns:
        return None
    last = None
    for place in range(min(_WORDS, len(title.tokens))):
        token = title.tokens[place]
        text = title.words(place, place)
        if (place and not token.joined) or not text[0].isupper() or _known(title, place):
            break
        shouted = text.isupper() and len(text) > 2
        if not shouted and (ADJECTIVE.fullmatch(token.word) or title.languages[0] != "en"):
            break
        last = place
    if last is not None and last + 1 < len(title.tokens) and _hyphened(title, last):
        return last - 1 if last else None
    return last


def _hyphened(title: Reading, place: int) -> bool:
    """Whether a hyphen ties the word to the next: `Roll-Top`."""
    return title.text[title.tokens[place].stop : title.tokens[place + 1].start] in ("-", "‐", "‑")


def _known(title: Reading, place: int) -> bool:
    token = title.tokens[place]
    if place in places(title.nouns, title.stuffs, title.hues, title.surfaces):
        return True
    lists = (
        "talk",
        "qualifier",
        "accessory",
        "part",
        "function:en",
        f"function:{title.languages[0]}",
        f"cut:{title.languages[0]}",
    )
    if any(c.isdigit() for c in token.word) or any(token.key in lexicon.phrases(name) for name in lists):
        return True
    return any(
        key in lexicon.phrases(name)
        for name in ("talk", "qualifier", "notcolour", "notmaterial")
        for last, key in lexicon.keys_at(title.tokens, place)
        if last > place
    )


def _named(word: str) -> str:
    return word.capitalize() if word.isupper() and len(word) > 3 else word
