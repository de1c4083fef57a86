"""What would this experiment draw, what would it cost, and what is wrong with it? Spends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from prodimg_lab.errors import ExperimentError, Problems, UsageError
from prodimg_lab.experiment.spec import Experiment, find_experiment, load_experiment
from prodimg_lab.lab import Lab, Value, find_lab, with_environment
from prodimg_lab.models import capabilities as capabilities_of
from prodimg_lab.models.catalogue import row
from prodimg_lab.models.judges import JudgeCard, judge_card
from prodimg_lab.products import read_products
from prodimg_lab.prompts import Library, Template, load_library, slots_of
from prodimg_lab.records import Capabilities, Level, Product
from prodimg_lab.scoring.judge import ADHERENCE, question_of
from prodimg_lab.scoring.questions import questions_of
from prodimg_lab.scoring.registry import check_ready
from prodimg_lab.scoring.rubric import Rubric, load_rubric
from prodimg_lab.scoring.splitting import SCHEMA as SPLIT_SCHEMA
from prodimg_lab.scoring.splitting import longest, text_of_split
from prodimg_lab.store import open_store
from prodimg_lab.suggest import nearest
from prodimg_lab.sweeps import Plan as SweepPlan
from prodimg_lab.sweeps import PlanInput, SweepSpec, make_plan, misfits

ASKERS = 32
"""Threads that ask a bucket which pictures of a plan it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An experiment with everything that it names, read and checked; ready to run.

    `models` by spec, as the experiment writes it (the key of a `model` level); `baseline` is a variant's name, or "".
    `judge` is None where none is asked, or where the run is only planned again to be replayed.
    """

    lab: Lab
    experiment: Experiment
    library: Library
    templates: tuple[Template, ...]
    products: tuple[Product, ...]
    models: Mapping[str, Capabilities]
    rubric: Rubric
    sweep: SweepPlan
    baseline: str = ""
    judge: JudgeCard | None = None

    @property
    def simulated(self) -> bool:
        """Whether any picture comes from a simulation."""
        return any(model.simulated for model in self.models.values())

    def model_of(self, model_id: str) -> Capabilities:
        """The capabilities of a request's model."""
        return next(model for model in self.models.values() if model.model == model_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run would take. Money in micro-dollars, `seconds` on the wall at the models' usual pace.

    `cached` pictures are in the store already and cost nothing. `price_as` names another model whose price was used;
    `misfits` are then reasons why that model would refuse the same requests. `judge_calls` questions to a judge come on
    top, for at most `judge_micro`.
    """

    trials: int
    cached: int
    cost_micro: int
    seconds: float
    price_as: str = ""
    price_source: str = ""
    misfits: tuple[str, ...] = ()
    judge_calls: int = 0
    judge_micro: int = 0

    @property
    def to_draw(self) -> int:
        """How many pictures would be drawn."""
        return self.trials - self.cached


def plan_experiment(
    name: str | Path,
    *,
    lab: Lab | None = None,
    overrides: Mapping[str, object] | None = None,
    repeats: int = 1,
    only_folder: Path | None = None,
    frozen_models: Mapping[str, Capabilities] | None = None,
) -> Planned:
    """Read and check an experiment with everything that it names. `repeats` draws each request that often.

    `only_folder`: take templates, packs and the rubric from this folder alone (the frozen inputs of a run);
    `frozen_models` (by spec): what its models were then, so that no provider is asked.
    Raises `UsageError` (often `Problems`) with file, line and the next step for every fault that it finds.
    """
    lab = lab or find_lab()
    experiment = load_experiment(find_experiment(name, lab), overrides)
    lab = with_environment(lab.with_settings(_own_settings(experiment), "experiment.yaml"))
    library = load_library((only_folder / "templates",) if only_folder else lab.template_folders(experiment.folder))
    faults_of = _Faults()
    with faults_of:
        rubric = load_rubric(experiment.file.rubric, folder=experiment.folder)
        check_ready(rubric.scorers)  # before a picture is paid for
        judge = None if frozen_models else _judge(experiment, rubric, lab)
    with faults_of:
        products = read_products_of(experiment)
    with faults_of:
        models = dict(frozen_models or {}) or _models(experiment, lab)
    templates: list[Template] = []
    for index, template in enumerate(experiment.file.templates):
        with faults_of, _placed(experiment, ("templates", index)):
            templates.append(library.template(template))
    with faults_of:
        factors = _factors(experiment, library, templates)
    faults_of.raise_if_any()
    spec = _sweep_spec(experiment, factors, repeats)
    sweep = _sweep(experiment, spec, library=library, templates=templates, products=products, models=models)
    return Planned(
        lab=lab,
        experiment=experiment,
        library=library,
        templates=tuple(templates),
        products=tuple(products),
        models=models,
        rubric=rubric,
        sweep=sweep,
        baseline=_baseline(experiment, sweep),
        judge=judge,
    )


def _sweep(
    experiment: Experiment,
    spec: SweepSpec,
    *,
    library: Library,
    templates: Sequence[Template],
    products: Sequence[Product],
    models: Mapping[str, Capabilities],
) -> SweepPlan:
    """The plan itself. Raises `Problems` with every fault of it."""
    sweep, faults = make_plan(
        PlanInput(
            templates=templates,
            library=library,
            products=products,
            model=experiment.file.model,
            models=models,
            sweep=spec,
            parameters=experiment.file.parameters,
        )
    )
    if sweep is None:
        raise Problems([experiment.fault(fault.message, fault.where) for fault in faults])
    return sweep


def estimate_plan(planned: Planned, *, price_as: str = "") -> Estimate:
    """What a run of the plan would take. The lab's store is asked which pictures are there already.

    Raises `UnknownName` for a `price_as` that is in no catalogue, `ExperimentError` for a model without a price.
    """
    other = row(price_as.removeprefix("bedrock:")) if price_as else None
    cost, seconds, cached = 0, 0.0, 0
    seen = set() if other else _known(planned)
    for trial in planned.sweep.trials:
        fingerprint = trial.request.fingerprint
        if fingerprint in seen:
            cached += 1
            continue
        seen.add(fingerprint)
        model = other or planned.model_of(trial.request.model)
        if model.price_micro is None:
            raise ExperimentError(f"no price is known for {model.model}; a model without a price is refused")
        cost += model.price_micro
        concurrency = planned.lab.count("concurrency") or model.concurrency
        seconds += model.seconds / max(1, min(concurrency, len(planned.sweep.trials)))
    trials = len(planned.sweep.trials)
    wrong = dict.fromkeys(chain.from_iterable(_as(planned, other))) if other else {}
    source = other.price_source if other else ", ".join({each.price_source for each in planned.models.values()})
    judge_calls, judge_micro = _questions(planned)
    return Estimate(
        judge_calls=judge_calls,
        judge_micro=judge_micro,
        trials=trials,
        cached=cached,
        cost_micro=cost,
        seconds=seconds,
        price_as=other.model if other else "",
        price_source=source,
        misfits=tuple(wrong),
    )


def _questions(planned: Planned) -> tuple[int, int]:
    """How many questions go to the judge, and what they can cost at most, in micro-dollars."""
    part = planned.experiment.file.judge
    if planned.judge is None or part is None:
        return 0, 0
    asked = {trial.request.fingerprint: (trial.request.prompt, trial.asked) for trial in planned.sweep.trials}
    return judge_prices(planned.judge, list(asked.values()), part.shortlist or 0, part.split)


def judge_prices(
    card: JudgeCard, asked: Sequence[tuple[str, Mapping[str, str]]], shortlist: int, split: bool
) -> tuple[int, int]:
    """Of pictures, by prompt and what was asked: how many questions, and micro-dollars at most; the dearest of a list.

    With `split`, each prompt is one question more, and the pictures' questions are as long as they may get.
    """
    ways = (lambda prompt, known: longest(questions_of(prompt, known))) if split else questions_of
    questions = [question_of(prompt, known, split=ways) for prompt, known in asked]
    prices = sorted((card.most_micro(text, 1, schema) for text, schema in questions if text), reverse=True)
    prices = prices[: shortlist or None]
    prompts = (
        sorted({prompt for prompt, _ in asked if prompt}, key=len, reverse=True)[: shortlist or None] if split else []
    )
    prices += [card.most_micro(text_of_split(prompt), 0, SPLIT_SCHEMA) for prompt in prompts]
    return len(prices), sum(prices)


def _known(planned: Planned) -> set[str]:
    """The requests of the plan that the lab's store has; a bucket is asked by many threads."""
    store = open_store(planned.lab)
    asked = list(dict.fromkeys(trial.request.fingerprint for trial in planned.sweep.trials))
    if not planned.lab.is_store_remote:
        return {fingerprint for fingerprint in asked if store.has(fingerprint)}
    with ThreadPoolExecutor(ASKERS) as pool:
        return {fingerprint for fingerprint, known in zip(asked, pool.map(store.has, asked), strict=True) if known}


def _as(planned: Planned, other: Capabilities) -> Iterator[list[str]]:
    for trial in planned.sweep.trials:
        yield misfits(replace(trial.request, model=other.model, source="aws"), other)


class _Faults(AbstractContextManager["_Faults"]):
    """Keeps what each reader complains of, so that all faults are told at once."""

    def __init__(self) -> None:
        self.problems: list[UsageError] = []

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Problems):
            self.problems += error.problems
        elif isinstance(error, UsageError):
            self.problems.append(error)
        return isinstance(error, UsageError)

    def raise_if_any(self) -> None:
        """Raise `Problems` with all that was kept."""
        if self.problems:
            raise Problems(self.problems)


