"""Which pictures go into a report that cannot hold them all?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prodimg_lab.experiment.view import TrialRow

ENDS = 50
"""How many of the best and of the worst are sure of a place when pictures must be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """The chosen rows in plan order, out of `total`. `note` says how they were chosen, "" when all are there."""

    rows: tuple[TrialRow, ...]
    total: int
    note: str = ""


def best(rows: Sequence[TrialRow], count: int) -> tuple[TrialRow, ...]:
    """The `count` pictures of highest quality, best first, ties in plan order. Without a quality: not in it.

    A picture that several trials drew byte for byte stands once, for the best of them.
    """
    return tuple(_once(_by_quality(rows))[:count])


def best_distinct(rows: Sequence[TrialRow], count: int) -> tuple[TrialRow, ...]:
    """As `best`, but each prompt and each picture once: its best row."""
    found: list[TrialRow] = []
    for row in _by_quality(rows):
        prompts, digests = {each.trial.prompt.text for each in found}, {each.outcome.digest for each in found}
        if row.trial.prompt.text not in prompts and row.outcome.digest not in digests:
            found.append(row)
        if len(found) == count:
            break
    return tuple(found)


def worst(rows: Sequence[TrialRow], count: int) -> tuple[TrialRow, ...]:
    """The `count` pictures of lowest quality, worst first, ties in reverse plan order; each once, as in `best`."""
    return tuple(_once(_by_quality(rows)[::-1])[:count])


def pick(rows: Sequence[TrialRow], limit: int) -> Picked:
    """At most `limit` of the drawn `rows`: the best, the worst, and the others at even steps of the plan."""
    if len(rows) <= limit:
        return Picked(rows=tuple(rows), total=len(rows))
    tops, lows = best(rows, min(ENDS, limit // 4)), worst(rows, min(ENDS, limit // 4))
    chosen = {row.trial.index for row in (*tops, *lows)}
    ends = f"the best {len(tops)}, the worst {len(chosen) - len(tops)}"
    others = [row for row in rows if row.trial.index not in chosen]
    room = limit - len(chosen)
    chosen |= {others[place * len(others) // room].trial.index for place in range(room)}
    note = f"{limit} of {len(rows)} pictures: {ends}, and {room} at even steps of the plan."
    return Picked(rows=tuple(row for row in rows if row.trial.index in chosen), total=len(rows), note=note)


def _once(rows: Sequence[TrialRow]) -> list[TrialRow]:
    """The first row of each picture."""
    first: dict[str, TrialRow] = {}
    for row in rows:
        first.setdefault(row.outcome.digest, row)
    return list(first.values())


def _by_quality(rows: Sequence[TrialRow]) -> list[TrialRow]:
    scored = [(row.quality, row) for row in rows if row.is_drawn and row.quality is not None]
    return [row for _, row in sorted(scored, key=lambda pair: (-pair[0], pair[1].trial.index))]
