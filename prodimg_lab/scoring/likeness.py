"""Which pictures are nearly the same, and how much do a variant's pictures differ?

By perceptual hash: 64 bits of the low frequencies of the luma, cut at their median (after Zauner, "Implementation and
benchmarking of perceptual image hash functions", 2010, as pHash does it). It sees shape and composition, and is blind
to colour alone. How far apart pictures of a prompt and copies of a picture are was measured: docs/scoring.md.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Key = TypeVar("Key", bound=Hashable)

BITS = 64
NEAR = 6
"""Bits of 64 that may differ between near-duplicates."""


def picture_hash(bgr: NDArray[np.uint8]) -> int:
    """64 bits of an 8-bit BGR picture of any size; the shape of the frame does not matter."""
    gray = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = np.asarray(cv2.dct(small))[:8, :8].ravel()
    low[0] = 0  # the mean: how light a picture is as a whole
    return int("".join("1" if each else "0" for each in low > np.median(low)), 2)


def apart(first: int, second: int) -> int:
    """Bits of 64 in which two hashes differ."""
    return (first ^ second).bit_count()


def near_duplicates(hashes: Mapping[Key, int], *, near: int = NEAR) -> list[tuple[Key, ...]]:
    """Groups of two and more keys that hang together by pairs at most `near` apart, in the order of `hashes`."""
    names = list(hashes)
    head = {name: name for name in names}

    def root(name: Key) -> Key:
        while head[name] != name:
            name = head[name]
        return name

    for first, second in combinations(names, 2):
        if apart(hashes[first], hashes[second]) <= near:
            head[root(second)] = root(first)
    groups: dict[Key, list[Key]] = {}
    for name in names:
        groups.setdefault(root(name), []).append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def diversity(groups: Sequence[Sequence[int]]) -> float | None:
    """Mean share of bits, 0..1, in which two hashes of one group differ; None where no group has two.

    A group holds the pictures that one variant made of one product; unrelated pictures differ in about half.
    """
    pairs = [apart(first, second) / BITS for group in groups for first, second in combinations(group, 2)]
    return fmean(pairs) if pairs else None
