"""Which pictures of a run are the same, or nearly, and whose pictures differ least?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.reports.thumbnails import Thumbnail

LINES, GROUPS, OF_A_GROUP = 12, 6, 6
"""Variants, groups and pictures of a group that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How much a variant's pictures of one product differ: 0..1, over `pairs`; `near` of them are near-duplicates."""

    variant: str
    pictures: int
    pairs: int
    near: int
    diversity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pictures that hang together: nearly the same, of one variant and product, or `same` byte for byte.

    `what` is the product, or products, with the variant where they are near; `variants` names up to six of equal ones.
    """

    same: bool
    variants: tuple[str, ...]
    what: str
    pictures: tuple[tuple[Thumbnail, str], ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """`spreads` least diverse first. `looked_at` pictures of `total` were compared; equal ones are found among all."""

    spreads: Sequence[Spread]
    variants: int
    groups: Sequence[Group]
    more_groups: int
    looked_at: int
    total: int


Small = Callable[[TrialRow], Thumbnail]
_Found = tuple[Sequence[TrialRow], bool, str]
"""The members of a group, whether they are equal byte for byte, and what they are of."""


def alike(view: RunView, rows: Sequence[TrialRow], *, looked_at: Small, shown: Small) -> Alike | None:
    """Compare `rows` (drawn ones) through thumbnails, and show smaller ones; None where there is nothing to compare."""
    from prodimg_lab.scoring.likeness import near_duplicates

    cells: dict[tuple[str, str], list[TrialRow]] = defaultdict(list)
    for row in rows:
        cells[row.trial.variant, row.trial.block.sku].append(row)
    cells = {cell: own for cell, own in cells.items() if len(own) > 1}
    seen = _hashes([row for own in cells.values() for row in own], looked_at)
    hashes = [
        {row.trial.index: seen[row.trial.index] for row in own if row.trial.index in seen} for own in cells.values()
    ]
    by_index = {row.trial.index: row for row in rows}
    near: list[_Found] = []
    for (variant, sku), own in zip(cells, hashes, strict=True):
        for places in near_duplicates(own):
            members = [by_index[place] for place in places]
            if len({row.outcome.digest for row in members}) > 1:
                near.append((members, False, f"{variant}, {sku}"))
    same = _same(view.drawn)
    first = [*same[: GROUPS - min(len(near), GROUPS // 2)], *near][:GROUPS]
    groups = [*same, *near]
    spreads = _spreads(list(cells), hashes)
    if not spreads and not groups:
        return None
    return Alike(
        spreads=spreads[:LINES],
        variants=len(spreads),
        groups=[_group(members, shown, same=equal, what=what) for members, equal, what in first],
        more_groups=len(groups) - len(first),
        looked_at=len(seen),
        total=len(view.drawn),
    )


def _hashes(rows: Sequence[TrialRow], small: Small) -> dict[int, int]:
    import cv2
    import numpy as np

    from prodimg_lab.scoring.likeness import picture_hash

    found = {}
    for row in rows:
        data = small(row).data
        if data and (bgr := cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)) is not None:
            found[row.trial.index] = picture_hash(np.asarray(bgr, np.uint8))
    return found


def _same(drawn: Sequence[TrialRow]) -> list[_Found]:
    """Pictures that are the same byte for byte, whatever drew them."""
    by_digest: dict[str, list[TrialRow]] = defaultdict(list)
    for row in drawn:
        by_digest[row.outcome.digest].append(row)
    found = [own for own in by_digest.values() if len(own) > 1]
    return [(own, True, ", ".join(dict.fromkeys(row.trial.block.sku for row in own))) for own in found]


def _group(rows: Sequence[TrialRow], small: Small, *, same: bool, what: str) -> Group:
    shown = [(small(row), f"{row.trial.variant}, {row.trial.block.name}") for row in rows[:OF_A_GROUP]]
    variants = tuple(dict.fromkeys(row.trial.variant for row in rows))
    named = variants[:OF_A_GROUP] if len(variants) > 1 else ()
    return Group(
        same=same, variants=named, what=what, pictures=tuple(pair for pair in shown if pair[0].data), count=len(rows)
    )


def _spreads(cells: Sequence[tuple[str, str]], hashes: Sequence[Mapping[int, int]]) -> list[Spread]:
    from itertools import combinations

    from prodimg_lab.scoring.likeness import NEAR, apart, diversity

    by_variant: dict[str, list[list[int]]] = defaultdict(list)
    for (variant, _), own in zip(cells, hashes, strict=True):
        by_variant[variant].append(list(own.values()))
    found = []
    for variant, groups in by_variant.items():
        share = diversity(groups)
        if share is not None:
            distances = [apart(first, second) for own in groups for first, second in combinations(own, 2)]
            near = sum(each <= NEAR for each in distances)
            count = sum(len(own) for own in groups)
            found.append(Spread(variant=variant, pictures=count, pairs=len(distances), near=near, diversity=share))
    return sorted(found, key=lambda each: (each.diversity, each.variant))
