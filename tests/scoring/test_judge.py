from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.emulator.filling import filled
from prodimg_lab.emulator.judge import Looker
from prodimg_lab.errors import ContentFiltered, Throttled
from prodimg_lab.experiment import plan_experiment
from prodimg_lab.lab import find_lab
from prodimg_lab.records import ImageRequest, Score, Unscored, digest_of
from prodimg_lab.scoring import Scorer, Subject
from prodimg_lab.scoring.judge import Adherence, schema_of, share_of_yes, tallied
from prodimg_lab.scoring.pairwise import Compared, compare, position_bias, sign_test
from prodimg_lab.scoring.questions import ROOT, Question, questions_of, uncovered
from prodimg_lab.testing.scorers import ScorerContract, ordinary_pictures

ROOT_OF_CLONE = Path(__file__).parents[2]
PROMPT = (
    "Professional product photograph of coffee mug, cobalt blue stoneware, glazed finish, on a white marble counter, "
    "front view at eye level, sharp focus"
)
ASKED = {"subject": "coffee mug", "colour": "cobalt blue", "material": "stoneware", "finish": "glazed", "brand": "Oak"}


class FakeModel:
    """Says what it was told to say of each question, and remembers what it was asked."""

    def __init__(self, **said: str) -> None:
        self.said = said
        self.texts: list[str] = []

    def __call__(self, text: str, images: Sequence[bytes], schema: Mapping[str, object]) -> Mapping[str, Any]:
        self.texts.append(text)
        names = schema["required"]
        assert isinstance(names, list) and len(images) == 1
        return {name: {"answer": self.said.get(name, "yes"), "evidence": "seen"} for name in names}


def subject(prompt: str = PROMPT, asked: Mapping[str, str] = ASKED) -> Subject:
    data = ordinary_pictures()[0]
    request = ImageRequest(model="studio:sd35", prompt=prompt, seed=1)
    return Subject(digest=digest_of(data), data=data, request=request, asked=asked)


def answer(ask: Any, **how: Any) -> Score | Unscored:
    return Adherence(judge="fake", ask=ask).score([subject(**how)])[0]


class TestAdherence(ScorerContract):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return Adherence(judge="fake", ask=FakeModel())

    @pytest.fixture
    def subjects(self) -> Sequence[Subject]:
        return [subject(), subject(prompt="a red bag on a table", asked={"subject": "red bag"})]


def test_a_prompt_becomes_one_question_for_the_thing_each_attribute_and_each_phrase() -> None:
    found = [(each.id, each.about, each.parent, each.text) for each in questions_of(PROMPT, ASKED)]
    assert found == [
        ("q1", "subject", "", "Does the picture show a coffee mug?"),
        ("q2", "colour", "q1", "Is the coffee mug cobalt blue?"),
        ("q3", "material", "q1", "Does the coffee mug look as if it were made of stoneware?"),
        ("q4", "finish", "q1", "Does the coffee mug have a glazed finish?"),
        ("q5", "phrase", "", "Is this true of the picture: “on a white marble counter”?"),
        ("q6", "phrase", "q1", "Is this true of the picture: “front view at eye level”?"),
        ("q7", "phrase", "", "Is this true of the picture: “sharp focus”?"),
    ]


@pytest.mark.parametrize("name", ["mug-hero", "shop-window", "cfg-and-steps"])
def test_no_word_of_the_shipped_prompts_is_left_without_a_question(name: str) -> None:
    planned = plan_experiment(name, lab=find_lab(ROOT_OF_CLONE))
    for trial in planned.sweep.trials[:40]:
        questions = questions_of(trial.prompt.text, trial.asked)
        assert uncovered(trial.prompt.text, questions) == (), trial.prompt.text
        assert questions[0].id == ROOT and questions[0].about == "subject"
        assert len({each.id for each in questions}) == len(questions)


def test_an_attribute_that_the_prompt_does_not_name_is_not_asked_for() -> None:
    assert all("Oak" not in each.text for each in questions_of(PROMPT, ASKED))
    assert questions_of("", ASKED) == ()


def test_all_yes_is_five_and_every_no_costs_its_weight() -> None:
    good = answer(FakeModel())
    assert isinstance(good, Score) and (good.value, good.raw) == (5.0, 1.0)
    pale = answer(FakeModel(q2="no"))
    assert isinstance(pale, Score) and 0 < pale.raw < 1 and pale.detail == "no cobalt blue"


