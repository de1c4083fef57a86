from __future__ import annotations

from prodimg_lab.scoring.questions import questions_of, uncovered
from prodimg_lab.scoring.splitting import MOST_LETTERS, MOST_QUESTIONS, longest, split_of

PROMPT = "A sage green ceramic mug beside two lemons, on a light oak table, softbox lighting"
ASKED = {"subject": "mug", "colour": "sage green", "material": "ceramic"}


def item(question: str, words: str, needs: int = 0) -> dict[str, object]:
    return {"question": question, "words": words, "needs": needs}


WHOLE = {
    "questions": [
        item("Is there a mug?", "mug"),
        item("Is the mug sage green?", "sage green", 1),
        item("Does the mug look ceramic?", "ceramic", 1),
        item("Are there lemons beside it?", "beside two lemons", 1),
        item("Is the table light oak?", "on a light oak table"),
        item("Is the light soft?", "softbox lighting"),
    ]
}


def test_a_models_questions_are_taken_with_their_parents() -> None:
    found = split_of(WHOLE, PROMPT, ASKED)
    assert [question.id for question in found] == ["q1", "q2", "q3", "q4", "q5", "q6"]
    assert [question.parent for question in found] == ["", "q1", "q1", "q1", "", ""]
    assert uncovered(PROMPT, found) == ()


def test_what_a_model_leaves_out_is_asked_by_the_rules() -> None:
    found = split_of({"questions": WHOLE["questions"][:4]}, PROMPT, ASKED)
    assert len(found) > 4 and uncovered(PROMPT, found) == ()
    assert [question.text for question in found[:4]] == [each["question"] for each in WHOLE["questions"][:4]]


def test_words_that_do_not_stand_in_the_prompt_cover_nothing() -> None:
    found = split_of({"questions": [item("Is it nice?", "sage green ceramic mug on everything")]}, PROMPT, ASKED)
    assert found[0].holds == "" and uncovered(PROMPT, found) == ()


def test_a_parent_must_come_first() -> None:
    found = split_of(
        {"questions": [item("Is it green?", "green", 2), item("A mug?", "mug", 2), item("!", "x", -1)]}, PROMPT, {}
    )
    assert [question.parent for question in found[:3]] == ["", "", ""]


def test_an_answer_without_questions_leaves_the_rules() -> None:
    rules = [question.text for question in questions_of(PROMPT, ASKED)]
    for content in ({}, {"questions": "many"}, {"questions": [3, None, {"question": " "}]}, {"questions": []}):
        assert [question.text for question in split_of(content, PROMPT, ASKED)] == rules


def test_questions_have_bounds_and_the_price_is_estimated_at_them() -> None:
    endless = {"questions": [item("Is it so? " * 99, "mug")] * 99}
    found = split_of(endless, PROMPT, ASKED)
    rules = questions_of(PROMPT, ASKED)
    assert len(found) <= MOST_QUESTIONS + len(rules)
    assert all(len(question.text) <= MOST_LETTERS for question in found[:MOST_QUESTIONS])
    most = longest(rules)
    assert sum(len(question.text) for question in found) <= sum(len(question.text) for question in most)
    assert len({question.id for question in most}) == len(most)


def test_parents_are_by_the_models_own_numbers_also_where_an_item_is_blank() -> None:
    given = [
        item("", ""),
        item("Is there a mug?", "mug"),
        item("Are there lemons?", "lemons"),
        item("Green?", "green", 2),
    ]
    found = split_of({"questions": given}, PROMPT, {})
    assert [(question.id, question.parent) for question in found[:3]] == [("q1", ""), ("q2", ""), ("q3", "q1")]
    odd = split_of(
        {"questions": [item("Is there a mug?", "mug"), {**item("Green?", "green"), "needs": True}]}, PROMPT, {}
    )
    assert odd[1].parent == ""
