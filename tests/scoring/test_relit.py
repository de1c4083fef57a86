"""Is the light of a picture seen through, and no further than it goes?"""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from prodimg_lab.records import Score
from prodimg_lab.scoring import scorers
from prodimg_lab.scoring.colours import Cluster, ciede2000, lab_of
from prodimg_lab.scoring.relit import PER_STOP, STOPS, WHOLE_TINT, light_of, nearest, stops_in
from prodimg_lab.testing.pictures import draw_product, png
from prodimg_lab.testing.scorers import subject_of

NEUTRAL = np.ones(3)
WARM = np.array([0.45, 1.0, 1.35])  # linear blue, green, red of a golden hour


def relit(data: bytes, light: np.ndarray) -> bytes:
    """The picture under another light: linear channels times `light`."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).astype(np.float64) / 255
    linear = np.where(picture <= 0.04045, picture / 12.92, ((picture + 0.055) / 1.055) ** 2.4) * light
    seen = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.clip(linear, 0, None) ** (1 / 2.4) - 0.055)
    return png(np.clip(np.rint(seen * 255), 0, 255).astype(np.uint8))


def raw(data: bytes, colour: str) -> float:
    (scored,) = scorers(["colour"])[0].score([subject_of(data, {"colour": colour})])
    assert isinstance(scored, Score), scored
    return scored.raw


@pytest.mark.parametrize("colour", ["#b03a2e", "#2e5fa3", "#d9b44a", "#8c8c8c"])
@pytest.mark.parametrize("light", [0.5 * NEUTRAL, 0.7 * WARM, 0.5 * WARM])
def test_a_product_in_shade_or_warm_light_keeps_its_colour(colour: str, light: np.ndarray) -> None:
    drawn = draw_product(colour=colour, backdrop="white", seed=3)
    there = raw(relit(drawn.data, light), colour)
    assert there < 8, "as it was drawn"
    others = {"#b03a2e", "#2e5fa3", "#d9b44a", "#8c8c8c"} - {colour}
    assert min(raw(relit(drawn.data, light), other) for other in others) > there + 4


def test_what_is_discounted_costs_so_that_the_plain_match_is_better() -> None:
    drawn = draw_product(colour="#b03a2e", backdrop="plain", seed=3)
    plain, dim, warm = (raw(relit(drawn.data, light), "#b03a2e") for light in (NEUTRAL, 0.4 * NEUTRAL, WARM))
    assert plain < dim and plain < warm


def test_a_far_darker_product_is_another_colour() -> None:
    found = [Cluster(lab=lab_of("#6b0f1a"), share=1.0)]
    assert nearest(found, [lab_of("#f191b2")], NEUTRAL).distance > 20, "burgundy for pink"
    black = [Cluster(lab=lab_of("#1c1c1e"), share=1.0)]
    assert nearest(black, [lab_of("#8c8c8c")], NEUTRAL).distance > 12, "black for grey"


def test_shade_is_discounted_and_glare_is_not() -> None:
    light, dark = lab_of("#bcbcbc"), lab_of("#8c8c8c")
    found = [Cluster(lab=light, share=1.0)]
    assert nearest(found, [dark], NEUTRAL).distance == pytest.approx(float(ciede2000(light, dark)), abs=0.01)
    assert nearest([Cluster(lab=dark, share=1.0)], [light], NEUTRAL).distance < 3


def test_the_best_pair_says_its_costs_and_what_was_discounted() -> None:
    half = cv2.cvtColor(np.array([[lab_of("#c8c8c8")]], np.float32), cv2.COLOR_LAB2LBGR) / 2
    shaded = cv2.cvtColor(half, cv2.COLOR_LBGR2LAB)[0, 0]
    found = [Cluster(lab=lab_of("#b03a2e"), share=0.5), Cluster(lab=tuple(map(float, shaded)), share=0.5)]
    match = nearest(found, [lab_of("#2e5fa3"), lab_of("#c8c8c8")], NEUTRAL)
    assert (match.found, match.asked, match.stops) == (1, 1, 1.0)
    assert match.distance == pytest.approx(PER_STOP, abs=0.1)
    assert match.says == " without 1.0 stops of shade"
    assert 2 * STOPS + WHOLE_TINT == 8, "the most that a discount costs stays below 12, which is called close"


def test_the_lights_colour_is_that_of_white_surroundings() -> None:
    from prodimg_lab.scoring.measures import measure

    drawn = draw_product(colour="#2e5fa3", backdrop="white", seed=3)
    before, after = (
        light_of(seen.lab, seen.surroundings) for seen in (measure(drawn.data), measure(relit(drawn.data, 0.7 * WARM)))
    )
    turned = after / before
    assert turned / turned[1] == pytest.approx(WARM, rel=0.12)
    assert before @ np.array([0.0722, 0.7152, 0.2126]) == pytest.approx(1.0)


@pytest.mark.parametrize(("level", "stops"), [(0.15, 2.0), (0.75, 1.0)])
def test_in_a_bright_picture_nothing_stands_in_deep_shade(level: float, stops: float) -> None:
    lab = cv2.cvtColor(np.full((8, 8, 3), level, np.float32), cv2.COLOR_LBGR2LAB)
    assert stops_in(lab, np.ones((8, 8), np.bool_)) == stops


def test_a_grey_product_before_white_is_not_called_white() -> None:
    drawn = draw_product(colour="#7a7a7a", backdrop="white", seed=3)
    assert raw(drawn.data, "#ffffff") > 12 > raw(drawn.data, "#7a7a7a")


def test_a_black_ground_has_no_colour() -> None:
    assert light_of(np.zeros((8, 8, 3), np.float32), np.ones((8, 8), np.bool_)) == pytest.approx(NEUTRAL)


def on_ground(colour: str, ground: str) -> bytes:
    """A ball of that colour on a plain, saturated ground under white light."""
    drawn = draw_product(colour=colour, backdrop="white", shape="ball", seed=3)
    cover = cv2.GaussianBlur(drawn.mask.astype(np.float32), (0, 0), 0.7)[..., None]
    blue, green, red = (int(ground[at : at + 2], 16) for at in (5, 3, 1))
    return png(np.rint(drawn.picture * cover + np.array([blue, green, red]) * (1 - cover)).astype(np.uint8))


@pytest.mark.parametrize(
    ("colour", "ground", "other"),
    [
        ("#8c8c8c", "#2040c0", "#e07b2e"),
        ("#8c8c8c", "#7a1010", "#16757a"),
        ("#74388f", "#2040c0", "#c0392b"),
        ("#d9b44a", "#1f8a3b", "#e07b2e"),
    ],
)
def test_a_coloured_backdrop_is_no_coloured_light(colour: str, ground: str, other: str) -> None:
    data = on_ground(colour, ground)
    assert raw(data, colour) < 8 and raw(data, other) > 12


@pytest.mark.parametrize("ground", ["#2040c0", "#1f8a3b", "#e07b2e", "#8ec9ee"])
def test_a_pink_product_is_not_brightened_until_it_is_white(ground: str) -> None:
    data = on_ground("#f191b2", ground)
    assert raw(data, "#f191b2") < 8 and raw(data, "#f2f2f0") > 12


def test_a_discount_that_reflects_more_than_all_light_is_not_tried() -> None:
    pink = [Cluster(lab=lab_of("#f191b2"), share=1.0)]
    plain = float(ciede2000(lab_of("#f191b2"), lab_of("#ffffff")))
    assert nearest(pink, [lab_of("#ffffff")], NEUTRAL).distance == pytest.approx(plain, abs=2)
    assert nearest(pink, [lab_of("#f191b2")], NEUTRAL).stops == 0.0
