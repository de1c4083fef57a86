"""What is chosen for a sweep, what would it cost, and how is it run while the notebook stays usable?

No widget in here.
"""

from __future__ import annotations

import json
import shlex
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prodimg_lab.errors import ProdimgError, UsageError
from prodimg_lab.experiment import (
    Audience,
    Estimate,
    Planned,
    RunFolder,
    RunOptions,
    RunView,
    estimate_plan,
    find_run,
    new_run_id,
    plan_experiment,
    resume_run,
    run_experiment,
)
from prodimg_lab.experiment.spec import FILE, find_experiment, is_slug, load_experiment
from prodimg_lab.lab import Lab
from prodimg_lab.marked_yaml import to_yaml, value_from_text
from prodimg_lab.records import Level, Product
from prodimg_lab.reports.live import live_audience
from prodimg_lab.runner import Event, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was clicked together: what the experiment.yaml would say in these places.

    `skus` empty: the experiment's own products. `budget_usd` None: its own budget.
    """

    templates: tuple[str, ...]
    factors: Mapping[str, tuple[Level, ...]] = field(default_factory=dict)
    skus: tuple[str, ...] = ()
    seeds: int = 1
    design: str = "full"
    samples: int | None = None
    model: str = "studio"
    baseline: Mapping[str, Level] | None = None
    budget_usd: float | None = None


def choice_of(planned: Planned) -> Choice:
    """What the experiment's own file says."""
    file = planned.experiment.file
    return Choice(
        templates=tuple(file.templates),
        factors={name: tuple(levels) for name, levels in planned.sweep.factors.items() if name != "template"},
        seeds=file.sweep.seeds.count,
        design=file.sweep.design,
        samples=file.sweep.samples,
        model=file.model,
        baseline=dict(file.baseline) if file.baseline else None,
        budget_usd=file.budget.usd if file.budget else None,
    )


def overrides_of(planned: Planned, choice: Choice) -> dict[str, Any]:
    """Where the choice differs from the experiment.yaml, by key: what `--set` or papermill would be given."""
    own = choice_of(planned)
    found: dict[str, Any] = {}
    if choice.templates != own.templates:
        found["templates"] = list(choice.templates)
    if dict(choice.factors) != dict(own.factors):
        found["sweep.factors"] = {name: list(levels) for name, levels in choice.factors.items()}
    for name in ("seeds", "design", "samples"):
        if getattr(choice, name) != getattr(own, name):
            found[f"sweep.{name}"] = getattr(choice, name)
    if choice.skus:
        found["products.where"] = f"sku in {list(choice.skus)!r}"
        found["products.limit"] = len(choice.skus)
    if choice.model != own.model:
        found["model"] = choice.model
    if choice.baseline != own.baseline:
        found["baseline"] = None if choice.baseline is None else dict(choice.baseline)
    if choice.budget_usd != own.budget_usd:
        found["budget"] = None if choice.budget_usd is None else {"usd": choice.budget_usd}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a choice would draw and cost, or `problems`, each in one line, and no plan."""

    planned: Planned | None = None
    estimate: Estimate | None = None
    problems: tuple[str, ...] = ()


def offer(planned: Planned, choice: Choice) -> Offer:
    """Plan and price a choice; spends nothing and never raises for what was chosen.

    A baseline that the choice has no variant for is left out, with a problem that says so.
    """
    overrides = overrides_of(planned, choice)
    name = planned.experiment.folder
    try:
        made = plan_experiment(name, lab=planned.lab, overrides=overrides)
        return Offer(planned=made, estimate=estimate_plan(made))
    except UsageError as error:
        first = _lines(error)
    if choice.baseline is None:
        return Offer(problems=first)
    try:
        made = plan_experiment(name, lab=planned.lab, overrides={**overrides, "baseline": None})
        return Offer(planned=made, estimate=estimate_plan(made), problems=first)
    except UsageError as error:
        return Offer(problems=_lines(error))


def _lines(error: UsageError) -> tuple[str, ...]:
    return tuple(line for line in str(error).splitlines() if line.strip())


def products_of(planned: Planned) -> Sequence[Product]:
    """All products of the experiment's catalogue, whatever its own filter says."""
    from prodimg_lab.products import read_products

    part, experiment = planned.experiment.products, planned.experiment
    attributes = experiment.path(part.attributes) if part.attributes else None
    return read_products(experiment.path(part.file), attributes=attributes)


