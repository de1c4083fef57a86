"""Which words of a text does the lexicon know?

The word lists are package data (`words/*.json`): categories, materials, finishes and function words in English, German,
Spanish, French and Italian. Text becomes tokens; a token's key is its word without case, accents and plural ending, and
list entries are found by their keys, so `Cups`, `cup` and `CUP` are one word.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "de", "es", "fr", "it")
HEAD_FIRST = frozenset({"es", "fr", "it"})
"""Languages whose compounds name the thing first: `taza de café`."""

_TOKEN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_JOIN = re.compile(r"\s*|[-‐‑'’´`]")
_IRREGULAR = {"knives": "knife", "scarves": "scarf", "shelves": "shelf", "leaves": "leaf", "loaves": "loaf"}
_LONGEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word of a text: `word` folded, `key` without plural ending, and where it stands.

    `joined` says that only a space, hyphen or apostrophe parts it from the token before.
    """

    word: str
    key: str
    start: int
    stop: int
    joined: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A phrase of a word list: canonical `value`, the `english` for it, its language; a `weak` one needs its place."""

    value: str
    english: str
    language: str
    weak: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Tokens `first` to `last` (inclusive) read as `entry`."""

    first: int
    last: int
    entry: Entry


def fold(text: str) -> str:
    """`text` without case and accents: `Größe` -> `grosse`."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


@cache
def stem(word: str) -> str:
    """A folded word without its plural ending, the same for lists and text."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3:
        return word
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    if word.endswith("ie") and len(word) > 5:
        return word[:-2] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def tokens_of(text: str) -> list[Token]:
    """The words of `text` in order."""
    found: list[Token] = []
    stop = 0
    for match in _TOKEN.finditer(text):
        word = fold(match[0])
        joined = bool(found) and _JOIN.fullmatch(text, stop, match.start()) is not None
        found.append(Token(word=word, key=stem(word), start=match.start(), stop=match.end(), joined=joined))
        stop = match.end()
    return found


def key_of(phrase: str) -> str:
    """The key under which a phrase is found: its tokens' keys, spaced."""
    return " ".join(token.key for token in tokens_of(phrase))


def load(name: str) -> dict[str, Any]:
    """The word list `words/<name>.json`."""
    table: dict[str, Any] = json.loads((files(__package__) / "words" / f"{name}.json").read_text(encoding="utf-8"))
    return table


def keys_at(tokens: Sequence[Token], first: int) -> Iterator[tuple[int, str]]:
    """(last token, key) of the phrases that begin at `first`, longest first."""
    stop = first + 1
    while stop < min(len(tokens), first + _LONGEST) and tokens[stop].joined:
        stop += 1
    for last in range(stop - 1, first - 1, -1):
        yield last, " ".join(token.key for token in tokens[first : last + 1])


Index = dict[str, tuple[Entry, ...]]


def matches(tokens: Sequence[Token], index: Index, languages: Iterable[str]) -> list[Match]:
    """The listed phrases in `tokens`, longest first from the left, without overlap; earlier languages win."""
    order = tuple(languages)
    found: list[Match] = []
    at = 0
    while at < len(tokens):
        match = _match_at(tokens, at, index, order)
        if match is None and "de" in order:
            match = _compound(tokens, at, index)
        if match:
            found.append(match)
        at = match.last + 1 if match else at + 1
    return found


def _match_at(tokens: Sequence[Token], at: int, index: Index, order: Sequence[str]) -> Match | None:
    for last, key in keys_at(tokens, at):
        for language in order:
            for entry in index.get(key, ()):
                if entry.language == language:
                    return Match(first=at, last=last, entry=entry)
    return None


def _compound(tokens: Sequence[Token], at: int, index: Index) -> Match | None:
    """A German compound by its last part: `Edelstahlbecher` is a `Becher`."""
    key = tokens[at].key
    for start in range(3, len(key) - 3):
        for entry in index.get(key[start:], ()):
            if entry.language == "de":
                return Match(first=at, last=at, entry=entry)
    return None


def _variants(phrase: str, language: str) -> list[str]:
    """The phrase and its regular plurals that `stem` does not undo."""
    first, *rest = phrase.split(" ")
    forms = [phrase]
    if language == "de" and not rest:
        forms += [phrase + "n"] if phrase.endswith("e") else [phrase + "e", phrase + "en"]
    if language in ("es", "fr") and phrase[-1:] not in "aeiou":
        forms.append(" ".join([first + "es", *rest]))
    if language == "it" and first[-1:] in "oae":
        forms.append(" ".join([first[:-1] + {"o": "i", "a": "e", "e": "i"}[first[-1]], *rest]))
    return forms


def add(index: Index, phrase: str, *, language: str, value: str, english: str) -> None:
    """Enter `phrase` (a leading `~` marks it weak) with its plural forms."""
    weak = phrase.startswith("~")
    for form in _variants(fold(phrase.lstrip("~")), language):
        key = key_of(form)
        entry = Entry(value=value, english=english, language=language, weak=weak)
        if key and all(known.language != language for known in index.get(key, ())):
            index[key] = (*index.get(key, ()), entry)


def index_of(table: Mapping[str, Mapping[str, Any]]) -> Index:
    """The phrases of a list of `{value: {language: [phrase or phrase=english]}}`, by key; a value's own name first."""
    index: Index = {}
    for value, row in table.items():
        if row.get("unnamed"):
            continue  # Its bare name says something else as often: `gold`.
        weak = "~" if f"~{value}" in row.get("en", ()) else ""
        add(index, weak + value, language="en", value=value, english=value)
    for value, row in table.items():
        for language in LANGUAGES:
            for item in row.get(language, ()):
                phrase, _, english = item.partition("=")
                default = phrase.lstrip("~") if language == "en" else value
                add(index, phrase, language=language, value=value, english=english or default)
    return index


@cache
def phrases(name: str) -> frozenset[str]:
    """The keys of a plain list of `words/phrases.json`; `name` may be `list:language`."""
    listed, _, language = name.partition(":")
    table = _phrase_lists()[listed]
    return frozenset(key_of(phrase) for phrase in (table[language] if language else table))


@cache
def _phrase_lists() -> dict[str, Any]:
    return load("phrases")


@cache
def finishes() -> Index:
    """The index of finishes."""
    index: Index = {}
    for language, table in _phrase_lists()["finish"].items():
        for phrase, value in table.items():
            add(index, phrase, language=language, value=value, english=value)
    return index


def language_of(tokens: Sequence[Token], indexes: Sequence[Index]) -> str:
    """The language most words speak for: function words and words that one language's lists alone know."""
    score = dict.fromkeys(LANGUAGES, 0.0)
    for token in tokens:
        for language in LANGUAGES:
            score[language] += token.key in phrases(f"function:{language}")
        for index in indexes:
            spoken = {entry.language for entry in index.get(token.key, ())}
            for language in spoken:
                score[language] += 1.5 / len(spoken)
            if not spoken and len(token.key) > 7 and (match := _compound([token], 0, index)):
                score[match.entry.language] += 0.5
    return max(LANGUAGES, key=lambda language: score[language])
