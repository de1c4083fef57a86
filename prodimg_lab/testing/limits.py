"""How long does a pace take against a limit? Simulated: no clock runs and nothing waits.

The limits are the emulator's (`emulator.quotas`). `floor_s` is what a client needs who knows everything.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Literal

from prodimg_lab.emulator.quotas import Gate, Quota
from prodimg_lab.runner.pace import Pace

MODEL = "simulated"

_Kind = Literal["look", "taken", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What the clients do: `each` calls a client, which last `call_s` (give or take a tenth); a refusal `refusal_s`.

    `begin_s` is when they begin, counted as the limit counts (fixed windows begin at whole multiples).
    """

    each: int
    call_s: float
    most: int = 32
    refusal_s: float = 0.005
    begin_s: float = 0.0


@dataclass(slots=True)
class Outcome:
    """What came of it: seconds until the last picture, calls, and those that were refused."""

    seconds: float = 0.0
    calls: int = 0
    refused: int = 0


@dataclass(slots=True)
class _Client:
    pace: Pace
    left: int
    in_flight: int = 0


@dataclass(slots=True)
class _World:
    quota: Quota
    calls: Calls
    chance: random.Random
    now: float = 0.0
    number: int = 0
    due: list[tuple[float, int, _Kind, int, float]] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)
    gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.calls.begin_s
        self.gate = Gate((self.quota,), clock=lambda: self.now)

    def plan(self, at: float, kind: _Kind, client: int, sent_at: float = 0.0) -> None:
        self.number += 1
        heappush(self.due, (at, self.number, kind, client, sent_at))


def simulate(quota: Quota, paces: Sequence[Pace], calls: Calls, *, seed: int = 7) -> Outcome:
    """Let clients with these paces draw against one limit."""
    world = _World(quota, calls, random.Random(seed))
    clients = [_Client(pace, calls.each) for pace in paces]
    for client in range(len(clients)):
        world.plan(world.now + 0.01 * world.chance.random(), "look", client)
    while world.due:
        world.now, _, kind, client, sent_at = heappop(world.due)
        _hear(world, clients[client], kind, sent_at)
        _send(world, clients[client], client)
    return world.outcome


def floor_s(quota: Quota, calls: Calls, *, clients: int = 1) -> float:
    """Seconds until the last picture for a client that sends whenever limit and places allow."""
    world = _World(quota, calls, random.Random(0))
    ends: list[float] = []
    left = calls.each * clients
    while left:
        while ends and ends[0] <= world.now:
            heappop(ends)
        if len(ends) < calls.most * clients and world.gate.lets_through(MODEL):
            heappush(ends, world.now + calls.call_s)
            left -= 1
        else:
            world.now += 0.005
    return max(ends) - calls.begin_s


def _hear(world: _World, client: _Client, kind: _Kind, sent_at: float) -> None:
    if kind == "look":
        return
    client.in_flight -= 1
    if kind == "taken":
        world.outcome.seconds = world.now - world.calls.begin_s
    else:
        client.left += 1
        world.outcome.refused += 1
        client.pace.throttled(sent_at=sent_at, now=world.now, retry_after_s=None)


def _send(world: _World, client: _Client, number: int) -> None:
    calls, now = world.calls, world.now
    while client.left and client.pace.allows(client.in_flight, now=now):
        client.left -= 1
        client.in_flight += 1
        client.pace.sent(now)
        world.outcome.calls += 1
        if world.gate.lets_through(MODEL):
            world.plan(now + calls.call_s * world.chance.uniform(0.9, 1.1), "taken", number, now)
        else:
            world.plan(now + calls.refusal_s, "refused", number, now)
    if client.left and client.in_flight < client.pace.most:
        world.plan(max(client.pace.due_at(now), now + 0.0005), "look", number)
