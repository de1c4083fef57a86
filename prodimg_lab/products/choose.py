"""Of all words that could be a colour, a material or a kind, which are said of the product itself?

The title decides before the description. In the title a word counts unless it stands aside (`with gold rim`), names a
part (`leather strap`) or belongs to another phrase (`red wine glass`); in the description only where it is tied to the
product: `made of …`, `colour: …`, `in …`, or before the product's noun. Each choice returns the value and its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prodimg_lab.products import categories, lexicon
from prodimg_lab.products.colours import Colour
from prodimg_lab.products.lexicon import Match, phrases
from prodimg_lab.products.reading import Reading, places

_ANDS = frozenset({"and", "und", "y", "et", "e", "&", "/", "+"})


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
        if reading.field == "description" and (head.entry.weak or reading.sentence[span.start] > 1):
            continue
        if head.entry.weak and len(tokens) == 1 and span.start > 0:
            continue
        moved = Match(first=head.first + span.start, last=head.last + span.start, entry=head.entry)
        return head.entry.value, moved
    return None


def family(kind: str | None) -> frozenset[str]:
    """The category and all kinds above it."""
    return frozenset((kind, *categories.broader(kind))) if kind else frozenset()


def of_part(reading: Reading, first: int, last: int, kind: str | None) -> bool:
    """Whether the words describe a part or the packaging: a part's noun follows soon, or comes before `of` them."""
    own = family(kind)
    # A lamp's base or a watch's case is what the product itself is said to be of.
    mine = {key.rpartition(" ")[2] for key in phrases("ownpart") if key.rpartition(" ")[0] in own}
    parts = phrases("part") - mine
    described = places(reading.stuffs, reading.hues, reading.surfaces)
    unknown = 0
    for at in range(last + 1, min(len(reading.tokens), last + 5)):
        token = reading.tokens[at]
        if reading.segment[at] != reading.segment[last]:
            break
        noun = next((m for m in reading.nouns if m.first <= at <= m.last), None)
        if noun and _kin(noun, own):
            return False
        if token.key in parts or (noun and reading.field == "description" and not noun.entry.weak and kind):
            return True
        if at not in described and token.key not in ("and", "und", "y", "et", "e"):
            unknown += 1
        if unknown > 1 or token.key in phrases(f"cut:{reading.languages[0]}"):
            break
    ahead = 6 if reading.field == "description" else 3
    for at in range(first - 1, max(-1, first - 1 - ahead), -1):
        if reading.segment[at] != reading.segment[first]:
            break
        noun = next((m for m in reading.nouns if m.first <= at <= m.last), None)
        if noun and _kin(noun, own):
            break
        if reading.tokens[at].key in parts and _linked(reading, at, first):
            return True
    return False


def _kin(noun: Match, own: frozenset[str]) -> bool:
    return bool(own & family(noun.entry.value))


def _linked(reading: Reading, part: int, first: int) -> bool:
    between = {reading.tokens[i].key for i in range(part + 1, first)}
    return bool(between & (phrases("made") | phrases("in") | {"de", "di", "of", "aus", "is", "are"}))


def colour(title: Reading, description: Reading, kind: str | None) -> Chosen | None:
    """The product's colour; two that `and`, `&` or `/` joins are one value."""
    scented = bool(family(kind) & phrases("scented"))
    for hue in title.hues:
        if _title_colour(title, hue, kind, scented):
            return _joined(title, hue)
    for hue in description.hues:
        if _told_colour(description, hue, kind, scented):
            return _joined(description, hue)
    return None


def _inside(item: Match | Colour, others: Sequence[Match]) -> bool:
    return any(other.first <= item.first and item.last <= other.last for other in others)


def _joined(reading: Reading, hue: Colour) -> Chosen:
    """With the colour that follows after `and`, `und`, `&`, `/` …"""
    for other in reading.hues:
        if other.first <= hue.last or other.value == hue.value:
            continue
        gap = reading.text[reading.tokens[hue.last].stop : reading.tokens[other.first].start]
        if lexicon.fold(gap).strip() in _ANDS and not of_part(reading, other.first, other.last, None):
            return Chosen(value=f"{hue.value} and {other.value}", first=hue.first, last=other.last, reading=reading)
    return Chosen(value=hue.value, first=hue.first, last=hue.last, reading=reading)


