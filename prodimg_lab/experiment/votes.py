"""Which of two pictures do people prefer, and where is that kept?

A vote is a line of the run's journal. It names the two trials in the order in which they were shown, so that a habit of
choosing a side can be measured. An undo is a line too: nothing is ever taken out of a journal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal, cast, get_args

from prodimg_lab.errors import UsageError
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import find_run, read_facts
from prodimg_lab.experiment.view import RunView
from prodimg_lab.lab import Lab
from prodimg_lab.store import Journal, read_journal

Preference = Literal["left", "right", "tie", "bad"]
"""`tie`: equally good; `bad`: both bad, which counts as a tie and says more."""

FILE_KIND = "prodimg-votes"
MOST_BYTES = 20_000_000
"""Of a file of votes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One blind choice between two trials of the same block. `at` is UTC ISO 8601, `seconds` the time it took."""

    vote_id: str
    rater: str
    left: int
    right: int
    choice: Preference
    at: str = ""
    seconds: float = 0.0


def cast_vote(run: Path, vote: Vote) -> None:
    """Write a vote down for the run in that folder. Raises `UsageError` for no rater or another choice."""
    _extend(run, [_line(vote)])


def undo_vote(run: Path, vote_id: str) -> None:
    """Take a vote back."""
    _extend(run, [{"event": "vote", "undo": vote_id}])


def read_votes(run: Path) -> list[Vote]:
    """The votes of the run in that folder that stand, oldest first. Raises `StoreError` for a damaged journal."""
    found: dict[str, Vote] = {}
    for line in read_journal(run):
        if line["event"] != "vote":
            continue
        if "undo" in line:
            found.pop(str(line["undo"]), None)
            continue
        vote = _read(line)
        found[vote.vote_id] = vote
    return list(found.values())


def new_vote_id() -> str:
    """An id that no other vote has."""
    return token_hex(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a file of votes: `added` to the run, `known` before."""

    run: RunFolder
    added: int
    known: int


def import_votes(file: Path, *, lab: Lab | None = None) -> Imported:
    """Bring in the votes of a page that a colleague sent back. Importing a file twice adds nothing.

    Raises `UsageError` for a file that is none, for trials that the run does not have or that are not of one block, and
    `UnknownName` for a run that is not there. All of it is checked before anything is written.
    """
    content = _content(file)
    run = find_run(str(content["run_id"]), lab=lab)
    facts = read_facts(run)
    known = {vote.vote_id for vote in read_votes(run.path)}
    found = [
        _checked(file, number, line, facts.trials, content["rater"]) for number, line in enumerate(content["votes"])
    ]
    new = {vote.vote_id: vote for vote in found if vote.vote_id not in known}
    _extend(run.path, [_line(vote) for vote in new.values()])
    return Imported(run=run, added=len(new), known=len(found) - len(new))


def votes_file(run_id: str, rater: str, votes: Sequence[Vote]) -> str:
    """Votes as the text of a file that `import_votes` reads; what the page writes has the same form."""
    lines = [
        {name: getattr(vote, name) for name in ("vote_id", "left", "right", "choice", "at", "seconds")}
        for vote in votes
    ]
    return json.dumps({"kind": FILE_KIND, "version": 1, "run_id": run_id, "rater": rater, "votes": lines}, indent=1)


def same_block(view: RunView, left: int, right: int) -> bool:
    """Whether two trials may be held against each other: same product, same seed, different variants."""
    one, other = view.rows[left].trial, view.rows[right].trial
    return one.block == other.block and one.variant != other.variant


def _content(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise UsageError(f"{file} has more than {MOST_BYTES:,} bytes; that is no file of votes")
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{file} is no file of votes: {error}") from error
    if not isinstance(content, dict) or content.get("kind") != FILE_KIND or content.get("version") != 1:
        raise UsageError(f"{file} is no file of votes; take the one that the voting page saved")
    if not str(content.get("rater", "")).strip() or not isinstance(content.get("votes"), list):
        raise UsageError(f"{file} names no rater, or has no list of votes")
    return content


def _checked(file: Path, number: int, line: Any, trials: Sequence[Any], rater: object) -> Vote:
    place = f"{file}: vote {number + 1}"
    if not isinstance(line, Mapping):
        raise UsageError(f"{place} is no object")
    try:
        vote = _read({**line, "rater": str(rater)})
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{place} can't be read: {error}") from error
    for trial in (vote.left, vote.right):
        if not 0 <= trial < len(trials):
            raise UsageError(f"{place} names trial {trial}; the run has 0 to {len(trials) - 1}")
    one, other = trials[vote.left], trials[vote.right]
    if one.block != other.block or one.variant == other.variant:
        raise UsageError(
            f"{place} compares trials {vote.left} and {vote.right}, which are not two variants of one block"
        )
    return vote


def _read(line: Mapping[str, Any]) -> Vote:
    choice = str(line["choice"])
    if choice not in get_args(Preference):
        raise ValueError(f"choice {choice!r} is none of {', '.join(get_args(Preference))}")
    left, right = line["left"], line["right"]
    if not (isinstance(left, int) and isinstance(right, int)):
        raise ValueError("left and right must be places in the plan")
    return Vote(
        vote_id=str(line["vote_id"])[:64],
        rater=str(line["rater"])[:200],
        left=left,
        right=right,
        choice=cast(Preference, choice),
        at=str(line.get("at", ""))[:40],
        seconds=float(line.get("seconds", 0.0)),
    )


def _line(vote: Vote) -> dict[str, object]:
    if not vote.rater.strip():
        raise UsageError("a vote needs the name of who votes: Vote(run, rater='anna')")
    line: dict[str, object] = {"event": "vote", "vote_id": vote.vote_id, "rater": vote.rater}
    line |= {"left": vote.left, "right": vote.right, "choice": vote.choice, "seconds": round(vote.seconds, 2)}
    return line | ({"at": vote.at} if vote.at else {})


def _extend(run: Path, lines: Sequence[Mapping[str, object]]) -> None:
    journal = Journal(run)
    try:
        if lines:
            journal.extend(lines)
    finally:
        journal.close()
