from __future__ import annotations

from collections.abc import Mapping

import pytest

from prodimg_lab.marketplaces import packs
from prodimg_lab.records import Score, Unscored
from prodimg_lab.scoring import Scorer, load_rubric, score_key, score_pictures, scorers
from prodimg_lab.scoring.registry import names
from prodimg_lab.testing.known_pictures import drawn_cutout, on_level
from prodimg_lab.testing.pictures import draw_product, png
from prodimg_lab.testing.scorers import ScorerContract, subject_of


class TestAmazonMain(ScorerContract):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return scorers(["compliance-amazon-main"])[0]


class TestGoogle(ScorerContract):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return scorers(["compliance-google-merchant"])[0]

    @pytest.fixture
    def asked(self) -> Mapping[str, str]:
        return {"category": "mug"}


def test_every_pack_is_a_scorer() -> None:
    assert {f"compliance-{pack}" for pack in packs()} <= set(names())


def test_the_outcomes_have_their_values_and_what_cannot_be_told_has_none() -> None:
    cutout = drawn_cutout("#2b2d42", "ball")
    (scorer,) = scorers(["compliance-amazon-main"])
    good, small, gray = (
        scorer.score([subject_of(png(on_level(cutout, **how)), {})])[0]
        for how in ({}, {"fill": 0.6}, {"level": 225})  # type: ignore[arg-type]
    )
    assert [each.value for each in (good, small, gray) if isinstance(each, Score)] == [5.0, 3.0, 0.0]
    assert isinstance(small, Score) and small.detail.startswith("fixable: fill: the product spans ")
    scene = subject_of(draw_product(backdrop="scene", size=1024).data, {})
    (untold,) = scorers(["compliance-ebay"])[0].score([scene])
    assert isinstance(untold, Unscored) and "text: finding text in a scene needs --ocr" in untold.reason


def test_a_change_of_rules_is_another_cache_key_and_another_day_is_not() -> None:
    (scorer,) = scorers(["compliance-google-merchant"])
    subject = subject_of(b"", {})

    def key(day: str) -> str:
        from dataclasses import replace

        dated = replace(subject, as_of=day)
        return score_key(dated.digest, scorer, scorer.reads(dated))

    assert key("2026-12-01") == key("2027-01-30") != key("2027-01-31")


def test_a_gate_of_3_lets_the_fixable_through_and_not_the_failed() -> None:
    rubric = load_rubric("amazon-main")
    cutout = drawn_cutout("#2b2d42", "ball")
    pictures = [png(on_level(cutout, **how)) for how in ({}, {"fill": 0.7}, {"level": 225})]  # type: ignore[arg-type]
    wanted = scorers(rubric.scorers)
    good, small, gray = (
        rubric.quality(score_pictures([subject_of(each, {"background": "white"})], wanted)[0]) for each in pictures
    )
    assert isinstance(good, float) and isinstance(small, float) and good > small > 0
    assert gray == 0.0
