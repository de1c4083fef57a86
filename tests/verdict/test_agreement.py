from __future__ import annotations

import math
import random

import pytest
from scipy import stats

from prodimg_lab.verdict.agreement import kendall_tau_b, krippendorff_alpha, tau_of_signs
from prodimg_lab.verdict.effects import wilson_interval

NA = None
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3),
    (NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA),
)
"""Krippendorff 2011, section D: four observers, twelve units."""
UNITS = [[value for value in unit if value is not NA] for unit in zip(*OBSERVERS, strict=True)]


def test_alpha_of_krippendorffs_own_example_worked_by_hand() -> None:
    # coincidences 7, 10, 8, 4, 3 on the diagonal, margins 9, 13, 10, 5, 3 of 40
    chance = 9 * 8 + 13 * 12 + 10 * 9 + 5 * 4 + 3 * 2
    assert krippendorff_alpha(UNITS, "nominal") == pytest.approx((39 * 32 - chance) / (40 * 39 - chance), abs=1e-12)
    for metric, printed in (("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)):
        assert krippendorff_alpha(UNITS, metric) == pytest.approx(printed, abs=5e-4)  # type: ignore[arg-type]


def test_alpha_of_two_observers_and_two_values_worked_by_hand() -> None:
    # Krippendorff 2011, section A: ten units, 14 zeros and 6 ones, 4 mismatches (8 of the coincidences)
    pairs = list(zip((0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0), strict=True))
    assert krippendorff_alpha(pairs, "nominal") == pytest.approx(1 - 19 * 4 / (14 * 6), abs=1e-12)


def test_alpha_says_nothing_where_nothing_can_be_compared() -> None:
    assert krippendorff_alpha([]) is None
    assert krippendorff_alpha([[1], [2]]) is None
    assert krippendorff_alpha([[3, 3], [3, 3]]) is None
    assert krippendorff_alpha([[1, 1], [5, 5], [3, 3]]) == 1.0


def test_tau_b_of_kendalls_kind_worked_by_hand_and_held_against_scipy() -> None:
    first, second = (1, 2, 2, 3, 4), (1, 3, 2, 2, 4)  # 7 concordant, 1 discordant, one tie in each
    assert kendall_tau_b(first, second) == pytest.approx((7 - 1) / 9, abs=1e-12)
    rng = random.Random(5)
    for _ in range(50):
        a, b = ([rng.randint(1, 5) for _ in range(30)] for _ in range(2))
        assert kendall_tau_b(a, b) == pytest.approx(stats.kendalltau(a, b).statistic, abs=1e-12)
    assert kendall_tau_b((1, 1, 1), (1, 2, 3)) is None
    with pytest.raises(ValueError, match="3 values can't be paired with 2"):
        kendall_tau_b((1, 2, 3), (1, 2))


def test_tau_of_judged_pairs_counts_ties_for_neither() -> None:
    assert tau_of_signs([(1, 1), (1, 1), (-1, 1), (0, 1)]) == pytest.approx(1 / math.sqrt(3 * 4))
    assert tau_of_signs([(0, 1), (0, -1)]) is None


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_of_newcombes_table(successes: int, trials: int, low: float, high: float) -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
    interval = wilson_interval(successes, trials)
    assert interval is not None
    assert (interval.low, interval.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))
    z = 1.959963984540054
    middle, rate = 2 * successes + z * z, successes / trials
    half = z * math.sqrt(z * z + 4 * successes * (1 - rate))
    assert interval.low == pytest.approx((middle - half) / (2 * (trials + z * z)), abs=1e-6)
    assert interval.high == pytest.approx((middle + half) / (2 * (trials + z * z)), abs=1e-6)
