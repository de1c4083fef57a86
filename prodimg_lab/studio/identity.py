"""Who is the product, in every picture of it?

Shape, proportions, brand and label come from the product's own words alone, never from the seed: one product looks
the same in all its variants, and two products differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from prodimg_lab.studio.labels import Ink, Label
from prodimg_lab.studio.things import RGB, linear, mixed, scaled, srgb8

T = TypeVar("T")

_FIRST = (
    "North",
    "Linden",
    "Harbor",
    "Alder",
    "Maison",
    "Fern",
    "Sol",
    "Oak",
    "Stone",
    "Haven",
    "Lumen",
    "Ember",
    "Wren",
    "Isle",
    "Field",
    "Mira",
    "Tide",
    "Calla",
    "Birch",
    "Aster",
)
_SECOND = (
    "& Co",
    "House",
    "Studio",
    "Works",
    "Row",
    "& Sage",
    "Atelier",
    "Supply",
    "No. 7",
    "& Daughters",
    "Goods",
    "Lane",
    "",
    "",
)
_ACCENTS = ("#c8553d", "#2a5d67", "#d99a2b", "#31543c", "#8a3b4a", "#3a4f7a", "#b5793c", "#5b6f4f")


def share_of(*words: object) -> float:
    """A number in 0..1 that depends on the words alone."""
    text = "/".join(str(word) for word in words)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A product to be built: `key` is its words in plain form, `colour` is linear, `shape` narrows the archetype."""

    key: str
    archetype: str
    shape: str
    colour: RGB
    coloured: bool = True
    material: str = ""
    finish: str = ""
    brand: str = ""
    line: str = ""

    def share(self, name: str, low: float = 0.0, high: float = 1.0) -> float:
        """A number in low..high that belongs to this product."""
        return low + (high - low) * share_of(self.key, name)

    def pick(self, name: str, options: Sequence[T]) -> T:
        """One of `options`, always the same for this product."""
        return options[int(share_of(self.key, name) * len(options))]

    @property
    def accent(self) -> RGB:
        """A second colour that stands off from the first."""
        choices = sorted(_ACCENTS, key=lambda each: _distance(linear(each), self.colour), reverse=True)
        return linear(self.pick("accent", choices[:4]))

    @property
    def dark(self) -> bool:
        """Whether the product's colour needs light print."""
        return _luminance(self.colour) < 0.22

    def label(self, *, ground: RGB | None = None) -> Label:
        """The print on a ground of `ground` (default: the product's own colour)."""
        base = self.colour if ground is None else ground
        light = _luminance(base) >= 0.22
        deep = linear(self.pick("ink", ("#1f2a30", "#2b211c", "#22301f", "#2a2433", "#1c2b3a")))
        ink = deep if light else linear(self.pick("pale", ("#f4ecdc", "#f7f4ee", "#efe3c8")))
        accent = self.accent
        if abs(_luminance(accent) - _luminance(base)) < 0.06 and _distance(accent, base) < 0.2:
            accent = ink
        return Label(
            brand=self.brand or invented_brand(self.key),
            line=self.line or "made with care",
            small=self.pick("small", ("No. 12", "Est. 1987", "Small batch", "Lot 24 · A", "Edition 03")),
            ground=_ink(base),
            ink=_ink(ink),
            accent=_ink(accent),
            design=int(self.share("design", 0, 997)),
            mark=int(self.share("mark", 0, 997)),
        )

    def paper(self) -> RGB:
        """The colour of a label that is stuck on rather than printed."""
        papers = (
            ("#f3ecdd", "#f8f5ee", "#ece4d2") if not self.dark or self.share("paper") < 0.7 else ("#20262b", "#2a2320")
        )
        return linear(self.pick("paper", papers))


def invented_brand(key: str) -> str:
    """A brand for a product whose words name none."""
    first = _FIRST[int(share_of(key, "first") * len(_FIRST))]
    second = _SECOND[int(share_of(key, "second") * len(_SECOND))]
    return f"{first} {second}".strip()


def passing(colour: RGB, strength: float = 1.0) -> RGB:
    """What coloured glass or liquid of this colour lets through one surface; `strength` 0 is clear."""
    most = max(*colour, 1e-3)
    pure: RGB = tuple(max(0.02, (c / most)) ** 0.8 for c in colour)
    return mixed((1.0, 1.0, 1.0), scaled(pure, min(0.95, 0.55 + most)), strength)


def _ink(colour: RGB) -> Ink:
    return srgb8(colour)


def _luminance(colour: RGB) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def _distance(a: RGB, b: RGB) -> float:
    return sum(abs(float(x ** (1 / 2.2)) - float(y ** (1 / 2.2))) for x, y in zip(a, b, strict=True)) / 3
