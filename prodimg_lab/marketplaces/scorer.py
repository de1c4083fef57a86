"""Marketplace rules as a scorer, so that a rubric can weigh them or hold pictures to them.

Found through the entry-point group `prodimg_lab.scorers`. As a rubric's gate, `compliance-amazon-main: 3` gives every
picture that the rules refuse quality 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache

from prodimg_lab.marketplaces.checking import check_picture
from prodimg_lab.marketplaces.packs import Pack, load_pack, packs
from prodimg_lab.records import Score, Unscored, canonical_json, digest_of
from prodimg_lab.scoring import NotAPicture, ScorerCard, Subject

VALUES = {"pass": 5.0, "fixable": 3.0, "fail": 0.0}
"""0..5 by outcome. A fixable picture is good enough once it is exported: a gate of 3 lets it through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceScorer:
    """5 pass, 3 fixable, 0 fail; `Unscored` where the pixels can't tell. Judges as of `Subject.as_of`, or today."""

    pack: Pack
    version: str = "2"
    card: ScorerCard = field(init=False)

    def __post_init__(self) -> None:
        formula = f"{self.pack.title}: rules read {self.pack.read.isoformat()}; 5 pass, 3 fixable at export, 0 fail"
        card = ScorerCard(unit="rules", direction="lower", raw_range="0..", cost="free", formula=formula)
        object.__setattr__(self, "card", card)

    @property
    def name(self) -> str:
        """`compliance-` and the pack's name."""
        return f"compliance-{self.pack.name}"

    def reads(self, subject: Subject) -> Mapping[str, str]:
        """The rules in force, so that a day on which none changes keeps the cache, and what a rule asks to know."""
        rules = _rules(self.pack, _day(subject))
        by_kind = any(rule.only for rule in self.pack.rules)
        category = subject.asked.get("category", "") if by_kind else ""
        return {"rules": rules, **({"category": category} if category else {})}

    def score(self, subjects: Sequence[Subject]) -> list[Score | Unscored]:
        """One answer per subject; `raw` counts the rules that the picture breaks."""
        return [self._one(subject) for subject in subjects]

    def _one(self, subject: Subject) -> Score | Unscored:
        try:
            found = check_picture(subject, self.pack, as_of=_day(subject))
        except NotAPicture as error:
            return Unscored(scorer=self.name, version=self.version, reason=str(error))
        broken = [each for each in found.musts if each.outcome != "pass"]
        told = "; ".join(f"{each.rule}: {each.detail}" for each in broken if each.outcome == found.outcome)
        if found.outcome == "cannot tell":
            return Unscored(scorer=self.name, version=self.version, reason=told)
        return Score(
            scorer=self.name,
            version=self.version,
            value=VALUES[found.outcome],
            raw=float(len(broken)),
            unit=self.card.unit,
            detail=f"{found.outcome}: {told}" if told else found.outcome,
        )


@lru_cache(maxsize=64)
def _rules(pack: Pack, day: date) -> str:
    return digest_of(canonical_json(pack.canonical(day)))


def _day(subject: Subject) -> date:
    return date.fromisoformat(subject.as_of) if subject.as_of else datetime.now(UTC).date()


def compliance(pack: str) -> ComplianceScorer:
    """The scorer of a pack, by the pack's name or file. Raises as `load_pack`."""
    return ComplianceScorer(pack=load_pack(pack))


def __getattr__(name: str) -> ComplianceScorer:
    """`amazon_main`, `google_merchant`, …: what the entry points name."""
    pack = name.replace("_", "-")
    if pack not in packs():
        raise AttributeError(name)
    return compliance(pack)
