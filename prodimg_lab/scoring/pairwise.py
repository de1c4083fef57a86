"""Which of two pictures does a vision model prefer, whatever the order in which it sees them?

Each pair is asked twice, in both orders; only an answer that names the same picture both times counts. How often the
model kept to a side instead is its position bias, reported with the p-value of the exact sign test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal

from prodimg_lab.scoring.judge import Ask

Side = Literal["first", "second", "tie"]

SCHEMA = {
    "type": "object",
    "properties": {
        "why": {"type": "string", "description": "What decides, in at most twenty words."},
        "better": {
            "type": "string",
            "enum": ["first", "second", "tie"],
            "description": "Which picture is better, the first or the second.",
        },
    },
    "required": ["why", "better"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two questions about one pair. `straight` and `swapped` name the side that was preferred as it was shown."""

    straight: Side
    swapped: Side

    @property
    def winner(self) -> int | None:
        """0 or 1: the picture that both answers name; None for a tie or answers that disagree."""
        found = {("first", "second"): 0, ("second", "first"): 1}
        return found.get((self.straight, self.swapped))

    @property
    def kept_side(self) -> Side | None:
        """The side that was named both times, and so no picture."""
        return self.straight if self.straight == self.swapped and self.straight != "tie" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionBias:
    """Of `pairs`, those in which the judge named the `first` or the `second` place both times.

    `p_value`: two-sided exact sign test of first against second, 1 where there are none.
    """

    pairs: int
    first: int
    second: int
    p_value: float

    @property
    def says(self) -> str:
        """In words."""
        kept = self.first + self.second
        sides = f"{self.first} first, {self.second} second, p = {self.p_value:.3g}"
        return f"kept to a place in {kept} of {self.pairs} pairs ({sides})"


def compare(ask: Ask, first: bytes, second: bytes, *, prompt: str) -> Compared:
    """Ask which of two pictures is better, twice, then in the other order. Two calls; raises `ModelError`."""
    text = pair_text(prompt)
    straight, swapped = (_side(ask(text, pair, SCHEMA)) for pair in ((first, second), (second, first)))
    return Compared(straight=straight, swapped=swapped)


def pair_text(prompt: str) -> str:
    """What is asked of two pictures, in words; `prompt` is what both were made from."""
    return (
        "Two product photographs were made from this description:\n"
        f"{prompt}\n"
        "Which one would sell the product better: true to the description, sharp, well lit, without faults? "
        "Name the first or the second; say tie only where you see no difference that matters."
    )


def _side(content: object) -> Side:
    word = content.get("better") if hasattr(content, "get") else None
    return word if word in ("first", "second") else "tie"


def position_bias(compared: Sequence[Compared]) -> PositionBias:
    """How often the judge kept to a place, over many pairs."""
    sides = [each.kept_side for each in compared]
    first, second = sides.count("first"), sides.count("second")
    return PositionBias(pairs=len(compared), first=first, second=second, p_value=sign_test(first, second))


def sign_test(one: int, other: int) -> float:
    """The two-sided p-value of `one` against `other` successes under equal odds, exact; 1 without any."""
    n, most = one + other, max(one, other)
    tail = sum(comb(n, at) for at in range(most, n + 1))
    return min(1.0, 2.0 * tail / float(2**n))
