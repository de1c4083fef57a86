"""Is it said of the product, or of its strap, its lid, its box?

Main parts (`words/parts.json`) stand for the product: the case of a watch, the upper of a shoe, the base of a lamp.
Packaged goods are pictured in their container, whose colour and material are theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from prodimg_lab.products import categories, lexicon
from prodimg_lab.products.colours import Colour
from prodimg_lab.products.lexicon import Match, phrases
from prodimg_lab.products.reading import Reading, places

_OF = frozenset({"in", "of", "made", "from", "aus", "en", "de", "di", "is", "are", "ist", "es", "est"})
_ANDS = ("and", "und", "y", "et", "e")
_ARTICLES = frozenset({"a", "an", "the", "ein", "eine", "einem", "un", "una", "une"})
_SOLID = frozenset({"candle", "chocolate"})
_WRAPS = frozenset({"box", "pouch", "compact"})
_STUFFED = frozenset({"pillow", "cushion", "bedding", "pet bed", "beanbag", "pouf"})
_COVERS = frozenset({"cover", "bezug", "funda", "housse", "fodera"})
_SEWN = frozenset({"stitched", "stitch", "sewn"})
_SECOND = frozenset({"box", "pouch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What packaged goods come in: the token at `place`, of kind `name` (`bottle`, `jar`, `tin`, ...)."""

    name: str
    place: int


@cache
def _listed(name: str) -> Mapping[str, frozenset[str]]:
    """One of the lists of `words/parts.json`, its phrases as keys."""
    return {
        key: frozenset(lexicon.key_of(phrase) for phrase in listed)
        for key, listed in lexicon.load("parts")[name].items()
    }


@cache
def main_parts(kind: str | None, *, coloured: bool = False) -> frozenset[str]:
    """Keys of the parts that stand for the whole product; with `coloured` those whose colour is its colour too.

    The last word of the kind's own name is one: the hooks of a set of crochet hooks.
    """
    own = family(kind)
    lists = ("main", "coloured") if coloured else ("main",)
    listed = {key for name in lists for above, keys in _listed(name).items() if above in own for key in keys}
    if kind and not listed:
        listed |= _listed("main")["any"]
    return frozenset(listed | {lexicon.key_of(kind.split()[-1])} if kind else listed)


def covers(kind: str | None) -> frozenset[str]:
    """Keys of what covers a stuffed thing and is all that is seen of it, where the kind is one."""
    own = family(kind)
    return _COVERS if own & _STUFFED else frozenset()


def never(kind: str | None) -> frozenset[str]:
    """Materials that are only ever those of a part: the glass of spectacles."""
    own = family(kind)
    return frozenset(value for above, values in _listed("never").items() if above in own for value in values)


def inner(kind: str | None) -> frozenset[str]:
    """Materials whose colour is not the product's: the paper of a notebook, the velvet in a box."""
    own = family(kind)
    return never(kind) | {value for above, values in _listed("inner").items() if above in own for value in values}


@cache
def _packaged() -> tuple[frozenset[str], frozenset[str]]:
    lists = lexicon.load("parts")
    return frozenset(lists["packaged"]), frozenset(lists["unpacked"])


def is_packaged(kind: str | None) -> bool:
    """Whether a picture of it shows its container: perfume, honey, tea, candles."""
    packaged, unpacked = _packaged()
    own = family(kind)
    return bool(own & packaged) and not own & unpacked


def container_name(kind: str | None) -> bool:
    """Whether the kind is itself a container: `jar`, `tube`."""
    return kind in _listed("container")


def containers(reading: Reading, kind: str | None = None) -> list[Container]:
    """The containers that a text names, bottles and jars before boxes and pouches.

    The box or pouch of a candle or of chocolate is only wrapped around it.
    """
    wrapped = kind in _SOLID
    found: list[Container] = []
    for place, token in enumerate(reading.tokens):
        name = next((name for name, keys in _listed("container").items() if _ends_with(token.key, keys, reading)), None)
        if name and not (wrapped and name in _WRAPS) and not set(reading.before(place, 2)) & phrases("giftbox"):
            found.append(Container(name=name, place=place))
    return sorted(found, key=lambda item: item.name in _SECOND)