def _title_colour(title: Reading, hue: Colour, kind: str | None, scented: bool) -> bool:
    before = title.before(hue.first, 2)
    said = bool(before) and (
        before[0] in phrases("said") or (before[0] in phrases("in") and hue.first not in title.aside)
    )
    if hue.first in title.aside or of_part(title, hue.first, hue.last, kind):
        return False
    span = title.segments()[title.segment[hue.first]]
    stuff = [m for m in title.stuffs if not m.entry.weak and m.entry.value != "gold plated"]
    if _inside(hue, stuff) and hue.value not in ("rose gold", "white gold", "yellow gold"):
        return False
    if said:
        return not (hue.unsure and _inside(hue, title.stuffs) and len(title.stuffs) == 1)
    alone = _alone(title, hue)
    if _inside(hue, title.nouns) and not (alone and hue.first == span.start and hue.last == span.stop - 1):
        return False
    if scented:
        after = next((m for m in title.nouns if m.first == hue.last + 1), None)
        sole = alone and hue.first == span.start and hue.last == span.stop - 1
        return not hue.unsure and (sole or after is not None)
    if not hue.unsure and not _inside(hue, [m for m in title.stuffs if m.entry.value != "gold plated"]):
        return True
    if _inside(hue, title.stuffs):
        return alone and any(not _inside(hue, [m]) and m.first not in title.aside for m in title.stuffs)
    tail = hue.last == span.stop - 1 and any(m.last < hue.first and m.first in span for m in title.nouns)
    return alone or tail or any(m.first == hue.last + 1 for m in stuff)


def _alone(reading: Reading, hue: Colour) -> bool:
    """Whether its segment holds only words of colour, material and finish."""
    known = places(reading.hues, reading.surfaces, reading.stuffs)
    whole = reading.segments()[reading.segment[hue.first]]
    return whole.start > 0 and all(i in known or reading.tokens[i].key == "and" for i in whole)


def _told_colour(text: Reading, hue: Colour, kind: str | None, scented: bool) -> bool:
    before = text.before(hue.first, 4)
    if _is_said(before):
        return True
    if (before[:1] and before[0] in phrases("negation")) or of_part(text, hue.first, hue.last, kind):
        return False
    stuff = [m for m in text.stuffs if not m.entry.weak and m.entry.value != "gold plated"]
    if text.says(hue.first, "available") or _inside(hue, text.nouns) or _inside(hue, stuff):
        return False
    described = {text.tokens[i].key for i in places(text.surfaces, text.stuffs)} | phrases("filler")
    near = [key for key in before if key not in described]
    after = _next_key(text, hue.last)
    tied = _followed_by_own(text, hue.last, kind) or after in phrases("body")
    covered = near[1:2] if near[:1] and near[0] in phrases("in") else near[:1]
    if covered and covered[0] in phrases("covered"):
        return True
    if near and near[0] in phrases("in") and hue.first not in text.aside:
        beside = any(m.first == hue.last + 1 for m in (*text.stuffs, *text.surfaces))
        return tied or beside or not after or after in _cuts(text)
    if scented or (hue.unsure and (after not in phrases("body") or _inside(hue, text.stuffs))):
        return False
    if hue.first in text.aside:
        return after in phrases("glaze")
    return tied or _beside_stuff(text, hue, stuff) or (hue.first == hue.last and _alone(text, hue))


def _is_said(before: Sequence[str]) -> bool:
    """Whether `colour:`, `colour is` or `shade of` stands before."""
    nearest = before[1:2] if before[:1] and before[0] in phrases("copula") else before[:1]
    return bool(nearest) and nearest[0] in phrases("said")


def _next_key(text: Reading, place: int) -> str:
    """The key of the token after `place` in its segment, or ""."""
    after = place + 1
    same = after < len(text.tokens) and text.segment[after] == text.segment[place]
    return text.tokens[after].key if same else ""


def _beside_stuff(text: Reading, hue: Colour, stuffs: Sequence[Match]) -> bool:
    """Whether the stuff follows the colour, finishes between (`white powder-coated steel`), or stands before it."""
    between = places(text.surfaces)
    for stuff in stuffs:
        if stuff.first in text.aside or text.segment[stuff.first] != text.segment[hue.first]:
            continue
        if stuff.first > hue.last and all(i in between for i in range(hue.last + 1, stuff.first)):
            return not of_part(text, stuff.first, stuff.last, None) or not _next_key(text, stuff.last)
        if stuff.last == hue.first - 1 and text.languages[0] in lexicon.HEAD_FIRST:
            return True
    return False


def _cuts(reading: Reading) -> frozenset[str]:
    return phrases(f"cut:{reading.languages[0]}") | {"and"}


def _followed_by_own(text: Reading, last: int, kind: str | None) -> bool:
    """Whether the product's noun follows in the same phrase (before it, in Romance languages)."""
    own = family(kind)
    nouns = [m for m in text.nouns if _kin(m, own)]
    if text.languages[0] in lexicon.HEAD_FIRST and any(
        0 < last - m.last <= 4 and text.segment[m.last] == text.segment[last] for m in nouns
    ):
        return True
    for at in range(last + 1, min(last + 5, len(text.tokens))):
        if text.segment[at] != text.segment[last] or text.tokens[at].key in _cuts(text) - {"and"}:
            return False
        if any(m.first <= at <= m.last for m in nouns):
            return True
    return False


