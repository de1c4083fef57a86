"""What does an experiment.yaml say? Untrusted text becomes a checked `Experiment`, or one list of faults with lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    field_validator,
    model_validator,
)

from prodimg_lab.errors import ExperimentError, Problems, UnknownName, UsageError
from prodimg_lab.experiment.view import Targets
from prodimg_lab.lab import Lab
from prodimg_lab.marked_yaml import Marked, checked, read_yaml, value_from_text
from prodimg_lab.suggest import nearest

FILE = "experiment.yaml"

LevelText = StrictStr | StrictInt | StrictFloat
Levels = Annotated[list[LevelText], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


SHORT_FORMS = {"products": "file", "seeds": "count", "judge": "model"}
"""Parts that may be written as one value, and the key that it stands for."""


class ProductsPart(_Part):
    """Which products: a catalogue, a filter, how many of them, and the correction file."""

    file: StrictStr
    where: StrictStr = ""
    limit: Annotated[StrictInt, Field(ge=1)] | None = None
    attributes: StrictStr | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: object) -> object:
        return {"file": given} if isinstance(given, str) else _mapping(given, "a file name, or {file: …, where: …}")


class SeedsPart(_Part):
    """How many seeds a product gets, and whether variants share them."""

    count: Annotated[StrictInt, Field(ge=1, le=10_000)]
    policy: Literal["common", "independent"] = "common"

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: object) -> object:
        is_count = isinstance(given, int) and not isinstance(given, bool)
        return {"count": given} if is_count else _mapping(given, "a whole number, or {count: …, policy: …}")


def seeds_as(file: ExperimentFile, count: int) -> int | dict[str, Any]:
    """So many seeds as an experiment.yaml says it, with the policy of `file`."""
    policy = file.sweep.seeds.policy
    return count if policy == "common" else {"count": count, "policy": policy}


def _mapping(given: object, wanted: str) -> object:
    if not isinstance(given, Mapping):
        raise ValueError(f"write {wanted}")
    return given


class SweepPart(_Part):
    """Design, factors and seeds."""

    design: Literal["full", "random", "sobol"] = "full"
    factors: dict[StrictStr, Levels | Literal["all"]] = Field(default_factory=dict)
    seeds: SeedsPart = Field(default_factory=lambda: SeedsPart(count=1))
    base_seed: Annotated[StrictInt, Field(ge=0)] = 1
    samples: Annotated[StrictInt, Field(ge=1)] | None = None


class DecidePart(_Part):
    """How the winner will be chosen; frozen in the run before the first picture."""

    by: StrictStr = "quality"
    claim: Literal["these-products", "products-in-general"] = "these-products"
    setting: Literal["strong", "light"] = "strong"
    confirm: Literal["planned", "open"] = "planned"


class TargetsPart(_Part):
    """What the run is held against."""

    seconds: Annotated[float, Field(gt=0)] | None = None
    usd: Annotated[float, Field(ge=0)] | None = None
    quality: Annotated[float, Field(ge=0, le=5)] | None = None
    photo_usd: Annotated[float, Field(gt=0)] | None = None


class JudgePart(_Part):
    """Which vision model judges the pictures, and how many of the best at most (absent: all).

    With `split` it first splits each prompt into questions, instead of rules that cut at commas.
    """

    model: StrictStr
    shortlist: Annotated[StrictInt, Field(ge=1)] | None = None
    split: StrictBool = False

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: object) -> object:
        wanted = "bedrock:<id>, or {model: …, shortlist: …, split: …}"
        return {"model": given} if isinstance(given, str) else _mapping(given, wanted)


class BudgetPart(_Part):
    """The most that a run may spend."""

    usd: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ExperimentFile(_Part):
    """The file as it is written; `docs/experiment.schema.json` is generated from it."""

    name: StrictStr
    summary: StrictStr = ""
    products: ProductsPart
    templates: Annotated[list[StrictStr], Field(min_length=1)]
    model: StrictStr = "studio"
    sweep: SweepPart = Field(default_factory=SweepPart)
    parameters: dict[StrictStr, LevelText] = Field(default_factory=dict)
    baseline: dict[StrictStr, LevelText] | None = None
    rubric: StrictStr = "product-default"
    judge: JudgePart | None = None
    decide: DecidePart | None = None
    targets: TargetsPart = Field(default_factory=TargetsPart)
    budget: BudgetPart | None = None
    concurrency: Annotated[int, Field(ge=1, le=1024)] | None = None

    @field_validator("baseline")
    @classmethod
    def _no_release_yet(cls, baseline: dict[str, Any] | None) -> dict[str, Any] | None:
        if baseline is not None and "release" in baseline:
            raise ValueError("this version reads no releases; write the whole variant (template and levels)")
        return baseline

    @field_validator("name")
    @classmethod
    def _good_name(cls, name: str) -> str:
        if not is_slug(name):
            raise ValueError("use 1 to 64 lower-case letters, digits, dots, dashes and underscores")
        return name


def is_slug(name: str) -> bool:
    """Whether `name` can name an experiment, and so a folder: 1-64 lower-case letters, digits, `.`, `-`, `_`."""
    return re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One experiment as it will run: its file with the overrides applied, and the folder that paths are relative to."""

    folder: Path
    file: ExperimentFile
    marked: Marked
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.file.name

    @property
    def products(self) -> ProductsPart:
        """Which products."""
        return self.file.products

    @property
    def seeds(self) -> SeedsPart:
        """How many seeds, and whether variants share them."""
        return self.file.sweep.seeds

    @property
    def targets(self) -> Targets:
        """The targets as a record."""
        return Targets(**self.file.targets.model_dump())

    def path(self, name: str) -> Path:
        """A path that the experiment names, relative to its folder."""
        return (self.folder / name).resolve()

    def fault(self, message: str, where: tuple[str | int, ...] = ()) -> ExperimentError:
        """`message` with the file and line of `where`; an override is named as such."""
        dotted = ".".join(map(str, where))
        changed = next((key for key in self.overrides if dotted == key or dotted.startswith(key + ".")), None)
        if changed is not None:
            return ExperimentError(f"--set {changed}: {message}")
        return ExperimentError(message, file=self.marked.file, line=self.marked.line(where))


