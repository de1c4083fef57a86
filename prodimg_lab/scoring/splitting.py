"""How does a language model split a prompt into questions, and what if it leaves words out?

The rules of `questions` cut at commas; a model knows that "two lemons beside a mug" asks two things. Its answer is a
wish, not a fact: questions are cut to a bound, parents must come before their children, words that it says it covers
must stand in the prompt, and words that it left out are asked about by the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from prodimg_lab.scoring.questions import Question, questions_of, uncovered

MOST_QUESTIONS, MOST_LETTERS = 20, 160
"""Questions of a prompt and letters of one at most, so that what the pictures will cost has a bound."""
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "questions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "question": {"type": "string", "description": "One yes-or-no question about the picture."},
                    "words": {
                        "type": "string",
                        "description": "The words of the prompt it asks about, copied exactly.",
                    },
                    "needs": {
                        "type": "integer",
                        "description": "Number of the earlier question without whose yes it makes no sense, or 0.",
                    },
                },
                "required": ["question", "words", "needs"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["questions"],
    "additionalProperties": False,
}
_INSTRUCTION = (
    "Below is the prompt of a product photograph. Split it into yes-or-no questions that somebody who sees only the "
    f"picture can answer: one thing each, at most {MOST_QUESTIONS}, so that together they cover every word that asks "
    "for something to be seen. Ask first whether the thing itself is there. Leave out words about quality or cameras."
)


def text_of_split(prompt: str) -> str:
    """What is asked of the model."""
    return f"{_INSTRUCTION}\n\nPrompt: {prompt}"


def split_of(content: Mapping[str, Any], prompt: str, asked: Mapping[str, str]) -> tuple[Question, ...]:
    """The questions of a model's answer, then the rules' for what it left out; the rules' alone where it gave none."""
    found: list[Question] = []
    numbers: dict[int, str] = {}
    given = content.get("questions")
    for number, item in enumerate(given if isinstance(given, Sequence) and not isinstance(given, str) else (), 1):
        text = " ".join(str(item.get("question", "")).split())[:MOST_LETTERS] if isinstance(item, Mapping) else ""
        if not text or len(found) == MOST_QUESTIONS:
            continue
        words, needs = str(item.get("words", "")).strip(), item.get("needs", 0)
        holds = words if words and words.casefold() in prompt.casefold() else ""
        parent = numbers.get(needs, "") if type(needs) is int else ""
        numbers[number] = f"q{len(found) + 1}"
        found.append(Question(id=f"q{len(found) + 1}", text=text, about="phrase", parent=parent, holds=holds))
    left = set(uncovered(prompt, found))
    for rule in questions_of(prompt, asked) if left else ():
        if left & set(uncovered(rule.holds, ())) and len(found) < 2 * MOST_QUESTIONS:
            found.append(replace(rule, id=f"q{len(found) + 1}", parent=""))
    return tuple(found)


def longest(asked: Sequence[Question]) -> tuple[Question, ...]:
    """Stand-ins for a split that is not made yet: as many and as long as it may get, beside the rules' own."""
    dummies = [Question(id=f"q{at + 1}", text="x" * MOST_LETTERS, about="phrase") for at in range(MOST_QUESTIONS)]
    return (*dummies, *(Question(id=f"r{each.id}", text=each.text, about=each.about) for each in asked))
