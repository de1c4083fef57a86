"""How far do two kinds of judgement agree: raters with each other, a scorer with people?

Pure functions on numbers. Where people disagree among themselves, no scorer can agree with all of them: their alpha is
the ceiling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Literal

Metric = Literal["nominal", "ordinal", "interval"]


def krippendorff_alpha(units: Sequence[Sequence[float]], metric: Metric = "ordinal") -> float | None:
    """Krippendorff's alpha: 1 full agreement, 0 as by chance, below 0 worse. None where nothing can be compared.

    `units` holds, for each thing judged, the values that its raters gave, in any order; fewer than two are left out.
    With the coincidences o(c, k), n(c) = sum over k of o(c, k) and n their sum,

        alpha = 1 - (n - 1) * sum o(c, k) d(c, k) / sum n(c) n(k) d(c, k)

    where d is 1 for unequal values (nominal), (c - k)^2 (interval), or (sum of n(g) for g from c to k, less half of
    n(c) and of n(k))^2 (ordinal). Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.
    """
    paired = [list(values) for values in units if len(values) > 1]
    together: Counter[tuple[float, float]] = Counter()
    for values in paired:
        counts = Counter(values)
        for one, many in counts.items():
            for other, more in counts.items():
                pairs = many * (more - (one == other))
                if pairs:
                    together[one, other] += pairs / (len(values) - 1)  # type: ignore[assignment]
    totals: Counter[float] = Counter()
    for (one, _), weight in together.items():
        totals[one] += weight
    n = sum(totals.values())
    apart = _distance(metric, totals)
    expected = sum(totals[c] * totals[k] * apart(c, k) for c in totals for k in totals)
    if not expected:
        return None
    observed = sum(weight * apart(c, k) for (c, k), weight in together.items())
    return 1 - (n - 1) * observed / expected


def _distance(metric: Metric, totals: Mapping[float, float]) -> Callable[[float, float], float]:
    if metric == "nominal":
        return lambda c, k: float(c != k)
    if metric == "interval":
        return lambda c, k: (c - k) ** 2
    below, running = {}, 0.0
    for value in sorted(totals):
        below[value] = running + totals[value] / 2
        running += totals[value]
    # from the middle of c to the middle of k: all between, and half of each
    return lambda c, k: (below[c] - below[k]) ** 2


def kendall_tau_b(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Kendall's tau-b, which allows for ties: -1..1. None where one of them is all ties, or there are fewer than two.

    tau = (C - D) / sqrt((C + D + T1)(C + D + T2)) over all pairs, T1 the pairs tied in `second` only, T2 those tied in
    `first` only. Kendall, The treatment of ties in ranking problems, Biometrika 33 (1945) 239-251.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} values can't be paired with {len(second)}")
    pairs = [(_sign(first[i] - first[j]), _sign(second[i] - second[j])) for i in range(len(first)) for j in range(i)]
    return tau_of_signs(pairs)


def tau_of_signs(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Tau-b of pairs that were each judged twice: -1, 0 (a tie) or 1 by either. None where one of them always ties."""
    score = sum(one * other for one, other in pairs)
    untied = sum(one != 0 for one, _ in pairs), sum(other != 0 for _, other in pairs)
    return score / sqrt(untied[0] * untied[1]) if all(untied) else None


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)
