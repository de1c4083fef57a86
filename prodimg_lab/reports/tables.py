"""What does a run come to by variant, by product, by model and by reason?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from prodimg_lab.experiment.figures import price_micro, quantile
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.records import TrialState
from prodimg_lab.verdict.effects import FactorEffect, Interval, Observation, main_effects, wilson_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of a group of trials. `quality` is the mean of `scored` pictures, `seconds` the median of calls made.

    `price_usd` is the mean price of a drawn picture (list price for those from the store), `spent_micro` what this run
    spent on the group. None: there is nothing to average. `rows` are the group's, in plan order.
    """

    name: str
    rows: tuple[TrialRow, ...]
    drawn: int
    refused: int
    failed: int
    refusal: Interval | None
    quality: float | None
    scored: int
    seconds: float | None
    seconds_p95: float | None
    price_usd: float | None
    spent_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Trials that ended without a picture for one `reason`, in plan order, and what they cost this run."""

    state: TrialState
    reason: str
    rows: tuple[TrialRow, ...]

    @property
    def spent_micro(self) -> int:
        """Micro-dollars spent on them, or possibly spent where the state is `uncertain`."""
        return sum(row.outcome.cost_micro for row in self.rows)


def by_variant(view: RunView) -> tuple[Line, ...]:
    """One line per variant that has a trial, best mean quality first; those without a quality last, in plan order."""
    lines = _lines(view, lambda row: row.trial.variant, [variant.name for variant in view.variants])
    return tuple(sorted(lines, key=lambda line: -1.0 if line.quality is None else line.quality, reverse=True))


def by_product(view: RunView) -> tuple[Line, ...]:
    """One line per product that has a trial, worst mean quality first; those without a quality last."""
    lines = _lines(view, lambda row: row.trial.block.sku, list(view.products))
    return tuple(sorted(lines, key=lambda line: 6.0 if line.quality is None else line.quality))


def by_model(view: RunView) -> tuple[Line, ...]:
    """One line per model that has a trial, in the order of `view.models`."""
    return _lines(view, lambda row: row.trial.request.model, list(view.models))


def troubles(view: RunView) -> tuple[Trouble, ...]:
    """Refused, failed and uncertain trials by state and reason, the most frequent first."""
    bad = (TrialState.REFUSED, TrialState.FAILED, TrialState.UNCERTAIN)
    found: dict[tuple[TrialState, str], list[TrialRow]] = defaultdict(list)
    for row in view.rows:
        if row.outcome.state in bad:
            found[row.outcome.state, row.outcome.reason or "no reason given"].append(row)
    made = [Trouble(state=state, reason=reason, rows=tuple(rows)) for (state, reason), rows in found.items()]
    return tuple(sorted(made, key=lambda each: (bad.index(each.state), -len(each.rows), each.reason)))


def scorers_of(view: RunView) -> tuple[str, ...]:
    """The names of all scorers that said something, in the order met."""
    return tuple(dict.fromkeys(name for row in view.rows for name in row.scores))


def quality_effects(view: RunView) -> tuple[FactorEffect, ...]:
    """What each level of each factor does to quality, paired by block; see `verdict.effects`.

    Freed from the other factors (`verdict.adjusted`) where levels met different mixtures of them.
    """
    seen = [
        Observation(block=row.trial.block.name, levels=row.trial.levels, value=row.quality)
        for row in view.drawn
        if row.quality is not None
    ]
    plain = main_effects(seen, view.factors)
    if all(effect.balanced for effect in plain):
        return plain
    from prodimg_lab.verdict.adjusted import adjusted_effects

    return adjusted_effects(seen, view.factors)


def _lines(view: RunView, key: Callable[[TrialRow], str], order: Sequence[str]) -> tuple[Line, ...]:
    groups: dict[str, list[TrialRow]] = {name: [] for name in order}
    for row in view.rows:
        groups.setdefault(key(row), []).append(row)
    return tuple(_line(view, name, tuple(rows)) for name, rows in groups.items() if rows)


def _line(view: RunView, name: str, rows: tuple[TrialRow, ...]) -> Line:
    drawn = [row for row in rows if row.is_drawn]
    refused = _count(rows, TrialState.REFUSED)
    qualities = [row.quality for row in drawn if row.quality is not None]
    times = sorted(row.outcome.seconds for row in drawn if not row.outcome.cached)
    prices = [price for price in (price_micro(view, row) for row in drawn) if price is not None]
    return Line(
        name=name,
        rows=rows,
        drawn=len(drawn),
        refused=refused,
        failed=_count(rows, TrialState.FAILED) + _count(rows, TrialState.UNCERTAIN),
        refusal=wilson_interval(refused, refused + len(drawn)),
        quality=fmean(qualities) if qualities else None,
        scored=len(qualities),
        seconds=quantile(times, 0.5),
        seconds_p95=quantile(times, 0.95),
        price_usd=fmean(prices) / 1_000_000 if len(prices) == len(drawn) and prices else None,
        spent_micro=sum(row.outcome.cost_micro for row in rows),
    )


def _count(rows: Iterable[TrialRow], state: TrialState) -> int:
    return sum(row.outcome.state is state for row in rows)
