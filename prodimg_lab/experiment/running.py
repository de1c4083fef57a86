"""How does a planned experiment become a run: drawn, scored, logged, reported? The one place that joins the rooms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from prodimg_lab.errors import StoreError, UsageError
from prodimg_lab.experiment.cluster import open_cluster
from prodimg_lab.experiment.desk import Desk, IndexCache, MakeReport
from prodimg_lab.experiment.folder import RunFolder, RunOptions, make_run_folder
from prodimg_lab.experiment.frames import factors_line
from prodimg_lab.experiment.fresh import FreshStore, Replayed
from prodimg_lab.experiment.judging import JudgePass, copy_judgement, judged_before
from prodimg_lab.experiment.opening import RunFacts, lab_of, open_index, read_facts, read_scores
from prodimg_lab.experiment.planning import Planned, plan_experiment
from prodimg_lab.experiment.results import result_of
from prodimg_lab.experiment.view import RunView
from prodimg_lab.lab import Lab, with_environment
from prodimg_lab.models import ImageModel, capabilities, load_model
from prodimg_lab.models.judges import JudgeCard, judge_card
from prodimg_lab.records import Trial, micro_from_usd
from prodimg_lab.runner import Event, Progress, RunContext, RunSummary, Stop, Stopped, TrialFinished, run_schedule
from prodimg_lab.scoring.judge import ADHERENCE
from prodimg_lab.store import (
    Caps,
    FolderStore,
    Journal,
    ObjectStore,
    is_living,
    open_store,
    read_history,
)
from prodimg_lab.sweeps import FullSchedule

Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is told what while a run goes on: `on_event` gets every event of the runner, `report` shows the pictures.

    `stop` is how they ask it to end early, from any thread: what is in flight ends and is kept.
    """

    on_event: Listener | None = None
    report: Callable[[RunFolder], MakeReport] | None = None
    stop: Stop | None = None


NOBODY = Audience()


def run_experiment(
    name: str | Path | Planned,
    *,
    options: RunOptions | None = None,
    lab: Lab | None = None,
    run_id: str = "",
    executor: str = "",
    audience: Audience = NOBODY,
) -> RunView:
    """Plan an experiment (unless it is planned already) and draw it. `run_id`: the id to give it (default: a new one).

    `executor` names the cluster that works on pixels (`dask:tcp://host:8786`); "": this machine.
    Returns the run whatever its state; `view.state` and result.json say how it ended. Raises `UsageError` for what is
    wrong with the experiment, before anything is drawn, and `StoreError` when the run folder can't be made.
    """
    options = options or RunOptions()
    planned = (
        name
        if isinstance(name, Planned)
        else plan_experiment(name, lab=lab, overrides=options.overrides, repeats=options.repeats)
    )
    folder = make_run_folder(planned, options, run_id=run_id)
    return _draw(folder, planned.lab, executor=executor, audience=audience)


def resume_run(
    folder: RunFolder,
    *,
    lab: Lab | None = None,
    retry_uncertain: bool = False,
    budget_usd: float | None = None,
    executor: str = "",
    audience: Audience = NOBODY,
) -> RunView:
    """Draw what a run lacks: never sent, throttled, answered by an error; blocks that `--blocks` had left out too.

    `budget_usd` takes the place of the run's cap; `executor` as for `run_experiment`.

    Buys nothing twice. Raises `StoreError` when the folder is not whole or another process is drawing it.
    """
    identity = read_facts(folder).identity
    if is_living(folder.path):
        raise StoreError(f"run {folder.run_id} is being drawn by another process; wait until it has ended")
    budget = identity["budget_usd"] if budget_usd is None else budget_usd
    folder.write("run.json", {**identity, "blocks": None, "budget_usd": budget})
    (folder.path / "result.json").unlink(missing_ok=True)
    return _draw(folder, lab, executor=executor, audience=audience, retry_uncertain=retry_uncertain)


def _draw(
    folder: RunFolder, lab: Lab | None, *, executor: str, audience: Audience, retry_uncertain: bool = False
) -> RunView:
    lab = lab or with_environment(lab_of(folder))
    facts = read_facts(folder, store=open_store(lab))
    fresh = facts.identity["fresh"]
    store: ObjectStore = FreshStore(facts.store, FolderStore(folder.path / "fresh")) if fresh else facts.store
    trials = _drawable(facts.trials, store, is_replay=facts.identity["replay"])
    card = _judge(facts, lab)
    with ExitStack() as stack:
        cluster = stack.enter_context(open_cluster(executor))
        index = open_index(lab, store)
        stack.callback(index.close)
        journal = Journal(folder.path)
        stack.callback(journal.close)
        desk = Desk(
            facts=facts,
            journal=journal,
            index=index,
            cache=None if facts.identity["rerun_of"] else IndexCache(index),
            make_report=audience.report(folder) if audience.report else None,
            scores=read_scores(folder),
            cluster=cluster,
        )
        with desk:
            _tell_factors(desk)
            _catch_up(desk, folder)
            context = RunContext(
                folder=folder.path,
                store=store,
                index=index,
                experiment=facts.identity["experiment"],
                note=facts.identity["note"],
                caps=caps_of(lab, facts.identity["budget_usd"]),
                concurrency=lab.count("concurrency"),
                executor=cluster.executor if cluster else None,
                places=cluster.places if cluster else None,
                retry_uncertain=retry_uncertain,
                stop=audience.stop or Stop(),
            )
            summary = run_schedule(
                FullSchedule(trials, blocks=facts.identity["blocks"]),
                models=_models(facts, lab),
                context=context,
                on_event=_listener(desk, audience.on_event),
            )
            _catch_up(desk, folder)
        summary = _ask_judge(desk, summary, card=card, lab=lab, context=context, tell=audience.on_event)
        return _finish(folder, desk, summary)


