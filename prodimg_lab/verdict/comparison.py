"""Which variants differ from the baseline, how much, and how surely? Paired by block, corrected for many looks.

Every variant met the same blocks (one product × one seed), so difference and error are taken within blocks. The unit of
an error is what the claim is about:

- `these-products`: a block. The error says how far other seeds of these very products might have moved the mean (and a
  little more, since products that react differently to a variant widen it).
- `products-in-general`: a product, its blocks averaged first. Seeds of one product are not products: taking them for
  such finds a difference in a third of the experiments without one (facts: 35 % at 5 products × 20 seeds).

For a variant v and the baseline 0 over the n units that have both, d = y_v - y_0:

    difference = mean d        interval = mean ± t(n - 1; 0.975) sd(d) / sqrt(n)        p: paired t, two-sided
    holm       = Holm (1979), step-down over all variants
    effect     = difference / sd(d), Cohen's d of pairs        won = share of products with a mean d above 0, ties half

Dunnett's p and simultaneous interval use the units that have every variant, and one residual variance: that of the
two-way table after units and variants are taken out, with (units - 1)(variants - 1) degrees of freedom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from prodimg_lab.verdict.dunnett import adjusted_p, critical
from prodimg_lab.verdict.effects import Interval, mean_interval, newcombe_interval

Claim = Literal["these-products", "products-in-general"]
Floats = NDArray[np.float64]

FEWEST_PRODUCTS, ENOUGH_PRODUCTS = 5, 20
"""A claim about products in general is refused below the first, and told to be shaky below the second."""
FEWEST_UNITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One picture: its variant, product, block (unique name) and figure; None where there is none (refused, unscored).

    `refused` counts for the refusal rate; a picture that could not be scored is neither.
    """

    variant: str
    product: str
    block: str
    value: float | None
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A variant against the baseline, in points of the figure; see the module for every formula.

    `units` have both. `dunnett_p` is one-sided (better than the baseline, any of all variants), `simultaneous` the
    two-sided interval that holds for all variants at once; None where too few units have every variant. `refusals` is
    the difference of refusal rates with Newcombe's interval. What could not be computed is None and `why` says so.
    """

    variant: str
    units: int
    mean: float | None = None
    difference: float | None = None
    interval: Interval | None = None
    p: float | None = None
    holm_p: float | None = None
    effect_size: float | None = None
    won: float | None = None
    products: int = 0
    dunnett_p: float | None = None
    simultaneous: Interval | None = None
    refusals: float | None = None
    refusals_interval: Interval | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantComparison:
    """All variants against the baseline, best difference first. `units` and `complete` count blocks or products.

    `residual_sd` is that of the two-way table. `warnings` must stand beside whatever is said of it; `refused` says why
    the claim cannot be made, "" where it can.
    """

    baseline: str
    claim: Claim
    units: int
    complete: int
    products: int
    baseline_mean: float | None
    residual_sd: float | None
    differences: tuple[Difference, ...]
    warnings: tuple[str, ...] = ()
    refused: str = ""


Table = Mapping[str, Mapping[str, float]]
"""Mean figure by unit, then variant."""


def compare_variants(seen: Sequence[Seen], baseline: str, *, claim: Claim = "these-products") -> VariantComparison:
    """Hold every variant against `baseline`. Raises ValueError where the baseline has no picture."""
    variants = list(dict.fromkeys(each.variant for each in seen))
    if baseline not in variants:
        raise ValueError(f"the baseline {baseline!r} is none of the variants")
    table, (_, by_product) = unit_table(seen, claim), _tables(seen)
    others = [name for name in variants if name != baseline]
    rest, together = [], _together(table, baseline, others)
    for name in others:
        rest.append(_difference(seen, table, by_product, baseline, name, together))
    corrected = _holm(rest)
    products = {each.product for each in seen if each.value is not None}
    own = [means[baseline] for means in table.values() if baseline in means]
    refused, warnings = _bounds(claim, len(products))
    return VariantComparison(
        baseline=baseline,
        claim=claim,
        units=len(table),
        complete=together.units,
        products=len(products),
        baseline_mean=float(np.mean(own)) if own else None,
        residual_sd=together.sd,
        differences=tuple(sorted(corrected, key=_order)),
        warnings=warnings,
        refused=refused,
    )


def unit_table(seen: Sequence[Seen], claim: Claim) -> Table:
    """The mean figure by unit of the claim, then variant."""
    by_block, by_product = _tables(seen)
    return by_block if claim == "these-products" else by_product


def _order(row: Difference) -> float:
    return inf if row.difference is None else -row.difference


def _bounds(claim: Claim, products: int) -> tuple[str, tuple[str, ...]]:
    if claim == "these-products":
        return "", ()
    if products < FEWEST_PRODUCTS:
        return f"{products} products say nothing about products in general; it takes {FEWEST_PRODUCTS} at least", ()
    few = f"{products} products are few for a claim about products in general: {ENOUGH_PRODUCTS} make it steady"
    return "", (few,) if products < ENOUGH_PRODUCTS else ()


def _tables(seen: Sequence[Seen]) -> tuple[Table, Table]:
    """Mean figure by block and by product; a product's blocks are averaged where a variant has a figure."""
    blocks: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    home: dict[str, str] = {}
    for each in seen:
        if each.value is not None:
            blocks[each.block][each.variant].append(each.value)
            home[each.block] = each.product
    by_block = {block: {name: float(np.mean(own)) for name, own in row.items()} for block, row in blocks.items()}
    products: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for block, row in by_block.items():
        for name, value in row.items():
            products[home[block]][name].append(value)
    by_product = {key: {name: float(np.mean(own)) for name, own in row.items()} for key, row in products.items()}
    return by_block, by_product


