from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodimg_lab.scoring import attributes, technical
from prodimg_lab.scoring.curves import Curve

SHIPPED = [each for module in (attributes, technical) for each in vars(module).values() if isinstance(each, Curve)]


def test_between_two_points_it_is_a_straight_line_and_flat_beyond_the_ends() -> None:
    curve = Curve(((0.0, 5.0), (10.0, 0.0)))
    assert [curve(raw) for raw in (-1, 0, 2.5, 10, 99)] == [5, 5, 3.75, 0, 0]


@pytest.mark.parametrize(
    "points", [(), ((0.0, 1.0),), ((1.0, 1.0), (1.0, 2.0)), ((2.0, 1.0), (1.0, 2.0)), ((0.0, 0.0), (1.0, 5.1))]
)
def test_points_that_make_no_curve_are_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="curve"):
        Curve(points)


@given(st.sampled_from(SHIPPED), st.floats(allow_nan=False))
def test_every_shipped_curve_stays_within_0_and_5(curve: Curve, raw: float) -> None:
    assert 0 <= curve(raw) <= 5


def test_every_shipped_curve_reaches_full_marks_somewhere() -> None:
    assert len(SHIPPED) >= 12
    assert all(max(value for _, value in curve.points) == 5 for curve in SHIPPED)
