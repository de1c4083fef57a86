"""What stands where in a field: its words, segments, sentences, and what each list knows of them?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from prodimg_lab.products import categories, colours, lexicon, materials
from prodimg_lab.products.colours import Colour
from prodimg_lab.products.lexicon import Match, Token
from prodimg_lab.products.sizes import without_measures

_SEGMENT = re.compile(r"[,;:|()\[\]–—•·!?\n\"“”*~>]|\s[-‐/+.]+\s|[.]\s|\s/|/\s")
_SENTENCE = re.compile(r"[.!?;|•\n]\s|\n|[.!?]$")
_AGAIN = frozenset(
    {"this", "these", "diese", "dieser", "dieses", "este", "esta", "ce", "cet", "cette", "questo", "questa"}
)
_MANNERS = frozenset({"grade", "safe", "friendly", "free", "inspired", "shaped", "style", "stitched", "stitch"})
_OF = frozenset({"de", "en", "di", "in", "d"})
_WITH = frozenset({"con", "avec"})
_HAND_WASH = ["hand", "wash"]
_CLOTHS = frozenset({"yarn", "oxford"})
_Item = TypeVar("_Item", Match, Colour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A field read once: tokens, the segment and sentence of each, and the lists' matches in it.

    `aside` holds the places of tokens after `with`, `for`, `without` … up to the end of their segment: what is said
    there is said of something else.
    """

    field: Literal["title", "description"]
    text: str
    tokens: Sequence[Token]
    languages: tuple[str, ...]
    segment: Sequence[int]
    sentence: Sequence[int]
    aside: frozenset[int]
    nouns: Sequence[Match]
    stuffs: Sequence[Match]
    hues: Sequence[Colour]
    surfaces: Sequence[Match]

    def words(self, first: int, last: int) -> str:
        """The very characters of the tokens `first` to `last`."""
        return self.text[self.tokens[first].start : self.tokens[last].stop]

    def segments(self) -> list[range]:
        """The places of each segment's tokens, in order."""
        found: list[range] = []
        for place, segment in enumerate(self.segment):
            if segment == len(found):
                found.append(range(place, place))
            found[segment] = range(found[segment].start, place + 1)
        return found

    def before(self, place: int, count: int) -> list[str]:
        """Keys of up to `count` tokens before `place` in its sentence, nearest first."""
        start = max(0, place - count)
        return [self.tokens[i].key for i in range(place - 1, start - 1, -1) if self.sentence[i] == self.sentence[place]]

    def says(self, place: int, listed: str) -> bool:
        """Whether a phrase of that list stands in the sentence of `place`, before it.

        What `this` and `these` open after a comma is said of the product again: `Inspired by the sea, this linen`.
        """
        keys = lexicon.phrases(listed)
        again = [
            at for at in range(1, place) if self.tokens[at].key in _AGAIN and self.segment[at] != self.segment[at - 1]
        ]
        for at in range(max(again, default=0), place):
            if self.sentence[at] == self.sentence[place] and any(
                k in keys for _, k in lexicon.keys_at(self.tokens, at)
            ):
                return True
        return False

    def is_other(self, place: int) -> bool:
        """Whether the sentence speaks of a choice, company or packaging there, or says that it is not sold with it."""
        if self.says(place, "available"):
            return True
        unsold = lexicon.phrases("unsold")
        near = [at for at in range(len(self.tokens)) if self.segment[at] == self.segment[place]]
        return any(k in unsold for at in near for _, k in lexicon.keys_at(self.tokens, at))


def read(field: Literal["title", "description"], text: str, language: str) -> Reading:
    """Read a field whose language is known; English words are known in every language."""
    tokens = _tokens(text)
    languages = tuple(dict.fromkeys((language, "en")))
    segment, sentence = _places(text, tokens)
    known = lexicon.matches(tokens, categories.index(), languages)
    if field == "title":
        segment = _parted_by_measures(text, tokens, segment, known)
    stuffs = _without(tokens, lexicon.matches(tokens, materials.index(), languages), "notmaterial")
    stuffs = [m for m in stuffs if not _is_tree(tokens, m)]
    hues = _without(tokens, colours.colours_in(tokens, languages), "notcolour", known)
    hues = [hue for hue in hues if not _scents(tokens, hue, known)]
    # `pearl white` and `slate grey` are colours; `antique brass` is brass too.
    stuffs = [m for m in stuffs if not any(h.first <= m.first and m.last < h.last for h in hues)]
    aside = _aside(tokens, segment, language, places(stuffs, hues))
    nouns = _nouns(tokens, languages, stuffs, hues, aside)
    nouns = [noun for noun in nouns if not _is_singular(tokens, noun)]
    if field == "description":
        nouns = [noun for noun in nouns if not _is_no_thing(tokens, noun, sentence, stuffs, hues)]
        nouns = [noun for noun in nouns if not _is_hue_told(tokens, noun, hues)]
    if language == "de":
        stuffs = sorted([*stuffs, *materials.of_compounds(tokens, nouns)], key=lambda match: match.first)
    return Reading(
        field=field,
        text=text,
        tokens=tokens,
        languages=languages,
        segment=segment,
        sentence=sentence,
        aside=frozenset(aside),
        nouns=nouns,
        stuffs=stuffs,
        hues=hues,
        surfaces=[m for m in lexicon.matches(tokens, lexicon.finishes(), languages) if m.entry.language in languages],
    )


