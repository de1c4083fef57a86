"""Which runs are there, and what is there to see of one? Read from run folders; a living run may be read too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from prodimg_lab.errors import StoreError, UnknownName
from prodimg_lab.experiment.folder import RUNS, RunFolder
from prodimg_lab.experiment.ratings import Rating, Ratings, read_ratings
from prodimg_lab.experiment.spec import load_experiment
from prodimg_lab.experiment.trials import capabilities_from_json, read_products_of, read_trials
from prodimg_lab.experiment.view import RunView, Targets, TrialRow
from prodimg_lab.lab import Lab, find_lab, with_environment
from prodimg_lab.models import capabilities
from prodimg_lab.records import Capabilities, Outcome, Product, Score, Trial, TrialState, Unscored, Variant, usd_text
from prodimg_lab.runner import RunState
from prodimg_lab.scoring import score_from_json
from prodimg_lab.scoring.rubric import Rubric, load_rubric
from prodimg_lab.store import (
    History,
    Index,
    LabStore,
    ObjectStore,
    is_living,
    open_store,
    read_history,
    read_journal,
    rebuild,
    repair,
)
from prodimg_lab.store.journal import Line
from prodimg_lab.suggest import nearest

NOT_YET = Outcome(state=TrialState.PLANNED)
BEYOND = Outcome(state=TrialState.SKIPPED, reason="beyond --blocks")
NO_RATINGS: Ratings = MappingProxyType({})
NOBODY: Mapping[str, Rating] = MappingProxyType({})

Scores = Mapping[str, Score | Unscored]


def find_run(name: str = "last", *, lab: Lab | None = None) -> RunFolder:
    """The run of that id, of a unique start of it, or the newest one (`last`). Raises `UnknownName`."""
    path = Path(name)
    if path.is_dir() and (path / "run.json").is_file():
        return RunFolder(path=path.resolve())
    lab = lab or find_lab()
    folders = run_folders(lab)
    if not folders:
        raise UnknownName(f"there are no runs in {lab.root}; start one with: prodimg run EXP")
    if name == "last":
        return folders[0]
    fits = [folder for folder in folders if folder.run_id.startswith(name)] if name else []
    exact = [folder for folder in fits if folder.run_id == name]
    if len(exact or fits) == 1:
        return (exact or fits)[0]
    ids = [folder.run_id for folder in folders]
    if fits:
        some = ", ".join(folder.run_id for folder in fits[:4])
        raise UnknownName(f"{len(fits)} runs start with {name!r} ({some}); write more of the id")
    raise UnknownName(f"no run {name!r}; {nearest(name, ids)} (`prodimg runs` lists all)")


def run_folders(lab: Lab, experiment: str = "") -> list[RunFolder]:
    """All run folders of the lab, the one that started last first. An id may be a name that somebody gave."""
    found = [RunFolder(path=file.parent) for file in lab.experiments.glob(f"{experiment or '*'}/{RUNS}/*/run.json")]
    return sorted(found, key=lambda each: (_started_at(each), each.run_id), reverse=True)


def _started_at(folder: RunFolder) -> str:
    try:
        return str(_identity(folder).get("started_at", ""))
    except StoreError:
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One run in a list. Money in micro-dollars; `quality` is the mean 0..5, None before the run has ended."""

    run_id: str
    experiment: str
    state: str
    trials: int
    drawn: int
    cost_micro: int
    simulated: bool
    quality: float | None
    note: str
    started_at: str
    simulated_cost_micro: int = 0

    def facts(self) -> dict[str, Any]:
        """For `runs --json`."""
        return {
            "run_id": self.run_id,
            "experiment": self.experiment,
            "state": self.state,
            "trials": self.trials,
            "drawn": self.drawn,
            "cost_usd": self.cost_micro / 1e6,
            "simulated_cost_usd": self.simulated_cost_micro / 1e6,
            "simulated": self.simulated,
            "quality": self.quality,
            "note": self.note,
            "started_at": self.started_at,
        }

    def row(self) -> dict[str, object]:
        """For a table on a terminal."""
        played = f"{usd_text(self.simulated_cost_micro)} " if self.simulated_cost_micro else ""
        paid = f"{usd_text(self.cost_micro)} paid, " if self.simulated and self.cost_micro else ""
        cost = f"{paid}{played}simulated" if self.simulated else usd_text(self.cost_micro)
        return {
            "run": self.run_id,
            "experiment": self.experiment,
            "state": self.state,
            "pictures": self.drawn,
            "of": self.trials,
            "cost": cost,
            "quality": "" if self.quality is None else f"{self.quality:.2f}",
            "note": self.note,
        }