@contextmanager
def _placed(experiment: Experiment, where: tuple[str | int, ...]) -> Iterator[None]:
    """Give a fault that knows no file the place in the experiment that led to it."""
    try:
        yield
    except UsageError as error:
        if error.file is None and not isinstance(error, Problems):
            raise experiment.fault(error.message, where) from error
        raise


def read_products_of(experiment: Experiment) -> list[Product]:
    """The experiment's products, filtered, limited and corrected. Raises `CatalogueError` or `ExperimentError`."""
    part = experiment.products
    attributes = experiment.path(part.attributes) if part.attributes else None
    with _placed(experiment, ("products",)):
        file = experiment.path(part.file)
        if not file.is_file():
            raise experiment.fault(f"there is no products file {part.file}", ("products",))
        return read_products(file, where=part.where, limit=part.limit, attributes=attributes)


def _models(experiment: Experiment, lab: Lab) -> dict[str, Capabilities]:
    levels = experiment.file.sweep.factors.get("model")
    specs = [str(level) for level in levels] if isinstance(levels, list) else [experiment.file.model]
    where: tuple[str, ...] = ("sweep", "factors", "model") if isinstance(levels, list) else ("model",)
    found: dict[str, Capabilities] = {}
    faults = _Faults()
    for spec in specs:
        with faults, _placed(experiment, where):
            model = capabilities_of(spec, lab)
            if model.status == "retired":
                hint = f"; use {model.replacement}" if model.replacement else ""
                raise UsageError(f"{model.model} was retired {model.end_of_life}{hint}")
            if model.price_micro is None:
                hint = f'name one in prodimg.toml: prices = {{"{model.model}" = 0.02}} (USD a picture)'
                raise UsageError(f"no price is known for {model.model}, so it is refused; {hint}")
            found[spec] = model
    faults.raise_if_any()
    return found


