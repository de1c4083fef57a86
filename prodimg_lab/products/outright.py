"""Which colour does a description say outright?

Shops name the variant that is sold in a phrase of its own: `this listing is for Slate`, `the colour of chalk`,
`champagne colourway`, `a coating in coral`, `the navy hides mud`, a lone `Lavender.`, or the ground of a print, `white
clouds on pale blue`. These go before what is only tied to a noun, and hold for names that are no colours elsewhere
(`honey`, `mint`).
"""

from __future__ import annotations

from collections.abc import Sequence

from prodimg_lab.products import lexicon
from prodimg_lab.products.colours import Colour
from prodimg_lab.products.lexicon import phrases
from prodimg_lab.products.materials import base_material
from prodimg_lab.products.parts import family, main_parts, next_key, of_part, part_stands_before
from prodimg_lab.products.reading import Reading, places

_ARTICLES = frozenset({"a", "an", "the", "our", "in", "one"})
_LAST = 12
"""So many words may stand between the print's word and its ground."""


def outright(text: Reading, hue: Colour, kind: str | None, stuff: str | None) -> bool:
    """Whether the description says that the product, made of `stuff` when that is known, has this colour."""
    if is_shown(text, hue) or (next_key(text, hue.last) in phrases("ground") and is_ground(text, hue)):
        return True
    if _is_called(text, hue, kind) or _is_coat(text, hue, kind):
        return True
    if of_part(text, hue.first, hue.last, kind):
        return False
    if text.is_other(hue.first):
        return False
    return _acts(text, hue) or _stands_alone(text, hue, stuff) or is_ground(text, hue)


def is_shown(text: Reading, hue: Colour) -> bool:
    """Whether `listing is for`, `shown in` or the like stands right before it."""
    if hue.unsure and next_key(text, hue.last) in {text.tokens[n.last].key for n in text.nouns}:
        return False
    at, strange = hue.first, 0
    for _ in range(4):
        if any(" ".join(_back(text, at, size)) in phrases("shown") for size in (5, 4, 3, 2, 1)):
            return True
        strange += not at or text.tokens[at - 1].key not in phrases("filler") | _ARTICLES
        if not at or strange > 1:
            return False  # one word may be the shade's own name: `the colour of wet sand`
        at -= 1
    return False


def _back(text: Reading, place: int, count: int) -> list[str]:
    """The keys of the `count` tokens before `place`, in order, when its sentence has so many."""
    near = text.before(place, count)[::-1]
    return near if len(near) == count else []


def _is_called(text: Reading, hue: Colour, kind: str | None) -> bool:
    """Whether a word for colour follows: `champagne colourway`, `a honey shade`; no `warm white colour options`."""
    after = hue.last + 1
    if next_key(text, hue.last) not in phrases("shadeword") or "lighting" in family(kind):
        return False
    if part_stands_before(text, hue.first, kind):
        return False
    token = text.tokens[after]
    return token.word == token.key and next_key(text, after) not in phrases("shadeuse")


def _is_coat(text: Reading, hue: Colour, kind: str | None) -> bool:
    """Whether a coat is said to be in it (`with a powder coating in coral`), which is not that of a part."""
    before = [key for key in text.before(hue.first, 6) if key not in phrases("filler") - {"is"}]
    if len(before) < 2 or before[0] not in phrases("in") or before[1] not in phrases("coat"):
        return False
    owners = phrases("part") - main_parts(kind) - phrases("coat")
    return not set(before[2:4]) & owners


def _acts(text: Reading, hue: Colour) -> bool:
    """Whether it is spoken of as the thing itself: `the chocolate brown hides paw prints`."""
    return not hue.unsure and text.before(hue.first, 1) == ["the"] and next_key(text, hue.last) in phrases("hueacts")


def _stands_alone(text: Reading, hue: Colour, stuff: str | None) -> bool:
    """Whether it is a sentence of its own, and no material of the product that nothing else is said of."""
    own = [m for m in text.stuffs if m.first <= hue.first and hue.last <= m.last]
    if any(stuff is None or base_material(m.entry.value) == base_material(stuff) for m in own):
        return False
    sentence = [i for i, at in enumerate(text.sentence) if at == text.sentence[hue.first]]
    known = places(text.hues, text.surfaces)
    free = phrases("filler") | {"and", "und", "y", "et", "e"}
    return all(i in known or text.tokens[i].key in free for i in sentence)


def is_ground(text: Reading, hue: Colour) -> bool:
    """Whether a print is said to lie on it: `lemons scattered across navy`, `printed on natural linen`."""
    before = [key for key in text.before(hue.first, _LAST) if key not in phrases("filler")]
    opens = before[:1] and before[0] in phrases("onto")
    fond = text.languages[0] in lexicon.HEAD_FIRST and before[:1] and before[0] in phrases("ground")
    after = next_key(text, hue.last)
    strewn = before[:1] == ["across"] or (opens and after in phrases("ground") - {"base", "field"})
    if fond and text.segment[hue.first - 1] == text.segment[hue.first]:
        return True  # `Fond rose poudré parsemé de fleurs`
    if not opens or not (strewn or _is_motif(text, hue) or set(before[1:]) & phrases("printed")):
        return False
    rest = _stuffs_after(text, hue)
    if any(base_material(value) in ("paper", "wood") for value in rest):
        return False
    cuts = phrases(f"cut:{text.languages[0]}") | {"and"}
    return not after or bool(rest) or after in cuts | phrases("ground") | phrases("groundcloth")


def _is_motif(text: Reading, hue: Colour) -> bool:
    """Whether the sentence is no more than a picture and its ground: `Peacocks and peonies on midnight blue.`"""
    phrase = [i for i, at in enumerate(text.segment) if at == text.segment[hue.first]]
    ahead = {text.tokens[i].key for i in phrase if i < hue.first}
    short = len(phrase) <= _LAST // 2 and phrase[-1] == hue.last
    things = {text.tokens[n.last].key for n in text.nouns} | phrases("part") | phrases("in")
    return short and not ahead & things and not ahead & phrases("made")


def _stuffs_after(text: Reading, hue: Colour) -> Sequence[str]:
    """The stuffs named within two tokens after the colour, in its segment."""
    near = range(hue.last + 1, hue.last + 3)
    return [m.entry.value for m in text.stuffs if m.first in near and text.segment[m.first] == text.segment[hue.first]]
