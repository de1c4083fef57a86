"""How surely is the best of many better than one control, when all were looked at? Dunnett's test, by quadrature.

Dunnett, "A multiple comparison procedure for comparing several treatments with a control", JASA 50 (1955) 1096-1121.
With k treatments and a control in the same n units and one residual variance on `df` degrees of freedom, the k
statistics share a control and so have correlation 1/2; then

    P(max T <= t) = int f(s) int phi(z) Phi(z + sqrt(2) t s)^k dz ds,      s = sqrt(chi2(df) / df)

and with |T| the inner power is that of Phi(z + sqrt(2) t s) - Phi(z - sqrt(2) t s). Both integrals are Gauss-Legendre,
so that the same data give the same digits; scipy's version draws random numbers.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Floats = NDArray[np.float64]

NODES = 160
"""Of each integral; doubling them moves the answer by less than 1e-9 (tests)."""
REACH = 8.5
"""Standard deviations of z that are looked at; beyond it lies 2e-17."""


def chance_below(t: float, k: int, df: float, *, two_sided: bool, nodes: int = NODES) -> float:
    """P(max T <= t), or of |T|, for `k` treatments under the null. Raises ValueError for k or df below 1."""
    if k < 1 or df < 1:
        raise ValueError(f"Dunnett's test needs a treatment and a degree of freedom, not {k} and {df:g}")
    if two_sided and t <= 0:
        return 0.0
    z, z_weights = _legendre(nodes, -REACH, REACH)
    if np.isinf(df):
        s, s_weights = np.ones(1), np.ones(1)
    else:
        low, high = (float(each) for each in np.sqrt(stats.chi2.ppf([1e-15, 1 - 1e-15], df) / df))
        s, s_weights = _legendre(nodes, low, high)
        s_weights = s_weights * 2 * df * s * stats.chi2.pdf(df * s * s, df)  # density of s
    shift = np.sqrt(2.0) * t * s[:, None]
    inside = stats.norm.cdf(z + shift) - (stats.norm.cdf(z - shift) if two_sided else 0.0)
    inner = (inside**k) @ (z_weights * stats.norm.pdf(z))
    return float(min(1.0, s_weights @ inner))


def adjusted_p(t: float, k: int, df: float, *, two_sided: bool) -> float:
    """The chance under the null that any of `k` treatments has a statistic of at least `t`, or at least |t|."""
    return 1.0 - chance_below(abs(t) if two_sided else t, k, df, two_sided=two_sided)


@lru_cache(maxsize=256)
def critical(k: int, df: float, confidence: float = 0.95, *, two_sided: bool = True) -> float:
    """The t that the largest of `k` statistics stays below with that chance; for simultaneous intervals."""
    upper = 2.0
    while chance_below(upper, k, df, two_sided=two_sided) < confidence:
        upper *= 2
    found = optimize.brentq(
        lambda t: chance_below(t, k, df, two_sided=two_sided) - confidence, 0.0, upper, xtol=1e-10, rtol=1e-12
    )
    return float(found)


@lru_cache(maxsize=8)
def _unit(nodes: int) -> tuple[Floats, Floats]:
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return np.asarray(points, np.float64), np.asarray(weights, np.float64)


def _legendre(nodes: int, low: float, high: float) -> tuple[Floats, Floats]:
    points, weights = _unit(nodes)
    half = (high - low) / 2
    return low + half * (points + 1), half * weights
