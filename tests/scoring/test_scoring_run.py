from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodimg_lab.errors import UnknownName
from prodimg_lab.records import Score, Unscored, digest_of
from prodimg_lab.scoring import (
    NAMES,
    Scorer,
    Subject,
    card_table,
    score_from_json,
    score_key,
    score_keys,
    score_one,
    score_pictures,
    score_to_json,
    scorers,
)
from prodimg_lab.scoring import run as run_module
from prodimg_lab.scoring.pixels import CannotJudge, PixelScorer, Reading
from prodimg_lab.scoring.technical import CONTRAST
from prodimg_lab.testing.pictures import draw_product
from prodimg_lab.testing.scorers import ASKED, ordinary_pictures, subject_of

words = st.text(max_size=30)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@dataclass
class DictCache:
    kept: dict[str, str] = field(default_factory=dict)
    puts: int = 0

    def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    def put_many(self, items: Mapping[str, str]) -> None:
        self.puts += 1
        self.kept.update(items)


@dataclass
class Counting:
    """Wraps a scorer and notes which pictures it was asked for."""

    inner: Scorer
    asked: list[str] = field(default_factory=list)
    version: str = "1"

    def __post_init__(self) -> None:
        self.name, self.card = self.inner.name, self.inner.card

    def reads(self, subject: Subject) -> Mapping[str, str]:
        return self.inner.reads(subject)

    def score(self, subjects: Sequence[Subject]) -> list[Score | Unscored]:
        self.asked += [subject.digest for subject in subjects]
        return [replace(score, version=self.version) for score in self.inner.score(subjects)]


@given(
    st.one_of(
        st.builds(Score, scorer=words, version=words, value=st.floats(0, 5), raw=numbers, unit=words, detail=words),
        st.builds(Unscored, scorer=words, version=words, reason=words),
    )
)
def test_a_score_comes_back_from_its_json_to_the_last_bit(score: Score | Unscored) -> None:
    back = score_from_json(score_to_json(score))
    assert back == score and type(back) is type(score)
    if isinstance(score, Score) and isinstance(back, Score):
        assert (back.raw.hex(), back.value.hex()) == (score.raw.hex(), score.value.hex())
    assert "\n" not in score_to_json(score)


def test_whole_numbers_written_by_others_come_back_as_floats() -> None:
    back = score_from_json('{"scorer": "a", "version": "1", "value": 4, "raw": 7, "unit": "", "detail": ""}')
    assert isinstance(back, Score) and isinstance(back.value, float) and isinstance(back.raw, float)


@pytest.mark.parametrize(
    "text", ["[]", "3", "{}", '{"scorer": "a"}', '{"scorer": "a", "version": "1", "reason": "x", "y": 1}', "{"]
)
def test_text_that_is_no_score_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        score_from_json(text)


def test_a_key_holds_picture_scorer_version_and_what_was_read() -> None:
    (colour,) = scorers(["colour"])
    key = score_key("d" * 64, colour, {"colour": "red"})
    assert re.fullmatch(r"d{64}/colour@4/[0-9a-f]{64}", key)
    assert key == score_key("d" * 64, colour, {"colour": "red"})
    others = {
        score_key("e" * 64, colour, {"colour": "red"}),
        score_key("d" * 64, scorers(["fill"])[0], {"colour": "red"}),
        score_key("d" * 64, replace(colour, version="9"), {"colour": "red"}),
        score_key("d" * 64, colour, {"colour": "blue"}),
        score_key("d" * 64, colour, {}),
    }
    assert len(others) == 5 and key not in others


def test_keys_depend_on_what_a_scorer_reads_and_on_nothing_else() -> None:
    plain = score_keys("d" * 64, scorers())
    asked = score_keys("d" * 64, scorers(), asked={"colour": "#112233", "background": "white", "angle": "front"})
    assert {name for name in NAMES if plain[name] != asked[name]} == {"colour", "background", "fill", "centring"}


def test_every_subject_gets_every_scorer_in_order() -> None:
    subjects = [subject_of(data) for data in ordinary_pictures()]
    results = score_pictures(subjects, scorers())
    assert [list(scores) for scores in results] == [list(NAMES)] * len(subjects)
    assert results[0]["sharpness"] == scorers(["sharpness"])[0].score(subjects[:1])[0]


