"""How are picture files from anywhere held to a marketplace's rules?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from prodimg_lab.errors import UsageError
from prodimg_lab.marketplaces.checking import Compliance, Finding, check_picture
from prodimg_lab.marketplaces.packs import Pack
from prodimg_lab.records import EMPTY, digest_of
from prodimg_lab.scoring import NotAPicture, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """One file and how it stands to the rules, or the `error` that kept it from being looked at."""

    file: Path
    digest: str = ""
    compliance: Compliance | None = None
    error: UsageError | None = None

    def facts(self) -> dict[str, Any]:
        """For `score --marketplace --json`."""
        found = self.compliance.facts() if self.compliance else {}
        return {"file": str(self.file), "digest": self.digest, **found, "error": str(self.error or "")}

    def row(self) -> dict[str, object]:
        """For a table: the outcome, and how many rules ended how."""
        if self.compliance is None:
            return {"file": self.file.name, "outcome": "-"}
        counts: dict[str, int] = {}
        for each in self.compliance.musts:
            counts[each.outcome] = counts.get(each.outcome, 0) + 1
        return {"file": self.file.name, "outcome": self.compliance.outcome, **counts}

    def told(self) -> Iterator[Finding]:
        """The findings that are not as asked, those that decide first."""
        findings = self.compliance.findings if self.compliance else ()
        for level in ("must", "advised"):
            yield from (each for each in findings if each.level == level and each.outcome != "pass")


def check_files(
    files: Sequence[Path], pack: Pack, *, as_of: date, asked: Mapping[str, str] = EMPTY, ocr: bool = False
) -> list[CheckedFile]:
    """Check each file, in order. A file that is missing or no picture carries its error; `ocr` reads its words.

    Raises `MissingExtra` where OCR is asked for and not installed.
    """
    return [_checked(file, pack, as_of, asked, ocr) for file in files]


def _checked(file: Path, pack: Pack, as_of: date, asked: Mapping[str, str], ocr: bool) -> CheckedFile:
    try:
        data = file.read_bytes()
    except OSError as error:
        return CheckedFile(file=file, error=UsageError(f"cannot be read: {error.strerror}", file=file))
    subject = Subject(digest=digest_of(data), data=data, asked=asked, as_of=as_of.isoformat())
    try:
        words = None
        if ocr:
            from prodimg_lab.scoring.words import words_on

            words = words_on(subject)
        found = check_picture(subject, pack, as_of=as_of, name=file.name, words=words)
    except NotAPicture as error:
        return CheckedFile(file=file, error=UsageError(error.message, file=file))
    return CheckedFile(file=file, digest=subject.digest, compliance=found)
