"""Which colour is the product's?

The title decides before the description. In the title a colour counts unless it stands aside (`with gold rim`), names a
part or belongs to another phrase (`red wine glass`); in the description only where it is tied to the product:
`colour: …`, `in …`, before the product's noun or its main part.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from prodimg_lab.products import lexicon, parts
from prodimg_lab.products.choose import Chosen
from prodimg_lab.products.colours import Colour
from prodimg_lab.products.lexicon import Match, phrases
from prodimg_lab.products.materials import base_material
from prodimg_lab.products.outright import outright
from prodimg_lab.products.parts import cuts_of, family, followed_by_own, kin, next_key, of_part
from prodimg_lab.products.reading import Reading, places

_ROW = 3
_GOLDS = frozenset({"rose gold", "white gold", "yellow gold"})
_ANDS = frozenset({"and", "und", "y", "et", "e", "&", "/", "+"})
_WRAPPED = frozenset({"wrapped", "eingewickelt", "envuelto", "envuelta", "emballe", "emballee", "avvolto", "avvolta"})
_WINES = frozenset({"burgundy", "bordeaux", "champagne", "claret"})
_ORS = frozenset({"or", "oder", "ou", "o"})


def colour(
    title: Reading, description: Reading, kind: str | None, *, made: Chosen | None = None, packed: str | None = None
) -> Chosen | None:
    """The product's colour; two that `and`, `&` or `/` joins are one value.

    `made` is its material, when known; `packed` the packaged goods that it is, whose container is looked at.
    """
    scented = _is_scented(title, packed)
    if packed is None:
        named = _titled(title, kind, scented, made)
        if named is None or any(hue.first == named.first and _is_quoted(title, hue) for hue in title.hues):
            return _told(description, kind, scented, made) or named  # a quoted name may be the design's: "Marigold"
        return named
    eaten = "food" in family(packed)
    held = _of_container(title, packed) or (None if eaten else _titled(title, packed, scented, made))
    return held or _of_container(description, packed) or (None if eaten else _told(description, packed, scented, made))


def _titled(title: Reading, kind: str | None, scented: bool, made: Chosen | None) -> Chosen | None:
    for hue in sorted(title.hues, key=lambda hue: _is_quoted(title, hue)):
        if hue.value in _WINES and "wine glass" in family(kind):
            continue  # the glass is for that wine
        if _is_quoted(title, hue) and hue.unsure and kind and not (family(kind) & {"cosmetics"}):
            continue  # a series' name: Bud Vase `Pebble`
        if _title_colour(title, hue, kind, scented) or (not scented and _is_free_name(title, hue, made)):
            return _joined(title, hue)
    return _of_coloured_part(title, kind)


def _is_quoted(reading: Reading, hue: Colour) -> bool:
    """Whether it stands in quotation marks: a shade's name, which a plain colour beside it explains."""
    start = reading.tokens[hue.first].start
    return start > 0 and reading.text[start - 1] in "\"'“„‘«"


def _told(description: Reading, kind: str | None, scented: bool, made: Chosen | None) -> Chosen | None:
    for hue in () if scented else description.hues:
        if outright(description, hue, kind, made.value if made else None):
            return _joined(description, hue)
    for hue in description.hues:
        told = _told_colour(description, hue, kind, scented) and not _is_of_other_stuff(description, hue, made)
        if told or _is_gold_of(description, hue, made):
            return _joined(description, hue)
    return _of_coloured_part(description, kind)


def _is_gold_of(text: Reading, hue: Colour, made: Chosen | None) -> bool:
    """Whether it is the hue of the gold that the product is made of: `14k yellow gold`."""
    own = made is not None and made.reading is text and made.first <= hue.first and hue.last <= made.last
    return own and hue.value in _GOLDS


def _is_of_other_stuff(text: Reading, hue: Colour, made: Chosen | None) -> bool:
    """Whether it is that of another stuff than the product's: the oak table's `frame of black lacquered steel`."""
    if made is None:
        return False
    between = places(text.surfaces)
    for stuff in text.stuffs:
        near = stuff.first > hue.last and all(i in between for i in range(hue.last + 1, stuff.first))
        if near and text.segment[stuff.first] == text.segment[hue.last] and not stuff.entry.weak:
            return base_material(stuff.entry.value) != base_material(made.value)
    return False


