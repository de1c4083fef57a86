"""How are picture files from anywhere scored?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prodimg_lab.errors import UsageError
from prodimg_lab.records import EMPTY, Score, Unscored, digest_of
from prodimg_lab.scoring._base import NotAPicture, Subject
from prodimg_lab.scoring.registry import scorers
from prodimg_lab.scoring.rubric import load_rubric
from prodimg_lab.scoring.run import score_pictures

Scores = Mapping[str, Score | Unscored]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredFile:
    """One file's scores by scorer and its quality 0..5, or the `error` that kept it from being scored."""

    file: Path
    digest: str = ""
    scores: Scores = field(default_factory=dict)
    quality: float | Unscored | None = None
    error: UsageError | None = None

    def facts(self) -> dict[str, Any]:
        """For `score --json`."""
        quality = self.quality if isinstance(self.quality, float) else None
        reason = self.quality.reason if isinstance(self.quality, Unscored) else ""
        return {
            "file": str(self.file),
            "digest": self.digest,
            "quality": quality,
            "unscored": reason,
            "scores": dict(self.scores),
            "error": str(self.error or ""),
        }

    def reasons(self) -> list[str]:
        """Why there are dashes, one line each."""
        silent = [f"{name}: {each.reason}" for name, each in self.scores.items() if isinstance(each, Unscored)]
        if any("names no" in reason for reason in silent):
            silent.append("say what was asked with --asked colour=… and --asked background=white, plain or scene")
        return silent

    def row(self) -> dict[str, object]:
        """For a table: values 0..5, a dash where there is none."""
        values = {name: each.value if isinstance(each, Score) else "-" for name, each in self.scores.items()}
        quality = self.quality if isinstance(self.quality, float) else "-"
        return {"file": self.file.name, "quality": quality, **values}


def score_files(
    files: Sequence[Path], *, rubric: str = "product-default", asked: Mapping[str, str] = EMPTY
) -> list[ScoredFile]:
    """Score each file with the rubric's scorers, in order. A file that is missing or no picture carries its error.

    `asked` is what the pictures were meant to show (`colour`, `background`, …). Raises `UsageError` for the rubric.
    """
    chosen = load_rubric(rubric)
    wanted = scorers(chosen.scorers)
    return [_scored(file, chosen.quality, wanted, asked) for file in files]


def _scored(file: Path, quality: Any, wanted: Any, asked: Mapping[str, str]) -> ScoredFile:
    try:
        data = file.read_bytes()
    except OSError as error:
        return ScoredFile(file=file, error=UsageError(f"cannot be read: {error.strerror}", file=file))
    subject = Subject(digest=digest_of(data), data=data, asked=asked)
    try:
        _ = subject.measures
    except NotAPicture as error:
        return ScoredFile(file=file, error=UsageError(error.message, file=file))
    scores = score_pictures([subject], wanted)[0]
    return ScoredFile(file=file, digest=subject.digest, scores=scores, quality=quality(scores))
