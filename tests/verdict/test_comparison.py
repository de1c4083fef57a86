from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from prodimg_lab.verdict.comparison import Claim, Seen, compare_variants
from prodimg_lab.verdict.components import components_of, needs
from prodimg_lab.verdict.decision import decide
from prodimg_lab.verdict.effects import newcombe_interval


def drawn(
    rng: np.random.Generator,
    variants: int,
    products: int,
    seeds: int,
    *,
    better: float = 0.0,
    within: float = 0.45,
    rho: float = 0.3,
    product: float = 0.25,
    interaction: float = 0.15,
) -> list[Seen]:
    """Figures by the model of `components`; `v1` is better than `v0` by that much."""
    shared = rng.normal(0, within * np.sqrt(rho), (products, seeds))
    error = rng.normal(0, within * np.sqrt(1 - rho), (variants, products, seeds))
    goods, react = rng.normal(0, product, products), rng.normal(0, interaction, (variants, products))
    lift = better * (np.arange(variants) == 1)
    figure = 3.5 + lift[:, None, None] + goods[None, :, None] + react[:, :, None] + shared[None] + error
    return [
        Seen(variant=f"v{v}", product=f"p{p}", block=f"p{p}#{s}", value=float(figure[v, p, s]))
        for v in range(variants)
        for p in range(products)
        for s in range(seeds)
    ]


def found(rows: Sequence[Seen], claim: Claim = "these-products") -> bool:
    compared = compare_variants(rows, "v0", claim=claim)
    return any(row.dunnett_p is not None and row.dunnett_p <= 0.05 for row in compared.differences)


def test_a_difference_is_the_paired_t() -> None:
    rows = drawn(np.random.default_rng(1), 3, 12, 1, better=0.3)
    by = {(row.variant, row.block): row.value for row in rows}
    one, zero = (np.array([by[name, f"p{p}#0"] for p in range(12)], float) for name in ("v1", "v0"))
    (row,) = (each for each in compare_variants(rows, "v0").differences if each.variant == "v1")
    theirs = stats.ttest_rel(one, zero)
    assert row.difference == pytest.approx((one - zero).mean()) and row.p == pytest.approx(theirs.pvalue)
    interval = theirs.confidence_interval()
    assert row.interval is not None and (row.interval.low, row.interval.high) == pytest.approx(tuple(interval))
    assert row.effect_size == pytest.approx((one - zero).mean() / (one - zero).std(ddof=1))
    assert row.won == pytest.approx(float(np.mean(one > zero))) and row.products == row.units == 12


def test_holm_is_that_of_the_textbook() -> None:
    rows = drawn(np.random.default_rng(2), 5, 10, 1, better=0.4)
    compared = compare_variants(rows, "v0").differences
    ordered = sorted(row.p or 0.0 for row in compared)
    wanted = np.maximum.accumulate([min(1.0, (4 - at) * p) for at, p in enumerate(ordered)])
    assert sorted(row.holm_p or 0.0 for row in compared) == pytest.approx(list(wanted))


def test_seeds_of_a_product_are_no_products() -> None:
    rows = drawn(np.random.default_rng(3), 3, 6, 8)
    these, general = (compare_variants(rows, "v0", claim=claim) for claim in ("these-products", "products-in-general"))
    assert (these.units, general.units) == (48, 6)
    assert all(
        one.difference == pytest.approx(other.difference)
        for one, other in zip(
            sorted(these.differences, key=lambda row: row.variant),
            sorted(general.differences, key=lambda row: row.variant),
            strict=True,
        )
    )
    assert general.warnings and "6 products are few" in general.warnings[0] and not these.warnings


def test_a_claim_about_products_in_general_is_refused_on_too_few() -> None:
    rows = drawn(np.random.default_rng(4), 3, 4, 10, better=2.0)
    compared = compare_variants(rows, "v0", claim="products-in-general")
    assert "4 products say nothing about products in general" in compared.refused
    assert decide(compared, finished=True).choice == "inconclusive"
    assert decide(compare_variants(rows, "v0"), finished=True).choice == "promote"


@pytest.mark.parametrize(("products", "seeds", "claim"), [(40, 1, "these-products"), (8, 6, "products-in-general")])
def test_without_a_difference_a_variant_is_promoted_in_one_of_twenty(
    products: int, seeds: int, claim: Claim, soak: bool
) -> None:
    rng, runs = np.random.default_rng(5), 2000 if soak else 200
    false = sum(found(drawn(rng, 8, products, seeds), claim) for _ in range(runs)) / runs
    assert false <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs), "two Monte-Carlo standard errors"