def list_runs(*, experiment: str = "", lab: Lab | None = None) -> list[RunLine]:
    """All runs of the lab, or of one experiment, newest first."""
    lab = lab or find_lab()
    return [_run_line_or_damage(folder) for folder in run_folders(lab, experiment)]


def _run_line_or_damage(folder: RunFolder) -> RunLine:
    """One bad run folder must not hide the others."""
    try:
        return _run_line(folder)
    except (StoreError, KeyError, ValueError, TypeError) as error:
        return RunLine(
            run_id=folder.run_id,
            experiment=folder.path.parent.parent.name,
            state="damaged",
            trials=0,
            drawn=0,
            cost_micro=0,
            simulated=False,
            quality=None,
            note=str(error),
            started_at="",
        )


def _run_line(folder: RunFolder) -> RunLine:
    identity = _identity(folder)
    result = folder.read("result.json")
    history = read_history(folder.path)
    drawn = sum(outcome.state is TrialState.DONE for outcome in history.outcomes.values())
    return RunLine(
        run_id=folder.run_id,
        experiment=identity["experiment"],
        state=state_of(folder, history.state, result),
        trials=int(identity["trials"]),
        drawn=drawn,
        cost_micro=history.real_cost_micro,
        simulated_cost_micro=history.simulated_cost_micro,
        simulated=bool(identity["simulated"]),
        quality=result.get("quality") if result else None,
        note=identity["note"],
        started_at=identity["started_at"],
    )


def _identity(folder: RunFolder) -> dict[str, Any]:
    identity = folder.read("run.json")
    if identity is None:
        raise StoreError(f"{folder.path} has no run.json, so it is no run folder")
    return identity


def state_of(folder: RunFolder, told: str, result: Mapping[str, Any] | None) -> RunState:
    """How a run stands whose journal says `told` and whose result.json is `result`."""
    if is_living(folder.path):
        return "running"
    if result is not None and told != "running":
        state: RunState = result["state"]
        return state
    return "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What does not change while a run goes on: read once, then joined with outcomes and scores as they come.

    `wanted` are the names of the blocks that are to be drawn.
    """

    folder: RunFolder
    identity: Mapping[str, Any]
    trials: tuple[Trial, ...]
    variants: tuple[Variant, ...]
    models: Mapping[str, Capabilities]
    products: Mapping[str, Product]
    rubric: Rubric
    targets: Targets
    store: LabStore
    wanted: frozenset[str]

    @property
    def as_of(self) -> str:
        """The day whose marketplace rules count: the run's first, also when it is run again."""
        return str(self.identity.get("as_of") or self.identity["started_at"][:10])

    def view(
        self,
        *,
        state: RunState,
        history: History,
        outcomes: Mapping[int, Outcome],
        scores: Mapping[int, Scores],
        ratings: Ratings = NO_RATINGS,
        finished_at: str = "",
    ) -> RunView:
        """The run with these outcomes, scores and ratings, by place in the plan."""
        rows = tuple(
            self.row(trial, outcomes.get(place), scores.get(place, {}), ratings.get(place, {}))
            for place, trial in ((trial.index, trial) for trial in self.trials)
        )
        return RunView(
            run_id=self.folder.run_id,
            experiment=self.identity["experiment"],
            folder=self.folder.path,
            state=state,
            started_at=self.identity["started_at"],
            finished_at=finished_at,
            note=self.identity["note"],
            simulated=self.identity["simulated"],
            models=self.models,
            products=self.products,
            factors={name: tuple(levels) for name, levels in self.identity["factors"].items()},
            variants=self.variants,
            baseline=self.identity["baseline"],
            rubric=self.rubric.name,
            targets=self.targets,
            rows=rows,
            wall_seconds=history.wall_seconds,
            real_cost_micro=history.real_cost_micro,
            simulated_cost_micro=history.simulated_cost_micro,
            platform=self.identity["platform"],
            picture=self.store.get,
        )

    def row(
        self, trial: Trial, outcome: Outcome | None, scores: Scores, ratings: Mapping[str, Rating] = NOBODY
    ) -> TrialRow:
        """One trial with what became of it (None: nothing yet), its scores and its ratings by rater."""
        if outcome is None:
            outcome = NOT_YET if trial.block.name in self.wanted else BEYOND
        if not scores:
            return TrialRow(trial=trial, outcome=outcome, ratings=ratings)
        quality = self.rubric.quality(scores)
        value, reason = (None, quality.reason) if isinstance(quality, Unscored) else (quality, "")
        return TrialRow(
            trial=trial,
            outcome=outcome,
            scores=scores,
            quality=value,
            unscored_reason=reason,
            parts=self.rubric.parts(scores),
            failed_gates=self.rubric.failed_gates(scores),
            ratings=ratings,
        )


