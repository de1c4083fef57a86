"""What is asked of the ledger, and what it answers.

A claim is a promise to pay at most a price for one request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that may be spent, in micro-dollars: by this run, by all runs of a UTC day, by the lab ever."""

    run_micro: int | None = None
    day_micro: int | None = None
    lab_micro: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be bought: a trial's picture (`trial`), or another paid call under a `key` of the caller's choice.

    `price_micro` is the most that it can cost; `fingerprint` is what makes two orders the same.
    """

    fingerprint: str
    price_micro: int
    simulated: bool
    trial: int | None = None
    key: str = ""

    def __post_init__(self) -> None:
        if (self.trial is None) == (not self.key):
            raise ValueError("an order is for a trial or has a key")
        if self.price_micro < 0:
            raise ValueError(f"price {self.price_micro} is below 0")

    @property
    def name(self) -> str:
        """Its key in the ledger."""
        return self.key or f"trial:{self.trial}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to send `order`; must end in `Ledger.settle`. `number` counts the claims of one order within a run."""

    order: Order
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Another claim of the same fingerprint is open, by the run `run_id`."""

    run_id: str


@dataclass(frozen=True, slots=True)
class Bought:
    """The picture has been bought already: ask the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """The run `run_id` has sent it and got no answer: it may have been billed, and is not sent again by itself."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a claim ended: the state of its trial (or `spent`, `uncertain`, `released` for a charge) and what it cost.

    `details` are the further fields of the journal line.
    """

    state: str
    charge_micro: int
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What is spent or reserved, in micro-dollars; `reserved_micro` is the part of the real money not settled yet."""

    real_micro: int = 0
    simulated_micro: int = 0
    reserved_micro: int = 0