def _is_scented(title: Reading, kind: str | None) -> bool:
    """Whether its words may be those of a scent; a candle's only when it says so."""
    if kind == "candle":
        if any(title.tokens[hue.last].key in phrases("scentshade") and hue.unsure for hue in title.hues):
            return True
        return any(token.key in phrases("scentword") or token.key.startswith("duft") for token in title.tokens)
    return bool(family(kind) & phrases("scented"))


def _is_free_name(title: Reading, hue: Colour, made: Chosen | None) -> bool:
    """Whether a last word that could be stuff or hue (`, Terracotta`) is a hue: it is made of something else."""
    stuff = next((m for m in title.stuffs if m.first <= hue.first and hue.last <= m.last), None)
    if stuff is None or made is None or hue.first in title.aside:
        return False
    follows = made.reading is title and made.first == stuff.last + 1
    other = base_material(made.value) != base_material(stuff.entry.value)
    return other and (follows or (_alone(title, hue) and made.reading is not title))


def _of_container(reading: Reading, kind: str) -> Chosen | None:
    for container in parts.containers(reading, kind):
        for hue in reading.hues:
            stuff = any((m.first, m.last) == (hue.first, hue.last) for m in reading.stuffs) and hue.unsure
            if not stuff and hue.last != container.place and parts.of_container(reading, hue, container):
                return _joined(reading, hue)
        for hue in reading.hues:
            if reading.sentence[hue.first] == reading.sentence[container.place] and _covers(reading, hue):
                return _joined(reading, hue)
    return None


def _covers(reading: Reading, hue: Colour) -> bool:
    """Whether `printed in` or `painted` stands before it."""
    before = [key for key in reading.before(hue.first, 2) if key not in phrases("in")]
    return bool(before) and before[0] in phrases("covered")


def _of_coloured_part(reading: Reading, kind: str | None) -> Chosen | None:
    """A watch is as blue as its dial when nothing else is said."""
    mine = parts.main_parts(kind, coloured=True) - parts.main_parts(kind)
    for hue in reading.hues:
        if mine and parts.of_main(reading, hue, mine) and not reading.says(hue.first, "available"):
            return _joined(reading, hue)
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
    if next_key(title, hue.last) in phrases("toned"):
        return True
    if hue.value == "natural":
        ends = hue.last == span.stop - 1
        if any(m.first == hue.last + 1 for m in title.stuffs) or not (said or ends or _alone(title, hue)):
            return False
    stuff = [m for m in title.stuffs if not m.entry.weak and m.entry.value != "gold plated"]
    if _inside(hue, stuff) and hue.value not in _GOLDS:
        return False
    if said:
        return not (hue.unsure and _inside(hue, title.stuffs) and len(title.stuffs) == 1)
    alone = _alone(title, hue)
    if _inside(hue, title.nouns) and not (alone and hue.first == span.start and hue.last == span.stop - 1):
        return False
    if scented:
        after = next((m for m in title.nouns if m.first == hue.last + 1), None)
        sole = alone and hue.first == span.start and hue.last == span.stop - 1
        holds = after is not None and title.tokens[after.first].joined
        holds = holds and after is not None and (kin(after, family(kind)) or parts.container_name(after.entry.value))
        return not hue.unsure and (sole or holds)
    if not hue.unsure and not _inside(hue, [m for m in title.stuffs if m.entry.value != "gold plated"]):
        return True
    if _inside(hue, title.stuffs):
        others = [m for m in title.stuffs if m.first not in title.aside and not _inside(hue, [m])]
        return alone and any(not _is_and(title, hue.last, m.first) for m in others)  # `Walnut & Maple` are two woods
    soft = bool(family(kind) & phrases("softgood"))
    if soft and any(n.first == hue.last + 1 and n.entry.value in family(kind) for n in title.nouns):
        return True
    tail = (hue.last == span.stop - 1 or next_key(title, hue.last) in phrases("sized") | phrases("patterned")) and any(
        m.last < hue.first and m.first in span for m in title.nouns
    )
    return alone or tail or any(m.first == hue.last + 1 for m in stuff)


def _alone(reading: Reading, hue: Colour) -> bool:
    """Whether its segment holds only words of colour, material and finish."""
    known = places(reading.hues, reading.surfaces, reading.stuffs)
    whole = reading.segments()[reading.segment[hue.first]]
    opens = reading.field == "description" and len(whole) > 1
    free = phrases("filler") | phrases("wholly") | {"and"}
    return (whole.start > 0 or opens) and all(i in known or reading.tokens[i].key in free for i in whole)