def _models(facts: RunFacts, lab: Lab) -> dict[str, str | ImageModel]:
    """What the run draws with, by model id: specs for worker processes, models that are called over a wire as such.

    Raises `UsageError` when pictures would now come from elsewhere than planned: an emulator, or AWS.
    """
    found: dict[str, str | ImageModel] = {}
    for model, spec in facts.identity["models"].items():
        then = facts.models[model]
        if facts.identity["replay"]:
            found[model] = Replayed(then)
            continue
        today = capabilities(spec, lab)
        if today.source != then.source:
            raise UsageError(
                f"run {facts.folder.run_id} was planned for {model} with {then.source} pictures, and they would now be "
                f"{today.source}: {_ELSEWHERE[then.source]}, or plan a new run"
            )
        found[model] = spec if today.runs_on == "cpu" else load_model(spec, lab)
    return found


_ELSEWHERE = {
    "simulated": "set AWS_ENDPOINT_URL_BEDROCK_RUNTIME to the emulator again",
    "aws": "unset AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL",
}


def _tell_factors(desk: Desk) -> None:
    """Write the plan's factors down once, so that the index can answer questions about them by itself."""
    folder = desk.facts.folder
    if not desk.index.factor_names(folder.run_id):
        line = factors_line(desk.facts)
        desk.journal.append(line)
        desk.index.bring_in(folder.path, [line])


def _catch_up(desk: Desk, folder: RunFolder) -> None:
    """Hand in what a killed session drew and did not score, and what the runner found that it had drawn."""
    outcomes = read_history(folder.path).outcomes
    for trial in desk.facts.trials:
        outcome = outcomes.get(trial.index)
        if outcome is not None and outcome.state.is_final and desk.state_of(trial) is not outcome.state:
            desk.hand_in(trial, outcome)


def _judge(facts: RunFacts, lab: Lab) -> JudgeCard | None:
    """Whom the run asks, looked up before anything is drawn. Raises `UsageError`, also where now another would."""
    part = facts.identity.get("judge")
    if not part or facts.identity["replay"]:
        return None
    card = judge_card(part["model"], lab)
    if card.simulated != part["simulated"]:
        then, now = ("simulated", "aws") if part["simulated"] else ("aws", "simulated")
        raise UsageError(
            f"run {facts.folder.run_id} was planned with {then} answers of {card.model}, and they would now be {now}: "
            f"{_ELSEWHERE[then]}, or plan a new run"
        )
    return card


def _ask_judge(
    desk: Desk,
    summary: RunSummary,
    *,
    card: JudgeCard | None,
    lab: Lab,
    context: RunContext,
    tell: Listener | None,
) -> RunSummary:
    """Let the experiment's judge answer, where it names one; a replay takes over what was said in the run before."""
    identity = desk.facts.identity
    if not identity.get("judge") or summary.state in ("stopped", "interrupted"):
        return summary
    if identity["replay"]:
        copy_judgement(desk.facts, context, before=judged_before(identity["rerun_of"], lab), scores=desk.scores)
        return summary
    assert card is not None  # only a replay has none
    desk.state, desk.money = summary.state, read_history(desk.facts.folder.path)
    pictures = JudgePass(
        facts=desk.facts,
        card=card,
        lab=lab,
        context=context,
        shortlist=identity["judge"]["shortlist"] or 0,
        split=bool(identity["judge"].get("split")),
        decides=True,
        tell=tell or (lambda event: None),
    )
    judged = pictures.run(desk.view())
    for trial, found in pictures.scores.items():
        desk.scores[trial] = {**desk.scores.get(trial, {}), ADHERENCE: found}
    if judged.stopped_by is None:
        return summary
    by = None if isinstance(judged.stopped_by, Stopped) else judged.stopped_by
    return replace(summary, state=judged.state, stopped_by=by)


def _finish(folder: RunFolder, desk: Desk, summary: RunSummary) -> RunView:
    desk.money = read_history(folder.path)
    desk.outcomes = dict(desk.money.outcomes)
    desk.state = summary.state
    desk.close_report()
    view = desk.view()
    folder.write("result.json", result_of(view, stopped_by=summary.stopped_by))
    return view


def _listener(desk: Desk, further: Listener | None) -> Listener:
    def listen(event: Event) -> None:
        if isinstance(event, TrialFinished):
            desk.hand_in(event.trial, event.outcome)
        elif isinstance(event, Progress):
            desk.money = replace(
                desk.money,
                real_cost_micro=event.cost_micro - event.reserved_micro,
                simulated_cost_micro=event.simulated_cost_micro,
            )
        if further is not None:
            further(event)

    return listen


def caps_of(lab: Lab, budget_usd: float | None = None) -> Caps:
    """What may be spent: by a run with that budget, by the lab in a day, and ever."""
    day, ever = lab.usd("day_cap_usd"), lab.usd("lab_cap_usd")
    return Caps(
        run_micro=None if budget_usd is None else micro_from_usd(budget_usd),
        day_micro=None if day is None else micro_from_usd(day),
        lab_micro=None if ever is None else micro_from_usd(ever),
    )


def _drawable(trials: Sequence[Trial], store: ObjectStore, *, is_replay: bool) -> Sequence[Trial]:
    """All trials; of a replay, which makes no calls, those that the store can answer."""
    if not is_replay:
        return trials
    return [trial for trial in trials if store.lookup(trial.request.fingerprint) is not None]