def _tokens(text: str) -> list[Token]:
    """The words of `text` without its measures, which part the words around them."""
    tokens = lexicon.tokens_of(without_measures(text))
    for place in range(1, len(tokens)):
        before, token = tokens[place - 1], tokens[place]
        if token.joined and any(c.isdigit() for c in text[before.stop : token.start]):
            tokens[place] = replace(token, joined=False)
    return tokens


def places(*groups: Sequence[Match] | Sequence[Colour]) -> set[int]:
    """The places of all tokens that these matches cover."""
    return {place for group in groups for item in group for place in range(item.first, item.last + 1)}


def _of_person(tokens: Sequence[Token], place: int) -> bool:
    """Whether `for` names who it is for: what comes after is said of the product again (`para hombre plateado`)."""
    return place + 1 < len(tokens) and tokens[place + 1].key in lexicon.phrases("person")


def _aside(tokens: Sequence[Token], segment: Sequence[int], language: str, described: set[int]) -> set[int]:
    asides = lexicon.phrases(f"aside:{language}")
    aside: set[int] = set()
    for place, token in enumerate(tokens):
        goes_on = place > 0 and place - 1 in aside and segment[place - 1] == segment[place]
        if goes_on and language in lexicon.HEAD_FIRST:
            # `manta para sofá de lana`: what the throw is for ends before what it is of.
            goes_on = not (token.key in _OF and place + 1 in described and place - 2 in aside)
        opens = (
            token.key in asides and not _of_person(tokens, place) and not _is_means(tokens, segment, place, language)
        )
        if goes_on or opens:
            aside.add(place)
    return aside


def _is_means(tokens: Sequence[Token], segment: Sequence[int], place: int, language: str) -> bool:
    """Whether `con` or `avec` names what it is made with, `tejida con lana`, or `fit` is a noun: `a slim fit`."""
    if language == "en":
        return tokens[place].word == "fit"
    if language not in lexicon.HEAD_FIRST or tokens[place].key not in _WITH:
        return False
    near = range(max(0, place - 4), place)
    return any(tokens[at].key in lexicon.phrases("made") and segment[at] == segment[place] for at in near)


def _parted_by_measures(
    text: str, tokens: Sequence[Token], segment: Sequence[int], nouns: Sequence[Match]
) -> list[int]:
    """The segments, parted where a measure follows a noun: `Chef's Knife 8 inch | Black Handle`."""
    ends = {noun.last for noun in nouns}
    named = False
    parted: list[int] = []
    for place, token in enumerate(tokens):
        same = place > 0 and segment[place] == segment[place - 1]
        measured = same and any(c.isdigit() for c in text[tokens[place - 1].stop : token.start])
        opens = place > 0 and (not same or (measured and named))
        named = (named and not opens) or place in ends
        parted.append(parted[-1] + opens if parted else 0)
    return parted


def _nouns(
    tokens: Sequence[Token], languages: Sequence[str], stuffs: Sequence[Match], hues: Sequence[Colour], aside: set[int]
) -> list[Match]:
    """The known nouns, without those that name the stuff or hue of another: `Decke Wolle`, `Throw, Mustard`."""
    nouns = lexicon.matches(tokens, categories.index(), languages)
    stuff = [n for n in nouns if any(m.first <= n.first and n.last <= m.last for m in stuffs)]
    stuff += [n for n in nouns[1:] if n not in stuff and any(h.first <= n.first and n.last <= h.last for h in hues)]
    others = [n for n in nouns if n not in stuff]
    return others if any(n.first not in aside for n in others) else nouns