def made_by_name(reading: Reading, container: Container) -> str | None:
    """The material that a container's name says: a tin is of tin, a German `Glas` of glass."""
    key = reading.tokens[container.place].key
    listed = _listed("selfmade").items()
    return next((value for value, keys in listed if _ends_with(key, keys, reading)), None)


def _ends_with(key: str, keys: frozenset[str], reading: Reading) -> bool:
    compound = reading.languages[0] == "de" and any(key.endswith(one) and len(one) > 3 for one in keys)
    return key in keys or compound


def of_container(reading: Reading, item: Match | Colour, at: Container) -> bool:
    """Whether the words are said of that container: `amber glass dropper bottle`, `pot en verre`."""
    if not item.first <= at.place <= item.last and reading.sentence[item.first] != reading.sentence[at.place]:
        return False
    if item.first <= at.place <= item.last:
        return True
    cuts = cuts_of(reading) | phrases("part")
    described = places(reading.stuffs, reading.hues, reading.surfaces)
    step = range(item.last + 1, at.place) if item.last < at.place else range(at.place + 1, item.first)
    between = [reading.tokens[i].key for i in step if i not in described]
    if item.last < at.place:
        whole = reading.segment[item.last] == reading.segment[at.place]
        return whole and len(between) <= 1 and not set(between) & cuts
    linked = bool(between) and between[0] in _OF | phrases("made") | phrases("copula")
    told = not between and reading.languages[0] in lexicon.HEAD_FIRST
    return told or (linked and len(between) <= 6 and not set(between) & phrases("part"))


@cache
def family(kind: str | None) -> frozenset[str]:
    """The category and all kinds above it."""
    return frozenset((kind, *categories.broader(kind))) if kind else frozenset()


def of_part(reading: Reading, first: int, last: int, kind: str | None) -> bool:
    """Whether the words describe a part or the packaging: a part's noun follows soon, or comes before `of` them."""
    follows = _part_follows(reading, last, kind)
    return part_stands_before(reading, first, kind) if follows is None else follows


def _part_follows(reading: Reading, last: int, kind: str | None) -> bool | None:
    """None when neither a part nor the product itself follows."""
    own, mine = family(kind), main_parts(kind)
    described = places(reading.stuffs, reading.hues, reading.surfaces)
    stuff = places(reading.stuffs)
    unknown = 0
    for at in range(last + 1, min(len(reading.tokens), last + 5)):
        key = reading.tokens[at].key
        if reading.segment[at] != reading.segment[last] or (key in _ANDS and next_key(reading, at) in _ARTICLES):
            break
        noun = next((m for m in reading.nouns if m.first <= at <= m.last), None)
        stitched = next_key(reading, at) in _SEWN  # `saddle-stitched`
        # bouclé is no `boucle`
        part = key in phrases("part") and at not in stuff and not stitched and not _acts(reading, at)
        if (noun and kin(noun, own)) or key in mine or (part and _and_own(reading, at, mine)):
            return False
        if [t.key for t in reading.tokens[at : at + 3]] == ["inside", "and", "out"]:
            return False
        if part or (noun and reading.field == "description" and not noun.entry.weak and kind):
            return True
        unknown += at not in described and key not in _ANDS
        if unknown > 1 or key in phrases(f"cut:{reading.languages[0]}"):
            break
    return None


def part_stands_before(reading: Reading, first: int, kind: str | None) -> bool:
    """Whether a part's noun stands before, tied by `in`, `of` or `made`: `lining in red`."""
    own, mine = family(kind), main_parts(kind)
    parts = phrases("part") - mine
    ahead = 6 if reading.field == "description" else 3
    for at in range(first - 1, max(-1, first - 1 - ahead), -1):
        if reading.segment[at] != reading.segment[first]:
            break
        noun = next((m for m in reading.nouns if m.first <= at <= m.last), None)
        if (noun and kin(noun, own)) or (reading.tokens[at].key in _ANDS and next_key(reading, at) in phrases("made")):
            break
        tool = reading.tokens[at].key in phrases("tool") and reading.before(at, 2) == ["the", "on"]
        sides = [t.key for t in reading.tokens[at : at + 3]] == ["inside", "and", "out"]
        hyphened = reading.text[reading.tokens[at].stop : reading.tokens[at].stop + 1] == "-"  # `wheel-thrown`
        if (
            reading.tokens[at].key in parts
            and not (tool or hyphened or sides)
            and next_key(reading, at) != "knit"
            and not _and_own(reading, at, mine)
            and _linked(reading, at, first)
        ):
            return True
    return False


