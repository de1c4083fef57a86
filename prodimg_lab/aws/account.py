"""Which AWS account does a lab use, and how? Names only: keys and tokens stay with the AWS SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from prodimg_lab.lab import Lab


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a lab says of its account.

    `profile`: "" for the SDK's usual search. `regions`: region by model id, stronger than the catalogue's. `gateways`:
    hosts that lead to AWS although their names don't say so. `connections`: the most calls at a time.
    """

    profile: str = ""
    regions: Mapping[str, str] = field(default_factory=dict)
    gateways: tuple[str, ...] = ()
    connections: int = 32


def account_of(lab: Lab | None) -> Account:
    """The account of a lab; without one, the SDK's own defaults."""
    if lab is None:
        return Account()
    return Account(
        profile=lab.text("aws_profile"),
        regions=lab.table("regions"),
        gateways=tuple(lab.texts("gateways")),
        connections=lab.count("concurrency") or Account().connections,
    )
