"""What are a template, a pack and a finding of the linter?

Frozen records without any heavy import, so that a release can render without reading YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from prodimg_lab.errors import UnknownName
from prodimg_lab.suggest import nearest

IMPLICIT_SLOTS = ("market", "season")
"""Slots that a template has as soon as it names them: every level of the pack is allowed, and none is a level too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleLevel:
    """One named phrase of a pack, or a plain string of a template (then `name` is the phrase itself).

    `avoid` and `taboos` are phrases for the negative prompt; `expect` is what the level promises of the picture
    (`{"background": "white"}`). `locale`, `prefer` (slot -> level names, best first), `props` and `taboos` belong to
    markets. `line` is 1-based in `file`; 0 when the level came from no file.
    """

    name: str
    text: str
    avoid: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    expect: Mapping[str, str] = field(default_factory=dict)
    locale: str = ""
    prefer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    props: tuple[str, ...] = ()
    taboos: tuple[str, ...] = ()
    file: Path | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """All levels of one kind, by name, those of earlier folders first. `file` is the first file that gave some."""

    kind: str
    levels: Mapping[str, StyleLevel]
    file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A prompt with holes. `slots` has the levels that each slot may take, the default first.

    `line` is the line of `file` on which the text of `prompt` starts (1-based), for messages. `digest` is the SHA-256
    of the canonical content, phrases of the levels included: equal digests render equally, but for market and season.
    """

    name: str
    version: str
    summary: str = ""
    prompt: str
    negative_prompt: str = ""
    slots: Mapping[str, tuple[StyleLevel, ...]] = field(default_factory=dict)
    file: Path | None = None
    line: int = 1
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that the linter has to say. `rule` is a short name (`undefined-name`), `line` 1-based or None."""

    severity: Literal["error", "warning"]
    rule: str
    message: str
    file: Path | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = "" if self.file is None else f"{self.file}:" if self.line is None else f"{self.file}:{self.line}:"
        return f"{place} {self.severity}: {self.message} [{self.rule}]".lstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Templates by name and packs by kind. `faults` is empty unless it was loaded with `strict=False`."""

    templates: Mapping[str, Template] = field(default_factory=dict)
    packs: Mapping[str, Pack] = field(default_factory=dict)
    faults: tuple[Finding, ...] = ()

    def template(self, name: str) -> Template:
        """The template of that name; raises UnknownName with the nearest one."""
        if name not in self.templates:
            raise UnknownName(f"no template {name!r}; {nearest(name, self.templates)}")
        return self.templates[name]

    def level(self, kind: str, name: str) -> StyleLevel:
        """A level of the pack `kind`; raises UnknownName when the pack or the level is missing."""
        if kind not in self.packs:
            raise UnknownName(f"no pack of kind {kind!r}; {nearest(kind, self.packs)}")
        levels = self.packs[kind].levels
        if name not in levels:
            raise UnknownName(f"no {kind} {name!r}; {nearest(name, levels)}")
        return levels[name]