def test_what_depends_on_a_thing_that_is_not_there_counts_nothing() -> None:
    questions = questions_of(PROMPT, ASKED)
    answers = tallied(questions, {each.id: {"answer": "no" if each.id == ROOT else "yes"} for each in questions})
    assert {each.question.id for each in answers if each.counts == 0.0} == {
        each.id for each in questions if each.id == ROOT or each.parent == ROOT
    }


def test_unsure_is_left_out_and_too_much_of_it_is_no_score() -> None:
    some = answer(FakeModel(q3="unsure"))
    assert isinstance(some, Score) and some.raw == 1.0 and "unsure: stoneware" in some.detail
    none = answer(FakeModel(**{f"q{at}": "unsure" for at in range(1, 9)}))
    assert isinstance(none, Unscored) and "unsure of" in none.reason


def test_words_outside_the_schema_and_missing_answers_count_as_unsure() -> None:
    questions = (Question(id="q1", text="?", about="subject"), Question(id="q2", text="?", about="phrase"))
    answers = tallied(questions, {"q1": {"answer": "maybe"}, "q2": "yes"})
    assert [each.said for each in answers] == ["unsure", "unsure"]
    assert share_of_yes(answers) is None


@pytest.mark.parametrize(
    ("error", "told"),
    [(ContentFiltered("guardrail"), "would not answer"), (Throttled("too many"), "could not be asked")],
)
def test_a_refusal_or_an_error_is_unscored_and_never_a_low_score(error: Exception, told: str) -> None:
    def ask(text: str, images: Sequence[bytes], schema: Mapping[str, object]) -> Mapping[str, Any]:
        raise error

    found = answer(ask)
    assert isinstance(found, Unscored) and told in found.reason


def test_another_judge_or_prompt_is_another_cache_key() -> None:
    one, other = (Adherence(judge=name, ask=FakeModel()) for name in ("haiku", "sonnet"))
    assert one.reads(subject()) != other.reads(subject())
    assert one.reads(subject()) != one.reads(subject(prompt=PROMPT + ", top-down"))
    assert one.reads(subject()) == one.reads(subject())


def test_the_emulators_judge_can_answer_the_schema() -> None:
    questions = questions_of(PROMPT, ASKED)
    content = filled(schema_of(questions), Looker([ordinary_pictures()[0]]), texts=("",))
    assert isinstance(content, dict) and set(content) == {each.id for each in questions}
    assert {each.said for each in tallied(questions, content)} <= {"yes", "no", "unsure"}


def sees(better: bytes) -> Any:
    def ask(text: str, images: Sequence[bytes], schema: Mapping[str, object]) -> Mapping[str, Any]:
        return {"better": "first" if images[0] == better else "second", "why": "sharper"}

    return ask


def test_only_an_answer_that_holds_in_both_orders_names_a_winner() -> None:
    assert compare(sees(b"a"), b"a", b"b", prompt="mug").winner == 0
    assert compare(sees(b"b"), b"a", b"b", prompt="mug").winner == 1
    stubborn = compare(lambda *_: {"better": "first"}, b"a", b"b", prompt="mug")
    assert (stubborn.winner, stubborn.kept_side) == (None, "first")
    silent = compare(lambda *_: {}, b"a", b"b", prompt="mug")
    assert (silent.winner, silent.kept_side) == (None, None)


def test_a_habit_of_choosing_a_place_has_its_p_value() -> None:
    found = position_bias(
        [Compared(straight="first", swapped="first")] * 9 + [Compared(straight="first", swapped="second")]
    )
    assert (found.pairs, found.first, found.second) == (10, 9, 0)
    assert found.p_value == pytest.approx(2 / 2**9)
    assert re.search(r"kept to a place in 9 of 10 pairs \(9 first, 0 second, p = 0.0039", found.says)


def test_the_sign_test_of_conovers_kind_worked_by_hand() -> None:
    assert sign_test(8, 1) == pytest.approx(2 * (9 + 1) / 512, abs=1e-12)
    assert sign_test(5, 5) == 1.0 and sign_test(0, 0) == 1.0