def material(title: Reading, description: Reading, kind: str | None) -> Chosen | None:
    """The product's main material: the title's first that is the product's own, else the description's best tied."""
    eaten = bool(
        family(kind)
        & frozenset(
            ("food", "perfume", "cream", "serum", "shampoo", "makeup", "lipstick", "soap", "nail polish", "lip balm")
        )
    )
    for stuff in title.stuffs:
        if not eaten and _title_material(title, stuff, kind):
            return Chosen(value=stuff.entry.value, first=stuff.first, last=stuff.last, reading=title)
    best = max(
        ((_tied(description, m, kind), -m.first, i) for i, m in enumerate(description.stuffs)), default=(0, 0, 0)
    )
    if best[0] > (2 if eaten else 0):
        stuff = description.stuffs[best[2]]
        return Chosen(value=stuff.entry.value, first=stuff.first, last=stuff.last, reading=description)
    for noun in title.nouns:
        # A wine glass is glass unless something else is said.
        if (
            "drinking glass" in family(noun.entry.value)
            and noun.entry.value == kind
            and title.tokens[noun.last].key == "glass"
        ):
            return Chosen(value="glass", first=noun.last, last=noun.last, reading=title)
    return None


def _title_material(title: Reading, stuff: Match, kind: str | None) -> bool:
    if (
        stuff.first in title.aside
        or of_part(title, stuff.first, stuff.last, kind)
        or set(title.before(stuff.first, 1)) & phrases("negation")
    ):
        return False
    if any(n.last == stuff.last and _heads(n, stuff) for n in title.nouns):
        return False
    after = stuff.last + 1
    followed = after < len(title.tokens) and title.tokens[after].key in (
        "free",
        "like",
        "look",
        "effect",
        "safe",
        "style",
        "scent",
        "scented",
    )
    if followed:
        return False
    if stuff.entry.weak:
        span = title.segments()[title.segment[stuff.first]]
        close = (
            any(n.first in span and n.first > stuff.last for n in title.nouns)
            and title.languages[0] not in lexicon.HEAD_FIRST
        )
        close = close and not family(kind) & phrases("scented")
        close = (
            close
            or any(n.first <= after <= n.last for n in title.nouns)
            or any(n.first <= stuff.first < n.last for n in title.nouns)
        )
        before = title.before(stuff.first, 1)
        return (
            close
            or bool(set(before) & {"in", "aus", "en", "de", "di", "of"})
            or any(m.first == after for m in title.stuffs)
        )
    return True


def _heads(noun: Match, stuff: Match) -> bool:
    """Whether the stuff's word is the noun itself (`wine glass`), and not its complement (`vaso de vidrio`)."""
    if noun.entry.language == "de" and stuff.entry.language == "de" and noun.first == stuff.first:
        return noun.entry.value in ("drinking glass", "jar") and stuff.entry.value == "glass"
    return noun.first <= stuff.first and (noun.entry.language not in lexicon.HEAD_FIRST or noun.first == stuff.first)


def _tied(text: Reading, stuff: Match, kind: str | None) -> int:
    """How firmly the description says that the product is of this stuff: 3 made of it, 2 noun follows, 1 mentioned."""
    before = text.before(stuff.first, 7)
    after = text.tokens[stuff.last + 1].key if stuff.last + 1 < len(text.tokens) else ""
    if set(before[:2]) & phrases("negation") or after in ("free", "like", "look", "effect", "style", "safe"):
        return 0
    if of_part(text, stuff.first, stuff.last, kind) or text.says(stuff.first, "available"):
        return 0
    made = next((i for i, key in enumerate(before) if key in phrases("made")), None)
    hue_words = {t.key for h in text.hues for t in text.tokens[h.first : h.last + 1]}
    hue_words |= {t.key for m in (*text.surfaces, *text.stuffs) for t in text.tokens[m.first : m.last + 1]}
    if made is not None and all(key in phrases("links") or key in hue_words for key in before[:made]):
        return 3
    if stuff.first in text.aside:
        return 0
    if any(n.last == stuff.last and _heads(n, stuff) for n in text.nouns):
        return 0
    if _followed_by_own(text, stuff.last, kind) or (text.languages[0] == "de" and before[:1] == ["aus"]):
        return 2
    if stuff.entry.weak:
        return 0
    return 2 if before[:1] and before[0] in phrases("in") else 1


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
