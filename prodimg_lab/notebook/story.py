"""The cells of `run_experiment.ipynb`, one function each."""

from __future__ import annotations

import html
import math
import os
from collections.abc import Mapping, Sequence
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
    open_run,
    overrides_for,
    plan_experiment,
    plan_rerun,
    read_result,
    rerun_options,
)
from prodimg_lab.experiment.figures import about_text
from prodimg_lab.lab import find_lab
from prodimg_lab.notebook.earlier import rated_elsewhere, same_run
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
            "products": _some([product.title for product in self.planned.products]),
            "pictures": f"{len(sweep.variants)} variants × {len(sweep.blocks)} blocks = {cost.trials}",
            "in the store": f"{cost.cached}, so {cost.to_draw} to draw",
            **self._money(),
            "time": f"about {about_text(cost.seconds)} on an idle machine",
            "left out": "; ".join(f"{each.variant}: {each.reason}" for each in sweep.left_out) or "nothing",
        }

    def _money(self) -> dict[str, str]:
        assert self.planned is not None
        assert self.estimate is not None
        cost, judge = self.estimate, self.planned.judge
        real = cost.cost_micro and not self.planned.simulated
        price = f"{usd_text(cost.cost_micro)} ({cost.price_source})"
        rows = {"price": f"PAID: the next cell spends {price}" if real else price}
        if judge is not None:
            rows["judge"] = f"{judge.title}: {cost.judge_calls} questions, at most {usd_text(cost.judge_micro)} more"
        missing = [f"{count} have no {name}" for name, count in self.planned.sweep.missing.items()]
        return rows | ({"mind": f"of the products {', '.join(missing)}; it renders empty"} if missing else {})

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
    products: int | None = None,
    seeds: int | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Plan:
    """Plan an experiment with a few things changed: that many products and seeds (None: its own), another model.

    `overrides` are further keys of experiment.yaml. Spends nothing; raises `UsageError` with every problem.
    """
    changes = dict(overrides or {})
    for name, key, count in (("products", "products.limit", products), ("seeds", "sweep.seeds", seeds)):
        if count is None:
            continue
        if count < 1:
            raise ParameterError(f"{name} must be 1 or more, not {count}; None takes the experiment's own")
        changes[key] = count
    found = plan(RunParameters(experiment=experiment, model=model, budget_usd=budget_usd, overrides=changes))
    has = len(found.planned.products) if found.planned else 0
    if products and has < products:
        print(f"{products} products were asked for; the catalogue has {has} that fit")  # noqa: T201  # a notebook's words
    return found


def _some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return f"{len(names)}: {'; '.join(names[:6])}{more}"


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
    same = None if is_headless() or given.run_id or given.rerun_of or given.fresh else same_run(plan.planned)
    if same is not None:
        view = open_run(same)
        print(f"nothing to draw: this is run {view.run_id}, with what was rated and voted in it")  # noqa: T201
        return view
    budget = given.budget_usd or None
    if given.rerun_of:
        before = find_run(given.rerun_of)
        options = rerun_options(before, fresh=given.fresh, today=given.today, budget_usd=budget)
    else:
        options = RunOptions(budget_usd=budget, fresh=given.fresh, overrides=_overrides(given))
    view = run_with_report(plan.planned, options=options, progress=progress, run_id=given.run_id)
    for text in rated_elsewhere(view):
        print(text)  # noqa: T201  # a notebook's own words
    return view


def variants(run: RunView) -> DataFrame:
    """One row per variant, best mean quality first. A mean is no verdict.

    Warns where variants have different numbers of pictures: their means are not of the same products and seeds.
    """
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
    if len({line["pictures"] for line in lines}) > 1:
        counts = sorted({int(str(line["pictures"])) for line in lines})
        text = f"variants have {counts[0]} to {counts[-1]} pictures: these means are not of the same products and seeds"
        print(f"mind: {text}; draw the rest before you compare")  # noqa: T201  # a notebook's own words
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
    from IPython.display import FileLink, display

    from prodimg_lab.reports.html import write_report

    report = run.folder / "report.html"
    if not is_headless():
        write_report(open_run(RunFolder(path=run.folder)), report)  # with what was rated since
    lines = [f"run {run.run_id}: {run.state}", f"report: {report}"]
    identity = RunFolder(path=run.folder).read("run.json") or {}
    if identity.get("rerun_of"):
        lines += compare_rerun(find_run(identity["rerun_of"]), RunFolder(path=run.folder)).lines()[:1]
    print("\n".join(lines))  # noqa: T201  # a notebook's own words
    if not is_headless():
        display(FileLink(os.path.relpath(report), result_html_prefix="open the report: "))
    if run.state != "done":
        reason = read_result(run.folder).get("reason") or "see result.json"
        raise RunIncomplete(
            f"run {run.run_id} is {run.state}: {reason}; go on with `prodimg resume {run.run_id}`, or with "
            f"run_id = {run.run_id!r} in run_experiment.ipynb",
            run_id=run.run_id,
            state=run.state,
            exit_code=exit_code_of(run),
        )
