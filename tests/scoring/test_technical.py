from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest

from prodimg_lab.records import Score, Unscored
from prodimg_lab.scoring import scorers
from prodimg_lab.scoring.noise import noise_of
from prodimg_lab.scoring.technical import blur_of, colourfulness_of
from prodimg_lab.testing.ladders import blurred, darker, flatter, garish, noisy
from prodimg_lab.testing.pictures import SHAPES, Backdrop, Picture, draw_product, png
from prodimg_lab.testing.scorers import subject_of

DARK = "#2b2d42"
"""Darker than every drawn backdrop: a product as light as its backdrop has few edges in gray to judge."""

Worsen = Callable[[Picture, float], Picture]


def clipped(values: np.ndarray) -> Picture:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def answer(name: str, picture: Picture) -> Score:
    (scored,) = scorers([name])[0].score([subject_of(png(picture))])
    assert isinstance(scored, Score), scored
    return scored


LADDERS: dict[str, tuple[Worsen, Sequence[float]]] = {
    "sharpness": (blurred, (0, 0.8, 1.5, 3, 6)),
    "noise": (noisy, (0, 3, 6, 12, 24)),
    "exposure": (darker, (0.9, 0.6, 0.35, 0.2, 0.1)),
    "contrast": (flatter, (1, 0.7, 0.45, 0.25, 0.1)),
}


@pytest.mark.parametrize("name", LADDERS)
@pytest.mark.parametrize("backdrop", ["white", "plain", "scene"])
def test_the_worse_a_picture_gets_the_lower_it_scores(name: str, backdrop: Backdrop) -> None:
    worsen, ladder = LADDERS[name]
    for seed, shape in enumerate(SHAPES):
        clean = draw_product(backdrop=backdrop, shape=shape, colour=DARK, seed=seed, size=320).picture
        steps = [answer(name, worsen(clean, step)) for step in ladder]
        values = [step.value for step in steps]
        assert values == sorted(values, reverse=True), f"{shape}: {values}"
        assert values[0] - values[-1] > 1.5, f"{shape}: {values}"
        raws = [step.raw for step in steps]
        assert raws in (sorted(raws), sorted(raws, reverse=True)), f"{shape}: {raws}"


def test_a_garish_picture_scores_lower_than_a_natural_one_and_a_gray_one_is_fine() -> None:
    clean = draw_product(backdrop="scene", seed=3, size=256).picture
    natural, loud = answer("colourfulness", clean), answer("colourfulness", garish(clean, 6))
    gray = answer("colourfulness", garish(clean, 0))
    assert natural.value == 5 and gray.value == 5 and loud.value < 4
    assert gray.raw < natural.raw < loud.raw


def test_highlights_blown_out_on_the_product_cost_points_and_the_white_sweep_does_not() -> None:
    drawn = draw_product(shape="box", colour="#9aa0a6", size=256)
    clean = answer("exposure", drawn.picture)
    assert clean.value > 4.5
    burnt = drawn.picture.copy()
    left, top, wide, high = drawn.box
    burnt[top + high // 4 : top + high * 3 // 4, left + wide // 4 : left + wide * 3 // 4] = 255
    scored = answer("exposure", burnt)
    assert scored.value < clean.value - 1.5 and "25.2% of the product clipped" in scored.detail


@pytest.mark.parametrize("backdrop", ["white", "plain", "scene"])
def test_an_overexposed_product_scores_lower_than_a_well_exposed_one(backdrop: Backdrop) -> None:
    for seed, shape in enumerate(SHAPES):
        clean = draw_product(backdrop=backdrop, shape=shape, colour="#b07a50", seed=seed, size=256).picture
        values = [answer("exposure", darker(clean, gain)).value for gain in (1.0, 1.5, 2.2)]
        assert values[0] > 4.5 and values[0] - 1 > values[1] > values[2], f"{shape}: {values}"


def test_a_product_before_black_is_not_too_dark_and_neither_is_a_black_one_before_white() -> None:
    mug = draw_product(colour="#d08a96", size=256)
    night = mug.picture.copy()
    night[~mug.mask] = 8
    assert answer("exposure", night).value > 4.5
    assert answer("exposure", draw_product(colour="#161616", size=256).picture).value > 4.5


@pytest.mark.parametrize("sigma", [2.0, 4.0, 8.0])
def test_gaussian_noise_is_read_at_its_true_size(sigma: float) -> None:
    flat = np.full((200, 200), 128.0)
    gray = clipped(flat + np.random.default_rng(1).normal(0, sigma, flat.shape))
    assert noise_of(gray) == pytest.approx(sigma, rel=0.05)


def test_noise_is_measured_inside_the_region_only() -> None:
    gray = np.full((100, 100), 128, np.uint8)
    gray[:, 50:] = clipped(128 + np.random.default_rng(1).normal(0, 10, (100, 50)))
    left = np.zeros((100, 100), np.bool_)
    left[:, :45] = True
    assert noise_of(gray, left) == 0.0 and noise_of(gray, ~left) > 8


def test_texture_in_places_is_no_noise() -> None:
    gray = np.full((128, 128), 128, np.uint8)
    gray[:, 64:] = clipped(128 + 60 * np.sin(np.arange(64) * 1.9))
    assert noise_of(gray) < 0.1


def test_noise_on_the_product_is_seen_although_the_sweep_is_clean() -> None:
    drawn = draw_product(size=320)
    speckled = np.where(drawn.mask[..., None], noisy(drawn.picture, 12), drawn.picture)
    assert answer("noise", speckled).raw > 5


def test_blur_in_one_direction_counts_as_much_as_in_both() -> None:
    sharp = draw_product(shape="ball", size=200).picture[..., 1]
    streaked, soft = cv2.GaussianBlur(sharp, (31, 1), 3), cv2.GaussianBlur(sharp, (31, 31), 3)
    assert blur_of(streaked) > blur_of(sharp) + 0.3
    assert blur_of(streaked) == pytest.approx(blur_of(soft), abs=0.1)


@pytest.mark.parametrize("backdrop", ["white", "plain", "scene"])
def test_noise_does_not_pass_for_sharpness(backdrop: Backdrop) -> None:
    for seed, shape in enumerate(SHAPES):
        clean = draw_product(backdrop=backdrop, shape=shape, colour=DARK, seed=seed, size=320).picture
        soft = answer("sharpness", noisy(blurred(clean, 3), 3))
        assert soft.value < answer("sharpness", clean).value - 1
        assert soft.value < answer("sharpness", noisy(clean, 3)).value - 1


def test_blur_is_looked_for_around_the_product_where_it_is_known() -> None:
    drawn = draw_product(shape="box", fill=0.5, size=320)
    assert "around the product" in answer("sharpness", drawn.picture).detail
    scene = draw_product(backdrop="scene", size=320)
    assert "whole frame" in answer("sharpness", scene.picture).detail


def test_colourfulness_follows_the_published_formula() -> None:
    red = np.zeros((10, 10, 3), np.uint8)
    red[..., 2] = 255
    # one flat red: no spread, so 0.3 × |(R-G, (R+G)/2-B)| = 0.3 × |(255, 127.5)|
    assert colourfulness_of(red) == pytest.approx(0.3 * np.hypot(255, 127.5), rel=1e-5)
    assert colourfulness_of(np.full((10, 10, 3), 90, np.uint8)) == 0


def test_one_flat_colour_has_no_sharpness_to_speak_of() -> None:
    (scored,) = scorers(["sharpness"])[0].score([subject_of(png(np.full((64, 64, 3), 90, np.uint8)))])
    assert isinstance(scored, Unscored) and scored.reason == "the picture is one flat colour"
