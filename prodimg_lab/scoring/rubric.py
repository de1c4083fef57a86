"""How do many scores become one quality figure?

A rubric is a YAML file: weights by scorer, optional gates, and the share of the weight that must have been scored. The
quality is the weighted mean, 0..5, of those that could be scored; too few, and it is `Unscored`. Missing scores are
never counted as zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from prodimg_lab.errors import Problems, UnknownName, UsageError
from prodimg_lab.marked_yaml import Marked, checked, parse_yaml, read_yaml
from prodimg_lab.records import Score, Unscored
from prodimg_lab.scoring.registry import names as scorer_names
from prodimg_lab.suggest import nearest

Scores = Mapping[str, Score | Unscored]

QUALITY = "quality"
"""What the overall figure is called where a scorer's name is expected."""


class RubricError(UsageError):
    """A rubric file is wrong."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    summary: str = ""
    scored_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    weights: Annotated[dict[str, Annotated[float, Field(gt=0, le=1000)]], Field(min_length=1)]
    gates: dict[str, Annotated[float, Field(gt=0, le=5)]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """Weights (above 0), gates (least value 0..5 by scorer) and the least share of the weight that must be scored.

    A picture below a gate has quality 0, however good the rest is; a gate that could not be scored does not fail it.
    """

    name: str
    version: str
    weights: Mapping[str, float]
    gates: Mapping[str, float]
    scored_share: float
    summary: str = ""

    @property
    def scorers(self) -> tuple[str, ...]:
        """Every scorer that the rubric names, weights first, in the file's order."""
        return tuple(dict.fromkeys([*self.weights, *self.gates]))

    def coverage(self, scores: Scores) -> float:
        """Share (0..1) of the weight whose scorers could judge the picture."""
        done = sum(weight for name, weight in self.weights.items() if isinstance(scores.get(name), Score))
        return done / sum(self.weights.values())

    def failed_gates(self, scores: Scores) -> tuple[str, ...]:
        """The gates that the picture does not pass, in the file's order."""
        return tuple(
            name
            for name, least in self.gates.items()
            if isinstance(score := scores.get(name), Score) and score.value < least
        )

    def quality(self, scores: Scores) -> float | Unscored:
        """The weighted mean 0..5 over what could be scored, 0 below a gate, `Unscored` when too little could be."""
        coverage = self.coverage(scores)
        if coverage < self.scored_share:
            return Unscored(scorer=QUALITY, version=f"{self.name}@{self.version}", reason=self._why(scores, coverage))
        if self.failed_gates(scores):
            return 0.0
        found = [
            (weight, score.value)
            for name, weight in self.weights.items()
            if isinstance(score := scores.get(name), Score)
        ]
        mean = sum(weight * value for weight, value in found) / sum(weight for weight, _ in found)
        return min(5.0, max(0.0, mean))  # rounding may pass the ends by a hair

    def _why(self, scores: Scores, coverage: float) -> str:
        missing = []
        for name in self.weights:
            score = scores.get(name)
            if not isinstance(score, Score):
                missing.append(f"{name}: {score.reason if score else 'not run'}")
        needs = f"{coverage:.0%} of the weight could be scored, {self.name} needs {self.scored_share:.0%}"
        return f"{needs} ({'; '.join(missing)})"


def rubrics() -> tuple[str, ...]:
    """The names of the rubrics that come with the package, sorted."""
    return tuple(
        sorted(each.name.removesuffix(".yaml") for each in _shipped().iterdir() if each.name.endswith(".yaml"))
    )


def load_rubric(name_or_path: str | Path, *, folder: Path | None = None, known: Iterable[str] | None = None) -> Rubric:
    """A rubric by name (shipped) or by file (`mine.yaml`, taken from `folder` when relative).

    `known` names the scorers that exist; by default those of this package. Raises `UnknownName` for a name that is no
    rubric, `RubricError` with file and line, or `Problems` with several of them.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith((".yaml", ".yml")) or "/" in text:
        path = Path(name_or_path)
        return _rubric(read_yaml(path if folder is None else folder / path, RubricError), known)
    return _shipped_rubric(text) if known is None else _rubric(_marked(text), known)


@lru_cache(maxsize=16)
def _shipped_rubric(name: str) -> Rubric:
    return _rubric(_marked(name), None)


def _marked(name: str) -> Marked:
    if name not in rubrics():
        raise UnknownName(f"no rubric {name!r}; {nearest(name, rubrics())} (a file of your own ends in .yaml)")
    file = f"{name}.yaml"
    return parse_yaml(
        _shipped().joinpath(file).read_text("utf-8"), Path("prodimg_lab/scoring/rubrics") / file, RubricError
    )


def _shipped() -> Any:
    return files("prodimg_lab.scoring").joinpath("rubrics")


def _rubric(marked: Marked, known: Iterable[str] | None) -> Rubric:
    parsed = checked(_File, marked, RubricError)
    names = set(scorer_names() if known is None else known)
    problems = [
        RubricError(f"no scorer {name!r}; {nearest(name, names)}", file=marked.file, line=marked.line((part, name)))
        for part, entries in (("weights", parsed.weights), ("gates", parsed.gates))
        for name in entries
        if name not in names
    ]
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    return Rubric(
        name=parsed.name,
        version=parsed.version,
        summary=parsed.summary,
        scored_share=parsed.scored_share,
        weights=parsed.weights,
        gates=parsed.gates,
    )
