from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from prodimg_lab.verdict.adjusted import adjusted_effects
from prodimg_lab.verdict.effects import Observation, main_effects

FACTORS = {"light": ("soft", "hard", "warm"), "angle": ("front", "side")}
TRUE = {"soft": 0.2, "hard": -0.3, "warm": 0.1, "front": 0.15, "side": -0.15}


def rows_of(cells: dict[str, list[tuple[str, str]]], rng: np.random.Generator, noise: float) -> list[Observation]:
    found = []
    for at, (block, own) in enumerate(cells.items()):
        for light, angle in own:
            value = 3.0 + at / 10 + TRUE[light] + TRUE[angle] + float(rng.normal(0, noise))
            found.append(Observation(block=block, levels={"light": light, "angle": angle}, value=value))
    return found


def effects(found: object) -> dict[str, float]:
    return {each.level: each.effect for factor in found for each in factor.levels}  # type: ignore[attr-defined]


def test_on_a_full_design_it_is_the_plain_effects() -> None:
    cells = {f"b{at}": list(product(*FACTORS.values())) for at in range(6)}
    rows = rows_of(cells, np.random.default_rng(1), 0.3)
    assert effects(adjusted_effects(rows, FACTORS)) == pytest.approx(effects(main_effects(rows, FACTORS)))


def test_a_lopsided_design_gives_the_true_effects_where_level_means_do_not() -> None:
    cells = {f"b{at}": [("soft", "front"), ("hard", "side"), ("warm", "side"), ("soft", "side")] for at in range(4)}
    rows = rows_of(cells, np.random.default_rng(2), 0.0)
    assert effects(adjusted_effects(rows, FACTORS)) == pytest.approx(TRUE)
    assert effects(main_effects(rows, FACTORS))["front"] != pytest.approx(0.15, abs=0.05)
    (light, _) = adjusted_effects(rows, FACTORS)
    assert light.levels[1].against_first == pytest.approx(-0.5) and light.levels[0].against_first is None


def test_intervals_cover_the_truth_in_nineteen_of_twenty(soak: bool) -> None:
    rng, runs, covered = np.random.default_rng(3), 2000 if soak else 300, 0
    cells = {f"b{at}": [("soft", "front"), ("hard", "side"), ("warm", "side"), ("hard", "front")] for at in range(5)}
    for _ in range(runs):
        (light, _) = adjusted_effects(rows_of(cells, rng, 0.4), FACTORS)
        interval = light.levels[1].interval
        covered += interval is not None and interval.low <= -0.3 <= interval.high
    assert abs(covered / runs - 0.95) <= 0.01 + 2 * np.sqrt(0.95 * 0.05 / runs)


def test_what_cannot_be_told_apart_falls_back_to_plain_effects() -> None:
    tied = {f"b{at}": [("soft", "front"), ("hard", "side"), ("warm", "side")] for at in range(4)}
    alone = {"b0": [("soft", "front"), ("hard", "side"), ("warm", "front"), ("hard", "front")]}
    missing = {f"b{at}": [("soft", "front"), ("hard", "side"), ("soft", "side")] for at in range(4)}
    for cells in (alone, missing):
        rows = rows_of(cells, np.random.default_rng(4), 0.1)
        assert adjusted_effects(rows, FACTORS) == main_effects(rows, FACTORS)
    rows = rows_of(tied, np.random.default_rng(4), 0.1)
    assert len(adjusted_effects(rows, FACTORS)) == 2
    some = [Observation(block="b", levels={"light": "soft", "angle": "none"}, value=1.0)]
    assert adjusted_effects([*rows, *some], FACTORS) == main_effects([*rows, *some], FACTORS)
    assert adjusted_effects([], FACTORS) == main_effects([], FACTORS)
