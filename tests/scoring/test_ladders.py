"""Every score follows its fault; docs/scoring.md has the table of all photographs and products."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy.stats import spearmanr

from prodimg_lab.records import Score
from prodimg_lab.scoring import scorers
from prodimg_lab.testing.ladders import LADDERS, photographs
from prodimg_lab.testing.pictures import Picture, draw_product, png
from prodimg_lab.testing.scorers import subject_of

RISES = ("sharpness", "noise", "blockiness", "colourfulness")
"""Scorers whose raw value goes up as the picture gets worse."""


def raws(fault: str, picture: Picture) -> list[float]:
    ladder = LADDERS[fault]
    (scorer,) = scorers([ladder.scorer])
    found = scorer.score([subject_of(png(ladder.worsen(picture, level)), {}) for level in ladder.levels])
    scores = [each for each in found if isinstance(each, Score)]
    assert len(scores) == len(ladder.levels), found
    return [each.raw if ladder.scorer in RISES else -each.raw for each in scores]


@pytest.fixture(scope="module")
def pictures(request: pytest.FixtureRequest) -> list[tuple[str, Picture]]:
    known = list(photographs())
    if not request.config.getoption("--soak"):
        known = [(name, np.asarray(cv2.resize(each, (320, 320)), np.uint8)) for name, each in known[:2]]
    return [*known, ("mug", draw_product(colour="#2b5d42", backdrop="plain", size=320).picture)]


@pytest.mark.parametrize("fault", LADDERS)
def test_the_raw_value_follows_every_step(fault: str, pictures: list[tuple[str, Picture]]) -> None:
    for name, picture in pictures:
        found = raws(fault, picture)
        assert spearmanr(range(len(found)), found).statistic > 0.85, (name, found)


def test_the_first_level_leaves_the_picture_as_it_is() -> None:
    picture = draw_product(size=64).picture
    for fault, ladder in LADDERS.items():
        assert np.array_equal(ladder.worsen(picture, ladder.levels[0]), picture), fault
