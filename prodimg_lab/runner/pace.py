"""When may the next call to a model leave, if it says "too many requests" now and then?

Nothing is held back until the first refusal. Then calls stop, and one at a time is sent to see whether the service
takes them again (a refusal comes at once, so a call that has outlived one was taken). From refusal and recovery a
`Rhythm` is made and mended: first a window is supposed, since it costs one burst to see that it is none; else a rate,
measured as the calls taken between two recoveries, when the limit stood at the same point. What was learnt is kept for
the next run. It was chosen by simulation over buckets, windows and shared limits (`testing.limits`), not for one.

Used by one thread. Moments are seconds of one monotonic clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from prodimg_lab.runner.rhythm import NEVER, SLACK, START_PER_S, Free, Rhythm, Steady, Window

GAP_S = 0.002
"""Least time between two calls, so that a refusal of the first is seen before all have left."""
FIRST_PAUSE_S = 0.3
LONGEST_PAUSE_S = 15.0
LONGER = 0.5
"""While nothing is known, the next look comes after this part of the time waited so far."""
LEAST_CUT = 0.7
"""A known rate is cut to this at most: one bad moment proves little."""
LEAST_WINDOW = 5
"""Fewer calls at once are taken for a rate."""
FULL = 0.6
"""A window that took less than this part of its calls was not one."""

CYCLES = 6
"""What is remembered is the mean over so many recoveries, since single ones are noisy."""

Learnt = Mapping[str, float]
"""What an earlier run has learnt: `per_s`, `peak_per_s` and `burst`, or `calls`, `period_s` and `excess_s`."""


@dataclass(slots=True, kw_only=True)
class Pace:
    """The pace of one model: at most `most` calls in flight. A cycle goes from one recovery to the next."""

    most: int
    rhythm: Rhythm = field(default_factory=Free)
    burst: int = 0
    was_throttled: bool = False
    _gap_until: float = NEVER
    _is_waiting: bool = False
    _waits_since: float = NEVER
    _look_at: float = NEVER
    _look_sent: float | None = None
    _looks: int = 0
    _last_refused: float = NEVER
    _refusal_s: float = 0.0
    _begun_at: float | None = None
    _is_first: bool = True
    _taken: int = 0
    _top_per_s: float = 0.0
    _cycles: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=CYCLES))

    @classmethod
    def start(cls, most: int, *, learnt: Learnt | None = None) -> Pace:
        """At full speed, or as an earlier run has learnt."""
        if learnt is None:
            return cls(most=most)
        if "period_s" in learnt:
            calls = max(1, int(learnt["calls"]))
            excess = learnt.get("excess_s", 0.0)
            return cls(most=most, rhythm=Window(calls=calls, period_s=learnt["period_s"], excess_s=excess, proven=True))
        burst = int(learnt.get("burst", 0))
        peak = learnt.get("peak_per_s", 0.0)
        steady = Steady(per_s=learnt["per_s"], since=0.0, confirmed=True, credit=int(0.9 * burst), peak_per_s=peak)
        return cls(most=most, rhythm=steady, burst=burst)

    @property
    def learnt(self) -> Learnt | None:
        """What the next run should know; None while nothing is known."""
        match self.rhythm:
            case Steady(slow=False) as steady:
                taken, took_s = (sum(column) for column in zip(*self._cycles, strict=True)) if self._cycles else (0, 0)
                per_s = min(steady.per_s, SLACK * taken / took_s) if taken else steady.per_s
                return {"per_s": per_s, "peak_per_s": steady.peak_per_s, "burst": float(self.burst)}
            case Window(proven=True) as window:
                return {
                    "calls": float(window.calls),
                    "period_s": window.period_s,
                    "excess_s": window.excess_s,
                }
        return None

    def allows(self, in_flight: int, *, now: float) -> bool:
        """Whether one more call may leave now."""
        if self._look_sent is not None and now - self._look_sent > self._seen_s:
            self._recover(self._look_sent)
        if in_flight >= self.most or self._look_sent is not None:
            return False
        return now >= self.due_at(now)

    def due_at(self, now: float) -> float:
        """When `allows` should be asked again, if nothing happens before."""
        if self._look_sent is not None:
            return self._look_sent + self._seen_s + 0.001
        return self._look_at if self._is_waiting else max(self._gap_until, self.rhythm.next_at(now))

    def sent(self, now: float) -> None:
        """A call leaves."""
        if self._begun_at is None:
            self._begun_at = now
            if isinstance(self.rhythm, Steady):
                self.rhythm.since = now
        if self._is_waiting:
            self._look_sent = now
            return
        self._taken += 1
        self._gap_until = now + GAP_S
        if isinstance(self.rhythm, Window):
            self.rhythm.look_s = self._seen_s
        self.rhythm.sent(now)
        if isinstance(self.rhythm, Window) and self.rhythm.is_used_up:
            self._wait(now, retry_after_s=None)

    def unsent(self, sent_at: float) -> None:
        """What left at `sent_at` came to no call after all."""
        if sent_at == self._look_sent:
            self._look_sent = None
        elif self._is_of_this_cycle(sent_at):
            self._taken -= 1
            self._gap_until = NEVER
            self.rhythm.unsent()

    def throttled(self, *, sent_at: float, now: float, retry_after_s: float | None) -> None:
        """The call that left at `sent_at` was refused; `retry_after_s` is the wait that the service asked for."""
        self.was_throttled = True
        self._refusal_s = max(self._refusal_s, min(1.0, now - sent_at))
        if sent_at == self._look_sent:
            self._look_sent = None
            self._last_refused = sent_at
            self._looks += 1
            self._look_at = now + (self._pause_s(now) if retry_after_s is None else retry_after_s)
        elif self._is_of_this_cycle(sent_at):
            self._taken -= 1
            if not self._is_waiting:
                self._last_refused = max(self._last_refused, sent_at)
                self._wait(now, retry_after_s=retry_after_s)

    def share(self, factor: float, *, now: float) -> None:
        """From now on this part of what was thought to be ours is: others of this lab have come (below 1) or gone."""
        self.burst = round(self.burst * factor)
        self._cycles.clear()
        match self.rhythm:
            case Steady() as steady:
                steady.peak_per_s *= factor
                self._top_per_s *= factor
                if steady.slow:
                    steady.per_s *= factor
                else:
                    steady.again(steady.rate(now) * factor, now=now, confirmed=True)
            case Window() as window:
                window.calls = max(1, round(window.calls * factor))

    @property
    def _seen_s(self) -> float:
        """A call that is older has not been refused."""
        return 2 * self._refusal_s + 0.05

    def _is_of_this_cycle(self, sent_at: float) -> bool:
        return self._is_first or (self._begun_at is not None and sent_at >= self._begun_at)

    def _wait(self, now: float, *, retry_after_s: float | None) -> None:
        """Send nothing until the next look."""
        self._is_waiting, self._waits_since, self._looks = True, now, 0
        if isinstance(self.rhythm, Steady):
            self._top_per_s = self.rhythm.rate(now)
            self.rhythm.credit = 0.0
        self._look_at = max(now, self._first_look_at(now)) if retry_after_s is None else now + retry_after_s

    def _first_look_at(self, now: float) -> float:
        rhythm, begun = self.rhythm, self._begun_at or now
        if isinstance(rhythm, Window) and rhythm.proven:
            if self._is_first:  # nobody knows where in the service's window the run began
                return begun + rhythm.period_s / 4
            if rhythm.used < rhythm.calls / 2:
                return now + rhythm.period_s / 10
            return begun + rhythm.ahead_s()
        return now + self._short_s

    def _pause_s(self, now: float) -> float:
        rhythm = self.rhythm
        if isinstance(rhythm, Window) and rhythm.proven:
            if self._is_first and self._looks < 4:
                return rhythm.period_s / 4
            step = max(0.02 * rhythm.period_s, rhythm.excess_s / 2)
            return step * 1.5 ** max(0, min(self._looks, 20) - (5 if self._is_first else 2))
        return min(LONGEST_PAUSE_S, max(self._short_s, LONGER * (now - self._waits_since)))

    @property
    def _short_s(self) -> float:
        if isinstance(self.rhythm, Steady) and not self.rhythm.slow:
            return min(5.0, max(0.1, 1.0 / self.rhythm.per_s))  # not of what it had grown to: that was too much
        return FIRST_PAUSE_S

    def _recover(self, at: float) -> None:
        """The look of `at` was taken: the limit has room again."""
        assert self._begun_at is not None
        took_s = max(at - self._begun_at, 1e-3)
        match self.rhythm:
            case Free():
                self._first_guess(took_s, at)
            case Window() as window:
                self._mend_window(window, took_s, at)
            case Steady() as steady:
                self._mend_rate(steady, took_s, at)
        self._is_first, self._begun_at, self._taken = False, at, 1
        self._is_waiting, self._look_sent = False, None

    def _first_guess(self, took_s: float, at: float) -> None:
        self.burst = max(1, self._taken)
        if self.burst < LEAST_WINDOW:
            self.rhythm = Steady(per_s=START_PER_S, since=at, slow=True, due=at + FIRST_PAUSE_S)
        else:
            excess = at - max(self._last_refused, self._waits_since)
            self.rhythm = Window(calls=self.burst, period_s=took_s, excess_s=excess, used=1)

    def _mend_window(self, window: Window, took_s: float, at: float) -> None:
        thin = window.thin + 1 if self._taken < FULL * window.calls else 0
        if thin > (1 if window.proven else 0):
            self._guess_rate(took_s, at)
            return
        calls, period = max(1, self._taken), took_s
        was_refused = self._last_refused >= self._waits_since
        excess = min(at - self._last_refused, took_s) if was_refused else window.excess_s / 2
        if self._is_first:
            calls, period, excess = max(calls, window.calls), max(took_s, window.period_s), window.excess_s
        elif thin:
            calls, period = window.calls, window.period_s
        number = window.number + 1
        self.rhythm = Window(
            calls=calls, period_s=period, excess_s=excess, proven=True, number=number, thin=thin, used=1
        )

    def _guess_rate(self, took_s: float, at: float) -> None:
        if self._taken < 3:
            self.rhythm = Steady(per_s=START_PER_S, since=at, slow=True, due=at + FIRST_PAUSE_S)
        else:
            per_s = self._taken / took_s * SLACK
            self.rhythm = Steady(per_s=per_s, since=at, due=at + 1.0 / per_s, peak_per_s=per_s)

    def _mend_rate(self, steady: Steady, took_s: float, at: float) -> None:
        measured = self._taken / took_s
        if not self._is_first:
            self._cycles.append((self._taken, took_s))
        if self._is_first:
            steady.again(self._top_per_s * SLACK, now=at, confirmed=steady.confirmed)
        elif not steady.slow:
            least = steady.per_s if steady.leaps else self._top_per_s  # a leap that failed says nothing for its height
            cut = min(max(measured, LEAST_CUT * least), self._top_per_s)
            steady.again(cut * SLACK, now=at, confirmed=measured > 0.9 * self._top_per_s)
        elif self._taken >= 2:
            steady.again(measured * SLACK, now=at, confirmed=False)
        else:
            steady.per_s, steady.since = max(START_PER_S / 8, steady.per_s / 2), at
            steady.calls, steady.due = 0, at + 1.0 / steady.per_s
