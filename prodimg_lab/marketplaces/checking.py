"""How does a picture stand to a marketplace's rules on a day?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from prodimg_lab.marketplaces import file_checks, packs
from prodimg_lab.marketplaces.filing import Filed, filed
from prodimg_lab.marketplaces.findings import ORDER, Outcome, Result, cannot_tell
from prodimg_lab.marketplaces.packs import Pack, load_pack
from prodimg_lab.scoring import Subject

if TYPE_CHECKING:
    from prodimg_lab.scoring.words import Word

APPAREL = frozenset({"clothing", "shoe", "bag", "hat"})
"""Kinds of products that apparel rules are about (Google's category Apparel & Accessories)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule made of the picture. `level` advised: told, and without a say in the outcome."""

    rule: str
    level: str
    outcome: Outcome
    detail: str
    action: str
    fix: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """A picture against one pack as of a day: a finding for each rule in force, and the flags no pixel can show."""

    pack: str
    as_of: date
    findings: tuple[Finding, ...]
    flags: tuple[str, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of the rules that must hold: fail, cannot tell, fixable, pass."""
        return max((each.outcome for each in self.musts), key=ORDER.index, default="pass")

    @property
    def musts(self) -> tuple[Finding, ...]:
        """The findings that decide."""
        return tuple(each for each in self.findings if each.level == "must")

    def facts(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "marketplace": self.pack,
            "as_of": self.as_of.isoformat(),
            "outcome": self.outcome,
            "rules": [
                {
                    "rule": each.rule,
                    "level": each.level,
                    "outcome": each.outcome,
                    "detail": each.detail,
                    "action": each.action,
                    "fix": each.fix,
                    "sources": list(each.sources),
                }
                for each in self.findings
            ],
            "flags": list(self.flags),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One picture on its way through the checks."""

    subject: Subject
    file: Filed
    name: str
    words: Sequence[Word] | None
    on_white: Any


_FILE: Mapping[str, Callable[[Any, _Looked], Result]] = {
    "format": lambda rule, seen: file_checks.file_format(rule, seen.file, seen.name),
    "bytes": lambda rule, seen: file_checks.file_bytes(rule, seen.file),
    "side": lambda rule, seen: file_checks.side(rule, seen.file),
    "size": lambda rule, seen: file_checks.size(rule, seen.file),
    "pixels": lambda rule, seen: file_checks.pixels(rule, seen.file),
    "colours": lambda rule, seen: file_checks.colours(rule, seen.file),
    "ai-tag": lambda rule, seen: file_checks.ai_tag(seen.file),
}


def check_picture(
    subject: Subject,
    pack: Pack | str,
    *,
    as_of: date,
    name: str = "",
    words: Sequence[Word] | None = None,
) -> Compliance:
    """Hold a picture against every rule that is in force on `as_of`.

    `name` is the file's, for rules about it. `words` are what OCR read
    (`scoring.words.words_on`); None: nobody looked. Raises `NotAPicture`, `UnknownName` for the pack.
    """
    from prodimg_lab.marketplaces.white import OnWhite

    rules = load_pack(pack) if isinstance(pack, str) else pack
    on_white = OnWhite(measures=subject.measures)
    seen = _Looked(subject=subject, file=filed(subject.data), name=name, words=words, on_white=on_white)
    return Compliance(
        pack=rules.name,
        as_of=as_of,
        findings=tuple(_finding(rule, seen) for rule in rules.in_force(as_of)),
        flags=tuple(flag.says for flag in rules.flags),
    )


def _finding(rule: Any, seen: _Looked) -> Finding:
    result = _only(rule, seen) or _checked(rule, seen)
    return Finding(
        rule=rule.label,
        level=rule.level,
        outcome=result.outcome,
        detail=result.detail,
        action=result.action,
        fix=result.fix,
        sources=tuple(rule.sources),
    )


def _checked(rule: Any, seen: _Looked) -> Result:
    if rule.check in _FILE:
        return _FILE[rule.check](rule, seen)
    from prodimg_lab.marketplaces import pixel_checks
    from prodimg_lab.scoring.attributes import found_background

    measures = seen.subject.measures
    checks: Mapping[str, Callable[[], Result]] = {
        "ratio": lambda: file_checks.ratio(rule, seen.file, background=found_background(measures)),
        "white-background": lambda: pixel_checks.white_background(seen.on_white),
        "plain-background": lambda: pixel_checks.plain_background(measures),
        "fill": lambda: pixel_checks.fill(rule, seen.on_white),
        "uncropped": lambda: pixel_checks.uncropped(seen.on_white),
        "border": lambda: pixel_checks.border(measures),
        "extras": lambda: pixel_checks.extras(seen.on_white),
        "text": lambda: pixel_checks.text(seen.on_white, seen.words),
    }
    return checks[rule.check]()


def _only(rule: packs.Rule, seen: _Looked) -> Result | None:
    """For a rule about apparel: None where it applies, else why it does not."""
    if rule.only != "apparel":
        return None
    from prodimg_lab.products import broader

    category = seen.subject.asked.get("category", "")
    if category:
        if APPAREL & {category, *broader(category)}:
            return None
        return Result(outcome="pass", detail=f"not for a {category}")
    result = _checked(rule, seen)
    if result.outcome == "pass":
        return result
    return cannot_tell(f"{result.detail} if it is apparel; say what it is with --asked category=…")