def find_experiment(name: str | Path, lab: Lab) -> Path:
    """The experiment.yaml of `name`: a folder, the file, or a name under `experiments/`. Raises `UnknownName`."""
    for folder in (Path(name), lab.experiments / str(name), lab.root / str(name)):
        if folder.is_file():
            return folder.resolve()
        if (folder / FILE).is_file():
            return (folder / FILE).resolve()
    known = [each.parent.name for each in sorted(lab.experiments.glob(f"*/{FILE}"))]
    raise UnknownName(f"no experiment {str(name)!r} (no folder with {FILE} of that name); {nearest(str(name), known)}")


def load_experiment(file: Path, overrides: Mapping[str, Any] | None = None) -> Experiment:
    """Read and check an experiment.yaml, with dotted `overrides` (`sweep.seeds`: 2) applied before the check.

    Raises `ExperimentError`, or `Problems` with every fault of the file.
    """
    marked = read_yaml(file, ExperimentError)
    changes = dict(overrides or {})
    for key, value in changes.items():
        _override(marked.content, key, value)
    try:
        content = checked(ExperimentFile, marked, ExperimentError)
    except Problems as error:
        raise Problems([_blamed(problem, changes) for problem in error.problems]) from error
    return Experiment(folder=file.parent, file=content, marked=marked, overrides=changes)


def _blamed(problem: UsageError, changes: Mapping[str, Any]) -> UsageError:
    """A fault of a value that an override brought names the override, not a line that says something else."""
    for key in changes:
        if problem.message.startswith((key, f"unknown key {key.rsplit('.', 1)[-1]!r}")):
            return ExperimentError(f"--set {key}: {problem.message}")
    return problem


def overrides_for(pairs: Sequence[str], *, model: str = "") -> dict[str, Any]:
    """`--set k=v` pairs as overrides, values read as YAML, and `--model`. Raises `ExperimentError`."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.strip():
            raise ExperimentError(f"--set {pair!r}: write key=value, for example sweep.seeds=2")
        found[key.strip()] = value_from_text(text)
    return {**found, "model": model} if model else found


def _override(content: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = key.split(".")
    here = content
    for parent in parents:
        inside = here.setdefault(parent, {})
        if parent in SHORT_FORMS and isinstance(inside, str | int):
            inside = here[parent] = {SHORT_FORMS[parent]: inside}
        if not isinstance(inside, dict):
            raise ExperimentError(f"--set {key}: {parent} is {inside!r}, which has no {last!r} in it")
        here = inside
    here[last] = value
