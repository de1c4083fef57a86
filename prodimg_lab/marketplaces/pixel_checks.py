"""Do the pixels fit: background, size and place of the product, border, things beside it, words?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from prodimg_lab.marketplaces import packs
from prodimg_lab.marketplaces.findings import Result, cannot_tell, fail, fixable, passed
from prodimg_lab.marketplaces.white import OnWhite, frame_sides
from prodimg_lab.scoring.attributes import found_background
from prodimg_lab.scoring.measures import Measures

if TYPE_CHECKING:
    from prodimg_lab.scoring.words import Word

PURE_BACKGROUND, PURE_RING = 0.97, 0.99
"""Least shares of background and outermost ring at 255, 255, 255 for `pure white`."""
NEAR_SHARE = 0.98
"""Least share of both at 250 or more for `nearly white`, which an export can set to 255."""
FILL_SLACK = 0.006
"""The box's median error (facts: 0.006): a product that misses a bound by less passes."""
OWN_FROM = 0.8
"""Share of a word's box that must lie on the product for the word to be its label."""
ACROSS = 0.97
"""A line that spans so much of the product's width is laid over it."""
MARKS = ("©", "sample", "shutterstock", "preview", "watermark", "gettyimages", "istock", "alamy", "adobestock", "www.")
"""What only watermarks say."""
CUT_FROM = 0.01
"""Least share of an edge at which a product that meets it counts as cut off."""


def white_background(on_white: OnWhite) -> Result:
    """Pure white passes; 250 and more, and a soft shadow, can be set to white; the rest needs another picture."""
    ring, near_ring = on_white.ring_pure, on_white.ring_near
    if not on_white.is_white:
        return fail(f"only {near_ring:.0%} of the frame's rim is white")
    pure = on_white.share(on_white.pure) if ring >= PURE_RING else 0.0
    near = pure if pure >= NEAR_SHARE else on_white.share(on_white.near)  # what is pure is near
    if ring >= PURE_RING and pure >= PURE_BACKGROUND and near >= NEAR_SHARE:
        return passed(f"{pure:.1%} of the background is 255, 255, 255")
    whiten = "set the background to 255, 255, 255"
    if near_ring >= NEAR_SHARE and near >= NEAR_SHARE:
        return fixable(f"{near:.0%} of the background is at least 250, and not all is 255", "whiten", whiten)
    background = on_white.background
    shaded = float((on_white.shadow & background).sum() / max(1, background.sum()))
    if near_ring >= NEAR_SHARE - 0.1 and near + shaded >= NEAR_SHARE:
        return fixable(f"a soft shadow on {shaded:.0%} of a white background", "whiten", f"{whiten}, shadow included")
    return fail(f"only {near:.0%} of the background is white")


def plain_background(measures: Measures) -> Result:
    """White or one smooth colour."""
    found = found_background(measures)
    return fail("a scene") if found == "scene" else passed(found)


def fill(rule: packs.FillRule, on_white: OnWhite) -> Result:
    """The product's longest side in the frame."""
    measures = on_white.measures
    if not (measures.has_outline or (on_white.is_white and on_white.parts)):
        return cannot_tell("the product's outline is not certain in this background")
    rows, columns = np.flatnonzero(on_white.extent.any(1)), np.flatnonzero(on_white.extent.any(0))
    if not len(rows):
        return cannot_tell("no product stands out from the background")
    height, width = on_white.extent.shape
    spans = max((rows[-1] - rows[0] + 1) / height, (columns[-1] - columns[0] + 1) / width)
    told = f"the product spans {spans:.0%} of the frame"
    if spans + FILL_SLACK < rule.at_least:
        return fixable(f"{told}, at least {rule.at_least:.0%}", "crop", "crop around the product")
    if spans - FILL_SLACK > rule.at_most:
        return fixable(f"{told}, at most {rule.at_most:.0%}", "pad", "widen the background")
    return passed(told)


def uncropped(on_white: OnWhite) -> Result:
    """The product does not leave the frame."""
    measures = on_white.measures
    if not measures.has_outline and not on_white.is_white:
        return cannot_tell("the product's outline is not certain in this background")
    contact = measures.edge_contact
    if on_white.is_white:
        contact = {name: max(share, on_white.contact[name]) for name, share in contact.items()}
    edge, share = max(contact.items(), key=lambda item: item[1])
    if share > CUT_FROM:
        return fail(f"the product is cut off along {share:.0%} of the {edge} edge")
    return passed("the whole product is in the frame")


def border(measures: Measures) -> Result:
    """A drawn frame, or bars."""
    sides = frame_sides(measures.gray)
    return fail(f"a straight frame along {sides} of 4 sides") if sides >= 3 else passed("no frame")


def extras(on_white: OnWhite) -> Result:
    """Nothing but the product and its shadow."""
    if not on_white.is_white:
        return cannot_tell("looked for on white backgrounds only")
    beside = on_white.extras
    if not beside:
        return passed("nothing beside the product")
    share = sum(float(part.mean()) for part in beside)
    rows, columns = np.nonzero(beside[0])
    height, width = beside[0].shape
    where = f"{_third(rows.mean() / height, 'top', 'bottom')} {_third(columns.mean() / width, 'left', 'right')}"
    return fail(f"{_things(len(beside))} beside the product ({share:.1%} of the frame), the largest at the {where}")


def _things(count: int) -> str:
    return "something" if count == 1 else f"{count} things"


def _third(at: float, first: str, last: str) -> str:
    return first if at < 1 / 3 else last if at > 2 / 3 else "middle"


def text(on_white: OnWhite, words: Sequence[Word] | None) -> Result:
    """No words but those on the product itself; `words` are what OCR read, None when nobody looked.

    A line that runs out of the product, spans it from side to side, or says what watermarks say is added. What lies on
    the product alone is taken for its label.
    """
    if words is None:
        if not on_white.is_white:
            return cannot_tell("finding text in a scene needs --ocr")
        if on_white.extras:
            return fail("something beside the product, which may be text")
        return passed("none beside the product; marks across it are looked for with --ocr only")
    if not words:
        return passed("no text")
    if not (on_white.is_white or on_white.measures.has_outline):
        marks = [word.text for word in words if _is_mark(word)]
        told = ", ".join(repr(word.text) for word in words[:3])
        return fail(f"added text: {marks[0]!r}") if marks else cannot_tell(f"{told} may be the product's label")
    added = [word.text for word in words if _is_mark(word) or not _is_own(word, on_white)]
    if added:
        return fail("added text: " + ", ".join(repr(each) for each in added[:3]))
    return passed("on the product: " + ", ".join(repr(word.text) for word in words[:3]))


def _is_mark(word: Word) -> bool:
    said = "".join(each for each in word.text.casefold() if each.isalnum() or each in "©®.")
    return any(mark in said for mark in MARKS)


def _is_own(word: Word, on_white: OnWhite) -> bool:
    columns = np.flatnonzero(on_white.extent.any(0))
    width = on_white.extent.shape[1]
    wide = (columns[-1] - columns[0] + 1) / width if len(columns) else 0.0
    spans = word.box[2] - word.box[0]
    return word.share_in(on_white.extent) >= OWN_FROM and spans < ACROSS * wide
