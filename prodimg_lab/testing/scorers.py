"""What must every scorer do, whoever writes it?

    class TestMine(ScorerContract):
        @pytest.fixture
        def scorer(self) -> Scorer:
            return MyScorer()

Override `asked` when the scorer needs more than a colour and a background. A scorer that asks a model belongs here too,
with its model faked.
"""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import cv2
import numpy as np
import pytest

from prodimg_lab.records import Score, Unscored, digest_of
from prodimg_lab.scoring._base import Scorer, Subject
from prodimg_lab.testing.pictures import draw_product, png

ASKED: Mapping[str, str] = {"colour": "#7a9e7e", "background": "white", "category": "mug", "material": "ceramic"}
"""What the drawn pictures of this suite are held against."""

NOT_PICTURES = (b"", b"no picture", b"\x89PNG\r\n\x1a\n", draw_product(size=32).data[:200])


def subject_of(data: bytes, asked: Mapping[str, str] | None = None) -> Subject:
    """A subject with the digest of its bytes."""
    return Subject(digest=digest_of(data), data=data, asked=ASKED if asked is None else asked)


@lru_cache(maxsize=1)
def ordinary_pictures() -> tuple[bytes, ...]:
    """Pictures as a model may give them: products on white, plain and in a scene, square and not."""
    wide = draw_product(shape="ball", size=160).picture[30:120]
    return (
        draw_product(backdrop="white", shape="mug", size=160).data,
        draw_product(backdrop="plain", shape="bottle", size=160).data,
        draw_product(backdrop="scene", shape="box", size=160).data,
        png(np.ascontiguousarray(wide)),
    )


def odd_pictures() -> list[bytes]:
    """Pictures that decode and hold nothing to judge: one pixel, one colour, gray, transparent, noise, a thin strip."""
    noise = np.random.default_rng(3).integers(0, 256, (64, 64, 3), np.uint8)
    pictures = [
        np.full((1, 1, 3), 255, np.uint8),
        np.full((2, 90, 3), 40, np.uint8),
        np.full((64, 64, 3), 255, np.uint8),
        np.zeros((64, 64, 3), np.uint8),
        np.zeros((40, 64), np.uint8),
        np.zeros((64, 64, 4), np.uint8),
        noise,
    ]
    jpeg = cv2.imencode(".jpg", noise)[1].tobytes()
    return [*(png(picture) for picture in pictures), jpeg]


class ScorerContract:
    """The promises of `Scorer`, as tests. Subclasses give the fixture `scorer`."""

    @pytest.fixture
    def scorer(self) -> Scorer:
        """The scorer under test."""
        raise NotImplementedError("give the fixture `scorer`")

    @pytest.fixture
    def asked(self) -> Mapping[str, str]:
        """What the prompt asked for, as the scorer needs it."""
        return ASKED

    @pytest.fixture
    def subjects(self, asked: Mapping[str, str]) -> Sequence[Subject]:
        """Ordinary pictures."""
        return [subject_of(data, asked) for data in ordinary_pictures()]

    def test_name_and_version_can_stand_in_a_key(self, scorer: Scorer) -> None:
        """Neither has a character that a cache key or a rubric uses for itself."""
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", scorer.name)
        assert re.fullmatch(r"[A-Za-z0-9._-]+", scorer.version)

    def test_the_card_tells_unit_range_and_formula(self, scorer: Scorer) -> None:
        """Nothing on the card is left empty."""
        assert scorer.card.unit and scorer.card.raw_range and scorer.card.formula

    def test_every_subject_gets_one_answer_under_the_scorers_name(
        self, scorer: Scorer, subjects: Sequence[Subject]
    ) -> None:
        """Answers carry name and version, values lie in 0-5 and raw values are numbers."""
        answers = scorer.score(subjects)
        assert len(answers) == len(subjects)
        for answer in answers:
            assert (answer.scorer, answer.version) == (scorer.name, scorer.version)
            if isinstance(answer, Score):
                assert 0 <= answer.value <= 5 and math.isfinite(answer.raw) and answer.unit == scorer.card.unit
            else:
                assert answer.reason

    def test_some_ordinary_picture_can_be_scored(self, scorer: Scorer, subjects: Sequence[Subject]) -> None:
        """A scorer that never scores would pass every other test."""
        assert any(isinstance(answer, Score) for answer in scorer.score(subjects))

    def test_no_subjects_get_no_answers(self, scorer: Scorer) -> None:
        """The empty batch is allowed."""
        assert scorer.score([]) == []

    def test_an_answer_does_not_depend_on_its_neighbours(self, scorer: Scorer, subjects: Sequence[Subject]) -> None:
        """One by one, in reverse and twice: always the same answers."""
        together = scorer.score(subjects)
        assert [scorer.score([each])[0] for each in subjects] == together
        assert scorer.score(subjects[::-1])[::-1] == together
        assert scorer.score([subjects[0], subjects[0]]) == [together[0], together[0]]

    @pytest.mark.parametrize("data", NOT_PICTURES, ids=lambda data: f"{len(data)}-bytes")
    def test_bytes_that_are_no_picture_are_unscored(
        self, scorer: Scorer, asked: Mapping[str, str], data: bytes
    ) -> None:
        """It never raises and never makes up a number."""
        (answer,) = scorer.score([subject_of(data, asked)])
        assert isinstance(answer, Unscored) and answer.reason

    def test_odd_pictures_are_scored_or_unscored_and_never_raise(
        self, scorer: Scorer, asked: Mapping[str, str]
    ) -> None:
        """One pixel, one colour, gray, transparent, noise."""
        answers = scorer.score([subject_of(data, asked) for data in odd_pictures()])
        assert all(isinstance(answer, Unscored) or math.isfinite(answer.raw) for answer in answers)

    def test_a_subject_without_wishes_does_not_raise(self, scorer: Scorer) -> None:
        """A picture from elsewhere has no request and asks for nothing."""
        subject = subject_of(ordinary_pictures()[0], {})
        assert len(scorer.score([subject])) == 1
        assert isinstance(scorer.reads(subject), Mapping)

    def test_what_it_reads_needs_no_bytes_and_is_text(self, scorer: Scorer, asked: Mapping[str, str]) -> None:
        """Cache keys are made without touching the picture."""
        reads = scorer.reads(Subject(digest="0" * 64, data=b"", asked=asked))
        assert all(isinstance(key, str) and isinstance(value, str) for key, value in reads.items())

    def test_what_it_does_not_read_changes_nothing(self, scorer: Scorer, asked: Mapping[str, str]) -> None:
        """An asked attribute that is not in `reads` has no say in the score, or the cache would be wrong."""
        data = ordinary_pictures()[0]
        subject = subject_of(data, asked)
        reads = scorer.reads(subject)
        needed = {key: value for key, value in asked.items() if key in reads}
        fewer = subject_of(data, needed)
        assert scorer.reads(fewer) == reads
        assert scorer.score([fewer]) == scorer.score([subject])

    def test_answers_go_to_another_process_and_back(self, scorer: Scorer, subjects: Sequence[Subject]) -> None:
        """Scores and reasons can be pickled."""
        answers = scorer.score(subjects)
        assert pickle.loads(pickle.dumps(answers)) == answers