def _is_singular(tokens: Sequence[Token], noun: Match) -> bool:
    """Whether a word that names a thing only in the plural (`shades`, `shorts`) stands in the singular."""
    token = tokens[noun.last]
    return noun.first == noun.last and token.word == token.key and token.key in lexicon.phrases("pluralnoun")


def _is_no_thing(
    tokens: Sequence[Token], noun: Match, sentence: Sequence[int], stuffs: Sequence[Match], hues: Sequence[Colour]
) -> bool:
    """Whether it is a verb (`watch it go`, `to plate up`), a glaze's name or the yarn that the product is knit of."""
    key, after = tokens[noun.last].key, noun.last + 1
    follows = tokens[after].key if after < len(tokens) and sentence[after] == sentence[noun.last] else ""
    if follows in lexicon.phrases("body") and any(h.first <= noun.first and noun.last <= h.last for h in hues):
        return True
    if follows in _MANNERS and tokens[after].joined:
        return True  # `food-grade`, `pet safe`
    before = tokens[noun.first - 1].key if noun.first else ""
    if (before, key) == ("powder", "coat") or [token.key for token in tokens[noun.first : after]] == _HAND_WASH:
        return True  # a finish; how it is washed
    if noun.entry.value == "yarn" or key in _CLOTHS:
        return any(noun.first - 1 <= stuff.last <= noun.last for stuff in stuffs)
    if noun.first != noun.last or noun.entry.language != "en":
        return False
    opens = noun.first == 0 or sentence[noun.first - 1] != sentence[noun.first]
    if opens:
        acts = bool(follows) and follows not in {"in", "of", "with", "made", "for", "is", "from"}
        return key in lexicon.phrases("verbnoun") and acts
    doer = tokens[noun.first - 1].key in lexicon.phrases("doer") - {"or", "and"}
    return doer or (follows in lexicon.phrases("object") and key in lexicon.phrases("verbnoun"))


def _is_hue_told(tokens: Sequence[Token], noun: Match, hues: Sequence[Colour]) -> bool:
    """Whether a thing's name is a colour here: `in cream`, `red and mustard`, `cream and red`."""
    if not any(h.first <= noun.first and noun.last <= h.last for h in hues):
        return False
    if any(h.first <= noun.first and noun.last <= h.last and h.last - h.first > noun.last - noun.first for h in hues):
        return True  # `jaune moutarde`
    before = tokens[noun.first - 1].key if noun.first else ""
    ends = {h.last for h in hues}
    starts = {h.first for h in hues}
    ties = {"and", "und", "y", "et", "e", "or"}
    after = tokens[noun.last + 1].key if noun.last + 1 < len(tokens) else ""
    listed = (before in ties and noun.first - 2 in ends) or (after in ties and noun.last + 2 in starts)
    return listed or before in lexicon.phrases("in")


def _is_tree(tokens: Sequence[Token], stuff: Match) -> bool:
    """Whether trees are meant and no wood: `red maples`."""
    token = tokens[stuff.last]
    plural = stuff.entry.language == "en" and token.word != token.key and token.word.endswith("s")
    return plural and materials.base_material(stuff.entry.value) == "wood"


def _places(text: str, tokens: Sequence[Token]) -> tuple[list[int], list[int]]:
    segment: list[int] = []
    sentence: list[int] = []
    for place, token in enumerate(tokens):
        gap = text[tokens[place - 1].stop : token.start] if place else ""
        segment.append(segment[-1] + bool(_SEGMENT.search(gap)) if place else 0)
        sentence.append(sentence[-1] + bool(_SENTENCE.search(gap)) if place else 0)
    return segment, sentence


def _scents(tokens: Sequence[Token], hue: Colour, known: Sequence[Match]) -> bool:
    """Whether a scent's or fruit's name follows (`Black Fig`), no longer noun (`black tea towel`) begins there."""
    after = hue.last + 1
    named = after < len(tokens) and tokens[after].joined and tokens[after].key in lexicon.phrases("scentnoun")
    return named and not any(noun.first == after < noun.last for noun in known)


def _without(tokens: Sequence[Token], found: Sequence[_Item], listed: str, known: Sequence[Match] = ()) -> list[_Item]:
    """`found` without those inside a phrase of that list, unless it runs into a longer noun: `black tea towel`."""
    keys = lexicon.phrases(listed)
    taken: set[int] = set()
    for at in range(len(tokens)):
        for last, key in lexicon.keys_at(tokens, at):
            if key in keys and not any(at < noun.first <= last < noun.last for noun in known):
                taken.update(range(at, last + 1))
                break
    return [item for item in found if not taken.issuperset(range(item.first, item.last + 1))]
