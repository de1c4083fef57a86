"""What is chosen for a sweep, what would it cost, and how is it run while the notebook stays usable?

No widget in here.
"""

from __future__ import annotations

import json
import shlex
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from prodimg_lab.experiment.spec import FILE, find_experiment, is_slug, load_experiment, seeds_as
from prodimg_lab.lab import Lab
from prodimg_lab.marked_yaml import REMOVED, rewrite_yaml, value_from_text
from prodimg_lab.records import Level, Product
from prodimg_lab.reports.files import write_atomically
from prodimg_lab.reports.live import live_audience
from prodimg_lab.runner import Event, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was clicked together: what the experiment.yaml would say in these places.

    `skus` None: the experiment's own products; empty: nothing is chosen. `budget_usd` None: no budget of its own.
    """

    templates: tuple[str, ...]
    factors: Mapping[str, tuple[Level, ...]] = field(default_factory=dict)
    skus: tuple[str, ...] | None = None
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


def as_it_stands(planned: Planned) -> Planned:
    """The experiment as its files say now: `planned` itself unless the experiment.yaml was changed since.

    Raises `UsageError` for a file that can't be planned any more.
    """
    experiment = planned.experiment
    now = load_experiment(find_experiment(experiment.folder, planned.lab), {})
    return planned if now.file == experiment.file else plan_experiment(experiment.folder, lab=planned.lab)


def overrides_of(planned: Planned, choice: Choice) -> dict[str, Any]:
    """Where the choice differs from the experiment.yaml as it stands, by key: what `--set` or papermill would be given.

    Raises `UsageError` where no product is chosen, or the file can't be planned any more.
    """
    if choice.skus == ():
        raise UsageError("no product is chosen; choose one or more")
    now = as_it_stands(planned)
    file, own = now.experiment.file, choice_of(now)
    found: dict[str, Any] = {}
    if choice.templates != own.templates:
        found["templates"] = list(choice.templates)
    if dict(choice.factors) != dict(own.factors):
        found["sweep.factors"] = {name: list(levels) for name, levels in choice.factors.items()}
    if choice.seeds != own.seeds:
        found["sweep.seeds"] = seeds_as(file, choice.seeds)
    for name in ("design", "samples"):
        if getattr(choice, name) != getattr(own, name):
            found[f"sweep.{name}"] = getattr(choice, name)
    if choice.skus is not None:
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
    """What a choice would draw and cost, or `problems`, each in one line, and no plan.

    `choice` is what is planned: the one that was made, without its baseline where that fits no variant of it.
    """

    planned: Planned | None = None
    estimate: Estimate | None = None
    problems: tuple[str, ...] = ()
    choice: Choice | None = None


def offer(planned: Planned, choice: Choice) -> Offer:
    """Plan and price a choice; spends nothing and never raises for what was chosen.

    A baseline that the choice has no variant for is left out, with a problem that says so.
    """
    try:
        return _offered(planned, choice)
    except UsageError as error:
        first = _lines(error)
    if choice.baseline is None:
        return Offer(problems=first)
    try:
        return replace(_offered(planned, replace(choice, baseline=None)), problems=first)
    except UsageError as error:
        return Offer(problems=_lines(error))


def _offered(planned: Planned, choice: Choice) -> Offer:
    overrides = overrides_of(planned, choice)
    made = plan_experiment(planned.experiment.folder, lab=planned.lab, overrides=overrides)
    return Offer(planned=made, estimate=estimate_plan(made), choice=choice)


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
    """The papermill line that repeats what is on the screen. Quoted for a POSIX shell.

    The experiment is named by its folder, which need not have the name that it says. Raises as `overrides_of`.
    """
    folder, lab = planned.experiment.folder, planned.lab
    known = folder.name if folder.parent == lab.experiments.resolve() else str(folder)
    words = ["papermill", "notebooks/run_experiment.ipynb", f"{planned.experiment.name}.out.ipynb", "--cwd", "."]
    words += ["-r", "experiment", known]
    overrides = overrides_of(planned, choice)
    if overrides:
        words += ["-y", json.dumps({"overrides": overrides}, ensure_ascii=False)]
    return shlex.join(words)


def save_experiment(planned: Planned, choice: Choice, name: str) -> Path:
    """Write the choice as experiment.yaml: into the experiment's own file, or as a new experiment with its products.

    Comments and order of what is not changed stay. Raises `UsageError` for a name that is taken or is none, and for a
    choice that can't be planned; then nothing is written.
    """
    experiment, overrides = planned.experiment, overrides_of(planned, choice)
    plan_experiment(experiment.folder, lab=planned.lab, overrides=overrides)
    source = find_experiment(experiment.folder, planned.lab)
    before, after = (load_experiment(source, each).marked.content for each in ({}, overrides))
    changes: dict[str, Any] = {}
    for key in {**before, **after}:
        value = after.get(key)
        if value != before.get(key):
            changes[key] = REMOVED if value is None else value
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
        changes["name"] = name
    return write_atomically(target, rewrite_yaml(source, changes).encode())


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
