from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.scoring.colours import Cluster, ciede2000, clusters, hex_of, lab_of

# Table 1 of Sharma, Wu and Dalal (2005): all 34 pairs, L1 a1 b1 L2 a2 b2 and the difference to four places.
SHARMA = np.array(
    [
        [50.0, 2.6772, -79.7751, 50.0, 0.0, -82.7485, 2.0425],
        [50.0, 3.1571, -77.2803, 50.0, 0.0, -82.7485, 2.8615],
        [50.0, 2.8361, -74.0200, 50.0, 0.0, -82.7485, 3.4412],
        [50.0, -1.3802, -84.2814, 50.0, 0.0, -82.7485, 1.0000],
        [50.0, -1.1848, -84.8006, 50.0, 0.0, -82.7485, 1.0000],
        [50.0, -0.9009, -85.5211, 50.0, 0.0, -82.7485, 1.0000],
        [50.0, 0.0, 0.0, 50.0, -1.0, 2.0, 2.3669],
        [50.0, -1.0, 2.0, 50.0, 0.0, 0.0, 2.3669],
        [50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0009, 7.1792],
        [50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0010, 7.1792],
        [50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0011, 7.2195],
        [50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0012, 7.2195],
        [50.0, -0.0010, 2.4900, 50.0, 0.0009, -2.4900, 4.8045],
        [50.0, -0.0010, 2.4900, 50.0, 0.0010, -2.4900, 4.8045],
        [50.0, -0.0010, 2.4900, 50.0, 0.0011, -2.4900, 4.7461],
        [50.0, 2.5, 0.0, 50.0, 0.0, -2.5, 4.3065],
        [50.0, 2.5, 0.0, 73.0, 25.0, -18.0, 27.1492],
        [50.0, 2.5, 0.0, 61.0, -5.0, 29.0, 22.8977],
        [50.0, 2.5, 0.0, 56.0, -27.0, -3.0, 31.9030],
        [50.0, 2.5, 0.0, 58.0, 24.0, 15.0, 19.4535],
        [50.0, 2.5, 0.0, 50.0, 3.1736, 0.5854, 1.0000],
        [50.0, 2.5, 0.0, 50.0, 3.2972, 0.0, 1.0000],
        [50.0, 2.5, 0.0, 50.0, 1.8634, 0.5757, 1.0000],
        [50.0, 2.5, 0.0, 50.0, 3.2592, 0.3350, 1.0000],
        [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
        [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630],
        [61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731],
        [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
        [22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373],
        [36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
        [90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441],
        [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
        [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
        [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
    ]
)

labs = st.tuples(st.floats(0, 100), st.floats(-100, 100), st.floats(-100, 100))


def clusters_of(pixels: np.ndarray, *, count: int = 4) -> tuple[Cluster, ...]:
    return clusters(pixels[None], np.ones((1, len(pixels)), np.bool_), count=count)


def test_all_34_pairs_of_sharma_agree_to_four_places() -> None:
    assert SHARMA.shape == (34, 7)
    np.testing.assert_allclose(ciede2000(SHARMA[:, :3], SHARMA[:, 3:6]), SHARMA[:, 6], atol=5e-5)


def test_the_difference_does_not_depend_on_the_order() -> None:
    np.testing.assert_allclose(ciede2000(SHARMA[:, 3:6], SHARMA[:, :3]), SHARMA[:, 6], atol=5e-5)


@given(labs)
def test_a_colour_is_no_way_from_itself(lab: tuple[float, float, float]) -> None:
    assert float(ciede2000(lab, lab)) == 0


@given(labs, labs)
@settings(max_examples=60)
def test_the_difference_is_finite_and_symmetric(one: tuple[float, ...], two: tuple[float, ...]) -> None:
    there, back = float(ciede2000(one, two)), float(ciede2000(two, one))
    assert np.isfinite(there) and there >= 0
    # 180° of hue apart the formula jumps (Sharma et al., pairs 9-16); everywhere else it is symmetric
    assert there == pytest.approx(back, rel=1e-6, abs=1e-6) or abs(there - back) < 0.05 * there


def test_shapes_broadcast_so_that_every_found_colour_meets_every_asked_one() -> None:
    found = np.array([[[50, 0, 0]], [[60, 0, 0]], [[70, 10, 0]]])
    asked = np.array([[[50, 0, 0], [70, 10, 0]]])
    distances = ciede2000(found, asked)
    assert distances.shape == (3, 2)
    assert distances[0, 0] == 0 and distances[2, 1] == 0 and distances[1].min() > 5


@pytest.mark.parametrize(
    ("colour", "lab"),
    [
        ("#000000", (0, 0, 0)),
        ("#ffffff", (100, 0, 0)),
        ("#ff0000", (53.24, 80.09, 67.20)),
        ("#0000ff", (32.30, 79.19, -107.86)),
    ],
)
def test_known_colours_have_their_known_lab(colour: str, lab: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(lab_of(colour), lab, atol=0.25)


@given(st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}"))
@settings(max_examples=60)
def test_hex_to_lab_and_back_is_the_same_colour_to_one_level(colour: str) -> None:
    back = hex_of(lab_of(colour))
    assert max(abs(int(colour[at : at + 2], 16) - int(back[at : at + 2], 16)) for at in (1, 3, 5)) <= 1


@pytest.mark.parametrize("wrong", ["sage", "#fff", "#12345g", "7a9e7e0", ""])
def test_what_is_no_hex_colour_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        lab_of(wrong)


def test_two_colours_of_a_region_are_found_with_their_shares() -> None:
    random = np.random.default_rng(1)
    green, black = np.array(lab_of("#7a9e7e")), np.array(lab_of("#1c1c1e"))
    pixels = np.concatenate([green + random.normal(0, 1, (1400, 3)), black + random.normal(0, 1, (600, 3))])
    found = clusters_of(random.permutation(pixels).astype(np.float32), count=2)
    assert [round(each.share, 2) for each in found] == [0.70, 0.30]
    assert float(ciede2000(found[0].lab, green)) < 1 and float(ciede2000(found[1].lab, black)) < 1


def test_shares_add_up_and_a_single_colour_is_one_cluster_or_equal_ones() -> None:
    found = clusters_of(np.full((500, 3), 40, np.float32))
    assert sum(each.share for each in found) == pytest.approx(1)
    assert {each.lab for each in found} == {(40.0, 40.0, 40.0)}


def test_a_handful_of_pixels_gives_their_mean() -> None:
    (only,) = clusters_of(np.array([[10, 0, 0], [20, 0, 0]], np.float32))
    assert only.lab == (15.0, 0.0, 0.0) and only.share == 1.0


def test_equal_pixels_give_equal_clusters() -> None:
    pixels = np.random.default_rng(2).uniform(0, 100, (3000, 3)).astype(np.float32)
    assert clusters_of(pixels) == clusters_of(pixels.copy())
