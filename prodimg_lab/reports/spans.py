"""Which words of a prompt came from which factor?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prodimg_lab.records import Prompt

PRODUCT = "product"
"""The name under which all attributes of the product (`product.colour`, …) share one mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of a prompt. `name` is the slot or attribute that wrote it, `level` its level; both "" for the rest."""

    text: str
    name: str = ""
    level: str = ""

    @property
    def mark(self) -> str:
        """The name of the legend's entry: the slot, or `product` for any attribute of the product."""
        return PRODUCT if self.name.startswith(f"{PRODUCT}.") else self.name


def segments(prompt: Prompt) -> tuple[Segment, ...]:
    """The prompt cut at its spans; joined again, the texts are the prompt.

    A span that begins inside an earlier one keeps what is left of it; one that lies outside the text is ignored.
    """
    made: list[Segment] = []
    place = 0
    for span in sorted(prompt.spans, key=lambda each: (each.start, -each.stop)):
        start, stop = max(span.start, place), min(span.stop, len(prompt.text))
        if start >= stop:
            continue
        if start > place:
            made.append(Segment(text=prompt.text[place:start]))
        made.append(Segment(text=prompt.text[start:stop], name=span.name, level=span.level))
        place = stop
    if place < len(prompt.text):
        made.append(Segment(text=prompt.text[place:]))
    return tuple(made)


def legend(factors: Iterable[str], prompts: Iterable[Prompt]) -> tuple[str, ...]:
    """The marks that occur in `prompts`: factors first, in their order, then other slots as met, the product last."""
    met = dict.fromkeys(segment.mark for prompt in prompts for segment in segments(prompt) if segment.name)
    first = [name for name in factors if name in met]
    rest = [name for name in met if name not in first and name != PRODUCT]
    return (*first, *rest, *([PRODUCT] if PRODUCT in met else []))
