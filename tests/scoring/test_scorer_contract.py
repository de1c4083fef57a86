from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from prodimg_lab.records import Score, Unscored
from prodimg_lab.scoring import NAMES, Scorer, scorers
from prodimg_lab.scoring.pixels import PixelScorer, Reading
from prodimg_lab.scoring.technical import CONTRAST
from prodimg_lab.testing.scorers import ScorerContract, ordinary_pictures, subject_of


class TestShippedScorers(ScorerContract):
    @pytest.fixture(params=NAMES)
    def scorer(self, request: pytest.FixtureRequest) -> Scorer:
        return scorers([request.param])[0]


@contextmanager
def fails() -> Iterator[None]:
    with pytest.raises((AssertionError, RuntimeError)):
        yield


def pixel_scorer(judge) -> PixelScorer:
    return PixelScorer(name="mine", version="1", card=CONTRAST.card, judge=judge)


def test_the_suite_catches_a_scorer_that_raises_for_broken_bytes() -> None:
    def judge(subject):
        if not subject.data.startswith(b"\x89PNG"):
            raise RuntimeError("not a PNG")
        return Reading(raw=1.0, value=1.0)

    with fails():
        ScorerContract().test_bytes_that_are_no_picture_are_unscored(pixel_scorer(judge), {}, b"no picture")


def test_the_suite_catches_a_scorer_that_reads_more_than_it_says() -> None:
    mine = pixel_scorer(lambda subject: Reading(raw=1.0, value=5.0 if "colour" in subject.asked else 0.0))
    with fails():
        ScorerContract().test_what_it_does_not_read_changes_nothing(mine, {"colour": "sage green"})


def test_the_suite_catches_a_scorer_that_remembers_the_last_picture() -> None:
    seen: list[str] = []

    def judge(subject):
        seen.append(subject.digest)
        return Reading(raw=float(len(seen)), value=1.0)

    subjects = [subject_of(data) for data in ordinary_pictures()[:2]]
    with fails():
        ScorerContract().test_an_answer_does_not_depend_on_its_neighbours(pixel_scorer(judge), subjects)


def test_every_shipped_scorer_scores_a_clean_packshot_and_none_of_them_low() -> None:
    subject = subject_of(ordinary_pictures()[0])
    answers = {scorer.name: scorer.score([subject])[0] for scorer in scorers()}
    assert [name for name, answer in answers.items() if isinstance(answer, Unscored)] == []
    assert {
        name: answer.value for name, answer in answers.items() if isinstance(answer, Score) and answer.value < 3
    } == {}