def read_facts(folder: RunFolder, *, store: LabStore | None = None) -> RunFacts:
    """Read what does not change of a run. Raises `StoreError` for a folder that is no whole run."""
    identity = _identity(folder)
    experiment = load_experiment(folder.inputs / "experiment.yaml")
    trials = read_trials(folder.plan)
    if len(trials) != identity["trials"]:
        raise StoreError(f"{folder.plan} has {len(trials)} of {identity['trials']} trials: it was cut; plan a new run")
    variants = {
        trial.variant: Variant(
            name=trial.variant,
            template=str(trial.levels["template"]),
            levels={name: level for name, level in trial.levels.items() if name != "template"},
        )
        for trial in trials
    }
    return RunFacts(
        folder=folder,
        identity=identity,
        trials=trials,
        variants=tuple(variants.values()),
        models=frozen_models(identity),
        products={product.sku: product for product in read_products_of(folder.products)},
        rubric=load_rubric("rubric.yaml", folder=folder.inputs),
        targets=experiment.targets,
        store=store or open_store(with_environment(lab_of(folder))),
        wanted=frozenset(list(dict.fromkeys(trial.block.name for trial in trials))[: identity["blocks"]]),
    )


def frozen_models(identity: Mapping[str, Any]) -> dict[str, Capabilities]:
    """What the models of a run accepted and cost when it was planned, by model id: opening it asks no provider."""
    frozen = identity.get("capabilities", {})
    return {
        model: capabilities_from_json(frozen[model]) if model in frozen else capabilities(spec)
        for model, spec in identity["models"].items()
    }


def open_index(lab: Lab, store: ObjectStore) -> Index:
    """The lab's index; thrown away, it is made anew from the journals, so that no cap and no claim is forgotten.

    What was not closed is repaired. Raises `StoreError`.
    """
    is_new = not lab.index_file.exists()
    index = Index(lab.index_file)
    try:
        if is_new:
            rebuild(index, store=store, runs_root=lab.experiments, lists=not lab.is_store_remote)
        else:
            repair(index, store=store)
    except BaseException:
        index.close()
        raise
    return index


def lab_of(folder: RunFolder) -> Lab:
    """The lab that a run folder lies in."""
    return find_lab(folder.path)


def open_run(folder: RunFolder) -> RunView:
    """The run as it stands now. Raises `StoreError` when the folder is not whole."""
    facts = read_facts(folder)
    history = read_history(folder.path)
    result = folder.read("result.json")
    return facts.view(
        state=state_of(folder, history.state, result),
        history=history,
        outcomes=history.outcomes,
        scores=read_scores(folder),
        ratings=read_ratings(folder.path),
        finished_at=history.finished_at,
    )


def read_scores(folder: RunFolder) -> dict[int, dict[str, Score | Unscored]]:
    """All scores of the journal by place in the plan; the last word on each counts."""
    found: dict[int, dict[str, Score | Unscored]] = {}
    for line in read_journal(folder.path):
        if line["event"] == "score" and isinstance(trial := line.get("trial"), int):
            score = read_score(line)
            found.setdefault(trial, {})[score.scorer] = score
    return found


def read_score(line: Line) -> Score | Unscored:
    """The score of a journal line."""
    return score_from_json(json.dumps(line["score"]))
