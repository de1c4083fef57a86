"""A trial on its way, and what an attempt at it may come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prodimg_lab.errors import ProdimgError
from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest, Outcome, Trial
from prodimg_lab.store import Claim


@dataclass(slots=True, kw_only=True)
class Task:
    """A trial on its way. `draw` sends it; `before` is its outcome in an earlier session, if it had one.

    `may_send` is false for an uncertain trial that must not be sent again: only the store is asked. `launched_at` is
    when the pace let it go, `was_sent` whether that attempt came to a call. `sends` counts calls, throttles left out.
    """

    trial: Trial
    fingerprint: str
    capabilities: Capabilities
    draw: Callable[[ImageRequest], GeneratedImage]
    before: Outcome
    may_send: bool = True
    claim: Claim | None = None
    sends: int = 0
    launched_at: float = 0.0
    was_sent: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """The store does not have it: it waits for the pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The trial has its outcome, written down. `halt`: it could not be stored, as no other will be."""

    outcome: Outcome
    halt: ProdimgError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Try again in `wait_s`; if throttled, when the pace allows, and `wait_s` is what the service asked for."""

    wait_s: float | None
    throttled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """Nothing was sent, and `error` says why: a cap (`BudgetExceeded`) or the store."""

    error: ProdimgError


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The call is over; `write` stores and writes down what came of it, in whatever thread calls it.

    `halt` is an error that no other trial will survive either.
    """

    write: Callable[[], Finished | Halted]
    halt: ProdimgError | None = None


Result = Ready | Finished | Later | Halted | Arrived