def test_a_true_difference_is_found_with_the_power_that_the_planner_promises(soak: bool) -> None:
    rng, runs = np.random.default_rng(6), 1000 if soak else 150
    rows = drawn(rng, 2, 400, 1)
    by = {(row.variant, row.block): row.value or 0.0 for row in rows}
    (need,) = needs([by["v1", f"p{p}#0"] - by["v0", f"p{p}#0"] for p in range(400)], sizes=(0.2,))
    assert 40 <= need.units <= 66 and need.more == 0, "51 by the formula at a spread of 0.573"
    power = sum(found(drawn(rng, 2, need.units, 1, better=0.2)) for _ in range(runs)) / runs
    assert abs(power - 0.8) <= 0.05 + 2 * np.sqrt(0.16 / runs)


def test_components_are_found_again() -> None:
    rng = np.random.default_rng(7)
    each = [components_of(drawn(rng, 6, 40, 4)) for _ in range(20)]
    means = {
        name: np.mean([getattr(one, name) for one in each]) for name in ("within", "product", "interaction", "rho")
    }
    assert means == pytest.approx({"within": 0.45, "product": 0.25, "interaction": 0.15, "rho": 0.3}, abs=0.04)


def test_one_seed_a_product_tells_no_components_and_too_little_tells_nothing() -> None:
    alone = components_of(drawn(np.random.default_rng(8), 3, 10, 1))
    assert alone is not None and (alone.seeds, alone.within, alone.rho) == (1, None, None)
    assert components_of(drawn(np.random.default_rng(8), 3, 1, 9)) is None
    assert components_of(drawn(np.random.default_rng(8), 1, 9, 2)) is None


def test_what_was_refused_is_left_out_of_the_pairs_and_counted() -> None:
    rows = drawn(np.random.default_rng(9), 2, 10, 1)
    rows = [
        replace(row, value=None, refused=True) if row.variant == "v1" and row.product < "p4" else row for row in rows
    ]
    (row,) = compare_variants(rows, "v0").differences
    assert (row.units, row.refusals) == (6, 0.4)
    assert row.refusals_interval == newcombe_interval(4, 10, 0, 10)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((10, 10, 0, 20), 0.6791, 1.0)],
)
def test_newcombes_interval_has_the_published_digits(counts: tuple[int, ...], low: float, high: float) -> None:
    # Newcombe (1998), table II, method 10, examples (a), (b) and (g)
    interval = newcombe_interval(*counts)
    assert interval is not None and (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_the_baseline_is_kept_when_nothing_can_be_better_by_a_tenth() -> None:
    rows = drawn(np.random.default_rng(10), 4, 80, 2, within=0.1, interaction=0.02)
    decision = decide(compare_variants(rows, "v0"), finished=True)
    assert decision.choice == "keep baseline" and "no variant can be better by 0.1" in decision.why


def test_an_unfinished_run_is_never_decided() -> None:
    rows = drawn(np.random.default_rng(11), 3, 30, 1, better=1.0)
    decision = decide(compare_variants(rows, "v0"), finished=False)
    assert (decision.choice, decision.variant) == ("inconclusive", "v1") and "not finished" in decision.why


def test_equal_pictures_and_single_units_give_no_number_that_is_none() -> None:
    same = [Seen(variant=f"v{v}", product=f"p{p}", block=f"p{p}#0", value=3.0) for v in range(3) for p in range(6)]
    compared = compare_variants(same, "v0")
    assert all(
        (row.difference, row.p, row.dunnett_p, row.effect_size) == (0.0, 1.0, 1.0, None) for row in compared.differences
    )
    assert decide(compared, finished=True).choice == "keep baseline"
    single = [row for row in same if row.product == "p0"]
    (first, *_) = compare_variants(single, "v0").differences
    assert (first.units, first.interval, first.p, first.dunnett_p, first.why) == (
        1,
        None,
        None,
        None,
        "no interval: one unit",
    )
    assert "it takes 3" in decide(compare_variants(single, "v0"), finished=True).why
    with pytest.raises(ValueError, match="none of the variants"):
        compare_variants(same, "v9")
