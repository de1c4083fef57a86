"""Commands that plan and draw: plan, run, resume, rerun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from prodimg_lab.cli.options import Executor, Exp, Json, Model, ProgressKind, Run, Sets
from prodimg_lab.cli.show import say, say_json, working
from prodimg_lab.errors import UsageError

if TYPE_CHECKING:
    from prodimg_lab.experiment import Estimate, Planned, RunView
    from prodimg_lab.notebook.running import Kind

Budget = Annotated[
    float | None, typer.Option(metavar="USD", min=0.0, help="Spend at most this (over the experiment's).")
]


def plan(
    experiment: Exp,
    price_as: Annotated[
        str, typer.Option(metavar="MODEL", help="Price it as if this model drew it (core, sd35, ultra, or an id).")
    ] = "",
    sets: Sets = None,
    model: Model = "",
    repeat: Annotated[int, typer.Option(min=1, help="Draw each request so often.")] = 1,
    prompts: Annotated[bool, typer.Option("--prompts", help="Show every prompt that would be sent.")] = False,
    json: Json = False,
) -> None:
    """Count, price and check an experiment. Spends nothing."""
    from prodimg_lab.experiment import estimate_plan, overrides_for, plan_experiment

    overrides = overrides_for(sets or [], model=model)
    with working("reading products, planning, looking up what is drawn already"):
        planned = plan_experiment(experiment, overrides=overrides, repeats=repeat)
        cost = estimate_plan(planned, price_as=price_as)
    if json:
        say_json(_plan_facts(planned, cost))
        return
    for line in _plan_lines(planned, cost):
        say(line)
    if prompts:
        for text, negative, count in _prompts(planned):
            say(f"\n{text}\n  without: {negative or '-'}\n  {count} pictures")


def _plan_facts(planned: Planned, cost: Estimate) -> dict[str, Any]:
    return {
        "experiment": planned.experiment.name,
        "simulated": planned.simulated,
        "variants": [variant.name for variant in planned.sweep.variants],
        "products": len(planned.products),
        "blocks": len(planned.sweep.blocks),
        "trials": cost.trials,
        "cached": cost.cached,
        "to_draw": cost.to_draw,
        "cost_usd": cost.cost_micro / 1e6,
        "price_as": cost.price_as,
        "price_source": cost.price_source,
        "seconds": round(cost.seconds, 1),
        "judge": planned.judge.model if planned.judge else "",
        "judge_calls": cost.judge_calls,
        "judge_usd_at_most": cost.judge_micro / 1e6,
        "left_out": [{"variant": each.variant, "reason": each.reason} for each in planned.sweep.left_out],
        "missing_attributes": dict(planned.sweep.missing),
        "misfits": list(cost.misfits),
        "baseline": planned.baseline,
        "prompts": [
            {"prompt": text, "negative_prompt": negative, "pictures": count}
            for text, negative, count in _prompts(planned)
        ],
    }


def _prompts(planned: Planned) -> list[tuple[str, str, int]]:
    """Every distinct prompt with its negative prompt and how many pictures it gets, in plan order."""
    from collections import Counter

    found = Counter((trial.prompt.text, trial.prompt.negative) for trial in planned.sweep.trials)
    return [(text, negative, count) for (text, negative), count in found.items()]


def _plan_lines(planned: Planned, cost: Estimate) -> list[str]:
    from prodimg_lab.experiment.figures import about_text
    from prodimg_lab.records import usd_text

    sweep = planned.sweep
    factors = ", ".join(f"{name} × {len(levels)}" for name, levels in sweep.factors.items())
    models = ", ".join(model.title for model in planned.models.values())
    lines = [
        f"{planned.experiment.name}: {len(sweep.variants)} variants × {len(sweep.blocks)} blocks "
        f"= {cost.trials} pictures",
        f"  factors   {factors}",
        f"  products  {len(planned.products)}",
        f"  model     {models}",
        f"  cached    {cost.cached} are in the store already, {cost.to_draw} to draw",
        f"  price     {usd_text(cost.cost_micro)}" + (f" as {cost.price_as}" if cost.price_as else ""),
        f"  source    {cost.price_source}",
        f"  time      about {about_text(cost.seconds)}",
    ]
    if planned.judge:
        lines.append(f"  judge     {planned.judge.title}: {cost.judge_calls} questions, {_judge_price(planned, cost)}")
    if planned.baseline:
        lines.append(f"  baseline  {planned.baseline}")
    for name, count in sweep.missing.items():
        lines.append(f"  note      {count} of {len(planned.products)} products have no {name}; it renders empty")
    for left in sweep.left_out:
        lines.append(f"  left out  {left.variant}: {left.reason}")
    budget = planned.experiment.file.budget
    if budget is not None and cost.to_draw and cost.cost_micro > round(budget.usd * 1e6):
        fits = int(budget.usd * 1e6 // (cost.cost_micro / cost.to_draw))
        lines.append(f"  warning   over the budget of ${budget.usd:.2f}: it would stop after about {fits} pictures")
    for misfit in cost.misfits:
        lines.append(f"  warning   {misfit}")
    return lines


def _judge_price(planned: Planned, cost: Estimate) -> str:
    from prodimg_lab.records import usd_text

    assert planned.judge is not None  # who asks has one
    whose = " of play money" if planned.judge.simulated else ""
    prices = f"${planned.judge.usd_in:g} / ${planned.judge.usd_out:g} per million tokens, `judge_prices`"
    return f"at most {usd_text(cost.judge_micro)}{whose} ({prices})"


def run(
    experiment: Exp,
    sets: Sets = None,
    model: Model = "",
    budget: Budget = None,
    blocks: Annotated[
        int | None, typer.Option(min=1, help="Draw only the first so many blocks; resume goes on.")
    ] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Draw each request so often.")] = 1,
    note: Annotated[str, typer.Option(help="A word to find this run by.")] = "",
    executor: Executor = "",
    progress: ProgressKind = "",
    json: Json = False,
) -> None:
    """Draw, score, log and report an experiment."""
    from prodimg_lab.experiment import RunOptions, overrides_for
    from prodimg_lab.notebook import run_with_report

    overrides = overrides_for(sets or [], model=model)
    options = RunOptions(note=note, budget_usd=budget, blocks=blocks, repeats=repeat, overrides=overrides)
    kind = _progress(progress, json=json)
    view = run_with_report(experiment, options=options, progress=kind, executor=executor)
    _finish(view, json=json, told=kind)


def resume(
    run_name: Run = "last",
    retry_uncertain: Annotated[
        bool, typer.Option("--retry-uncertain", help="Send again what may have been billed without an answer.")
    ] = False,
    budget: Annotated[float | None, typer.Option(metavar="USD", min=0.0, help="A new cap for this run.")] = None,
    executor: Executor = "",
    progress: ProgressKind = "",
    json: Json = False,
) -> None:
    """Draw what a stopped or killed run has not drawn yet; buys nothing twice."""
    from prodimg_lab.experiment import find_run
    from prodimg_lab.notebook import resume_with_report

    folder = find_run(run_name)
    kind = _progress(progress, json=json)
    view = resume_with_report(
        folder, retry_uncertain=retry_uncertain, budget_usd=budget, progress=kind, executor=executor
    )
    _finish(view, json=json, told=kind)


def rerun(
    run_name: Run = "last",
    fresh: Annotated[bool, typer.Option("--fresh", help="Draw every picture again and compare.")] = False,
    today: Annotated[bool, typer.Option("--today", help="Take today's files and show what changed.")] = False,
    budget: Budget = None,
    json: Json = False,
) -> None:
    """Replay a run from its frozen inputs through papermill: equal requests, scores and report, no model call."""
    from prodimg_lab.experiment import find_run
    from prodimg_lab.notebook import rerun_by_papermill

    result = rerun_by_papermill(find_run(run_name), fresh=fresh, today=today, budget_usd=budget, quiet=json)
    if json:
        say_json(result.facts())
    else:
        for line in result.lines():
            say(line)
    if not result.is_equal:
        raise typer.Exit(1)


_KINDS: Mapping[str, Kind] = {"rich": "rich", "log": "log", "json": "json", "silent": "silent"}


def _progress(asked: str, *, json: bool) -> Kind:
    import sys

    if asked:
        if asked not in _KINDS:
            raise UsageError(f"--progress {asked}: it is one of {', '.join(_KINDS)}")
        return _KINDS[asked]
    if json:
        return "silent"
    return "rich" if sys.stderr.isatty() else "log"


def _finish(view: RunView, *, json: bool, told: Kind) -> None:
    from prodimg_lab.experiment import exit_code_of
    from prodimg_lab.reports.text import summary_text

    if told == "json":
        pass  # its last event says how the run ended, and standard output has nothing but events
    elif json:
        from prodimg_lab.experiment import read_result

        say_json(read_result(view.folder))
    else:
        say(summary_text(view))
        say(f"report: {view.folder / 'report.html'}")
        beyond = sum(row.outcome.state == "skipped" for row in view.rows)
        if view.state != "done":
            say(f"{view.state}; go on with: prodimg resume {view.run_id}")
        elif beyond:
            say(
                f"{beyond} of {len(view.rows)} trials are beyond --blocks; draw them with: prodimg resume {view.run_id}"
            )
    code = exit_code_of(view)
    if code:
        raise typer.Exit(code)
