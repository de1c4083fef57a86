"""What may stand in a template file and in a pack file?

Pydantic models: unknown keys are refused, numbers are not taken for text, lengths are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from prodimg_lab.prompts.text import cleaned, invisible

NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
SLOT = r"[a-z][a-z0-9_]*"
MOST_PHRASES = 64

ALL = "all"
"""As the only level of a slot: every level of the pack."""

RESERVED_SLOTS = ("product", "loop", "template", "model", "none", "true", "false")


def _visible(value: str) -> str:
    found = invisible(value)
    if found:
        raise ValueError(f"must not hold the invisible character U+{ord(found):04X}")
    return value


def _listed(value: object) -> object:
    """One phrase or several: `a, b` and `[a, b]` say the same."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _levels(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _phrase(value: str) -> str:
    tidy = cleaned(_visible(value))
    if not tidy:
        raise ValueError("must be a phrase (remove the line if there is none)")
    return tidy


def _name(value: str) -> str:
    if not re.fullmatch(NAME, value) or len(value) > 60:
        raise ValueError("must be lower-case words joined by hyphens, such as oak-table")
    return value


def _slot(value: str) -> str:
    if not re.fullmatch(SLOT, value) or value in RESERVED_SLOTS:
        raise ValueError(
            f"must be lower-case letters, digits and _, such as background, and none of {', '.join(RESERVED_SLOTS)}"
        )
    return value


def _version(value: str) -> str:
    if not re.fullmatch(r"\d{1,6}\.\d{1,6}\.\d{1,6}", value):
        raise ValueError("must be of the form 1.0.0")
    return value


def _locale(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", value):
        raise ValueError("must be a locale such as de-DE")
    return value


def _plain(value: str) -> str:
    if re.search(r"\{[{%#]", _visible(value)):
        raise ValueError("must be plain text without holes (the words of a level go into its `avoid`)")
    return value


def _distinct(value: list[str]) -> list[str]:
    twice = sorted({each for each in value if value.count(each) > 1})
    if twice:
        raise ValueError(f"must name {twice[0]!r} once only")
    return value


Name = Annotated[str, AfterValidator(_name)]
Slot = Annotated[str, AfterValidator(_slot)]
Phrase = Annotated[str, StringConstraints(max_length=1_000), AfterValidator(_phrase)]
ShortPhrase = Annotated[str, StringConstraints(max_length=200), AfterValidator(_phrase)]
Phrases = Annotated[list[ShortPhrase], BeforeValidator(_listed), Field(max_length=MOST_PHRASES)]
SlotLevels = Annotated[list[Phrase], BeforeValidator(_levels), Field(min_length=1), AfterValidator(_distinct)]
Expect = Annotated[dict[str, str], Field(max_length=8)]
BACKGROUNDS = ("white", "plain", "scene")


def _expect(value: Mapping[str, str]) -> Mapping[str, str]:
    said = value.get("background", "white")
    if said not in BACKGROUNDS:
        raise ValueError(f"background must be one of {', '.join(BACKGROUNDS)}, not {said!r}")
    return value


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TemplateFile(_File):
    """`templates/<name>.yaml`."""

    name: Name
    version: Annotated[str, AfterValidator(_version)]
    summary: Annotated[Phrase, StringConstraints(max_length=200)]
    prompt: Annotated[str, StringConstraints(min_length=1)]
    negative_prompt: Annotated[str, StringConstraints(max_length=5_000), AfterValidator(_plain)] = ""
    slots: dict[Slot, SlotLevels] = {}


class LevelEntry(_File):
    """One level of a pack."""

    text: Phrase
    avoid: Phrases = []
    tags: Phrases = []
    expect: Annotated[Expect, AfterValidator(_expect)] = {}


class MarketEntry(LevelEntry):
    """One market: a level that also knows its language, likes and taboos."""

    locale: Annotated[str, AfterValidator(_locale)]
    prefer: dict[Slot, Annotated[list[Name], Field(min_length=1)]] = {}
    props: Phrases = []
    taboos: Phrases = []


class PackFile(_File):
    """`templates/styles/<kind>s.yaml`, for any kind but market."""

    kind: Slot
    levels: Annotated[dict[Name, LevelEntry], Field(min_length=1)]


class MarketFile(_File):
    """`templates/styles/markets.yaml`."""

    kind: Literal["market"]
    levels: Annotated[dict[Name, MarketEntry], Field(min_length=1)]
