"""The cells of `run_experiment.ipynb`, one function each."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prodimg_lab.errors import ParameterError, RunIncomplete
from prodimg_lab.experiment import (
    Estimate,
    Planned,
    RunFolder,
    RunOptions,
    RunView,
    compare_rerun,
    estimate_plan,
    exit_code_of,
    find_run,
    overrides_for,
    plan_experiment,
    plan_rerun,
    read_result,
    rerun_options,
)
from prodimg_lab.experiment.figures import seconds_text
from prodimg_lab.lab import find_lab
from prodimg_lab.notebook.running import Kind, resume_with_report, run_with_report
from prodimg_lab.notebook.typed import parameters
from prodimg_lab.records import usd_text
from prodimg_lab.reports.pick import best_distinct
from prodimg_lab.widgets.surroundings import is_headless

if TYPE_CHECKING:
    from pandas import DataFrame


RUN_KINDS: Mapping[str, Any] = {
    "experiment": str,
    "run_id": str,
    "model": str,
    "budget_usd": float,
    "overrides": dict,
    "rerun_of": str,
    "fresh": bool,
    "today": bool,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunParameters:
    """The checked parameters of `run_experiment.ipynb`; their meaning stands beside them in the notebook."""

    experiment: str
    run_id: str = ""
    model: str = ""
    budget_usd: float = 0.0
    overrides: Mapping[str, Any] = field(default_factory=dict)
    rerun_of: str = ""
    fresh: bool = False
    today: bool = False


def run_parameters(namespace: Mapping[str, Any]) -> RunParameters:
    """The notebook's parameters, checked by type: `run_parameters(globals())`. Raises `ParameterError`."""
    given = parameters(namespace, **RUN_KINDS)
    if not (math.isfinite(given.budget_usd) and given.budget_usd >= 0):
        raise ParameterError(f"budget_usd must be 0 or more US dollars, not {given.budget_usd}")
    return RunParameters(**vars(given))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is about to happen; shows itself as a table. `resumes` is the run that will go on, if there is one."""

    given: RunParameters
    planned: Planned | None
    estimate: Estimate | None
    resumes: RunFolder | None = None

    def rows(self) -> dict[str, str]:
        """What the table shows."""
        if self.planned is None or self.estimate is None:
            run = self.resumes.run_id if self.resumes else ""
            return {"resumes": run, "draws": "what this run lacks; pictures that it has are not bought again"}
        sweep, cost = self.planned.sweep, self.estimate
        models = ", ".join(model.title for model in self.planned.models.values())
        factors = ", ".join(f"{name} × {len(levels)}" for name, levels in sweep.factors.items())
        return {
            "experiment": self.planned.experiment.name,
            "model": models,
            "factors": factors,
            "pictures": f"{len(sweep.variants)} variants × {len(sweep.blocks)} blocks = {cost.trials}",
            "in the store": f"{cost.cached}, so {cost.to_draw} to draw",
            "price": f"{usd_text(cost.cost_micro)} ({cost.price_source})",
            "time": f"about {seconds_text(cost.seconds)}",
            "left out": "; ".join(f"{each.variant}: {each.reason}" for each in sweep.left_out) or "nothing",
        }

    def __repr__(self) -> str:
        return "\n".join(f"{name:13} {text}" for name, text in self.rows().items())

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><th style="text-align:left">{html.escape(name)}</th>'
            f'<td style="text-align:left">{html.escape(text)}</td></tr>'
            for name, text in self.rows().items()
        )
        return f"<table>{cells}</table>"


def plan(given: RunParameters) -> Plan:
    """Read, count, price and check what the parameters ask for; spends nothing. Raises `UsageError`."""
    lab = find_lab()
    standing = [] if not given.run_id else list(lab.experiments.glob(f"*/runs/{given.run_id}/run.json"))
    if standing:
        _check_same(given, RunFolder(path=standing[0].parent))
        return Plan(given=given, planned=None, estimate=None, resumes=RunFolder(path=standing[0].parent))
    if given.rerun_of:
        planned = plan_rerun(find_run(given.rerun_of, lab=lab), fresh=given.fresh, today=given.today)
    else:
        planned = plan_experiment(given.experiment, lab=lab, overrides=_overrides(given))
    return Plan(given=given, planned=planned, estimate=estimate_plan(planned))


def prepare(
    experiment: str,
    *,
    model: str = "",
    budget_usd: float = 0.0,
    products: int = 0,
    seeds: int = 0,
    overrides: Mapping[str, Any] | None = None,
) -> Plan:
    """Plan an experiment with a few things changed: that many products and seeds (0: its own), another model.

    `overrides` are further keys of experiment.yaml. Spends nothing; raises `UsageError` with every problem.
    """
    changes = dict(overrides or {})
    if products:
        changes["products.limit"] = products
    if seeds:
        changes["sweep.seeds"] = seeds
    return plan(RunParameters(experiment=experiment, model=model, budget_usd=budget_usd, overrides=changes))


def _check_same(given: RunParameters, folder: RunFolder) -> None:
    """Refuse to go on with a run that is not what the parameters ask for; a scheduler would see a green job."""
    identity = folder.read("run.json") or {}
    asked = Path(given.experiment).stem if given.experiment.endswith(".yaml") else Path(given.experiment).name
    names = {asked, Path(given.experiment).parent.name}
    if not given.rerun_of and identity.get("experiment") not in names:
        raise ParameterError(
            f"run_id {given.run_id!r} is a run of {identity.get('experiment')}, not of {given.experiment}; "
            "choose another run_id, or that experiment"
        )
    changed = _overrides(given)
    if changed and changed != identity.get("overrides"):
        raise ParameterError(
            f"run_id {given.run_id!r} was started with overrides {identity.get('overrides')}, not {changed}; "
            "a run is resumed as it was planned: leave them as they were, or choose another run_id"
        )


def _overrides(given: RunParameters) -> dict[str, Any]:
    return {**given.overrides, **overrides_for([], model=given.model)}


def run(plan: Plan) -> RunView:
    """Draw what was planned, or go on with the run that was named. Progress shows under the cell."""
    progress: Kind = "cell" if is_headless() else "notebook"
    if plan.resumes is not None:
        return resume_with_report(plan.resumes, progress=progress)
    given = plan.given
    assert plan.planned is not None  # a plan that resumes nothing has one
    budget = given.budget_usd or None
    if given.rerun_of:
        before = find_run(given.rerun_of)
        options = rerun_options(before, fresh=given.fresh, today=given.today, budget_usd=budget)
    else:
        options = RunOptions(budget_usd=budget, fresh=given.fresh, overrides=_overrides(given))
    return run_with_report(plan.planned, options=options, progress=progress, run_id=given.run_id)


def variants(run: RunView) -> DataFrame:
    """One row per variant, best mean quality first. A mean is no verdict."""
    from pandas import DataFrame

    from prodimg_lab.reports.tables import by_variant

    lines = [
        {
            "variant": line.name,
            "quality": line.quality,
            "pictures": line.drawn,
            "refused": line.refused,
            "failed": line.failed,
            "seconds": line.seconds,
            "USD a picture": line.price_usd,
        }
        for line in by_variant(run)
    ]
    return DataFrame(lines).set_index("variant").round(3) if lines else DataFrame()


def best_prompts(run: RunView, *, count: int = 3) -> Any:
    """The best prompts, each with its best picture's quality, as text."""
    from IPython.display import HTML

    items = "".join(
        f"<li><b>{html.escape(row.trial.variant)}</b>, {html.escape(row.trial.block.sku)}, "
        f"quality {row.quality:.2f}<br>{html.escape(row.trial.prompt.text)}<br>"
        f"<small>without: {html.escape(row.trial.prompt.negative)}</small></li>"
        for row in best_distinct(run.rows, count)
    )
    return HTML(f"<ol>{items or '<li>no picture has a quality yet</li>'}</ol>")


def finish(run: RunView) -> None:
    """Say where everything is. Raises `RunIncomplete` for any state but `done`, so that a scheduler sees it."""
    lines = [f"run {run.run_id}: {run.state}", f"report: {run.folder / 'report.html'}"]
    identity = RunFolder(path=run.folder).read("run.json") or {}
    if identity.get("rerun_of"):
        lines += compare_rerun(find_run(identity["rerun_of"]), RunFolder(path=run.folder)).lines()[:1]
    print("\n".join(lines))  # noqa: T201  # a notebook's own words
    if run.state != "done":
        reason = read_result(run.folder).get("reason") or "see result.json"
        raise RunIncomplete(
            f"run {run.run_id} is {run.state}: {reason}; go on with run_id = {run.run_id!r}",
            run_id=run.run_id,
            state=run.state,
            exit_code=exit_code_of(run),
        )
