"""The scorers against what the studio says it drew; docs/scoring.md has the figures of 72 pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from prodimg_lab.records import ImageRequest, Score
from prodimg_lab.scoring import NAMES, load_rubric, score_pictures, scorers
from prodimg_lab.scoring.attributes import found_background
from prodimg_lab.scoring.measures import measure
from prodimg_lab.testing.scorers import subject_of

if TYPE_CHECKING:
    from prodimg_lab.studio.truth import Truth

pytest.importorskip("mitsuba")

PROMPTS = {
    "white": "a burgundy cardboard gift box, on a seamless pure white studio background, softbox lighting",
    "plain": "a brown leather handbag, on a seamless light grey studio sweep, softbox lighting",
    "scene": "a cobalt blue ceramic mug, on a light oak table, softbox lighting",
}


@lru_cache(maxsize=4)
def drawn(background: str) -> tuple[bytes, Truth]:
    from prodimg_lab import studio

    prompt = f"Professional product photograph of {PROMPTS[background]}, front view"
    avoid = "text, watermark, border, clutter"
    return studio.draw(ImageRequest(model="studio:sd35@256", prompt=prompt, negative_prompt=avoid, seed=11))


@pytest.mark.parametrize("background", PROMPTS)
def test_mask_background_and_colour_agree_with_what_was_drawn(background: str) -> None:
    data, truth = drawn(background)
    measures = measure(data)
    overlap = (measures.mask & truth.mask).sum() / (measures.mask | truth.mask).sum()
    assert overlap > 0.8
    assert found_background(measures) == truth.background_kind
    (colour,) = scorers(["colour"])[0].score([subject_of(data, {"colour": truth.colour})])
    assert isinstance(colour, Score) and colour.raw < 15, colour
    (wrong,) = scorers(["colour"])[0].score([subject_of(data, {"colour": "#20b070"})])
    assert isinstance(wrong, Score) and wrong.raw > 25, wrong


@pytest.mark.parametrize("background", PROMPTS)
def test_a_good_picture_has_a_high_quality_and_the_wrong_wishes_a_lower_one(background: str) -> None:
    data, truth = drawn(background)
    rubric = load_rubric("product-default")
    kind = truth.background_kind
    right = {"colour": truth.colour, "background": kind}
    wrong = {"colour": "#20b070", "background": "white" if kind == "scene" else "scene"}
    good, bad = (
        rubric.quality(scores)
        for scores in score_pictures([subject_of(data, right), subject_of(data, wrong)], scorers(NAMES))
    )
    assert isinstance(good, float) and isinstance(bad, float)
    assert good > 3.5 and bad < good - 1.0


def test_the_drawn_pictures_differ() -> None:
    sizes = {np.asarray(measure(drawn(background)[0]).bgr).mean() for background in PROMPTS}
    assert len(sizes) == len(PROMPTS)