def test_a_second_time_everything_comes_from_the_cache_and_is_equal() -> None:
    counting = [Counting(each) for each in scorers()]
    subjects, cache = [subject_of(data) for data in ordinary_pictures()], DictCache()
    first = score_pictures(subjects, counting, cache=cache)
    asked = sum(len(each.asked) for each in counting)
    again = score_pictures(
        [Subject(digest=each.digest, data=b"", asked=each.asked) for each in subjects], counting, cache=cache
    )
    assert again == first and asked == len(subjects) * len(NAMES)
    assert sum(len(each.asked) for each in counting) == asked


def test_a_new_version_or_another_wish_is_scored_anew_and_nothing_else() -> None:
    colour, noise = (Counting(each) for each in scorers(["colour", "noise"]))
    subject, cache = subject_of(ordinary_pictures()[0]), DictCache()
    score_pictures([subject], [colour, noise], cache=cache)
    score_pictures([replace(subject, asked={**ASKED, "colour": "#ff0000"})], [colour, noise], cache=cache)
    assert (len(colour.asked), len(noise.asked)) == (2, 1)
    noise.version = "2"
    score_pictures([subject], [colour, noise], cache=cache)
    assert (len(colour.asked), len(noise.asked)) == (2, 2)


def test_a_paid_scorer_that_could_not_judge_is_asked_again_next_time() -> None:
    def away(subject: Subject) -> Reading:
        raise CannotJudge("the model is away")

    def judge(cost: str) -> Counting:
        card = replace(CONTRAST.card, cost=cost)
        return Counting(PixelScorer(name=f"{cost}-judge", version="1", card=card, judge=away))

    paid, free, cache = judge("paid"), judge("free"), DictCache()
    for _ in range(2):
        score_pictures([subject_of(b"x")], [paid, free], cache=cache)
    assert (len(paid.asked), len(free.asked)) == (2, 1)


def test_pictures_go_in_batches_that_are_kept_one_by_one_and_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "BATCH", 2)
    subjects = [subject_of(draw_product(size=48, fill=0.3 + 0.1 * each).data) for each in range(5)]
    cache = DictCache()
    results = score_pictures(subjects, scorers(["noise", "fill"]), cache=cache)
    assert len(results) == 5 and cache.puts == 3 and len(cache.kept) == 10
    assert all("measures" not in vars(subject) for subject in subjects)


def test_what_the_caller_has_measured_already_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = subject_of(ordinary_pictures()[0])
    assert subject.measures.bgr.size
    monkeypatch.setattr("prodimg_lab.scoring.measures.measure", lambda data: pytest.fail("decoded again"))
    assert isinstance(score_pictures([subject], scorers(["contrast"]))[0]["contrast"], Score)


def test_a_damaged_picture_is_unscored_by_all_and_disturbs_no_other() -> None:
    good = subject_of(ordinary_pictures()[0])
    broken, alone = score_pictures([subject_of(b"not a picture"), good], scorers()), score_pictures([good], scorers())
    assert all(isinstance(score, Unscored) for score in broken[0].values())
    assert broken[1] == alone[0]


def test_a_worker_process_gives_the_same_scores() -> None:
    data = ordinary_pictures()[2]
    here = score_pictures([subject_of(data)], scorers())[0]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(score_one, data, digest_of(data), dict(ASKED), NAMES).result()
    assert there == here


def test_an_unknown_scorer_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no scorer 'color'; did you mean 'colour'"):
        scorers(["noise", "color"])


def test_scorers_come_in_the_order_asked_for() -> None:
    assert [each.name for each in scorers(["noise", "colour"])] == ["noise", "colour"]
    assert tuple(each.name for each in scorers()) == NAMES


def test_the_room_and_its_rubrics_load_without_numpy_and_opencv() -> None:
    code = (
        "import sys; from prodimg_lab.scoring import load_rubric; load_rubric('product-default');"
        "print([name for name in ('numpy', 'cv2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_guide_shows_every_card_as_it_is() -> None:
    guide = Path(__file__).parents[2] / "docs" / "scoring.md"
    assert card_table() in guide.read_text("utf-8"), "docs/scoring.md: paste the output of scoring.card_table()"


def test_a_score_is_one_plain_json_object() -> None:
    text = score_to_json(Score(scorer="noise", version="1", value=4.5, raw=1.25, unit="gray levels", detail="ΔE"))
    assert json.loads(text)["detail"] == "ΔE"
