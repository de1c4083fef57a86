"""Do fitted weights find what people look at, and is the figure for unseen blocks honest?"""

from __future__ import annotations

import random

import pytest

from prodimg_lab.verdict.fitting import Choice, fit_weights

START = {"sharpness": 1.0, "colour": 1.0, "noise": 1.0}


def votes(dice: random.Random, count: int, weights: dict[str, float], doubt: float = 0.0) -> list[Choice]:
    """Choices of a person who weighs the parts by `weights`, and throws a coin in a share `doubt` of them."""
    found = []
    for at in range(count):
        one, other = ({name: dice.uniform(0, 5) for name in START} for _ in range(2))
        lead = sum(weight * (one[name] - other[name]) for name, weight in weights.items())
        if dice.random() < doubt:
            lead = dice.choice((-1, 1))
        better, worse = (one, other) if lead > 0 else (other, one)
        found.append(Choice(block=f"b{at % 20}", better=better, worse=worse))
    return found


def test_what_people_look_at_gets_the_weight_and_unseen_blocks_agree_better() -> None:
    fit = fit_weights(votes(random.Random(1), 200, {"sharpness": 3.0, "colour": 1.0}), START)
    assert sum(fit.weights.values()) == pytest.approx(100)
    assert fit.weights["sharpness"] > 60 and fit.weights["noise"] < 10
    assert fit.weights["sharpness"] / fit.weights["colour"] == pytest.approx(3, rel=0.3)
    assert fit.held_out > 0.93 * fit.choices > fit.before


def test_coins_are_not_taken_for_a_taste() -> None:
    fit = fit_weights(votes(random.Random(2), 200, {}, doubt=1.0), START)
    assert fit.held_out / fit.choices == pytest.approx(0.5, abs=0.1)
    assert fit.seen >= fit.held_out


def test_no_weight_is_below_zero_even_where_people_prefer_the_worse() -> None:
    fit = fit_weights(votes(random.Random(3), 200, {"sharpness": -3.0, "colour": 1.0}), START)
    assert fit.weights["sharpness"] == 0 and fit.weights["colour"] > 50


def test_a_part_that_was_not_scored_on_both_says_nothing() -> None:
    choices = [
        Choice(block=f"b{at}", better={"sharpness": 4.0, "colour": 1.0}, worse={"sharpness": 1.0}) for at in range(40)
    ]
    fit = fit_weights(choices, START)
    assert fit.weights["sharpness"] == pytest.approx(100, abs=0.01) and fit.held_out == 40


def test_one_block_can_hold_none_out() -> None:
    with pytest.raises(ValueError, match="1 blocks are too few"):
        fit_weights([Choice(block="b", better={"sharpness": 2}, worse={"sharpness": 1})], START)
