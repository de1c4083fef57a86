"""Does the picture keep its prompt's words, asked of a vision model?

The prompt becomes questions (`questions`), the model answers all of them in one call with forced JSON, and the score is
the weighted share of yes. A child of a question answered no counts 0, whatever was said of it. *Unsure* is left out and
told, never taken for no; so is a refusal. Converse gives no probabilities of words, so there is no VQAScore here.

Which model is asked, and who pays, is the caller's: `ask` is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from prodimg_lab.errors import ContentFiltered, FatalForRun, ModelError
from prodimg_lab.records import Score, Unscored, canonical_json, digest_of
from prodimg_lab.scoring._base import ScorerCard, Subject
from prodimg_lab.scoring.questions import Question, questions_of

Said = Literal["yes", "no", "unsure"]
Ask = Callable[[str, Sequence[bytes], Mapping[str, object]], Mapping[str, Any]]
"""Asks a model: text, pictures, JSON Schema of the answer -> the answer. Raises `ModelError`; may cost money."""

Split = Callable[[str, Mapping[str, str]], tuple[Question, ...]]
"""Splits a prompt, given what it asks for by attribute, into questions."""

ADHERENCE = "adherence"
"""The scorer's name."""
MOST_UNSURE = 0.5
"""Share of the weight from which too much was unsure for a score."""
_INSTRUCTION = (
    "You see one product photograph. Answer each question from what can be seen in it, and from nothing else: yes, no, "
    "or unsure where the picture does not show enough. Give as evidence, in at most twelve words, what you saw."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question with what the model said and its evidence; `counts` is its part 0..1, None where it was left out."""

    question: Question
    said: Said
    evidence: str
    counts: float | None


def schema_of(questions: Sequence[Question]) -> dict[str, object]:
    """The JSON Schema of the answer: for each question its word and the evidence."""
    one = {
        question.id: {
            "type": "object",
            "description": question.text,
            "properties": {
                "evidence": {"type": "string", "description": f"What you saw: {question.text}"},
                "answer": {"type": "string", "enum": ["yes", "no", "unsure"], "description": question.text},
            },
            "required": ["evidence", "answer"],
            "additionalProperties": False,
        }
        for question in questions
    }
    return {"type": "object", "properties": one, "required": list(one), "additionalProperties": False}


def text_of(questions: Sequence[Question]) -> str:
    """What is asked, in words."""
    return "\n".join([_INSTRUCTION, *(f"{question.id}: {question.text}" for question in questions)])


def question_of(prompt: str, asked: Mapping[str, str], *, split: Split = questions_of) -> tuple[str, dict[str, object]]:
    """What is sent for a prompt, as text and schema; "" where there is nothing to ask."""
    questions = split(prompt, asked)
    return (text_of(questions), schema_of(questions)) if questions else ("", {})


def tallied(questions: Sequence[Question], content: Mapping[str, Any]) -> tuple[Answered, ...]:
    """The model's words, with what each counts. What is missing or no word of the schema counts as unsure."""
    said: dict[str, Said] = {}
    for question in questions:
        word = _part(content, question.id).get("answer")
        said[question.id] = word if word in ("yes", "no") else "unsure"
    answers = []
    for question in questions:
        word, evidence = said[question.id], str(_part(content, question.id).get("evidence", ""))[:200]
        if question.parent and said.get(question.parent) == "no":
            counts: float | None = 0.0
        else:
            counts = {"yes": 1.0, "no": 0.0}.get(word)
        answers.append(Answered(question=question, said=word, evidence=evidence, counts=counts))
    return tuple(answers)


def _part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = content.get(name)
    return part if isinstance(part, Mapping) else {}


def share_of_yes(answers: Sequence[Answered]) -> float | None:
    """The weighted share of yes, 0..1; None where too much was unsure."""
    whole = sum(each.question.weight for each in answers)
    counted = [(each.question.weight, each.counts) for each in answers if each.counts is not None]
    weight = sum(part for part, _ in counted)
    if not whole or weight < (1 - MOST_UNSURE) * whole or not weight:
        return None
    return sum(part * counts for part, counts in counted) / weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """The scorer `adherence`: one paid call a picture. `judge` names the model, and is part of the cache key.

    `split` makes the questions; by default the rules do. Of what `ask` raises, only `FatalForRun` comes out: no other
    picture could be judged either.
    """

    judge: str
    ask: Ask
    split: Split = questions_of
    name: str = field(default=ADHERENCE, init=False)
    version: str = field(default="1", init=False)
    card: ScorerCard = field(
        default=ScorerCard(
            unit="share of yes",
            direction="higher",
            raw_range="0..1",
            cost="paid",
            formula="after Davidsonian Scene Graph (Cho et al. 2023): yes or no to each part of the prompt, by a model",
        ),
        init=False,
    )

    def reads(self, subject: Subject) -> Mapping[str, str]:
        """The judge, and the questions with their order and weight."""
        questions = [(each.id, each.text, each.parent, each.weight) for each in self._questions(subject)]
        return {"judge": self.judge, "questions": digest_of(canonical_json(questions))}

    def score(self, subjects: Sequence[Subject]) -> list[Score | Unscored]:
        """One answer per subject, in order."""
        return [self._one(subject) for subject in subjects]

    def _one(self, subject: Subject) -> Score | Unscored:
        questions = self._questions(subject)
        if not questions:
            return self._unscored("there is no prompt to hold the picture against")
        try:
            content = self.ask(text_of(questions), [subject.data], schema_of(questions))
        except FatalForRun:
            raise
        except ContentFiltered as error:
            return self._unscored(f"the judge would not answer: {error}")
        except ModelError as error:
            return self._unscored(f"the judge could not be asked: {error}")
        answers = tallied(questions, content)
        raw = share_of_yes(answers)
        unsure = [each.question.holds for each in answers if each.counts is None]
        told = "; ".join(f"no {each.question.holds}" for each in answers if each.counts == 0.0)
        if raw is None:
            return self._unscored(f"the judge was unsure of {len(unsure)} of {len(answers)} questions")
        detail = "; ".join(part for part in (told, f"unsure: {', '.join(unsure)}" if unsure else "") if part)
        return Score(
            scorer=self.name,
            version=self.version,
            value=5 * raw,
            raw=raw,
            unit=self.card.unit,
            detail=detail or f"yes to all {len(answers)} questions",
        )

    def _questions(self, subject: Subject) -> tuple[Question, ...]:
        prompt = subject.request.prompt if subject.request else ""
        return self.split(prompt or "", subject.asked)

    def _unscored(self, reason: str) -> Unscored:
        return Unscored(scorer=self.name, version=self.version, reason=reason)


def _nobody(text: str, pictures: Sequence[bytes], schema: Mapping[str, object]) -> Mapping[str, Any]:
    raise ModelError("no judge was named; `prodimg judge RUN` asks one")


UNASKED = Adherence(judge="", ask=_nobody)
"""What a rubric's `adherence` means before a judge has been asked."""
