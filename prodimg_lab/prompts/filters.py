"""Which filters may a prompt use?

A few, our own: bounded in what they give back, and none that pads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import jinja2
from jinja2.runtime import Context

from prodimg_lab.prompts.text import Phrase, marked

MOST_OUTPUT = 20_000
"""Characters that a rendered prompt, or any value on the way to it, may have."""

TAKES: Mapping[str, tuple[int, int]] = {
    "capitalize": (0, 0),
    "default": (1, 1),
    "join": (0, 1),
    "lower": (0, 0),
    "replace": (2, 2),
    "required": (0, 0),
    "title": (0, 0),
    "trim": (0, 0),
    "upper": (0, 0),
}
"""Filter name -> how many arguments it takes, least and most."""


class MissingAttribute(Exception):
    """`| required` met an empty value; `line` counts within the prompt."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(name)
        self.name = name
        self.line = line


class TooLong(Exception):
    """More than MOST_OUTPUT characters."""


def _text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _capitalize(value: object) -> str:
    text = _text(value)
    return text[:1].upper() + text[1:]


def _title(value: object) -> str:
    return " ".join(_capitalize(word) for word in _text(value).split(" "))


def _default(value: object, other: object) -> object:
    return value or other


def _join(value: object, between: object = " ") -> str:
    items = list(value) if isinstance(value, list | tuple) else [value]
    return _bounded(str(between).join(map(str, items)))


def _replace(value: object, old: object, new: object) -> str:
    text, old, new = _text(value), str(old), str(new)
    if not old:
        return text
    if len(text) + text.count(old) * max(0, len(new) - len(old)) > MOST_OUTPUT:
        raise TooLong
    return text.replace(old, new)


def _required(value: object, name: str, line: int) -> object:
    if not value:
        raise MissingAttribute(name, line)
    return value


def _bounded(text: str) -> str:
    if len(text) > MOST_OUTPUT:
        raise TooLong
    return text


@jinja2.pass_context
def _marked(context: Context, value: object, origin: object = None) -> str:
    """Put the value between marks that say whose words they are: its own phrase, or that of what was filtered."""
    text = _text(value)
    phrase = value if isinstance(value, Phrase) else origin
    if isinstance(phrase, Sequence) and not isinstance(phrase, str) and phrase:
        phrase = phrase[0]
    return marked(phrase, text, context["seen"]) if isinstance(phrase, Phrase) else text


FILTERS: Mapping[str, Callable[..., object]] = {
    "capitalize": _capitalize,
    "default": _default,
    "join": _join,
    "lower": lambda value: _text(value).lower(),
    "replace": _replace,
    "required": _required,
    "title": _title,
    "trim": lambda value: _text(value).strip(),
    "upper": lambda value: _text(value).upper(),
    "_marked": _marked,
}
