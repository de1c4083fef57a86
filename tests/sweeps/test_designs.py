from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np

from prodimg_lab.records import Block
from prodimg_lab.sweeps._spec import SweepSpec
from prodimg_lab.sweeps.designs import variants_by_block
from prodimg_lab.verdict.adjusted import adjusted_effects
from prodimg_lab.verdict.effects import Observation

FACTORS = {f"f{at}": ("a", "b", "c", "d") for at in range(6)}


BLOCKS = [Block(sku=f"p{at % 5}", index=at // 5) for at in range(10)]


def cells(samples: int = 64, base_seed: int = 1, blocks: list[Block] = BLOCKS) -> list[list[dict[str, str]]]:
    spec = SweepSpec(design="sobol", factors=FACTORS, samples=samples, base_seed=base_seed)
    made = variants_by_block(["only"], {"only": list(FACTORS)}, spec, blocks)
    return [[{name: str(level) for name, level in each.levels.items()} for each in own] for own in made]


def test_a_sobol_design_meets_every_level_and_every_pair_of_levels_about_equally() -> None:
    found = cells()[0]
    for name in FACTORS:
        assert set(Counter(cell[name] for cell in found).values()) == {16}, "64 cells, four levels"
    for one, other in combinations(FACTORS, 2):
        met = Counter((cell[one], cell[other]) for cell in found)
        assert len(met) == 16 and max(met.values()) <= 2 * min(met.values()), f"{one} by {other}"


def test_level_effects_of_640_pictures_are_known_to_three_hundredths(soak: bool) -> None:
    rng, runs, errors = np.random.default_rng(1), 100 if soak else 8, []
    for run in range(runs):
        effects = {name: rng.normal(0, 0.10, 4) for name in FACTORS}
        pairs = {pair: rng.normal(0, 0.10, (4, 4)) for pair in combinations(FACTORS, 2)}
        for table in pairs.values():  # interactions have no main effects
            table -= table.mean(0) + table.mean(1, keepdims=True) - table.mean()
        rows = []
        for block, own in enumerate(cells(base_seed=run)):
            shared = rng.normal(0, 0.35)
            for cell in own:
                at = {name: "abcd".index(level) for name, level in cell.items()}
                figure = 3.5 + shared + sum(effects[name][at[name]] for name in FACTORS)
                figure += sum(table[at[one], at[other]] for (one, other), table in pairs.items())
                rows.append(Observation(block=f"b{block}", levels=cell, value=figure + rng.normal(0, 0.376)))
        for found in adjusted_effects(rows, FACTORS):
            true = effects[found.factor] - effects[found.factor].mean()
            errors += [float(level.effect or 0.0) - true["abcd".index(level.level)] for level in found.levels]
    slack = 1 + 2 / np.sqrt(2 * len(errors))  # two Monte-Carlo standard errors
    assert float(np.sqrt(np.mean(np.square(errors)))) <= 0.030 * slack


def test_blocks_have_cells_of_their_own_which_later_blocks_do_not_change() -> None:
    first = cells()
    assert first[0] != first[1] and first == cells()
    more = cells(blocks=[*BLOCKS[:3], Block(sku="new", index=0), *BLOCKS[3:]])
    assert more[:3] + more[4:] == first
    assert [len(own) for own in cells(samples=37)] == [37] * 10