def levels_of(planned: Planned, templates: Sequence[str]) -> dict[str, list[Level]]:
    """What may vary with these templates: every slot with the levels that all templates having it allow."""
    from prodimg_lab.prompts import slots_of

    found: dict[str, list[Level]] = {}
    for name in templates:
        template = planned.library.template(name)
        for slot in slots_of(template):
            levels = template.slots.get(slot)
            pack = planned.library.packs.get(slot)
            named: list[Level] = [each.name for each in levels or (pack.levels.values() if pack else ())]
            found[slot] = [level for level in found[slot] if level in named] if slot in found else named
    return {slot: levels for slot, levels in found.items() if levels}


def further_factor(text: str) -> tuple[str, tuple[Level, ...]] | None:
    """`cfg_scale: 4, 7` as a factor with its levels, read as YAML reads them; None where that is not what it says."""
    name, colon, listed = text.partition(":")
    levels = [value_from_text(each) for each in listed.split(",") if each.strip()]
    kept = tuple(level for level in levels if isinstance(level, str | int | float) and not isinstance(level, bool))
    return (name.strip(), kept) if colon and name.strip() and kept else None


def headless_command(planned: Planned, choice: Choice) -> str:
    """The papermill line that repeats what is on the screen. Quoted for a POSIX shell."""
    words = ["papermill", "notebooks/run_experiment.ipynb", f"{planned.experiment.name}.out.ipynb", "--cwd", "."]
    words += ["-r", "experiment", planned.experiment.name]
    overrides = overrides_of(planned, choice)
    if overrides:
        words += ["-y", json.dumps({"overrides": overrides}, ensure_ascii=False)]
    return shlex.join(words)


def save_experiment(planned: Planned, choice: Choice, name: str) -> Path:
    """Write the choice as experiment.yaml: into the experiment's own file, or as a new experiment with its products.

    Raises `UsageError` for a name that is taken or is none, and for what is wrong with the choice.
    """
    experiment = planned.experiment
    loaded = load_experiment(find_experiment(experiment.folder, planned.lab), overrides_of(planned, choice))
    content = {key: value for key, value in loaded.marked.content.items() if value is not None}
    if name == experiment.name:
        target = experiment.folder / FILE
    else:
        if not is_slug(name):
            raise UsageError(f"{name!r} is no name: use 1 to 64 lower-case letters, digits, dots, dashes, underscores")
        folder = planned.lab.experiments / name
        if folder.exists():
            raise UsageError(f"{folder} is there already; choose another name")
        shutil.copytree(experiment.folder, folder, ignore=shutil.ignore_patterns("runs", "objects"))
        target = folder / FILE
    target.write_text(to_yaml({**content, "name": name}), encoding="utf-8")
    return target


class BackgroundRun:
    """One run in a thread of its own. `on_event` is called there; `on_end` gets the run, or the error that ended it."""

    def __init__(
        self, lab: Lab, *, on_event: Callable[[Event], None], on_end: Callable[[RunView | ProdimgError], None]
    ) -> None:
        self.lab = lab
        self.run_id = new_run_id()
        self._on_event, self._on_end = on_event, on_end
        self._stop = Stop()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def folder(self) -> RunFolder:
        """Its folder. Raises `UnknownName` while there is none."""
        return find_run(self.run_id, lab=self.lab)

    def start(self, planned: Planned, overrides: Mapping[str, Any], *, note: str = "") -> None:
        """Begin."""
        options = RunOptions(note=note, overrides=dict(overrides))
        self._begin(lambda: run_experiment(planned, options=options, run_id=self.run_id, audience=self._audience()))

    def go_on(self) -> None:
        """Resume what was paused; nothing is bought twice."""
        self._stop = Stop()
        self._begin(lambda: resume_run(self.folder, lab=self.lab, audience=self._audience()))

    def pause(self) -> None:
        """No further calls; what is in flight ends and is kept."""
        self._stop.request()

    def wait(self, timeout_s: float | None = None) -> None:
        """Until it has ended."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _begin(self, work: Callable[[], RunView]) -> None:
        def run() -> None:
            try:
                ended: RunView | ProdimgError = work()
            except ProdimgError as error:
                ended = error
            self._on_end(ended)

        self._thread = threading.Thread(target=run, daemon=True, name=f"run {self.run_id}")
        self._thread.start()

    def _audience(self) -> Audience:
        return live_audience(self._on_event, stop=self._stop)