def _names(text: Reading) -> set[str]:
    """Keys of known nouns and parts."""
    return {text.tokens[m.last].key for m in text.nouns} | phrases("part")


def _told_colour(text: Reading, hue: Colour, kind: str | None, scented: bool) -> bool:
    before = text.before(hue.first, 4)
    if _is_said(before):
        return not _of_other(text, hue, kind)
    if _is_of_many(text, hue) or of_part(text, hue.first, hue.last, kind) or set(before[:1]) & phrases("negation"):
        return False
    stuff = [m for m in text.stuffs if not m.entry.weak and m.entry.value != "gold plated"]
    things = [n for n in text.nouns if kind is None or scented or not parts.is_packaged(n.entry.value)]
    if _inside(hue, things) or _inside(hue, stuff):
        return False
    whole = text.segments()[text.segment[hue.first]]
    leads = all(text.tokens[i].key in phrases("filler") for i in range(whole.start, hue.first))
    if hue.value == "natural" and any(m.first == hue.last + 1 for m in text.stuffs):
        return leads and next_key(text, hue.last) in phrases("barestuff")
    described = {text.tokens[i].key for i in places(text.surfaces, text.stuffs)} | phrases("filler")
    near = [key for key in before if key not in described]
    if not hue.unsure and hue.first and text.segment[hue.first - 1] == text.segment[hue.first]:
        # `in stealth black`: an unknown word between is the shade's name.
        near = near[1:] if near[1:2] and near[1] in phrases("in") and near[0] not in _names(text) else near
    after = next_key(text, hue.last)
    tied = followed_by_own(text, hue.last, kind) or after in phrases("body")
    tied = tied or parts.of_main(text, hue, parts.main_parts(kind))
    covered = near[1:2] if near[:1] and near[0] in phrases("in") else near[:1]
    glazed = not hue.unsure and _is_glazed(text, before, after=after)
    stuff_itself = hue.unsure and _inside(hue, text.stuffs)
    glazed = glazed or (bool(covered) and covered[0] in phrases("covered") and not stuff_itself)
    if glazed and not scented:
        return True
    # `filled with down, with a cover in light grey`
    covers = bool(set(near[1:3]) & parts.covers(kind))
    if near and near[0] in phrases("in") and (covers or hue.first not in text.aside):
        beside = any(m.first == hue.last + 1 for m in (*text.stuffs, *text.surfaces))
        return covers or tied or beside or not after or after in cuts_of(text) or _beside_stuff(text, hue, stuff, kind)
    if near[:1] and near[0] in phrases("copula") and near[1:2] and near[1] in ("it", "they"):
        return True
    if scented and tied and not hue.unsure and parts.of_main(text, hue, parts.main_parts(kind)):
        return True
    firm = after in phrases("body") and not _inside(hue, text.stuffs)
    opens = leads and _opens(text, hue, whole, kind)
    if scented or (hue.unsure and not firm and not opens and after not in phrases("surfaceword")):
        return False
    if hue.first in text.aside:
        return after in phrases("glaze") | phrases("surfaceword")
    return tied or opens or _beside_stuff(text, hue, stuff, kind) or (not hue.unsure and _alone(text, hue))


def _is_glazed(text: Reading, before: Sequence[str], *, after: str) -> bool:
    """Whether `glazed` stands before the colour, only finishes between, or German `glasiert` stands after it."""
    surfaces = {text.tokens[i].key for i in places(text.surfaces)}
    at = next((i for i, key in enumerate(before) if key in phrases("covered")), None)
    told = at is not None and all(key in surfaces for key in before[:at])
    return told or (text.languages[0] == "de" and after in phrases("covered"))


def _is_and(text: Reading, last: int, first: int) -> bool:
    """Whether only `and` or `&` stands between two words."""
    return lexicon.fold(text.text[text.tokens[last].stop : text.tokens[first].start]).strip() in _ANDS


def _is_of_many(text: Reading, hue: Colour) -> bool:
    """Whether it is one colour of several, that of what comes along, or of the paper around it."""
    return _in_row(text, hue) or _is_choice(text, hue) or text.is_other(hue.first) or _is_wrapper(text, hue)


