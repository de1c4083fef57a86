"""Where does the scatter come from, and how many more blocks would show a difference of a given size?

Model of one figure, for variant v, product p and seed s (facts: variance components):

    y = mu + a_v + b_p + (ab)_vp + c_ps + e_vps

`c_ps` is what all variants of a block share: its share of the scatter within a product, rho, is what pairing by seed
gains. Estimated by the method of moments from the mean squares of the balanced part of the data (complete blocks, as
many of every product as the one with the fewest has), negative estimates set to 0:

    E[MS variants x products] = S var(ab) + var(e)        E[MS variants x seeds in products] = var(e)
    E[MS seeds in products]   = K var(c)  + var(e)        E[MS products] = K S var(b) + S var(ab) + K var(c) + var(e)

With one seed a product, interaction and error can't be told apart, and neither can product and seed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from scipy import stats

from prodimg_lab.verdict.comparison import Seen

SIZES = (0.1, 0.2)
"""Differences, in points, whose price is told."""
ALPHA, POWER = 0.05, 0.80


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Standard deviations in points of the figure. `within`: seed and error together; None: these data can't tell.

    `rho` (0..1) is the share of `within` that the variants of a block have in common; 0 where seeds are independent.
    """

    variants: int
    products: int
    seeds: int
    within: float | None
    product: float | None
    interaction: float | None
    rho: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """To see a true difference of `size` with 80 % chance at a one-sided 5 %: `units` in all, `more` than there are."""

    size: float
    units: int
    more: int


def components_of(seen: Sequence[Seen]) -> Components | None:
    """The components; None with fewer than two variants, two products or any complete block of each."""
    names = list(dict.fromkeys(each.variant for each in seen))
    cells: dict[str, dict[str, dict[str, list[float]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for each in seen:
        if each.value is not None:
            cells[each.product][each.block][each.variant].append(each.value)
    whole = {
        product: [[float(np.mean(row[name])) for name in names] for row in blocks.values() if len(row) == len(names)]
        for product, blocks in cells.items()
    }
    whole = {product: rows for product, rows in whole.items() if rows}
    if len(names) < 2 or len(whole) < 2:
        return None
    seeds = min(len(rows) for rows in whole.values())
    y = np.array([rows[:seeds] for rows in whole.values()])  # products, seeds, variants
    products, _, variants = y.shape
    grand, by_v, by_p = y.mean(), y.mean((0, 1)), y.mean((1, 2))
    by_pv, by_ps = y.mean(1), y.mean(2)
    interaction = by_pv - by_v - by_p[:, None] + grand
    ms_vp = seeds * float((interaction**2).sum()) / ((variants - 1) * (products - 1))
    ms_p = variants * seeds * float(((by_p - grand) ** 2).sum()) / (products - 1)
    if seeds == 1:
        return Components(
            variants=variants, products=products, seeds=1, within=None, product=None, interaction=None, rho=None
        )
    error = y - by_ps[:, :, None] - by_pv[:, None, :] + by_p[:, None, None]
    ms_e = float((error**2).sum()) / ((variants - 1) * products * (seeds - 1))
    ms_s = variants * float(((by_ps - by_p[:, None]) ** 2).sum()) / (products * (seeds - 1))
    shared = max(0.0, (ms_s - ms_e) / variants)
    both = shared + ms_e
    return Components(
        variants=variants,
        products=products,
        seeds=seeds,
        within=sqrt(both),
        product=sqrt(max(0.0, (ms_p - ms_vp - ms_s + ms_e) / (variants * seeds))),
        interaction=sqrt(max(0.0, (ms_vp - ms_e) / seeds)),
        rho=shared / both if both else 0.0,
    )


def needs(differences: Sequence[float], sizes: Sequence[float] = SIZES) -> tuple[Need, ...]:
    """How many units each size needs, from the paired differences of one variant by unit; none from fewer than 3.

    (z(0.95) + z(0.80))^2 sd^2 / size^2, with two added for the t of a small sample.
    """
    values = list(differences)
    if len(values) < 3:
        return ()
    spread = float(np.std(values, ddof=1))
    reach = float(stats.norm.ppf(1 - ALPHA) + stats.norm.ppf(POWER))
    found = []
    for size in sizes:
        units = max(3, ceil((reach * spread / size) ** 2) + 2)
        found.append(Need(size=size, units=units, more=max(0, units - len(values))))
    return tuple(found)
