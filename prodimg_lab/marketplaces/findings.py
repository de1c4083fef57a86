"""How does a rule end? Pass, fixable (and the fix), fail, or cannot tell (and why)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["pass", "fixable", "cannot tell", "fail"]
ORDER: tuple[Outcome, ...] = ("pass", "fixable", "cannot tell", "fail")
"""From best to worst."""
Action = Literal["", "convert", "rename", "recompress", "upscale", "shrink", "pad", "crop", "whiten", "tag"]
"""What an export would do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one check found; `fix` in words and its `action` where the outcome is fixable."""

    outcome: Outcome
    detail: str
    action: Action = ""
    fix: str = ""


def passed(detail: str) -> Result:
    """As asked."""
    return Result(outcome="pass", detail=detail)


def fixable(detail: str, action: Action, fix: str) -> Result:
    """Not as asked, and post-processing can mend it."""
    return Result(outcome="fixable", detail=detail, action=action, fix=fix)


def fail(detail: str) -> Result:
    """Not as asked, and only another picture helps."""
    return Result(outcome="fail", detail=detail)


def cannot_tell(detail: str) -> Result:
    """It can't be seen, for this reason."""
    return Result(outcome="cannot tell", detail=detail)
