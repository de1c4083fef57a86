from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodimg_lab.scoring.likeness import apart, diversity, near_duplicates, picture_hash
from prodimg_lab.testing.pictures import SHAPES, draw_product

PICTURES = [draw_product(shape=shape, backdrop="scene", seed=at, size=200).picture for at, shape in enumerate(SHAPES)]
HASHES = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize("at", range(len(PICTURES)))
def test_a_copy_is_near_and_another_picture_is_not(at: int) -> None:
    picture = PICTURES[at]
    jpeg = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    copies = [jpeg, cv2.resize(picture, (90, 90), interpolation=cv2.INTER_AREA), np.clip(picture * 1.1, 0, 255)]
    for copy in copies:
        assert apart(picture_hash(picture), picture_hash(copy.astype(np.uint8))) <= 6
    assert min(apart(picture_hash(picture), picture_hash(other)) for other in PICTURES if other is not picture) > 10


def test_groups_hang_together_by_near_pairs() -> None:
    hashes = {"a": 0b0, "b": 2**40 - 1, "c": 0b11111, "d": 0b1111111111, "e": 2**41 - 1}
    assert near_duplicates(hashes) == [("a", "c", "d"), ("b", "e")]
    assert near_duplicates(hashes, near=0) == []
    assert near_duplicates({"a": 7, "b": 7}, near=0) == [("a", "b")]


def test_diversity_is_within_groups() -> None:
    assert diversity([[0, 2**64 - 1]]) == 1.0
    assert diversity([[0, 0b1111], [5, 5]]) == pytest.approx((4 / 64 + 0) / 2)
    assert diversity([[1], [2]]) is None and diversity([]) is None


@given(HASHES, HASHES, HASHES)
def test_distance_is_a_metric(first: int, second: int, third: int) -> None:
    assert apart(first, first) == 0 and apart(first, second) == apart(second, first)
    assert apart(first, third) <= apart(first, second) + apart(second, third) <= 128


def test_how_light_a_picture_is_as_a_whole_changes_nothing() -> None:
    noise = np.random.default_rng(2).integers(60, 120, (64, 64, 1)).repeat(3, 2)
    assert picture_hash(noise.astype(np.uint8)) == picture_hash((noise + 90).astype(np.uint8))