def _judge(experiment: Experiment, rubric: Rubric, lab: Lab) -> JudgeCard | None:
    """The judge, or None. Raises `ExperimentError` where the rubric needs one and none is named."""
    part = experiment.file.judge
    if part is None:
        if ADHERENCE in rubric.scorers:
            raise experiment.fault(
                f"rubric {rubric.name} weighs {ADHERENCE}, which asks a judge; name one: judge: bedrock:<model id>",
                ("rubric",),
            )
        return None
    with _placed(experiment, ("judge",)):
        return judge_card(part.model, lab)


def _factors(experiment: Experiment, library: Library, templates: Sequence[Template]) -> dict[str, tuple[Level, ...]]:
    """The factors with `all` written out: the levels that every template with the slot has, in the first's order."""
    found: dict[str, tuple[Level, ...]] = {}
    for name, levels in experiment.file.sweep.factors.items():
        if levels != "all":
            found[name] = tuple(levels)
            continue
        where = ("sweep", "factors", name)
        own = [[level.name for level in each.slots[name]] for each in templates if name in each.slots]
        if not own and name in library.packs and any(name in slots_of(each) for each in templates):
            own = [list(library.packs[name].levels)]
        if not own:
            raise experiment.fault(f"`all` needs a template with a slot {name!r}", where)
        found[name] = tuple(level for level in own[0] if all(level in others for others in own))
        if not found[name]:
            raise experiment.fault(f"the templates share no level of {name}; list the levels", where)
    return found


def _sweep_spec(experiment: Experiment, factors: Mapping[str, tuple[Level, ...]], repeats: int) -> SweepSpec:
    part, seeds = experiment.file.sweep, experiment.seeds
    return SweepSpec(
        design=part.design,
        factors=factors,
        seeds=seeds.count,
        seed_policy=seeds.policy,
        base_seed=part.base_seed,
        samples=part.samples,
        repeats=repeats,
    )


def _own_settings(experiment: Experiment) -> dict[str, Value]:
    given = experiment.file.concurrency
    return {} if given is None else {"concurrency": given}


def _baseline(experiment: Experiment, sweep: SweepPlan) -> str:
    """The name of the one variant that `baseline` describes. Raises `ExperimentError` unless it is exactly one."""
    wanted = experiment.file.baseline
    if wanted is None:
        return ""
    known = {"template", *sweep.factors}
    for name in wanted:
        if name not in known:
            raise experiment.fault(f"{name!r} is no factor; {nearest(name, known)}", ("baseline", name))
    fits = [
        variant.name
        for variant in sweep.variants
        if all(
            str(level) == str(variant.template if name == "template" else variant.levels.get(name))
            for name, level in wanted.items()
        )
    ]
    if len(fits) != 1:
        some = f"{len(fits)} variants ({', '.join(fits[:3])}, …)" if fits else "no variant of the sweep"
        raise experiment.fault(f"the baseline must be one whole variant, and it fits {some}", ("baseline",))
    return fits[0]