def _in_row(text: Reading, hue: Colour) -> bool:
    """Whether it is one of three or more colours in a row: `boats in red, blue and green` have no one colour."""
    row = [h for h in text.hues if text.sentence[h.first] == text.sentence[hue.first]]
    at = row.index(hue)
    ties = [_is_listed(text, one.last, other.first) for one, other in pairwise(row)]
    before = next((i for i, tie in enumerate(reversed(ties[:at])) if not tie), at)
    after = next((i for i, tie in enumerate(ties[at:]) if not tie), len(row) - 1 - at)
    return before + after >= _ROW - 1


def _is_wrapper(text: Reading, hue: Colour) -> bool:
    """Whether it is that of the paper around the product: `wrapped in brown paper`."""
    wrapped = set(text.before(hue.first, 4)) & _WRAPPED
    return bool(wrapped) and any(
        m.first == hue.last + 1 and base_material(m.entry.value) == "paper" for m in text.stuffs
    )


def _is_choice(text: Reading, hue: Colour) -> bool:
    """Whether `or` ties it to another colour: `pads in cream or grey`."""
    others = [h for h in text.hues if h is not hue]
    pairs = [(hue.last, o.first) if o.first > hue.last else (o.last, hue.first) for o in others]
    gaps = (lexicon.fold(text.text[text.tokens[a].stop : text.tokens[b].start]).strip(" ,") for a, b in pairs)
    return any(gap in _ORS for gap in gaps)


def _is_listed(text: Reading, last: int, first: int) -> bool:
    """Whether only a comma, `and` or `or` stands between two words."""
    gap = lexicon.fold(text.text[text.tokens[last].stop : text.tokens[first].start]).strip(" ,;")
    return gap in _ANDS | {"", "or", "oder", "ou", "o", "und", "and"}


def _opens(text: Reading, hue: Colour, whole: range, kind: str | None) -> bool:
    """Whether the colour that begins a segment is said of the product: `red, with`, `purple and squishable`."""
    after = next_key(text, hue.last)
    begins = hue.first == 0 or text.sentence[hue.first - 1] != text.sentence[hue.first]
    if hue.unsure:
        own = [m for m in text.stuffs if _inside(hue, [m])]
        other = any(m not in own and not m.entry.weak for m in text.stuffs) and all(m.entry.weak for m in own)
        return begins and after == "with" and kind is not None and (not own or other)
    if begins and after in phrases("patterned") and hue.last + 2 == whole.stop:
        return True
    if after in ("as", "like"):
        return True
    last = hue.last + 2
    described = after in ("and", "und") and last == whole.stop - 1
    named = text.tokens[last].key in _names(text) or last in places(text.stuffs) if described else False
    return after in cuts_of(text) - {"and"} or (described and not named)


def _of_other(text: Reading, hue: Colour, kind: str | None) -> bool:
    """Whether what comes along is said to have that colour: `carry bag in colour ecru`, `strap colour: tan`."""
    own, mine = family(kind), parts.main_parts(kind)
    ahead = [i for i in range(hue.first) if text.segment[i] == text.segment[hue.first]]
    nouns = [n for n in text.nouns if n.first in ahead]
    other = any(text.tokens[i].key in phrases("part") - mine - phrases("said") for i in ahead) or any(
        kind and not n.entry.weak for n in nouns
    )
    return other and not any(kin(n, own) for n in nouns)


def _is_said(before: Sequence[str]) -> bool:
    """Whether `colour:`, `colour is` or `shade of` stands before."""
    nearest = before[1:2] if before[:1] and before[0] in phrases("copula") | {"of"} else before[:1]
    return bool(nearest) and nearest[0] in phrases("said")


def _beside_stuff(text: Reading, hue: Colour, stuffs: Sequence[Match], kind: str | None) -> bool:
    """Whether the stuff follows the colour, finishes between (`white powder-coated steel`), or stands before it."""
    between = places(text.surfaces)
    for stuff in stuffs:
        if stuff.first in text.aside or text.segment[stuff.first] != text.segment[hue.first]:
            continue
        if stuff.entry.value in parts.inner(kind):
            continue
        if stuff.first > hue.last and all(i in between for i in range(hue.last + 1, stuff.first)):
            return not of_part(text, stuff.first, stuff.last, None) or not next_key(text, stuff.last)
        if stuff.last == hue.first - 1 and text.languages[0] in lexicon.HEAD_FIRST:
            return True
    return False
