"""Is one challenger better than the incumbent? A test on fresh blocks, looked at as it goes, that still errs in 5 %.

Differences d_1, d_2, ... of challenger and incumbent, one per unit (block, or product). The way is declared before the
first picture:

- `planned`: looks at fixed numbers of units. With T the paired t of the first n and z = Phi^-1(F_t(T; n - 1)), it
  promotes when z >= c / sqrt(n / n_max), the boundary of O'Brien and Fleming (Biometrics 35, 1979, 549-556). c belongs
  to the schedule, and was found by simulation of Gaussian differences (`SCHEDULES`; facts/statistics 5).
- `open`: may be looked at, or extended, at any time. It promotes when E_n >= 1 / alpha, with T the paired t,
  nu = n - 1, g = 0.10 and z = T / sqrt(1 + T^2 / (2 nu)) * sqrt(n g / (1 + n g)):

      E_n = 2 Phi(z) (1 + n g)^(-1/2) [(1 + T^2 / nu) / (1 + T^2 / (nu (1 + n g)))]^((nu + 1) / 2)

  The two-sided part is the right-Haar Bayes factor of Gaussian data; the one-sided factor is an approximation (facts),
  checked by simulation only.

Both stop for futility from 20 units on when mean + one standard error is below `WORTH_A_LITTLE`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p, sqrt
from typing import Literal

from scipy.special import ndtr, ndtri, stdtr

from prodimg_lab.verdict.race import mean_and_error

Way = Literal["planned", "open"]
State = Literal["promote", "no", "go on", "undecided"]

ALPHA = 0.05
PRIOR = 0.10
"""g: variance of the effect, in units of the differences' variance, that the open way bets on."""
FUTILE_FROM, WORTH_A_LITTLE = 20, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """A schedule of looks: the first, then every `every` units up to `most`; `constant` belongs to it alone."""

    first: int
    every: int
    most: int
    constant: float

    @property
    def at(self) -> tuple[int, ...]:
        """The numbers of units at which it may promote."""
        return tuple(range(self.first, self.most + 1, self.every))


SCHEDULES: Mapping[int, Looks] = {120: Looks(first=10, every=5, most=120, constant=1.858)}
"""By the largest number of units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look shows. `evidence` is z (planned) or E (open), `bound` what it takes; `acts`: it was in the plan."""

    units: int
    mean: float
    error: float
    evidence: float
    bound: float
    acts: bool
    state: State


def look(differences: Sequence[float], way: Way, looks: Looks = SCHEDULES[120]) -> Look:
    """The look at the first n units. Off the schedule of `planned` it is shown, and its state is `go on`.

    `undecided` is the end of a plan without a promotion. Raises ValueError below two units.
    """
    n = len(differences)
    if n < 2:
        raise ValueError(f"a look takes 2 units, not {n}")
    mean, error = mean_and_error(differences)
    t = mean / error if error else (float("inf") if mean > 0 else float("-inf") if mean < 0 else 0.0)
    if way == "planned":
        evidence, bound = _z(t, n), looks.constant / sqrt(n / looks.most)
        acts = n in looks.at
    else:
        evidence, bound, acts = e_value(t, n), 1 / ALPHA, True
    state: State = "go on"
    if acts and evidence >= bound:
        state = "promote"
    elif acts and n >= FUTILE_FROM and mean + error < WORTH_A_LITTLE:
        state = "no"
    elif n >= looks.most and way == "planned":
        state = "undecided"
    return Look(units=n, mean=mean, error=error, evidence=evidence, bound=bound, acts=acts, state=state)


def _z(t: float, n: int) -> float:
    chance = float(stdtr(n - 1, -abs(t)))  # the small tail keeps its digits
    z = -float(ndtri(max(chance, 1e-300)))
    return z if t >= 0 else -z


def e_value(t: float, n: int, g: float = PRIOR) -> float:
    """E_n of the open way; see the module. At least 1 / alpha promotes."""
    if t in (float("inf"), float("-inf")):
        t = 1e6 if t > 0 else -1e6
    nu, ng = n - 1, n * g
    z = t / sqrt(1 + t * t / (2 * nu)) * sqrt(ng / (1 + ng))
    log_odds = -0.5 * log1p(ng) + (nu + 1) / 2 * (log1p(t * t / nu) - log1p(t * t / (nu * (1 + ng))))
    return 2 * float(ndtr(z)) * exp(min(700.0, log_odds))
