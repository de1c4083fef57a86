"""What did shoppers do? The difference of two arms of a live test, corrected for products, with its interval.

Arms of one test are shown with unequal luck: a bestseller shown more in one arm would pass for a better picture. So the
difference is taken within each product and pooled by Mantel and Haenszel's weights; the variance is Sato's, which holds
for many products with few clicks as for few with many:

    D_p = a/n1 - b/n0          w_p = n1 n0 / (n1 + n0)          D = sum w_p D_p / sum w_p
    var = (D sum P_p + sum Q_p) / (sum w_p)^2
    P_p = (n1^2 b - n0^2 a + n1 n0 (n0 - n1) / 2) / (n1 + n0)^2      Q_p = (a (n0 - b) + b (n1 - a)) / (2 (n1 + n0))

Greenland and Robins, Biometrics 41 (1985) 55-68; Sato, Greenland and Robins, Biometrics 45 (1989) 1323-1324.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import NormalDist

from prodimg_lab.errors import UsageError
from prodimg_lab.verdict.effects import Interval, wilson_interval

NEEDED = ("asset", "arm", "shown", "clicked")
FEWEST_CLICKS = 10
"""Clicks in each arm from which the interval says something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One line: how often an arm of an asset (a product) was shown, and what came of it."""

    asset: str
    arm: str
    shown: int
    happened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRate:
    """An arm over all products, uncorrected: `happened` of `shown`, with Wilson's interval of the rate."""

    arm: str
    shown: int
    happened: int
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One arm against the control, 0..1: `difference` corrected for products, `crude` without.

    `p` is two-sided. `products` have both arms; what stands in products with one arm is left out and counted in
    `left_out`. `warning` must stand beside it.
    """

    what: str
    arm: str
    control: str
    difference: float
    interval: Interval
    p: float
    crude: float
    products: int
    left_out: int
    arms: tuple[ArmRate, ArmRate]
    warning: str = ""


def read_outcomes(file: Path, what: str = "clicked") -> list[Counted]:
    """The lines of a CSV file with the columns asset, arm, shown, clicked and perhaps bought; `what` is one of them.

    Raises `UsageError` which names line and column.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} can't be read: {error}") from error
    columns = set(rows[0]) if rows else set()
    missing = [name for name in (*NEEDED[:3], what) if name not in columns]
    if missing:
        raise UsageError(f"{file} has no column {', '.join(missing)}; it needs {', '.join(NEEDED)} and perhaps bought")
    return [_counted(row, what, f"{file}, line {at}") for at, row in enumerate(rows, 2)]


def _counted(row: dict[str, str], what: str, place: str) -> Counted:
    numbers = {}
    for name in ("shown", what):
        text = (row[name] or "").strip()
        if not text.isdigit():
            raise UsageError(f"{place}: {name} is {text!r}, and must be a whole number, 0 or more")
        numbers[name] = int(text)
    if numbers[what] > numbers["shown"]:
        raise UsageError(f"{place}: {what} {numbers[what]} is more than shown {numbers['shown']}")
    return Counted(asset=row["asset"].strip(), arm=row["arm"].strip(), shown=numbers["shown"], happened=numbers[what])


def outcomes(lines: Sequence[Counted], control: str, *, what: str = "clicked") -> list[Outcome]:
    """Every other arm against `control`. Raises `UsageError` without the control or where no product has both arms."""
    arms = list(dict.fromkeys(line.arm for line in lines))
    if control not in arms:
        raise UsageError(f"no arm {control!r} in the outcomes; there are {', '.join(arms) or 'none'}")
    return [_against(lines, arm, control, what) for arm in arms if arm != control]


def _against(lines: Sequence[Counted], arm: str, control: str, what: str) -> Outcome:
    cells: dict[str, dict[str, tuple[int, int]]] = {}
    for line in lines:
        if line.arm in (arm, control):
            shown, happened = cells.setdefault(line.asset, {}).get(line.arm, (0, 0))
            cells[line.asset][line.arm] = (shown + line.shown, happened + line.happened)
    both = [own for own in cells.values() if all(own.get(each, (0, 0))[0] for each in (arm, control))]
    if not both:
        raise UsageError(
            f"no product was shown in both arms, {arm} and {control}: nothing can be corrected for products"
        )
    weight = over = p_sum = q_sum = 0.0
    for own in both:
        (n1, a), (n0, b) = own[arm], own[control]
        every = n1 + n0
        weight += n1 * n0 / every
        over += (a * n0 - b * n1) / every
        p_sum += (n1 * n1 * b - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2) / every**2
        q_sum += (a * (n0 - b) + b * (n1 - a)) / (2 * every)
    difference = over / weight
    error = sqrt(max(0.0, difference * p_sum + q_sum)) / weight
    reach = NormalDist().inv_cdf(0.975) * error
    p = 2 * (1 - NormalDist().cdf(abs(difference) / error)) if error else float(difference == 0)
    first, second = _rate(both, arm), _rate(both, control)
    few = min(first.happened, second.happened) < FEWEST_CLICKS
    return Outcome(
        what=what,
        arm=arm,
        control=control,
        difference=difference,
        interval=Interval(low=difference - reach, high=difference + reach),
        p=p,
        crude=first.happened / first.shown - second.happened / second.shown,
        products=len(both),
        left_out=len(cells) - len(both),
        arms=(first, second),
        warning=f"fewer than {FEWEST_CLICKS} {what} in an arm: the interval says little" if few else "",
    )


def _rate(both: Sequence[dict[str, tuple[int, int]]], arm: str) -> ArmRate:
    shown, happened = (sum(own[arm][at] for own in both) for at in (0, 1))
    return ArmRate(arm=arm, shown=shown, happened=happened, interval=wilson_interval(happened, shown))
