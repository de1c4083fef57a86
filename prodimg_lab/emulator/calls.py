"""What was asked of the emulator, and what would it have cost? Credentials never get here."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that came in. `at` is ISO 8601 UTC, `seconds` how long it took to answer.

    `invocation_id` and `attempt` are what the SDK sent ("" and 0: nothing), `model` the bare id ("" for a listing),
    `auth` sigv4, bearer, none or other, `status` what was answered (0: cut before a status was sent), `fault` the
    fault's name, `billed` whether AWS would have charged a picture for it, `price_micro` how much then, in
    micro-dollars.
    """

    at: str
    request_id: str
    invocation_id: str
    attempt: int
    operation: str
    model: str
    region: str
    auth: str
    status: int
    fault: str
    billed: bool
    price_micro: int
    seconds: float


class CallLog:
    """All calls, oldest first. Read and written from several threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._calls: list[Call] = []

    def add(self, call: Call) -> None:
        """Write one down."""
        with self._guard:
            self._calls.append(call)

    def clear(self) -> None:
        """Forget them."""
        with self._guard:
            self._calls.clear()

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call so far."""
        with self._guard:
            return tuple(self._calls)

    @property
    def sends(self) -> int:
        """How many requests came in."""
        return len(self.calls)

    @property
    def billed(self) -> int:
        """How many pictures AWS would have charged for."""
        return sum(call.billed for call in self.calls)

    @property
    def spent_micro(self) -> int:
        """What those pictures cost by the catalogue, in micro-dollars."""
        return sum(call.price_micro for call in self.calls)

    def sends_by_invocation(self) -> dict[str, int]:
        """Requests per `amz-sdk-invocation-id`: more than one means that the SDK sent again by itself."""
        return dict(Counter(call.invocation_id for call in self.calls if call.invocation_id))

    def billed_by_invocation(self) -> dict[str, int]:
        """Charged pictures per `amz-sdk-invocation-id`: more than one means paid twice for one call."""
        return dict(Counter(call.invocation_id for call in self.calls if call.invocation_id and call.billed))

    def facts(self) -> dict[str, object]:
        """For JSON."""
        return {
            "sends": self.sends,
            "billed": self.billed,
            "spent_micro": self.spent_micro,
            "sends_by_invocation": self.sends_by_invocation(),
            "billed_by_invocation": self.billed_by_invocation(),
            "calls": self.calls,
        }
