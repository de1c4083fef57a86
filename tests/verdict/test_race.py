from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from prodimg_lab.verdict.race import LIGHT, STRONG, Race, Rule


def run(race: Race, rng: np.random.Generator, effects: Sequence[float], *, noise: float = 0.4) -> Race:
    """Draw blocks until it is over; all alive variants share what a block adds."""
    place = {name: at for at, name in enumerate(race.variants)}
    while not race.is_over:
        shared = rng.normal(0, 0.3)
        figures = {name: 3.5 + effects[place[name]] + shared + rng.normal(0, noise) for name in race.alive}
        race.add(f"b{race.blocks}", figures)
    return race


def names(count: int) -> list[str]:
    return [f"v{at}" for at in range(count)]


def test_a_variant_drops_when_its_paired_t_passes_the_bound_and_not_before() -> None:
    rng = np.random.default_rng(1)
    race, figures = Race(["a", "b"], Rule(level=0.025, first=6, stop=40)), []
    while not race.is_over:
        pair = (float(rng.normal(4, 0.3)), float(rng.normal(3.8, 0.3)))
        figures.append(pair)
        race.add(f"b{race.blocks}", dict(zip("ab", pair, strict=True)))
    looks = [n for n in range(6, len(figures) + 1, 2)]
    passed = []
    for n in looks:
        one, other = np.array(figures[:n]).T
        one, other = (one, other) if one.mean() >= other.mean() else (other, one)
        passed.append(stats.ttest_rel(one, other).statistic > stats.t.ppf(0.975, n - 1))
    (drop,) = race.drops
    assert passed[:-1] == [False] * (len(looks) - 1) and passed[-1] and drop.blocks == looks[-1]
    assert drop.why.startswith(f"{drop.behind:.2f} behind {drop.leader} on {drop.blocks} blocks (t ")


def test_bad_variants_leave_early_and_the_best_stays() -> None:
    effects = [0.0, 0.4, *([-0.6] * 6)]
    race = run(Race(names(8)), np.random.default_rng(2), effects)
    assert race.leader == "v1" and race.blocks <= STRONG.stop
    gone = {drop.variant: drop.blocks for drop in race.drops}
    assert all(gone[f"v{at}"] <= 20 for at in range(2, 8))


def test_the_light_setting_draws_less(soak: bool) -> None:
    def pictures(rule: Rule) -> int:
        race = run(Race(names(8), rule), np.random.default_rng(3), [0.0] * 8)
        return sum(len(own) for own in race.figures.values())

    assert pictures(LIGHT) < 0.75 * pictures(STRONG)


def test_many_are_halved_before_they_are_tested() -> None:
    race = Race(names(64), LIGHT)
    rng = np.random.default_rng(4)
    for _ in range(LIGHT.first):
        race.add(f"b{race.blocks}", {name: float(rng.normal(3, 0.3)) for name in race.alive})
    assert len(race.alive) == 32 and {drop.why for drop in race.drops} == {"in the worse half of 64 after 8 blocks"}
    assert race.next_blocks == 8
    run(race, rng, [0.0] * 64)
    assert len(race.alive) <= 24


def test_what_was_refused_is_left_out_of_the_pairs() -> None:
    race = Race(["a", "b", "c"], Rule(level=0.05, first=4, stop=8))
    for at in range(4):
        race.add(f"b{at}", {"a": 4.0 + at / 100, "b": None if at < 3 else 1.0, "c": 3.0 - at / 100})
    assert race.alive == ["a", "b"], "b has too few figures to be judged"
    assert race.mean("b") == 1.0 and race.drops[0].variant == "c"


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 30))
def test_a_race_ends_and_the_same_blocks_give_the_same_drops(seed: int, count: int) -> None:
    effects = np.random.default_rng(seed).normal(0, 0.15, count).tolist()
    first, second = (run(Race(names(count), LIGHT), np.random.default_rng(seed), effects) for _ in range(2))
    assert first.drops == second.drops and first.alive == second.alive
    assert first.is_over and first.next_blocks == 0 and first.leader in first.alive
    assert len(first.alive) + len(first.drops) == count and first.blocks <= LIGHT.stop


def test_a_race_without_variants_or_with_one_twice_is_refused() -> None:
    for wrong in ([], ["a", "a"]):
        with pytest.raises(ValueError, match="each once"):
            Race(wrong)
    assert Race(["a"]).is_over
