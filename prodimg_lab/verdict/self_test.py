"""How often would this very rule promote a variant of this very run if there were no difference? By permutation.

Within each unit (block or product) the labels of the variants are dealt anew: then no variant is better than another,
and everything else (scatter, skew, broken pictures, few units) is the run's own. The rule is applied to each dealing;
the share of dealings in which it promotes somebody is its rate of false promotions here. It should not be above 5 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from prodimg_lab.verdict.comparison import FEWEST_UNITS, Claim, Seen, unit_table
from prodimg_lab.verdict.decision import ALPHA
from prodimg_lab.verdict.dunnett import critical
from prodimg_lab.verdict.effects import Interval, wilson_interval

DEALINGS = 4000
_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """Of `dealings`, `promoted` gave a promotion; `interval` is Wilson's of their share. `units` have all variants."""

    dealings: int
    promoted: int
    units: int
    variants: int
    interval: Interval

    @property
    def share(self) -> float:
        """The rate of false promotions, 0..1."""
        return self.promoted / self.dealings

    @property
    def says(self) -> str:
        """In a sentence."""
        about = f"{self.share:.1%} ({self.interval.low:.1%} to {self.interval.high:.1%})"
        verdict = "as it should be" if self.interval.low <= ALPHA else "too often: do not trust it here"
        dealt = f"with labels dealt anew within {self.units} units, {self.dealings} times"
        return f"{dealt}, this rule promoted somebody in {about}: {verdict}"


def self_test(
    seen: Sequence[Seen], baseline: str, *, claim: Claim, dealings: int = DEALINGS, seed: int = 1
) -> SelfTest | None:
    """The false promotions of the one-look rule on this run; None where fewer than three units have every variant."""
    table = unit_table(seen, claim)
    names = list(dict.fromkeys(each.variant for each in seen))
    rows = [[means[name] for name in names] for means in table.values() if all(name in means for name in names)]
    if len(rows) < FEWEST_UNITS or len(names) < 2:
        return None
    values = np.array(rows)
    units, variants = values.shape
    zero = names.index(baseline)
    bound = critical(variants - 1, (units - 1) * (variants - 1), 1 - ALPHA, two_sided=False)
    rng, promoted, left = np.random.default_rng(seed), 0, dealings
    while left:
        count = min(left, _BATCH)
        dealt = rng.permuted(np.broadcast_to(values, (count, units, variants)), axis=2)
        means = dealt.mean(1)
        off = dealt - dealt.mean(2, keepdims=True) - means[:, None] + means.mean(1)[:, None, None]
        spread = np.sqrt((off**2).sum((1, 2)) / ((units - 1) * (variants - 1)))
        best = np.delete(means, zero, axis=1).max(1) - means[:, zero]
        promoted += int((best > bound * spread * sqrt(2 / units) + 1e-12).sum())
        left -= count
    interval = wilson_interval(promoted, dealings)
    assert interval is not None
    return SelfTest(dealings=dealings, promoted=promoted, units=units, variants=variants, interval=interval)
