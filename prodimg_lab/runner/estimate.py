"""How fast is it going, and how long will it take?"""

from __future__ import annotations

from collections import deque

WINDOW_S = 30.0
LEAST = 3
"""Pictures that must have been drawn before a time is named, and that are looked at however long ago they came."""


class Estimate:
    """Watches pictures being drawn, over a sliding window. Moments are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._drawn: deque[tuple[float, float]] = deque()
        self._since: float | None = None

    def drawn(self, now: float, seconds: float) -> None:
        """A call that took `seconds` gave an outcome. Pictures that the store had do not count."""
        if self._since is None:
            self._since = now - seconds
        self._drawn.append((now, seconds))

    def per_second(self, now: float) -> float:
        """Pictures per second over the last `WINDOW_S`; over the last `LEAST` pictures where those took longer."""
        self._slide(now)
        if self._since is None or now <= self._since:
            return 0.0
        return len(self._drawn) / (now - self._since)

    def seconds_left(self, now: float, *, left: int, workers: int) -> float | None:
        """The longer of two: what is left at the recent rate, and in waves of `workers` at the recent time of a call.

        The first sees throttles and retries, the second the last wave, which takes a whole call however few are left.
        None until `LEAST` pictures have been drawn.
        """
        if left == 0:
            return 0.0
        rate = self.per_second(now)
        if len(self._drawn) < LEAST or not rate:
            return None
        mean = sum(seconds for _, seconds in self._drawn) / len(self._drawn)
        waves = -(-left // max(1, workers))
        return max(left / rate, waves * mean)

    def _slide(self, now: float) -> None:
        while len(self._drawn) > LEAST and self._drawn[0][0] < now - WINDOW_S:
            self._since = self._drawn.popleft()[0]
