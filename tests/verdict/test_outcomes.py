from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from prodimg_lab.errors import UsageError
from prodimg_lab.verdict.outcomes import Counted, outcomes, read_outcomes


def test_one_product_is_the_difference_of_two_rates() -> None:
    lines = [
        Counted(asset="mug", arm="new", shown=1000, happened=60),
        Counted(asset="mug", arm="old", shown=1000, happened=40),
    ]
    (found,) = outcomes(lines, "old")
    assert found.difference == pytest.approx(0.02) == pytest.approx(found.crude)
    wald = np.sqrt(0.06 * 0.94 / 1000 + 0.04 * 0.96 / 1000)
    assert (found.interval.high - found.interval.low) / 2 == pytest.approx(1.96 * wald, rel=0.01)
    assert 0.03 < found.p < 0.05 and found.warning == ""


def test_a_bestseller_that_one_arm_was_shown_more_of_is_corrected() -> None:
    lines = [
        Counted(asset="bestseller", arm="new", shown=9000, happened=900),
        Counted(asset="bestseller", arm="old", shown=1000, happened=100),
        Counted(asset="slow", arm="new", shown=1000, happened=10),
        Counted(asset="slow", arm="old", shown=9000, happened=90),
    ]
    (found,) = outcomes(lines, "old")
    assert found.crude > 0.07 and found.difference == pytest.approx(0.0, abs=1e-12)
    assert found.interval.low < 0 < found.interval.high and found.p == pytest.approx(1.0)


def test_the_interval_covers_the_truth_in_nineteen_of_twenty(soak: bool) -> None:
    rng, runs, products = np.random.default_rng(1), 4000 if soak else 600, 30
    covered = 0
    for _ in range(runs):
        base = rng.beta(2, 40, products)
        shown = rng.integers(20, 400, (products, 2))
        clicks = np.stack([rng.binomial(shown[:, 0], base + 0.01), rng.binomial(shown[:, 1], base)], axis=1)
        lines = [
            Counted(asset=f"p{p}", arm=arm, shown=int(shown[p, at]), happened=int(clicks[p, at]))
            for p in range(products)
            for at, arm in enumerate(("new", "old"))
        ]
        (found,) = outcomes(lines, "old")
        covered += found.interval.low <= 0.01 <= found.interval.high
    assert abs(covered / runs - 0.95) <= 0.02 + 2 * np.sqrt(0.95 * 0.05 / runs)


def test_what_was_shown_in_one_arm_only_is_left_out_and_told() -> None:
    lines = [
        Counted(asset="a", arm="new", shown=100, happened=3),
        Counted(asset="a", arm="old", shown=100, happened=2),
        Counted(asset="b", arm="new", shown=100, happened=50),
    ]
    (found,) = outcomes(lines, "old")
    assert (found.products, found.left_out) == (1, 1) and found.difference == pytest.approx(0.01)
    assert "fewer than 10 clicked" in found.warning


def test_what_makes_no_sense_is_one_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.csv"

    def refused(text: str, what: str = "clicked") -> str:
        file.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError) as raised:
            outcomes(read_outcomes(file, what), "old")
        return str(raised.value)

    assert "has no column clicked" in refused("asset,arm,shown\na,old,1\n")
    assert "line 2: shown is 'many'" in refused("asset,arm,shown,clicked\na,old,many,1\n")
    assert "line 3: clicked 9 is more than shown 5" in refused("asset,arm,shown,clicked\na,old,5,1\na,new,5,9\n")
    assert "no arm 'old'" in refused("asset,arm,shown,clicked\na,new,5,1\n")
    assert "no product was shown in both arms" in refused("asset,arm,shown,clicked\na,new,5,1\nb,old,5,1\n")
    with pytest.raises(UsageError, match="can't be read"):
        read_outcomes(tmp_path / "nothing.csv")
