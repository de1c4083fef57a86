"""Which variant of a run wins, how surely, for whom, and what did it cost to know?

Several runs of one experiment are one table: their blocks are the same by construction, so Monday's variants and
Tuesday's are paired. What else differs between them is listed. A variant that asks something else in a later run than
in the first is another variant, and carries that run's id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from prodimg_lab.errors import MissingExtra, UsageError
from prodimg_lab.experiment.calibration import Pair, calibration_of, pairs_of
from prodimg_lab.experiment.figures import dollars, price_micro
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import open_run, read_facts
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.records import Score, TrialState, usd_text
from prodimg_lab.scoring.rubric import QUALITY
from prodimg_lab.suggest import nearest

if TYPE_CHECKING:
    from prodimg_lab.verdict.comparison import Claim, Difference, Seen, VariantComparison
    from prodimg_lab.verdict.components import Components, Need
    from prodimg_lab.verdict.decision import Decision
    from prodimg_lab.verdict.effects import Interval
    from prodimg_lab.verdict.self_test import SelfTest

ONLY_WITHIN_A_PROMPT = ("prompt-rank",)
"""Scores that say nothing between variants; `embedding.PROMPT_RANK`."""
STARS = "stars"
"""`by` of people's ratings, 1 to 5."""
Origin = Literal["declared", "chosen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A comparison with what follows from it. Money in micro-dollars.

    `origin` says whether figure and claim were declared in the experiment's `decide` before the first picture, or
    chosen afterwards, which proves nothing and is never evidence. `needs` are of the nearest variant. `differs` lists
    what else differs between several runs. `pair_micro` is what one more unit of two pictures costs, None if unknown.
    """

    run_ids: tuple[str, ...]
    experiment: str
    by: str
    origin: Origin
    simulated: bool
    comparison: VariantComparison
    decision: Decision
    components: Components | None
    needs: tuple[Need, ...]
    pictures: int
    spent_micro: int
    pair_micro: int | None
    warnings: tuple[str, ...]
    differs: tuple[str, ...]

    @property
    def difference(self) -> Difference | None:
        """Of the variant that the decision names."""
        rows = [row for row in self.comparison.differences if row.variant == self.decision.variant]
        return rows[0] if rows else None

    def text(self) -> str:
        """The verdict in one paragraph of plain words."""
        return " ".join(
            part for part in (self._head(), self._size(), self._reach(), self._more(), self._cost()) if part
        )

    def facts(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "runs": list(self.run_ids),
            "experiment": self.experiment,
            "verdict": self.decision.choice,
            "variant": self.decision.variant,
            "text": self.text(),
            "by": self.by,
            "origin": self.origin,
            "simulated": self.simulated,
            **asdict(self.comparison),
            "decision": asdict(self.decision),
            "components": asdict(self.components) if self.components else None,
            "needs": [asdict(each) for each in self.needs],
            "pictures": self.pictures,
            "spent_usd": self.spent_micro / 1e6,
            "warnings": list(self.warnings),
            "differs": list(self.differs),
        }

    def _head(self) -> str:
        lead = "Simulated: " if self.simulated else ""
        name, base, why = self.decision.variant, self.comparison.baseline, self.decision.why
        said = {
            "promote": f"promote {name}. It is {why}.",
            "keep baseline": f"keep {base}: {why}.",
            "inconclusive": f"inconclusive: {why}.",
        }[self.decision.choice]
        return (lead + said)[:1].upper() + (lead + said)[1:]

    def _size(self) -> str:
        row = self.difference
        if row is None or row.difference is None or row.interval is None:
            return ""
        own, every = _bounds(row.interval), _bounds(row.simultaneous)
        around = f"95 %: {own}" + (f"; {every} for all at once" if every else "")
        said = f"{row.variant} is {row.difference:+.2f} points of {self.by} from {self.comparison.baseline} ({around})."
        won = f" It won {row.won:.0%} of {row.products} products." if row.won is not None and row.products > 1 else ""
        return said + won

    def _reach(self) -> str:
        compared = self.comparison
        if compared.claim == "these-products":
            goods = "this one product" if compared.products == 1 else f"these {compared.products} products"
            return f"This is about {goods}, {compared.units} blocks, and no others."
        return f"This is about products in general, from {compared.products} of them."

    def _more(self) -> str:
        if self.decision.choice != "inconclusive" or not self.needs:
            return ""
        unit = "blocks" if self.comparison.claim == "these-products" else "products"

        def told(need: Need) -> str:
            price = f", {dollars(need.more * self.pair_micro / 1e6)}" if self.pair_micro else ""
            more = f"{need.more} more {unit}{price}" if need.more else "no more"
            return f"{more} to see {need.size:g}"

        return f"For this variant alone it takes {'; '.join(told(need) for need in self.needs)} (80 % of the time)."

    def _cost(self) -> str:
        return f"{self.pictures} pictures, {usd_text(self.spent_micro)} spent to know it."


def _bounds(interval: Interval | None) -> str:
    return f"{interval.low:+.2f} to {interval.high:+.2f}" if interval else ""


def verdict_of(folders: Sequence[RunFolder], *, by: str = "", claim: str = "", baseline: str = "") -> Verdict:
    """The verdict on one run or on several of one experiment, the first of which declares how it is decided.

    `by`: `quality`, a scorer's name, or `stars`; `claim`: `these-products` or `products-in-general`; both as declared
    unless given. Raises `UsageError`, `MissingExtra`, `StoreError`.
    """
    views = [open_run(folder) for folder in folders]
    pairs = [pair for folder, view in zip(folders, views, strict=True) for pair in pairs_of(folder, view)]
    declared = read_facts(folders[0]).identity.get("decide") or {}
    return verdict_on(views, declared, pairs, by=by, claim=claim, baseline=baseline)


def verdict_on(
    views: Sequence[RunView],
    declared: Mapping[str, str],
    pairs: Sequence[Pair],
    *,
    by: str = "",
    claim: str = "",
    baseline: str = "",
) -> Verdict:
    """The same of runs that are open; `declared` is the experiment's `decide`, `pairs` what people said of them."""
    try:
        from prodimg_lab.verdict.comparison import Claim, compare_variants
        from prodimg_lab.verdict.components import components_of, needs
        from prodimg_lab.verdict.decision import decide
    except ModuleNotFoundError as error:
        raise MissingExtra(f"a verdict needs {error.name}: pip install 'prodimg-lab[lab]'") from error

    how = by or declared.get("by", QUALITY)
    what: Claim = claim or declared.get("claim", "these-products")  # type: ignore[assignment]
    if what not in get_args(Claim):
        raise UsageError(f"claim {what!r}: it is one of {', '.join(get_args(Claim))}")
    base = baseline or views[0].baseline
    seen = _held_against(views, how, base)
    compared = compare_variants(seen, base, claim=what)
    decision = decide(compared, finished=all(view.state == "done" for view in views))
    as_declared = how == declared.get("by", QUALITY) and what == declared.get("claim", "these-products")
    return Verdict(
        run_ids=tuple(view.run_id for view in views),
        experiment=views[0].experiment,
        by=how,
        origin="declared" if as_declared and base == views[0].baseline else "chosen",
        simulated=any(view.simulated for view in views),
        comparison=compared,
        decision=decision,
        components=components_of(seen),
        needs=needs(_paired(seen, decision.variant, base, by_product=what != "these-products")),
        pictures=sum(len(view.drawn) for view in views),
        spent_micro=sum(view.real_cost_micro or view.simulated_cost_micro for view in views),
        pair_micro=_pair_micro(views[0]),
        warnings=(*compared.warnings, *_calibration(views, pairs, how), *_skewed(compared)),
        differs=_differences(views),
    )


def self_test_of(folders: Sequence[RunFolder], *, by: str = "", claim: str = "", baseline: str = "") -> SelfTest | None:
    """How often the rule would promote somebody with the labels dealt anew; None where there are too few units.

    Raises as `verdict_of`.
    """
    found = verdict_of(folders, by=by, claim=claim, baseline=baseline)
    from prodimg_lab.verdict.self_test import self_test

    views = [open_run(folder) for folder in folders]
    seen = _held_against(views, found.by, found.comparison.baseline)
    return self_test(seen, found.comparison.baseline, claim=found.comparison.claim)


def _held_against(views: Sequence[RunView], how: str, base: str) -> list[Seen]:
    """What was seen in all runs, once it is sure that something can be held against the baseline."""
    names = sorted({view.experiment for view in views})
    if len(names) > 1:
        raise UsageError(f"these runs are of {len(names)} experiments, whose blocks differ: {', '.join(names)}")
    rows = _together(views)
    variants = list(dict.fromkeys(row.trial.variant for row in rows))
    if not base:
        raise UsageError("the experiment names no baseline; say which variant is the incumbent: --baseline VARIANT")
    if base not in variants:
        raise UsageError(f"the baseline {base!r} is no variant of this run; {nearest(base, variants)}")
    seen = _seen(rows, _figure(how, views))
    if not any(each.value is not None and each.variant == base for each in seen):
        raise UsageError(f"no picture of the baseline {base} has {how}, so that nothing can be held against it")
    return seen


def _together(views: Sequence[RunView]) -> list[TrialRow]:
    """The rows of all runs; a trial that a later run repeats is taken from the first."""
    found = list(views[0].rows)
    for view in views[1:]:
        known = {(row.trial.variant, row.trial.block.name): row.trial.request.fingerprint for row in found}
        changed = {
            row.trial.variant
            for row in view.rows
            if known.get((row.trial.variant, row.trial.block.name), row.trial.request.fingerprint)
            != row.trial.request.fingerprint
        }
        for row in view.rows:
            name = f"{row.trial.variant} @ {view.run_id}" if row.trial.variant in changed else row.trial.variant
            if (name, row.trial.block.name) not in known:
                found.append(replace(row, trial=replace(row.trial, variant=name)))
    return found


def _figure(by: str, views: Sequence[RunView]) -> Callable[[TrialRow], float | None]:
    if by == QUALITY:
        return lambda row: row.quality
    if by == STARS:
        return lambda row: row.stars
    if by in ONLY_WITHIN_A_PROMPT:
        raise UsageError(f"{by} ranks the pictures of one prompt, and variants have different prompts")
    known = sorted({name for view in views for row in view.rows for name in row.scores})
    if by not in known:
        raise UsageError(f"nothing in this run is scored by {by!r}; {nearest(by, [QUALITY, STARS, *known])}")

    def figure(row: TrialRow) -> float | None:
        score = row.scores.get(by)
        return score.value if isinstance(score, Score) else None

    return figure


def _seen(rows: Sequence[TrialRow], figure: Callable[[TrialRow], float | None]) -> list[Seen]:
    from prodimg_lab.verdict.comparison import Seen

    return [
        Seen(
            variant=row.trial.variant,
            product=row.trial.block.sku,
            block=row.trial.block.name,
            value=figure(row) if row.is_drawn else None,
            refused=row.outcome.state is TrialState.REFUSED,
        )
        for row in rows
    ]


def _paired(seen: Sequence[Seen], variant: str, baseline: str, *, by_product: bool) -> list[float]:
    """The differences of a variant and the baseline, one per unit."""
    means: dict[str, dict[str, list[float]]] = {}
    for each in seen:
        if each.value is not None and each.variant in (variant, baseline):
            unit = each.product if by_product else each.block
            means.setdefault(unit, {}).setdefault(each.variant, []).append(each.value)
    both = [own for own in means.values() if len(own) == 2]
    return [sum(own[variant]) / len(own[variant]) - sum(own[baseline]) / len(own[baseline]) for own in both]


def _pair_micro(view: RunView) -> int | None:
    prices = [price_micro(view, row) for row in view.drawn]
    known = [price for price in prices if price is not None]
    return round(2 * sum(known) / len(known)) if known and len(known) == len(prices) else None


def _calibration(views: Sequence[RunView], pairs: Sequence[Pair], by: str) -> tuple[str, ...]:
    """What must be said of the figure, held against people; nothing of people's own word."""
    if by == STARS:
        return ()
    (found,) = calibration_of({view.run_id: view for view in views}, pairs, [by])
    return (found.warning,) if found.warning else ()


def _skewed(compared: VariantComparison) -> tuple[str, ...]:
    """Variants that are refused more often than the baseline, surely: their pictures are a choice."""
    found = [row for row in compared.differences if row.refusals_interval is not None and row.refusals_interval.low > 0]
    return tuple(
        f"{row.variant} is refused more often than the baseline, by {row.refusals:.0%}: what was refused is in no mean"
        for row in found[:5]
    )


def _differences(views: Sequence[RunView]) -> tuple[str, ...]:
    """What else differs between runs than the variants."""

    def lines(name: str, of: Callable[[RunView], object]) -> list[str]:
        met = list(dict.fromkeys(str(of(view)) for view in views))
        return [f"{name}: {' / '.join(met)}"] if len(met) > 1 else []

    def versions(view: RunView) -> Mapping[str, str]:
        return dict(sorted(view.platform.items()))

    return (
        *lines("day", lambda view: view.started_at[:10]),
        *lines("models", lambda view: ", ".join(sorted(view.models))),
        *lines("rubric", lambda view: view.rubric),
        *lines("platform", lambda view: ", ".join(f"{name} {value}" for name, value in versions(view).items())),
        *lines("products", lambda view: len(view.products)),
    )