def _acts(reading: Reading, part: int) -> bool:
    """Whether it is a verb: `grips the floor`, `handles any load`."""
    return next_key(reading, part) in phrases("object") - {"up", "off", "out", "down", "back"}


def kin(noun: Match, own: frozenset[str]) -> bool:
    """Whether the noun names the product's kind, or one near it that is no part of it: the frame of a print."""
    strange = any(noun.entry.value in values for above, values in _listed("strange").items() if above in own)
    return bool(own & family(noun.entry.value)) and not strange


def _and_own(reading: Reading, part: int, mine: frozenset[str]) -> bool:
    """Whether `and` ties the part to a main one: `glass shade and base`."""
    keys = [token.key for token in reading.tokens[part + 1 : part + 3]]
    back = [token.key for token in reversed(reading.tokens[max(0, part - 2) : part])]
    return any(len(two) == 2 and two[0] in _ANDS and two[1] in mine for two in (keys, back))


def of_main(reading: Reading, item: Match | Colour, mine: frozenset[str]) -> bool:
    """Whether a main part is said to be of it: `steel case`, `case in steel`, `Gehäuse aus Stahl`."""
    known = places(reading.stuffs, reading.hues, reading.surfaces)
    unknown = 0
    for at in range(item.last + 1, min(item.last + 5, len(reading.tokens))):
        key = reading.tokens[at].key
        made = phrases("made") - mine
        if reading.segment[at] != reading.segment[item.last] or key in cuts_of(reading) | made:
            break
        if key in mine or (key in phrases("part") and _and_own(reading, at, mine)):
            return True
        if key in phrases("part"):
            break
        unknown += at not in known
        if unknown > 1:
            break
    for at in range(item.first - 1, max(-1, item.first - 7), -1):
        key = reading.tokens[at].key
        part = key in phrases("part") - mine and not _and_own(reading, at, mine)
        if reading.sentence[at] != reading.sentence[item.first] or part:
            break
        if key in mine:
            between = [reading.tokens[i].key for i in range(at + 1, item.first) if i not in known]
            if set(between) & phrases(f"aside:{reading.languages[0]}"):
                return False
            return any(key in _OF for key in between) or (not between and reading.languages[0] in lexicon.HEAD_FIRST)
    return False


def _linked(reading: Reading, part: int, first: int) -> bool:
    between = {reading.tokens[i].key for i in range(part + 1, first)}
    return bool(between & (phrases("made") | phrases("in") | {"de", "di", "of", "aus", "is", "are"}))


def next_key(text: Reading, place: int) -> str:
    """The key of the token after `place` in its segment, or ""."""
    after = place + 1
    same = after < len(text.tokens) and text.segment[after] == text.segment[place]
    return text.tokens[after].key if same else ""


@cache
def _cuts(language: str) -> frozenset[str]:
    return phrases(f"cut:{language}") | {"and"}


def cuts_of(reading: Reading) -> frozenset[str]:
    """Keys of the words that end a phrase in the reading's language."""
    return _cuts(reading.languages[0])


def followed_by_own(text: Reading, last: int, kind: str | None) -> bool:
    """Whether the product's noun follows in the same phrase (before it, in Romance languages)."""
    own = family(kind)
    nouns = [m for m in text.nouns if kin(m, own)]
    if text.languages[0] in lexicon.HEAD_FIRST and any(
        0 < last - m.last <= 4 and text.segment[m.last] == text.segment[last] for m in nouns
    ):
        return True
    for at in range(last + 1, min(last + 5, len(text.tokens))):
        if text.segment[at] != text.segment[last] or text.tokens[at].key in cuts_of(text) - {"and"}:
            return False
        if any(m.first <= at <= m.last for m in nouns):
            return True
    return False
