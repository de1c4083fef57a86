"""What do marketplaces ask of pictures? One YAML file each, with the sources and the day they were read.

A rule names a check, its bounds, its sources and, where it is only in force for a time, the days from and until. A
`must` decides, an `advised` is only told. What no pixel can show is a flag. Teams change a pack by a file of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from prodimg_lab.errors import Problems, UnknownName, UsageError
from prodimg_lab.marked_yaml import Marked, checked, parse_yaml, read_yaml
from prodimg_lab.suggest import nearest

Share = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[int, Field(ge=1, le=100_000)]
Format = Literal["jpeg", "png", "gif", "webp", "tiff", "bmp"]


class PackError(UsageError):
    """A rule pack is wrong."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Model):
    """What all rules say: a name where two use one check, the sources, and when and how strictly it holds."""

    name: str = ""
    level: Literal["must", "advised"] = "must"
    from_: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None
    only: Literal["", "apparel"] = ""
    sources: Annotated[list[str], Field(min_length=1)]

    @property
    def label(self) -> str:
        """`side:zoom`, or the check alone."""
        check: str = getattr(self, "check", "")
        return f"{check}:{self.name}" if self.name else check

    def holds(self, as_of: date) -> bool:
        """Whether it is in force on that day; `until` is its last."""
        return (self.from_ is None or self.from_ <= as_of) and (self.until is None or as_of <= self.until)


class FormatRule(Rule):
    """Formats by their magic bytes; `still`: not animated; `extension`: the file's name must match."""

    check: Literal["format"]
    allowed: Annotated[list[Format], Field(min_length=1)]
    still: bool = False
    extension: bool = False


class BytesRule(Rule):
    """Megabytes (1,000,000 bytes) of the file."""

    check: Literal["bytes"]
    at_most_mb: Annotated[float, Field(gt=0)]


class SideRule(Rule):
    """Pixels of the longest or shortest side."""

    check: Literal["side"]
    of: Literal["longest", "shortest"]
    at_least: Pixels | None = None
    at_most: Pixels | None = None


class SizeRule(Rule):
    """Least width and height in pixels."""

    check: Literal["size"]
    at_least: tuple[Pixels, Pixels]


class PixelsRule(Rule):
    """Millions of pixels."""

    check: Literal["pixels"]
    at_most_mp: Annotated[float, Field(gt=0)]


class RatioRule(Rule):
    """Width to height, and by which share it may differ."""

    check: Literal["ratio"]
    width: Annotated[float, Field(gt=0)]
    height: Annotated[float, Field(gt=0)]
    tolerance: Share = 0.01


class ColoursRule(Rule):
    """Colour modes, bits per channel and the colour space."""

    check: Literal["colours"]
    allowed: list[Literal["rgb", "gray", "cmyk"]]
    bits: Literal[8, 16, 0] = 0
    profile: Literal["", "srgb"] = ""


class FillRule(Rule):
    """The product's longest side as a share of the frame's."""

    check: Literal["fill"]
    at_least: Share = 0.0
    at_most: Share = 1.0


class PlainRule(Rule):
    """Checks without bounds of their own."""

    check: Literal["white-background", "plain-background", "uncropped", "border", "extras", "text", "ai-tag"]


AnyRule = Annotated[
    FormatRule | BytesRule | SideRule | SizeRule | PixelsRule | RatioRule | ColoursRule | FillRule | PlainRule,
    Field(discriminator="check"),
]


class Source(_Model):
    """Where a rule comes from. `official`: the marketplace's own page; `own`: no source says it, and we hold it so."""

    what: Annotated[str, Field(min_length=1)]
    kind: Literal["official", "trade", "own"]


class Flag(_Model):
    """What no pixel can show and a seller must know."""

    says: Annotated[str, Field(min_length=1)]
    sources: list[str]


class _File(_Model):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Annotated[str, Field(min_length=1)]
    read: date
    sources: Annotated[dict[str, Source], Field(min_length=1)]
    rules: Annotated[list[AnyRule], Field(min_length=1)]
    flags: list[Flag] = Field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pack:
    """One marketplace's rules for one role of picture. `read` is the day on which its sources were read."""

    name: str
    title: str
    read: date
    sources: Mapping[str, Source]
    rules: Sequence[Any]
    flags: Sequence[Flag]

    def in_force(self, as_of: date) -> tuple[Any, ...]:
        """The rules that hold on that day, in the file's order."""
        return tuple(rule for rule in self.rules if rule.holds(as_of))

    def canonical(self, as_of: date) -> dict[str, Any]:
        """What decides on that day, for a cache key."""
        rules = [rule.model_dump(mode="json", exclude={"sources", "from_", "until"}) for rule in self.in_force(as_of)]
        return {"name": self.name, "rules": rules}


@lru_cache(maxsize=1)
def packs() -> tuple[str, ...]:
    """The names of the packs that come with the package, sorted."""
    return tuple(
        sorted(each.name.removesuffix(".yaml") for each in _shipped().iterdir() if each.name.endswith(".yaml"))
    )


def load_pack(name_or_path: str | Path) -> Pack:
    """A pack by name, or by file (ends in .yaml). Raises `UnknownName`, `PackError` with file and line, `Problems`."""
    text = str(name_or_path)
    if text.endswith((".yaml", ".yml")):
        return _pack(read_yaml(Path(name_or_path), PackError))
    return _known(text)


@lru_cache(maxsize=32)
def _known(name: str) -> Pack:
    if name not in packs():
        raise UnknownName(f"no marketplace {name!r}; {nearest(name, packs())} (a pack of your own ends in .yaml)")
    file = f"{name}.yaml"
    text = _shipped().joinpath(file).read_text("utf-8")
    return _pack(parse_yaml(text, Path("prodimg_lab/marketplaces/packs") / file, PackError))


def _shipped() -> Any:
    return files("prodimg_lab.marketplaces").joinpath("packs")


def _pack(marked: Marked) -> Pack:
    parsed = checked(_File, marked, PackError)
    known = parsed.sources
    problems = [
        PackError(f"no source {source!r}; {nearest(source, known)}", file=marked.file, line=marked.line((part, at)))
        for part, entries in (("rules", parsed.rules), ("flags", parsed.flags))
        for at, entry in enumerate(entries)
        for source in entry.sources
        if source not in known
    ]
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    return Pack(
        name=parsed.name,
        title=parsed.title,
        read=parsed.read,
        sources=parsed.sources,
        rules=tuple(parsed.rules),
        flags=tuple(parsed.flags),
    )
