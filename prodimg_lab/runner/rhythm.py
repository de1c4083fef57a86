"""What is the limit of a service like, that says no more than "too many requests"?

Three guesses, each with the moments at which it lets calls leave. Which one holds is found out by `pace`.

    Free     no refusal has been seen
    Window   `calls` at once, then nothing until `period_s` after the first of them: fixed and sliding windows, and a
             token bucket too when it is asked in bursts of its size
    Steady   a rate: token buckets, and whatever several clients share

Moments are seconds of one monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass

NEVER = float("-inf")
START_PER_S = 2.0
"""Where the search for a rate begins when nothing is known of it."""
DOUBLES_S = 0.5
"""While it is searched for, the rate doubles in this time."""
SLACK = 0.95
"""A rate is used a little below what was measured, so that clients who share a limit come to equal parts."""
FLAT_CALLS = 10
"""A rate that has just been confirmed is left alone for so many calls."""
GROWTH = 1.7e-4
"""Then it grows with the square of the calls since, as TCP CUBIC probes (RFC 9438): slowly at first."""
SHARE = 0.004
"""And, by call, by this part of the highest rate ever measured: the smaller of two shares grows faster."""
PATIENCE_CALLS = 40
"""So many calls without a refusal say that the limit is gone or far away: from here on the rate doubles every 5."""
CALLS_PER_S = 2.5
"""Time counts as calls too, lest a rate far too low never grows."""
WIDENS_EVERY = 3
"""Every so many windows one call more than before is tried."""


class Free:
    """No limit is known."""

    def next_at(self, now: float) -> float:
        """When the next call may leave."""
        return NEVER

    def sent(self, now: float) -> None:
        """A call leaves."""

    def unsent(self) -> None:
        """The call that left last came to nothing."""


@dataclass(slots=True, kw_only=True)
class Steady:
    """A rate in calls a second. `credit` calls may leave at once before it counts.

    `slow`: it is being searched for; `leaps`: there was no refusal for so long that it is being doubled.
    """

    per_s: float
    since: float
    slow: bool = False
    confirmed: bool = False
    credit: float = 0.0
    peak_per_s: float = 0.0
    calls: int = 0
    leaps: bool = False
    due: float = NEVER
    step_s: float = 0.0

    def rate(self, now: float) -> float:
        """Calls a second at this moment."""
        passed = now - self.since
        if self.slow:
            return self.per_s * float(2.0 ** min(passed / DOUBLES_S, 20.0))
        calls = max(float(self.calls), CALLS_PER_S * passed)
        if self.confirmed:
            calls = max(0.0, calls - FLAT_CALLS)
        grown = self.per_s * (1.0 + GROWTH * calls * calls) + SHARE * self.peak_per_s * calls
        self.leaps = self.calls > PATIENCE_CALLS
        return grown * float(2.0 ** min(max(0.0, calls - PATIENCE_CALLS) / 5.0, 20.0))

    def next_at(self, now: float) -> float:
        """When the next call may leave."""
        return NEVER if self.credit >= 1 else self.due

    def sent(self, now: float) -> None:
        """A call leaves."""
        if self.credit >= 1:
            self.credit -= 1
            self.since = now
            return
        self.calls += 1
        self.step_s = 1.0 / self.rate(now)
        self.due = max(self.due, now - self.step_s) + self.step_s

    def unsent(self) -> None:
        """The call that left last came to nothing."""
        self.due -= self.step_s

    def again(self, per_s: float, *, now: float, confirmed: bool) -> None:
        """Go on at another rate."""
        self.per_s, self.confirmed, self.slow = per_s, confirmed, False
        self.since, self.calls, self.due = now, 0, now + 1.0 / per_s
        self.peak_per_s = max(self.peak_per_s, per_s)


@dataclass(slots=True, kw_only=True)
class Window:
    """`calls` in `period_s`, which may be too long by `excess_s`.

    `proven`: it has held once; `thin`: so many in a row held far less. `used` calls have left in this one; `look_s` is
    how long a refusal takes to be seen.
    """

    calls: int
    period_s: float
    excess_s: float = 0.0
    proven: bool = False
    number: int = 0
    thin: int = 0
    used: int = 0
    last_at: float = NEVER
    look_s: float = 0.1

    @property
    def most(self) -> int:
        """How many calls are tried in this window."""
        return self.calls + (1 if self.proven and self.number % WIDENS_EVERY == WIDENS_EVERY - 1 else 0)

    @property
    def is_used_up(self) -> bool:
        """Whether the next call belongs to the next window."""
        return self.used >= self.most

    def next_at(self, now: float) -> float:
        """When the next call may leave; one too many is sent alone."""
        return NEVER if self.used < self.calls else self.last_at + self.look_s

    def sent(self, now: float) -> None:
        """A call leaves."""
        self.used += 1
        self.last_at = now

    def unsent(self) -> None:
        """The call that left last came to nothing."""
        self.used -= 1

    def ahead_s(self) -> float:
        """How long after its begin the next one is looked for: earlier than last time while that may have been late."""
        return self.period_s - (self.excess_s / 2 if self.excess_s > 0.03 * self.period_s else 0.0)


Rhythm = Free | Steady | Window
