"""Who answers a judge's questions? A callable that is handed in, or our own scorers looking at the pixels.

The default knows the pictures and the request, nothing else: no prompt that drew them, no truth of the studio. It is a
stand-in for a vision model that exercises a pipeline; its opinions are measurements, not understanding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from prodimg_lab.emulator.filling import Opinion, filled
from prodimg_lab.products import colour_hex
from prodimg_lab.records import Score, digest_of
from prodimg_lab.scoring import Subject, score_pictures, scorers

TOPICS: Sequence[tuple[str, str, bool]] = (
    (r"\bblur|out of focus|unsharp", "sharpness", False),
    (r"sharp|crisp|in focus|\bfocus", "sharpness", True),
    (r"nois|grain|speckl", "noise", False),
    (r"too dark|too bright|blown|over-?exposed|under-?exposed", "exposure", False),
    (r"expos|well lit|bright|lighting", "exposure", True),
    (r"contrast", "contrast", True),
    (r"garish|over-?saturated", "colourfulness", False),
    (r"saturat|vivid|natural colou?rs", "colourfulness", True),
    (r"cent(re|er)", "centring", True),
    (r"cropped|cut off|truncated", "cropped", False),
    (r"whole product|entire product|fully visible|completely (visible|in)", "cropped", True),
    (r"fills?\b|large enough|prominent", "fill", True),
)
"""Pattern in a question, the scorer that can tell, and whether its high score means yes. The first match counts."""
BACKGROUNDS = (("white", r"white"), ("plain", r"plain|clean|seamless|uniform"), ("scene", r"scene|lifestyle|setting"))
OVERALL = ("sharpness", "noise", "exposure", "contrast", "colourfulness", "centring", "cropped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A Converse request as a judge sees it: all texts and pictures in order, and the JSON schema of the answer.

    `tool` is the name of the tool whose input is wanted, "" for a plain JSON answer.
    """

    model: str
    texts: tuple[str, ...]
    images: tuple[bytes, ...]
    schema: Mapping[str, object]
    tool: str = ""


class Judge(Protocol):
    """Answers with what fits the schema."""

    def __call__(self, question: Question) -> object:
        """The tool's input. Called in a thread of its own."""
        ...


class PixelJudge:
    """Answers from measurements of the last picture (of the first two where one of them is to be chosen)."""

    def __call__(self, question: Question) -> object:
        """What fits the schema; every free text begins with `simulated:`."""
        return filled(question.schema, Looker(question.images), texts=question.texts)


class Looker:
    """What our scorers say of the pictures of one question. Implements `filling.Opinions`."""

    def __init__(self, images: Sequence[bytes]) -> None:
        self._images = tuple(images)
        self._kept: dict[tuple[int, str, str], float | None] = {}

    def on(self, text: str) -> Opinion:
        """How true or how good what `text` asks about is, in the last picture."""
        if not self._images:
            return Opinion(grade=None, words="there is no picture to look at")
        for name, asked, value, direct in self._topics(text):
            grade = self._score(len(self._images) - 1, name, asked, value)
            told = "can't be told from the pixels" if grade is None else f"{5 * grade:.1f} of 5"
            return Opinion(grade=grade if direct or grade is None else 1 - grade, words=f"{name} {told}")
        return Opinion(grade=None, words="no scorer measures this")

    def overall(self) -> float:
        """Mean technical score of the last picture, 0..1; 0.5 without a picture."""
        return self._overall(len(self._images) - 1) if self._images else 0.5

    def better(self) -> int | None:
        """0 or 1: which of the first two pictures has the better technical scores; None for a tie or no pair."""
        if len(self._images) < 2:
            return None
        first, second = self._overall(0), self._overall(1)
        return None if abs(first - second) < 0.005 else int(second > first)

    def _topics(self, text: str) -> list[tuple[str, str, str, bool]]:
        """Scorer, what it is told and its value, and whether high means yes."""
        lowered = text.lower()
        if "background" in lowered or "backdrop" in lowered:
            found = [name for name, pattern in BACKGROUNDS if re.search(pattern, lowered)]
            return [("background", "background", name, True) for name in found[:1]]
        topics = [(name, "", "", direct) for pattern, name, direct in TOPICS if re.search(pattern, lowered)]
        colours = [word for word in re.findall(r"[a-z]+", lowered) if colour_hex(word)]
        return topics or [("colour", "colour", colour, True) for colour in colours[:1]]

    def _overall(self, at: int) -> float:
        found = [grade for name in OVERALL if (grade := self._score(at, name, "", "")) is not None]
        return sum(found) / len(found) if found else 0.5

    def _score(self, at: int, name: str, asked: str, value: str) -> float | None:
        key = (at, name, value)
        if key not in self._kept:
            data = self._images[at]
            subject = Subject(digest=digest_of(data), data=data, asked={asked: value} if asked else {})
            score = score_pictures([subject], scorers([name]))[0][name]
            self._kept[key] = score.value / 5 if isinstance(score, Score) else None
        return self._kept[key]
