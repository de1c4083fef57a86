"""How does a measured number become 0..5?

By straight lines between stated points. The points of the shipped scorers come from measurements on drawn products
and a few photographs and from published scales; none has been validated against people's ratings.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """`(raw, value)` points with rising raw; flat beyond both ends. Values are 0..5."""

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        raws = [raw for raw, _ in self.points]
        if len(raws) < 2 or any(b <= a for a, b in pairwise(raws)):
            raise ValueError(f"a curve needs two or more points with rising raw values, not {self.points}")
        if any(not 0.0 <= value <= 5.0 for _, value in self.points):
            raise ValueError(f"a curve's values lie in 0-5, not {self.points}")

    def __call__(self, raw: float) -> float:
        """The value 0..5 at `raw`."""
        after = bisect_right(self.points, raw, key=lambda point: point[0])
        if after == 0:
            return self.points[0][1]
        if after == len(self.points):
            return self.points[-1][1]
        (left, low), (right, high) = self.points[after - 1], self.points[after]
        return low + (high - low) * (raw - left) / (right - left)
