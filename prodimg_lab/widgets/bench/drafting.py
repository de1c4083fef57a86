"""What does a changed template say, and how does it look, before it is anybody's template? No widget in here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from prodimg_lab.errors import UsageError
from prodimg_lab.experiment import Experiment, Planned, plan_experiment
from prodimg_lab.experiment.spec import is_slug, seeds_as
from prodimg_lab.marked_yaml import read_yaml, rewrite_yaml, to_yaml
from prodimg_lab.models import capabilities
from prodimg_lab.prompts import Finding, Library, Template, lint, missing_attributes, render, slots_of
from prodimg_lab.prompts.grammar import compile_prompt
from prodimg_lab.records import Product, Prompt, digest_of
from prodimg_lab.reports.files import write_atomically

TRIES = "tries"
DRAFT_EDGE = 256
"""Pixels at which the studio draws a try, so that four take some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a draft gives for one product: its prompt, or None and the findings that say why.

    `length` of `limit` characters; `missing` are attributes that the draft names and the product lacks.
    """

    prompt: Prompt | None
    findings: tuple[Finding, ...]
    length: int
    limit: int
    missing: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether it may be drawn."""
        return self.prompt is not None and not any(each.severity == "error" for each in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A template that is being changed. `saved` is what its file says."""

    planned: Planned
    saved: Template
    text: str
    negative: str
    levels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, planned: Planned, template: str) -> Draft:
        """The template as it is saved. Raises `UnknownName`."""
        saved = planned.library.template(template)
        return cls(planned=planned, saved=saved, text=saved.prompt, negative=saved.negative_prompt)

    @property
    def is_changed(self) -> bool:
        """Whether it differs from its file."""
        return (self.text.strip(), self.negative.strip()) != (
            self.saved.prompt.strip(),
            self.saved.negative_prompt.strip(),
        )

    @property
    def template(self) -> Template:
        """The draft as a template."""
        return replace(self.saved, prompt=self.text, negative_prompt=self.negative)

    def read(self, product: Product) -> Reading:
        """Check the draft and fill it for a product; never raises for what is written in it."""
        draft = self.template
        limit = min(model.prompt_limit for model in self.planned.models.values())
        if not draft.prompt.strip():
            empty = Finding(severity="error", rule="render", message="the prompt is empty; write what is to be seen")
            return Reading(prompt=None, findings=(empty,), length=0, limit=limit)
        faults = compile_prompt(draft.prompt, tuple(draft.slots)).faults
        if faults:
            found = [Finding(severity="error", rule=each.rule, message=each.message, line=each.line) for each in faults]
            return Reading(prompt=None, findings=tuple(found), length=len(draft.prompt), limit=limit)
        try:
            prompt = render(draft, product, self._levels(draft), self.planned.library)
        except UsageError as error:
            fault = Finding(severity="error", rule="render", message=error.message)
            return Reading(prompt=None, findings=(fault,), length=len(draft.prompt), limit=limit)
        alone = Library(templates={draft.name: draft}, packs=self.planned.library.packs)
        models = list(self.planned.models.values())
        found = [each for each in lint(alone, capabilities=models, products=[product]) if self._is_ours(each)]
        return Reading(
            prompt=prompt,
            findings=tuple(found),
            length=len(prompt.text),
            limit=limit,
            missing=missing_attributes(draft, product),
        )

    def _levels(self, draft: Template) -> dict[str, str]:
        return {slot: level for slot, level in self.levels.items() if slot in slots_of(draft)}

    def _is_ours(self, finding: Finding) -> bool:
        """The packs are not what is being written."""
        styles = {pack.file for pack in self.planned.library.packs.values()}
        return finding.file not in styles


def plan_tries(draft: Draft, *, products: Sequence[str] = (), seeds: int = 1, model: str = "") -> Planned:
    """A sweep of the draft alone over these products (SKUs) and seeds, whose runs lie under `experiments/<name>-tries`.

    It is an experiment like any other, so pictures are cached, capped and kept, and its seeds are those of the sweep's
    own blocks. Its files lie in a folder named by what they say, so that two tries at once never read each other's.
    Raises `UsageError` for a draft that can't be drawn, and leaves nothing of it behind.
    """
    planned = draft.planned
    if isinstance(seeds, bool) or not isinstance(seeds, int) or not 1 <= seeds <= 1000:
        raise UsageError(f"seeds={seeds!r}: draw 1 to 1000 seeds")
    name = f"{planned.experiment.name}-{TRIES}"
    drafts = planned.lab.experiments / name / "drafts"
    template = template_text(draft, draft.saved.name)
    content = _experiment_of(draft, name, drafts / "x", products, seeds, model or draft_model(planned))
    text = to_yaml(content)
    folder = drafts / digest_of(f"{template}\0{text}".encode())[:16]
    is_new = not folder.exists()
    try:
        write_atomically(folder / "templates" / f"{draft.saved.name}.yaml", template.encode())
        write_atomically(folder / "experiment.yaml", text.encode())
        return plan_experiment(folder, lab=planned.lab)
    except BaseException:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _experiment_of(
    draft: Draft, name: str, folder: Path, products: Sequence[str], seeds: int, model: str
) -> dict[str, Any]:
    file, experiment = draft.planned.experiment.file, draft.planned.experiment
    part: dict[str, Any] = {"file": _beside(experiment, experiment.products.file, folder)}
    wanted = f"sku in {list(products)!r}" if products else ""
    rules = [f"({rule})" for rule in (experiment.products.where, wanted) if rule]
    if rules:
        part["where"] = " and ".join(rules)
    if experiment.products.attributes:
        part["attributes"] = _beside(experiment, experiment.products.attributes, folder)
    factors = {slot: [level] for slot, level in draft.levels.items() if slot in slots_of(draft.template)}
    rubric = file.rubric
    content = {
        "name": name,
        "summary": f"tries of {draft.saved.name} for {experiment.name}",
        "products": part,
        "templates": [draft.saved.name],
        "model": model,
        "sweep": {"factors": factors, "seeds": seeds_as(file, seeds), "base_seed": file.sweep.base_seed},
        "parameters": dict(file.parameters),
        "rubric": _beside(experiment, rubric, folder) if experiment.path(rubric).is_file() else rubric,
        "targets": {name: value for name, value in file.targets.model_dump().items() if value is not None},
    }
    if file.budget is not None:
        content["budget"] = {"usd": file.budget.usd}
    return content


def _beside(experiment: Experiment, name: str, folder: Path) -> str:
    return Path(os.path.relpath(experiment.path(name), folder)).as_posix()


def draft_model(planned: Planned) -> str:
    """The experiment's model; a studio at draft size."""
    spec = next(iter(planned.models))
    is_studio = spec.partition(":")[0] == "studio"
    return f"{spec.partition('@')[0]}@{DRAFT_EDGE}" if is_studio else spec


def price_of_tries(planned: Planned, count: int, *, model: str = "") -> tuple[int, bool]:
    """The list price of so many tries in micro-dollars, and whether that is only simulated. Raises `UsageError`."""
    known = capabilities(model or draft_model(planned), planned.lab)
    if known.price_micro is None:
        raise UsageError(f"no price is known for {known.model}; a model without a price is refused")
    return count * known.price_micro, known.simulated


def home_of(draft: Draft) -> Path:
    """Where `save_template` puts the draft: its own file when that lies in the lab, else the lab's templates."""
    root = draft.planned.lab.root.resolve()
    file = draft.saved.file
    if file is not None and file.resolve().is_relative_to(root) and "runs" not in file.relative_to(root).parts:
        return file
    return root / "templates" / f"{draft.saved.name}.yaml"


def save_template(draft: Draft, *, name: str | None = None, folder: Path | None = None) -> Path:
    """Write the draft's YAML and return its file: over its own, or under a new `name` (in `folder`, or beside it).

    Its minor version goes up by one; a new template begins at 1.0.0. Raises `UsageError` for a draft that is not sound,
    a name that is none or is taken, and a template that somebody changed on the disk in between.
    """
    faults = compile_prompt(draft.text, tuple(draft.saved.slots)).faults
    if faults:
        raise UsageError(f"the draft is not saved: {faults[0].message}")
    home = home_of(draft)
    if name is None:
        _refuse_changed(draft)
        return write_atomically(home, template_text(draft, draft.saved.name).encode())
    if not is_slug(name):
        raise UsageError(f"{name!r} is no name: use 1 to 64 lower-case letters, digits, dots, dashes and underscores")
    file = (folder or home.parent) / f"{name}.yaml"
    if file.exists() or name == draft.saved.name:
        raise UsageError(f"a template {name} is there already; choose another name")
    return write_atomically(file, template_text(draft, name).encode())


def _refuse_changed(draft: Draft) -> None:
    """Nobody's words are lost: the file still says what the draft began with."""
    saved = draft.saved
    if saved.file is None or not saved.file.is_file():
        return
    content = read_yaml(saved.file, UsageError).content
    now = tuple(str(content.get(key, "")).strip() for key in ("prompt", "negative_prompt", "version"))
    if now != (saved.prompt.strip(), saved.negative_prompt.strip(), saved.version):
        raise UsageError(
            f"{saved.file} was changed since it was opened here; choose the template again, or keep it under a new name"
        )


def template_text(draft: Draft, name: str) -> str:
    """The draft as YAML under a name; comments and order of the saved file stay where it had some."""
    saved = draft.saved
    version = _raised(saved.version) if name == saved.name else "1.0.0"
    changes = {"name": name, "version": version, "prompt": draft.text, "negative_prompt": draft.negative}
    if saved.file is not None and saved.file.is_file():
        return rewrite_yaml(saved.file, changes)
    slots = {slot: [level.name for level in levels] for slot, levels in saved.slots.items()}
    return to_yaml({**changes, "summary": saved.summary, "slots": slots})


def free_name(draft: Draft) -> str:
    """A name that no template has yet: `kitchen-morning-2`."""
    number = 2
    while f"{draft.saved.name}-{number}" in draft.planned.library.templates:
        number += 1
    return f"{draft.saved.name}-{number}"


def _raised(version: str) -> str:
    major, minor, _ = version.split(".")
    return f"{major}.{int(minor) + 1}.0"
