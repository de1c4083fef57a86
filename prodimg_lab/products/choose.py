"""Of all words that could be a colour, a material or a kind, which are said of the product itself?
The title decides before the description. In the title a word counts unless it stands aside (`with gold rim`), names a
part (`leather strap`) or belongs to another phrase (`red wine glass`); in the description only where it is tied to the
product: `made of …`, `colour: …`, `in …`, or before the product's noun. Each choice returns the value and its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prodimg_lab.products import categories
from prodimg_lab.products.lexicon import Match, phrases
from prodimg_lab.products.parts import container_name, family, is_packaged, of_part
from prodimg_lab.products.reading import Reading

_WEIGHT = re.compile(r"\d\s?(?:g|kg|oz|lbs?|gr|grams?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A value, and the tokens `first` to `last` (inclusive) of a reading it came from."""

    value: str
    first: int
    last: int
    reading: Reading

    @property
    def words(self) -> str:
        """The very words."""
        return self.reading.words(self.first, self.last)


def category(reading: Reading) -> tuple[str, Match] | None:
    """The category and the match that names it: of the first segment (title) or sentence (description) that has one."""
    for span in reading.segments():
        tokens = reading.tokens[span.start : span.stop]
        known = [
            Match(first=m.first - span.start, last=m.last - span.start, entry=m.entry)
            for m in reading.nouns
            if m.first in span
        ]
        head = categories.head_of(tokens, reading.languages, known)
        if head is None:
            # An unknown head after a known noun (`mug warmer`) is somebody else's product.
            cut = any(t.key in phrases(f"cut:{reading.languages[0]}") for t in tokens)
            if reading.field == "title" and not cut and any(not noun.entry.weak for noun in known):
                return None
            continue
        part = container_name(head.entry.value) or tokens[head.last].key in phrases("part")
        told = reading.field == "description"
        if told and (head.entry.weak or part or reading.sentence[span.start] > 1):
            continue
        if head.entry.weak and len(tokens) == 1 and span.start > 0:
            continue
        held = _goods(reading, head, span.start) if reading.field == "title" else None
        if held is not None:
            return held.entry.value, held
        moved = Match(first=head.first + span.start, last=head.last + span.start, entry=head.entry)
        return head.entry.value, moved
    return None


def _goods(reading: Reading, head: Match, start: int) -> Match | None:
    """The goods that fill the container which the title ends on, when they are sold by weight: `Tea Caddy 125 g`."""
    if not _WEIGHT.search(reading.text) or not any(container_name(k) for k in family(head.entry.value)):
        return None
    return next((n for n in reading.nouns if n.last == head.first + start - 1 and is_packaged(n.entry.value)), None)


def container_of(reading: Reading, named: tuple[str, Match]) -> tuple[str, Match]:
    """In a picture the container that follows the packaged goods is the thing: `loose leaf tea box`."""
    kind, head = named
    after = next((m for m in reading.nouns if m.first == head.last + 1), None)
    if after is None or not is_packaged(kind) or not container_name(after.entry.value):
        return named
    return after.entry.value, after


def finish(title: Reading, description: Reading, kind: str | None) -> Chosen | None:
    """The product's surface: the first in the title, else the first in the description that is not a part's."""
    for reading in (title, description):
        for surface in reading.surfaces:
            if reading.field == "title" and surface.first in reading.aside:
                continue
            if any(noun.first <= surface.first <= noun.last for noun in reading.nouns):
                continue
            if of_part(reading, surface.first, surface.last, kind) or reading.says(surface.first, "available"):
                continue
            return Chosen(value=surface.entry.value, first=surface.first, last=surface.last, reading=reading)
    return None
