"""How do many scores become one quality figure?

A rubric is a YAML file: weights by scorer, and optionally gates, scales of its own, and what becomes of a picture whose
part could not be scored. The quality is the weighted mean, 0..5, of the parts that could be scored; too few, and it is
`Unscored`. Missing scores are never counted as zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from prodimg_lab.errors import Problems, UnknownName, UsageError
from prodimg_lab.marked_yaml import Marked, checked, parse_yaml, read_yaml
from prodimg_lab.records import Score, Unscored
from prodimg_lab.scoring.registry import names as scorer_names
from prodimg_lab.suggest import nearest

Scores = Mapping[str, Score | Unscored]
Scale = tuple[tuple[float, float], ...]
Unscorable = Literal["leave-out", "no-quality"]
"""What becomes of a picture where a part could not be scored: it is judged by the others, or it gets no quality."""

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
    scales: dict[str, list[tuple[float, float]]] = Field(default_factory=dict)
    unscored: dict[str, Unscorable] = Field(default_factory=dict)

    @field_validator("scales", mode="before")
    @classmethod
    def _points(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        return {name: _checked_scale(str(name), points) for name, points in given.items()}


def _checked_scale(name: str, points: object) -> list[tuple[float, float]]:
    """`[[raw, value], …]` as a scale. Raises ValueError with what is wrong."""
    how = "write [[raw, 0..5], [raw, 0..5], …] with raw rising"
    try:
        scale = [(float(raw), float(value)) for raw, value in points]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise ValueError(f"the scale of {name} is {points!r}; {how}") from None
    rising = all(one[0] < other[0] for one, other in pairwise(scale))
    if len(scale) < 2 or not rising or not all(isfinite(raw) and 0 <= value <= 5 for raw, value in scale):
        raise ValueError(f"the scale of {name} is {points!r}; {how}")
    return scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One weight of a rubric on one picture: what the scorer's answer counts as, 0..5, or `why` it counts nothing."""

    name: str
    weight: float
    value: float | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """Weights (above 0), gates (least value 0..5 by scorer) and the least share of the weight that must be scored.

    A picture below a gate has quality 0, however good the rest is; a gate that could not be scored does not fail it.
    `scales` by scorer: points (raw, value 0..5) with rising raw, linear between them and level beyond; without one the
    scorer's own value counts. `required` names the parts without which there is no quality.
    """

    name: str
    version: str
    weights: Mapping[str, float]
    gates: Mapping[str, float]
    scored_share: float
    summary: str = ""
    scales: Mapping[str, Scale] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    @property
    def scorers(self) -> tuple[str, ...]:
        """Every scorer that the rubric names, weights first, in the file's order."""
        return tuple(dict.fromkeys([*self.weights, *self.gates]))

    def parts(self, scores: Scores) -> tuple[Part, ...]:
        """How each weight fares on a picture, in the file's order: the quality is made of these alone."""
        return tuple(self._part(name, weight, scores.get(name)) for name, weight in self.weights.items())

    def _part(self, name: str, weight: float, score: Score | Unscored | None) -> Part:
        if isinstance(score, Score):
            return Part(name=name, weight=weight, value=self.value_of(score))
        return Part(name=name, weight=weight, value=None, why=score.reason if score else "not run")

    def value_of(self, score: Score) -> float:
        """What a score counts as, 0..5: by this rubric's scale of its raw value, else the scorer's own."""
        scale = self.scales.get(score.scorer)
        return score.value if scale is None else on_scale(scale, score.raw)

    def coverage(self, scores: Scores) -> float:
        """Share (0..1) of the weight whose scorers could judge the picture."""
        done = sum(part.weight for part in self.parts(scores) if part.value is not None)
        return done / sum(self.weights.values())

    def failed_gates(self, scores: Scores) -> tuple[str, ...]:
        """The gates that the picture does not pass, in the file's order."""
        return tuple(
            name
            for name, least in self.gates.items()
            if isinstance(score := scores.get(name), Score) and self.value_of(score) < least
        )

    def quality(self, scores: Scores) -> float | Unscored:
        """The weighted mean 0..5 over what could be scored, 0 below a gate, `Unscored` when too little could be."""
        parts = self.parts(scores)
        coverage = self.coverage(scores)
        lacking = [part for part in parts if part.value is None and part.name in self.required]
        if lacking or coverage < self.scored_share:
            reason = self._why(parts, lacking, coverage)
            return Unscored(scorer=QUALITY, version=f"{self.name}@{self.version}", reason=reason)
        if self.failed_gates(scores):
            return 0.0
        counted = [(part.weight, part.value) for part in parts if part.value is not None]
        mean = sum(weight * value for weight, value in counted) / sum(weight for weight, _ in counted)
        return min(5.0, max(0.0, mean))  # rounding may pass the ends by a hair

    def _why(self, parts: Sequence[Part], lacking: Sequence[Part], coverage: float) -> str:
        if lacking:
            told = "; ".join(f"{part.name}: {part.why}" for part in lacking)
            return f"{self.name} gives no quality without it ({told})"
        missing = "; ".join(f"{part.name}: {part.why}" for part in parts if part.value is None)
        return f"{coverage:.0%} of the weight could be scored, {self.name} needs {self.scored_share:.0%} ({missing})"


def on_scale(scale: Scale, raw: float) -> float:
    """The value of `raw` on a piecewise linear scale, level beyond its ends."""
    if raw <= scale[0][0]:
        return scale[0][1]
    for (low, value), (high, other) in pairwise(scale):
        if raw <= high:
            return value + (other - value) * (raw - low) / (high - low)
    return scale[-1][1]


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
    problems += [
        RubricError(f"{part} names {name!r}, which has no weight", file=marked.file, line=marked.line((part, name)))
        for part, entries, known_names in (
            ("scales", parsed.scales, {*parsed.weights, *parsed.gates}),
            ("unscored", parsed.unscored, set(parsed.weights)),
        )
        for name in entries
        if name not in known_names
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
        scales={name: tuple(points) for name, points in parsed.scales.items()},
        required=tuple(name for name, what in parsed.unscored.items() if what == "no-quality"),
    )
