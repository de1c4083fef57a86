"""What can be asked of a picture to see whether it keeps its prompt's words? Atomic yes-or-no questions.

After Davidsonian Scene Graph (Cho et al., 2023): each question asks one thing, and one that makes sense only if another
is answered yes names it as its parent. Split by rules, from the prompt's text and the attributes that are known to
stand in it: the thing itself, its colour, material and finish, then every other phrase between commas. `uncovered`
names the words of the prompt that no question holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ROOT = "q1"
"""The id of the question about the thing itself."""
MINOR = 0.5
"""Weight of a phrase beside the product and its attributes, which weigh 1."""

_ASK = {
    "colour": "Is the {thing} {value}?",
    "material": "Does the {thing} look as if it were made of {value}?",
    "finish": "Does the {thing} have a {value} finish?",
}
_JOINING = "a an the of in on at with and or to from by for as is are its it this that very into over under"
_SHOT = "professional product photograph photography photo photographic image picture shot render hero"
_PRAISE = "high quality high-quality studio-quality commercial e-commerce ecommerce"
_FORM = frozenset(f"{_JOINING} {_SHOT} {_PRAISE}".split())
"""Words that say what kind of text it is, or join others: nothing to look for."""
_OF_PRODUCT = re.compile(r"\b(?:product|view|angle|centred|centered|frame|label|seen|whole|entire)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*", re.UNICODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One yes-or-no question. `about` is the attribute or "phrase", `parent` the id that must be yes first, or ""."""

    id: str
    text: str
    about: str
    parent: str = ""
    weight: float = 1.0
    holds: str = ""


def questions_of(prompt: str, asked: Mapping[str, str]) -> tuple[Question, ...]:
    """The questions of a prompt; `asked` is `Trial.asked`, of which only what stands in the text counts.

    No questions for a prompt without words. The first is about the thing, and has the id `q1`.
    """
    rest, thing = prompt, asked.get("subject", "")
    found: list[tuple[str, str, str, float, str]] = []
    if not _in(thing, prompt):
        thing = next((asked[key] for key in ("category",) if _in(asked.get(key, ""), prompt)), "")
    if thing:
        rest = _without(rest, thing)
    for name, form in _ASK.items():
        value = asked.get(name, "")
        if thing and _in(value, rest):
            words = f"{value} finish" if name == "finish" and _in(f"{value} finish", rest) else value
            rest = _without(rest, words)
            found.append((form.format(thing=_noun(thing), value=value), name, ROOT, 1.0, words))
    for phrase in (each.strip(" .:") for each in re.split(r"[,;\n]|\.\s", rest)):
        if not _content(phrase):
            continue
        parent = ROOT if thing and _OF_PRODUCT.search(phrase) else ""
        found.append((f"Is this true of the picture: “{' '.join(phrase.split())}”?", "phrase", parent, MINOR, phrase))
    made = []
    if thing:
        made.append(Question(id=ROOT, text=f"Does the picture show {_article(thing)}?", about="subject", holds=thing))
    for at, (text, about, parent, weight, holds) in enumerate(found, start=len(made) + 1):
        made.append(Question(id=f"q{at}", text=text, about=about, parent=parent, weight=weight, holds=holds))
    return tuple(made)


def uncovered(prompt: str, questions: Sequence[Question]) -> tuple[str, ...]:
    """The content words of the prompt that stand in no question, in order."""
    held = {word for question in questions for word in _content(question.holds)}
    return tuple(dict.fromkeys(word for word in _content(prompt) if word not in held))


def _content(text: str) -> list[str]:
    return [word for word in (each.casefold() for each in _WORD.findall(text)) if word not in _FORM]


def _in(value: str, text: str) -> bool:
    return bool(value) and re.search(rf"\b{re.escape(value)}\b", text, re.IGNORECASE) is not None


def _without(text: str, value: str) -> str:
    return re.sub(rf"\b{re.escape(value)}\b", " ", text, count=1, flags=re.IGNORECASE)


def _noun(thing: str) -> str:
    return re.sub(r"^(?:an?|the)\s+", "", thing, flags=re.IGNORECASE)


def _article(thing: str) -> str:
    noun = _noun(thing)
    return f"{'an' if noun[:1].casefold() in 'aeiou' else 'a'} {noun}"
