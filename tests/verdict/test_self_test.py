from __future__ import annotations

import numpy as np
import pytest

from prodimg_lab.verdict.comparison import Seen
from prodimg_lab.verdict.self_test import self_test


def seen(values: np.ndarray) -> list[Seen]:
    return [
        Seen(variant=f"v{v}", product=f"p{p}", block=f"p{p}#0", value=float(value))
        for p, row in enumerate(values)
        for v, value in enumerate(row)
    ]


def test_on_ordinary_figures_the_rule_keeps_its_five_percent() -> None:
    values = np.random.default_rng(1).normal(3.5, 0.4, (40, 8)) + np.random.default_rng(2).normal(0, 0.3, (40, 1))
    found = self_test(seen(values), "v0", claim="these-products")
    assert found is not None and (found.units, found.variants, found.dealings) == (40, 8, 4000)
    assert 0.035 < found.share < 0.065 and found.says.endswith("as it should be")


def test_a_true_winner_does_not_make_the_rule_look_bad() -> None:
    values = np.random.default_rng(3).normal(3.5, 0.3, (30, 4))
    values[:, 1] += 0.6
    found = self_test(seen(values), "v0", claim="these-products")
    assert found is not None and found.interval.low <= 0.05


def test_equal_pictures_promote_nobody_and_too_few_units_are_not_tested() -> None:
    same = self_test(seen(np.full((5, 3), 2.0)), "v0", claim="these-products")
    assert same is not None and same.promoted == 0
    assert self_test(seen(np.full((2, 3), 2.0)), "v0", claim="these-products") is None


def test_the_same_run_gives_the_same_rate() -> None:
    values = np.random.default_rng(4).normal(3.5, 0.4, (12, 5))
    rates = {self_test(seen(values), "v2", claim="these-products") for _ in range(2)}
    assert len(rates) == 1


@pytest.mark.parametrize("claim", ["these-products", "products-in-general"])
def test_its_units_are_those_of_the_claim(claim: str) -> None:
    rows = [
        Seen(variant=f"v{v}", product=f"p{p}", block=f"p{p}#{s}", value=3.0 + v * s / 10)
        for v in range(2)
        for p in range(4)
        for s in range(3)
    ]
    found = self_test(rows, "v0", claim=claim, dealings=50)  # type: ignore[arg-type]
    assert found is not None and found.units == (12 if claim == "these-products" else 4)
