"""Which words stand in a picture, and are they those that were asked for? Read by RapidOCR (extra `ocr`), offline.

What it takes for text on pictures without any are single glyphs and doubtful ones (facts: 2 of 8 pictures, 0 of 8 with
these bounds); they are left out.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from prodimg_lab.errors import MissingExtra
from prodimg_lab.scoring._base import ScorerCard, Subject
from prodimg_lab.scoring.curves import Curve
from prodimg_lab.scoring.measures import Mask
from prodimg_lab.scoring.pixels import CannotJudge, PixelScorer, Reading

LEAST_LETTERS, LEAST_SURE = 2, 0.8
"""Fewer letters, or less sure of itself, and the reader has seen a handle or a rim."""
OWN_FROM = 0.8
"""Share of a word's box that must lie on the product for the word to be its own."""
SIDE = 1024
"""Longest side in pixels at which words are read."""
LABEL_CURVE = Curve(((0.3, 0.0), (0.6, 1.5), (0.85, 3.5), (1.0, 5.0)))
STRAY_CURVE = Curve(((0.0, 5.0), (1.0, 1.0), (2.0, 0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A line of text: `box` (left, top, right, bottom) in shares of the frame, `sure` 0..1."""

    text: str
    sure: float
    box: tuple[float, float, float, float]

    def share_in(self, mask: Mask) -> float:
        """Share (0..1) of its box that the mask covers."""
        height, width = mask.shape
        left, top, right, bottom = self.box
        rows = slice(int(top * height), max(int(top * height) + 1, round(bottom * height)))
        columns = slice(int(left * width), max(int(left * width) + 1, round(right * width)))
        part = mask[rows, columns]
        return float(part.mean()) if part.size else 0.0


@lru_cache(maxsize=1)
def _reader() -> Any:
    try:
        from rapidocr import RapidOCR
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"reading words in pictures needs {error.name}; install prodimg-lab with its extra `ocr`"
        ) from error
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    reader = RapidOCR(params={"Global.log_level": "error"})
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return reader


def ready() -> None:
    """Raises `MissingExtra` where the reader is not installed."""
    _reader()


def words_on(subject: Subject) -> tuple[Word, ...]:
    """The lines of text in a picture, surest first. About one CPU second. Raises `NotAPicture`, `MissingExtra`."""
    bgr = subject.measures.bgr
    height, width = bgr.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    if scale < 1:
        bgr = np.asarray(cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    if min(bgr.shape[:2]) < 32:
        return ()
    found = _reader()(bgr)
    if found.boxes is None:
        return ()
    high, wide = bgr.shape[:2]
    words = []
    for box, text, sure in zip(found.boxes, found.txts, found.scores, strict=True):
        (left, top), (right, bottom) = np.min(box, axis=0), np.max(box, axis=0)
        if len(letters(text)) >= LEAST_LETTERS and float(sure) >= LEAST_SURE:
            place = (float(left) / wide, float(top) / high, float(right) / wide, float(bottom) / high)
            words.append(Word(text=str(text).strip(), sure=float(sure), box=place))
    return tuple(sorted(words, key=lambda word: (-word.sure, word.box)))


def letters(text: str) -> str:
    """Its letters and digits, lower case, without accents: what two spellings have in common."""
    flat = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in flat if each.isalnum())


def asked_text(subject: Subject) -> str:
    """The words that the label should bear: `asked["text"]`, else what the prompt has in quotation marks."""
    if "text" in subject.asked:
        return subject.asked["text"]
    prompt = subject.request.prompt if subject.request else ""
    quoted = re.findall(r"[\"“„«]([^\"“”„«»]{2,80})[\"”“»]", prompt or "")
    return " ".join(each.strip() for each in quoted)


def likeness(asked: str, words: Sequence[Word]) -> float:
    """How much of the asked text was read, 0..1: the longest common run of letters, lines joined as best fits.

    Ratcliff and Obershelp's measure (Python's `difflib`), so that one wrong letter in ten costs a tenth.
    """
    wanted = letters(asked)
    lines = [letters(word.text) for word in sorted(words, key=lambda word: (word.box[1], word.box[0]))]
    joined = ["".join(lines[at:end]) for at in range(len(lines)) for end in range(at + 1, min(len(lines), at + 6) + 1)]
    return max((SequenceMatcher(None, wanted, each, autojunk=False).ratio() for each in joined), default=0.0)


def _reads(subject: Subject) -> Mapping[str, str]:
    asked = asked_text(subject)
    return {"text": asked} if asked else {}


def _label(subject: Subject) -> Reading:
    asked = asked_text(subject)
    if not letters(asked):
        raise CannotJudge("the prompt asks for no words (put them in quotation marks)")
    words = words_on(subject)
    raw = likeness(asked, words)
    read = " / ".join(word.text for word in words) or "nothing"
    return Reading(raw=raw, value=LABEL_CURVE(raw), detail=f"asked {asked!r}, read {read!r}")


def _stray(subject: Subject) -> Reading:
    words, measures = words_on(subject), subject.measures
    asked = letters(asked_text(subject))
    mask = measures.mask if measures.has_outline else np.zeros_like(measures.mask)
    stray = [word for word in words if word.share_in(mask) < OWN_FROM and letters(word.text) not in asked]
    told = ", ".join(repr(word.text) for word in stray[:3]) or "none"
    return Reading(
        raw=float(len(stray)), value=STRAY_CURVE(float(len(stray))), detail=f"words beside the product: {told}"
    )


LABEL = PixelScorer(
    name="label",
    version="2",
    card=ScorerCard(
        unit="share of letters",
        direction="higher",
        raw_range="0..1",
        cost="slow",
        formula="RapidOCR, then Ratcliff and Obershelp's likeness of the words asked for and those read",
    ),
    judge=_label,
    extra=_reads,
)
STRAY_TEXT = PixelScorer(
    name="stray-text",
    version="2",
    card=ScorerCard(
        unit="lines",
        direction="lower",
        raw_range="0..",
        cost="slow",
        formula="RapidOCR: lines of 2 letters and more, sure to 0.8, that lie less than 80 % on the product's outline",
    ),
    judge=_stray,
    extra=_reads,
)