@dataclass(frozen=True, slots=True, kw_only=True)
class _Together:
    """The units that have every variant: how many, their mean by variant, residual sd and degrees of freedom."""

    units: int
    means: Mapping[str, float]
    sd: float | None
    freedom: int


def _together(table: Table, baseline: str, others: Sequence[str]) -> _Together:
    names = [baseline, *others]
    rows = [[means[name] for name in names] for means in table.values() if all(name in means for name in names)]
    if len(rows) < FEWEST_UNITS or not others:
        return _Together(units=len(rows), means={}, sd=None, freedom=0)
    values = np.array(rows)
    left = values - values.mean(1, keepdims=True) - values.mean(0, keepdims=True) + values.mean()
    freedom = (len(rows) - 1) * len(others)
    sd = sqrt(float((left**2).sum()) / freedom)
    means = dict(zip(names, values.mean(0).tolist(), strict=True))
    return _Together(units=len(rows), means=means, sd=sd, freedom=freedom)


def _difference(
    seen: Sequence[Seen], table: Table, by_product: Table, baseline: str, name: str, together: _Together
) -> Difference:
    pairs = [(means[name], means[baseline]) for means in table.values() if name in means and baseline in means]
    off = np.array([one - other for one, other in pairs])
    refusals, around = _refusals(seen, baseline, name)
    shared = {"variant": name, "units": len(pairs), "refusals": refusals, "refusals_interval": around}
    if not len(off):
        return Difference(**shared, why="no unit has this variant and the baseline")  # type: ignore[arg-type]
    spread = float(off.std(ddof=1)) if len(off) > 1 else 0.0
    by_goods = [means[name] - means[baseline] for means in by_product.values() if name in means and baseline in means]
    won = sum(1.0 if each > 0 else 0.5 if each == 0 else 0.0 for each in by_goods)
    dunnett_p, simultaneous = _dunnett(together, baseline, name)
    return Difference(
        **shared,  # type: ignore[arg-type]
        mean=float(np.mean([one for one, _ in pairs])),
        difference=float(off.mean()),
        interval=mean_interval(off.tolist()),
        p=_paired_p(off, spread),
        effect_size=float(off.mean()) / spread if spread else None,
        won=won / len(by_goods) if by_goods else None,
        products=len(by_goods),
        dunnett_p=dunnett_p,
        simultaneous=simultaneous,
        why="no interval: one unit" if len(off) == 1 else "",
    )


def _paired_p(off: Floats, spread: float) -> float | None:
    if len(off) < 2:
        return None
    if not spread:  # every difference is the same
        return 1.0 if off[0] == 0 else 0.0
    t = float(off.mean()) / (spread / sqrt(len(off)))
    return float(2 * stats.t.sf(abs(t), len(off) - 1))


def _dunnett(together: _Together, baseline: str, name: str) -> tuple[float | None, Interval | None]:
    if together.sd is None:
        return None, None
    treatments = len(together.means) - 1
    difference = together.means[name] - together.means[baseline]
    error = together.sd * sqrt(2 / together.units)
    if not error:
        return (0.0 if difference > 0 else 1.0), Interval(low=difference, high=difference)
    p = adjusted_p(difference / error, treatments, together.freedom, two_sided=False)
    half = critical(treatments, together.freedom) * error
    return p, Interval(low=difference - half, high=difference + half)


def _refusals(seen: Sequence[Seen], baseline: str, name: str) -> tuple[float | None, Interval | None]:
    counts = {}
    for variant in (name, baseline):
        own = [each for each in seen if each.variant == variant and (each.refused or each.value is not None)]
        counts[variant] = (sum(each.refused for each in own), len(own))
    (one, of_one), (other, of_other) = counts[name], counts[baseline]
    if not of_one or not of_other:
        return None, None
    return one / of_one - other / of_other, newcombe_interval(one, of_one, other, of_other)


def _holm(rows: Sequence[Difference]) -> list[Difference]:
    """Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979)."""
    from dataclasses import replace

    tested = sorted((row for row in rows if row.p is not None), key=lambda row: row.p or 0.0)
    least, adjusted = 0.0, {}
    for at, row in enumerate(tested):
        least = max(least, min(1.0, (len(tested) - at) * (row.p or 0.0)))
        adjusted[row.variant] = least
    return [replace(row, holm_p=adjusted.get(row.variant)) for row in rows]
