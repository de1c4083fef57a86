"""Main effects against figures worked out by hand, and against an independent formula."""

from __future__ import annotations

from math import sqrt
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.verdict.effects import (
    FactorEffect,
    Interval,
    Observation,
    main_effects,
    mean_interval,
    wilson_interval,
)

LIGHT = {"lighting": ("softbox", "golden-hour")}


def rows_of(table: dict[str, dict[str, float]]) -> list[Observation]:
    """One row per block and level of lighting."""
    return [
        Observation(block=block, levels={"lighting": level}, value=value)
        for block, values in table.items()
        for level, value in values.items()
    ]


def only(effects: tuple[FactorEffect, ...]) -> FactorEffect:
    (effect,) = effects
    return effect


THREE_BLOCKS = {
    "a#0": {"softbox": 3.0, "golden-hour": 4.0},
    "b#0": {"softbox": 1.0, "golden-hour": 2.5},
    "c#0": {"softbox": 4.5, "golden-hour": 5.0},
}


def test_effects_and_intervals_equal_the_ones_worked_out_by_hand() -> None:
    # Differences golden-softbox: 1, 1.5, 0.5: mean 1, sd 0.5, t(2; .975) = 4.302652730 (Student's table: 4.303).
    effect = only(main_effects(rows_of(THREE_BLOCKS), LIGHT))
    soft, golden = effect.levels
    half = 4.302652729911275 * 0.5 / sqrt(3)
    assert effect.mean == pytest.approx((3.5 + 1.75 + 4.75) / 3)
    assert (soft.effect, golden.effect) == (pytest.approx(-0.5), pytest.approx(0.5))
    assert golden.mean == pytest.approx(fmean([4.0, 2.5, 5.0]))
    assert golden.against_first == pytest.approx(1.0)
    assert golden.against_first_interval is not None
    assert golden.against_first_interval.low == pytest.approx(1.0 - half)
    assert golden.against_first_interval.high == pytest.approx(1.0 + half)
    assert golden.interval is not None
    assert golden.interval.low == pytest.approx(0.5 - half / 2)
    assert soft.against_first is None
    assert (effect.blocks, golden.blocks, golden.pictures) == (3, 3, 3)
    assert effect.balanced
    assert effect.spread == pytest.approx(1.0)


def test_a_difference_between_blocks_does_not_widen_the_interval() -> None:
    lifted = {block: {k: v + 10 * i for k, v in row.items()} for i, (block, row) in enumerate(THREE_BLOCKS.items())}
    plain, far = only(main_effects(rows_of(THREE_BLOCKS), LIGHT)), only(main_effects(rows_of(lifted), LIGHT))
    for one, other in zip(plain.levels, far.levels, strict=True):
        assert one.interval is not None and other.interval is not None
        assert other.interval.low == pytest.approx(one.interval.low)
        assert other.effect == pytest.approx(one.effect)


def test_one_block_gives_an_effect_without_an_interval_and_says_so() -> None:
    effect = only(main_effects(rows_of({"a#0": {"softbox": 3.0, "golden-hour": 4.0}}), LIGHT))
    assert [each.interval for each in effect.levels] == [None, None]
    assert [each.why for each in effect.levels] == ["no interval: one block"] * 2
    assert effect.levels[1].effect == pytest.approx(0.5)


def test_levels_that_never_share_a_block_are_not_compared() -> None:
    effect = only(main_effects(rows_of({"a#0": {"softbox": 1.0}, "b#0": {"golden-hour": 5.0}}), LIGHT))
    assert [each.effect for each in effect.levels] == [None, None]
    assert effect.mean is None
    assert effect.levels[0].why == "no block holds this level and another"
    assert effect.spread == 0.0


def test_a_block_with_one_level_only_counts_for_nothing() -> None:
    with_orphan = only(main_effects(rows_of({**THREE_BLOCKS, "d#0": {"golden-hour": 0.0}}), LIGHT))
    without = only(main_effects(rows_of(THREE_BLOCKS), LIGHT))
    assert with_orphan.levels[1].effect == without.levels[1].effect
    assert with_orphan.levels[1].pictures == 4
    assert with_orphan.blocks == 3


def test_rows_to_which_the_factor_does_not_apply_stand_outside() -> None:
    plain = [Observation(block=block, levels={"lighting": "none"}, value=0.0) for block in THREE_BLOCKS]
    absent = [Observation(block=block, levels={}, value=0.0) for block in THREE_BLOCKS]
    factors = {"lighting": ("none", "softbox", "golden-hour")}
    effect = only(main_effects([*plain, *rows_of(THREE_BLOCKS), *absent], factors))
    assert [each.level for each in effect.levels] == ["softbox", "golden-hour"]
    assert effect.levels[1].effect == pytest.approx(0.5)
    assert effect.not_applicable == 6
    assert effect.balanced


