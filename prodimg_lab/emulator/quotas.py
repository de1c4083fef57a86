"""How many calls of a model are let through? Three kinds of limit, since AWS does not say which it uses."""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, assert_never

from prodimg_lab.errors import UsageError

Kind = Literal["bucket", "window", "sliding"]
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_SPEC = re.compile(
    r"(?:(?P<model>.+)=)?(?P<kind>bucket|window|sliding):(?P<calls>\d+)/(?P<units>[1-9]\d*)?(?P<unit>s|min|h)(?::(?P<burst>\d+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At most `calls` a `period_s`, for `model` ("": for each model on its own).

    `bucket`: refilled evenly, holds `burst` (default: `calls`). `window`: counted anew in every period. `sliding`:
    counted over the last period at any moment.
    """

    kind: Kind
    calls: int
    period_s: float
    burst: int = 0
    model: str = ""

    def __post_init__(self) -> None:
        if self.calls < 1 or self.period_s <= 0:
            raise UsageError(f"quota of {self.calls} calls a {self.period_s:g} s: both must be above 0")


def parsed_quota(text: str) -> Quota:
    """`bucket:300/min:25`, `window:60/min`, `sliding:30/6s`, or the same after `MODEL=`. Raises `UsageError`."""
    found = _SPEC.fullmatch(text)
    if found is None or (found["burst"] and found["kind"] != "bucket"):
        raise UsageError(
            f"quota {text!r}: write bucket:300/min:25 (a burst of 25), window:60/min or sliding:60/min; units are s, "
            "min, h, or 6s; MODEL=… before it limits one model"
        )
    kind: Kind = "bucket" if found["kind"] == "bucket" else "window" if found["kind"] == "window" else "sliding"
    return Quota(
        kind=kind,
        calls=int(found["calls"]),
        period_s=int(found["units"] or 1) * _SECONDS[found["unit"]],
        burst=int(found["burst"] or 0),
        model=found["model"] or "",
    )


class Gate:
    """Counts calls against quotas. `clock` gives seconds and never goes back. Used from several threads."""

    def __init__(self, quotas: tuple[Quota, ...], clock: Callable[[], float] = time.monotonic) -> None:
        self._quotas = quotas
        self._clock = clock
        self._guard = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget all calls."""
        with self._guard:
            self._passed: dict[tuple[Quota, str], deque[float]] = defaultdict(deque)
            self._levels: dict[tuple[Quota, str], tuple[float, float]] = {}

    def lets_through(self, model: str) -> bool:
        """Whether this call is within every quota; only such a call counts."""
        with self._guard:
            now = self._clock()
            mine = [quota for quota in self._quotas if quota.model in ("", model)]
            if not all(self._has_room(quota, model, now) for quota in mine):
                return False
            for quota in mine:
                self._count(quota, model, now)
            return True

    def _has_room(self, quota: Quota, model: str, now: float) -> bool:
        if quota.kind == "bucket":
            return self._level(quota, model, now) >= 1
        passed = self._passed[quota, model]
        if quota.kind == "window":
            begin = now // quota.period_s * quota.period_s
            while passed and passed[0] < begin:
                passed.popleft()
        elif quota.kind == "sliding":
            while passed and passed[0] <= now - quota.period_s:
                passed.popleft()
        else:
            assert_never(quota.kind)
        return len(passed) < quota.calls

    def _count(self, quota: Quota, model: str, now: float) -> None:
        if quota.kind == "bucket":
            self._levels[quota, model] = (self._level(quota, model, now) - 1, now)
        else:
            self._passed[quota, model].append(now)

    def _level(self, quota: Quota, model: str, now: float) -> float:
        most = float(quota.burst or quota.calls)
        level, since = self._levels.get((quota, model), (most, now))
        return min(most, level + (now - since) * quota.calls / quota.period_s)
