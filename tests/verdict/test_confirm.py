from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from prodimg_lab.verdict.confirm import SCHEDULES, Way, e_value, look

PLAN = SCHEDULES[120]


def promoted(rng: np.random.Generator, way: Way, *, better: float = 0.0, spread: float = 0.573) -> bool:
    """One confirmation, looked at whenever it may be."""
    off = rng.normal(better, spread, PLAN.most).tolist()
    ends = PLAN.at if way == "planned" else range(2, PLAN.most + 1)
    for n in ends:
        state = look(off[:n], way).state
        if state != "go on":
            return state == "promote"
    return False


@pytest.mark.parametrize(("n", "bound"), [(10, 6.44), (30, 3.72), (60, 2.63), (90, 2.15), (120, 1.86)])
def test_the_boundary_of_the_plan_is_that_of_the_facts(n: int, bound: float) -> None:
    rng = np.random.default_rng(n)
    assert look(rng.normal(0, 1, n).tolist(), "planned").bound == pytest.approx(bound, abs=0.005)
    assert len(PLAN.at) == 23


def test_z_is_that_of_the_t_distribution_and_keeps_its_digits_far_out() -> None:
    off = np.random.default_rng(1).normal(0.4, 0.5, 30)
    t = off.mean() / (off.std(ddof=1) / np.sqrt(30))
    seen = look(off.tolist(), "planned")
    assert seen.evidence == pytest.approx(-stats.norm.ppf(stats.t.sf(t, 29)))
    far = look((5 + np.arange(30) / 1e4).tolist(), "planned")
    assert 20 < far.evidence < 40 and far.state == "promote"


@pytest.mark.parametrize("way", ["planned", "open"])
def test_without_a_difference_it_promotes_in_one_of_twenty_at_most(way: Way, soak: bool) -> None:
    rng, runs = np.random.default_rng(2), 4000 if soak else 400
    share = sum(promoted(rng, way) for _ in range(runs)) / runs
    assert share <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.parametrize(("way", "least"), [("planned", 0.93), ("open", 0.83)])
def test_a_difference_of_a_fifth_is_found(way: Way, least: float, soak: bool) -> None:
    rng, runs = np.random.default_rng(3), 2000 if soak else 200
    share = sum(promoted(rng, way, better=0.2) for _ in range(runs)) / runs
    assert share >= least - 2 * np.sqrt(least * (1 - least) / runs)


def test_a_look_off_the_schedule_is_shown_and_never_acted_on() -> None:
    off = (1 + np.random.default_rng(4).normal(0, 0.1, 12)).tolist()
    seen = look(off, "planned")
    assert seen.evidence > seen.bound and (seen.acts, seen.state) == (False, "go on")
    assert look(off, "open").state == "promote"
    assert look([*off, *off[:3]], "planned").state == "promote", "15 is in the plan"


def test_it_stops_when_nothing_worth_a_change_can_come() -> None:
    off = np.random.default_rng(5).normal(-0.3, 0.3, 120).tolist()
    assert look(off[:20], "planned").state == "no" == look(off[:20], "open").state
    assert look(off[:15], "planned").state == "go on", "not before 20"
    even = (0.055 + 0.6 * np.sin(np.arange(120))).tolist()
    assert look(even, "planned").state == "undecided" and look(even, "open").state == "go on"


def test_the_two_sided_part_of_e_is_the_bayes_factor_of_the_t_test() -> None:
    # right-Haar prior on the scale, N(0, g sigma^2) on the mean: the marginal of t is a scaled t under both
    n, g = 25, 0.10
    for t in (-2.0, 0.0, 1.0, 3.0):
        scale = np.sqrt(1 + n * g)
        bayes = stats.t.pdf(t / scale, n - 1) / scale / stats.t.pdf(t, n - 1)
        one_sided = 2 * stats.norm.cdf(t / np.sqrt(1 + t * t / (2 * (n - 1))) * np.sqrt(n * g / (1 + n * g)))
        assert e_value(t, n) == pytest.approx(bayes * one_sided, rel=1e-9)


def test_equal_differences_and_too_few_units() -> None:
    assert look([0.0] * 30, "open").state == "no" and look([0.5] * 30, "planned").state == "promote"
    with pytest.raises(ValueError, match="takes 2 units"):
        look([1.0], "open")