def test_the_level_that_does_not_apply_is_the_one_of_the_sweeps() -> None:
    from prodimg_lab import sweeps
    from prodimg_lab.verdict import effects

    assert effects.NONE == sweeps.NONE


def test_a_template_is_compared_by_the_mean_over_the_levels_that_only_it_takes() -> None:
    rows = [
        Observation(block=block, levels={"template": template, "lighting": lighting}, value=value)
        for block, lift in (("a#0", 0.0), ("b#0", 1.0))
        for template, lighting, value in (
            ("plain", "none", 2.0 + lift),
            ("kitchen", "softbox", 3.0 + lift),
            ("kitchen", "golden-hour", 4.0 + lift),
        )
    ]
    factors = {"template": ("plain", "kitchen"), "lighting": ("softbox", "golden-hour")}
    template, lighting = main_effects(rows, factors)
    assert template.levels[1].against_first == pytest.approx(1.5)
    assert template.balanced
    assert lighting.levels[1].effect == pytest.approx(0.5)
    assert lighting.not_applicable == 2


def test_an_unequal_mixture_of_another_factor_is_admitted() -> None:
    cells = (("softbox", "front", 1.0), ("golden-hour", "front", 2.0), ("golden-hour", "top", 5.0))
    rows = [
        Observation(block=block, levels={"lighting": light, "angle": angle}, value=value)
        for block in ("a#0", "b#0")
        for light, angle, value in cells
    ]
    lighting, angle = main_effects(rows, {**LIGHT, "angle": ("front", "top")})
    assert not lighting.balanced
    assert not angle.balanced


def test_a_factor_with_one_level_has_no_effect_to_show() -> None:
    assert main_effects(rows_of(THREE_BLOCKS), {"lighting": ("softbox",)}) == ()


def test_no_rows_give_levels_without_figures() -> None:
    effect = only(main_effects([], LIGHT))
    assert [each.why for each in effect.levels] == ["no picture with this level"] * 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.floats(0, 5, allow_nan=False)] * 3), min_size=2, max_size=6))
def test_effects_of_a_full_design_add_up_to_nothing_and_order_changes_nothing(values: list[tuple[float, ...]]) -> None:
    factors = {"angle": ("front", "side", "top")}
    rows = [
        Observation(block=str(i), levels={"angle": angle}, value=value)
        for i, block in enumerate(values)
        for angle, value in zip(factors["angle"], block, strict=True)
    ]
    effect, again = only(main_effects(rows, factors)), only(main_effects(rows[::-1], factors))
    assert sum(each.effect or 0.0 for each in effect.levels) == pytest.approx(0.0, abs=1e-9)
    for one, other in zip(effect.levels, again.levels, strict=True):
        assert one.effect == pytest.approx(other.effect, abs=1e-12)


def test_the_mean_interval_is_the_t_interval_of_scipy() -> None:
    from scipy import stats

    values = [0.2, 0.9, -0.3, 1.1, 0.4]
    low, high = stats.t.interval(0.9, len(values) - 1, loc=fmean(values), scale=stats.sem(values))
    made = mean_interval(values, 0.9)
    assert made is not None
    assert (made.low, made.high) == (pytest.approx(low), pytest.approx(high))
    assert mean_interval([1.0]) is None


def test_nominal_coverage_holds_for_noisy_blocks() -> None:
    import numpy as np

    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(400):
        block = rng.normal(3, 1, size=8)
        rows = [
            Observation(block=str(b), levels={"lighting": level}, value=float(block[b] + shift + rng.normal(0, 0.3)))
            for b in range(8)
            for level, shift in (("softbox", 0.0), ("golden-hour", 0.2))
        ]
        found = only(main_effects(rows, LIGHT)).levels[1].against_first_interval
        assert found is not None
        hits += found.low <= 0.2 <= found.high
    assert 0.95 - 3 * 0.011 <= hits / 400 <= 0.95 + 3 * 0.011


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.2775327998628892),  # z²/(n + z²)
        (10, 10, 0.7224672001371108, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_rates_get_the_published_score_interval(successes: int, trials: int, low: float, high: float) -> None:
    made = wilson_interval(successes, trials)
    assert made is not None
    assert (made.low, made.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_rate_of_nothing_has_no_interval_and_an_impossible_one_is_refused() -> None:
    assert wilson_interval(0, 0) is None
    with pytest.raises(ValueError, match="3 successes of 2 trials"):
        wilson_interval(3, 2)


def test_an_interval_knows_whether_zero_lies_outside() -> None:
    assert Interval(low=0.1, high=0.2).excludes_zero
    assert Interval(low=-0.2, high=-0.1).excludes_zero
    assert not Interval(low=-0.1, high=0.2).excludes_zero
