"""Who answers a judge's questions?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A Converse request as a judge sees it: all texts and pictures in order, and the JSON schema of the answer.

    `tool` is the name of the tool whose input is wanted, "" for a plain JSON answer.
    """

    model: str
    texts: tuple[str, ...]
    images: tuple[bytes, ...]
    schema: Mapping[str, object]
    tool: str = ""


class Judge(Protocol):
    """Answers with what fits the schema."""

    def __call__(self, question: Question) -> object:
        """The tool's input. Called in a thread of its own."""
        ...
