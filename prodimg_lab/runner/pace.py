"""How many calls may be in flight to one model, when it throttles?

As TCP does it (RFC 5681): the limit doubles per round trip up to where it was cut last, then grows by about one per
round trip; a throttle cuts it to `CUT` and pauses all sends to the model. Throttles of sends that left before the last
cut say nothing new and do not cut again. The pause is what the service asked for, else one learnt here: doubled while
throttles go on, halved by every answer.
"""

from __future__ import annotations

from dataclasses import dataclass

CUT = 0.7
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0


@dataclass(slots=True, kw_only=True)
class Pace:
    """The limit of one model. Moments are seconds of one monotonic clock. Used by one thread only.

    `limit` is how many may be in flight, 1 to `most`; `ceiling` where the last cut fell.
    """

    most: int
    limit: float
    ceiling: float
    pause_s: float = FIRST_PAUSE_S
    paused_until: float = float("-inf")
    cut_at: float = float("-inf")
    was_throttled: bool = False

    @classmethod
    def start(cls, most: int, *, learnt: tuple[float, float] | None = None) -> Pace:
        """At full speed, or at what an earlier run has learnt: pictures in flight and pause."""
        if learnt is None:
            return cls(most=most, limit=most, ceiling=most)
        in_flight, pause_s = learnt
        limit = min(max(1.0, in_flight), most)
        return cls(most=most, limit=limit, ceiling=limit, pause_s=min(max(FIRST_PAUSE_S, pause_s), LONGEST_PAUSE_S))

    def allows(self, in_flight: int, *, now: float) -> bool:
        """Whether one more call may leave."""
        return now >= self.paused_until and in_flight < max(1, int(self.limit))

    def answered(self) -> None:
        """A call got an answer that was no throttle."""
        growth = 1.0 if self.limit < self.ceiling else 1.0 / self.limit
        self.limit = min(float(self.most), self.limit + growth)
        self.pause_s = max(FIRST_PAUSE_S, self.pause_s / 2)

    def throttled(self, *, sent_at: float, now: float, retry_after_s: float | None) -> None:
        """A call was throttled; `retry_after_s` is the wait that the service asked for, if it did."""
        self.was_throttled = True
        if sent_at >= self.cut_at:
            self.cut_at = now
            self.limit = self.ceiling = max(1.0, self.limit * CUT)
            wait = self.pause_s if retry_after_s is None else retry_after_s
            self.pause_s = min(LONGEST_PAUSE_S, self.pause_s * 2)
        else:
            wait = retry_after_s or 0.0
        self.paused_until = max(self.paused_until, now + wait)
