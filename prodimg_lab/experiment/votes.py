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
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from prodimg_lab.errors import StoreError, UnknownName, UsageError
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import read_facts, run_folders
from prodimg_lab.experiment.view import RunView
from prodimg_lab.lab import Lab, find_lab
from prodimg_lab.store import Journal, read_journal

if TYPE_CHECKING:
    from prodimg_lab.verdict.strengths import Ballot

Preference = Literal["left", "right", "tie", "bad"]
"""`tie`: equally good; `bad`: both bad, which counts as a tie and says more."""

FILE_KIND = "prodimg-votes"
LONGEST_S = 1_000_000
"""Seconds from which a vote did not take that long."""
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


def ballots_of(votes: Sequence[Vote], variants: Mapping[int, str]) -> list[Ballot]:
    """The votes as ballots on variants, by the variant of every trial; *bad* is a tie. Needs scipy."""
    from prodimg_lab.verdict.strengths import Ballot

    said = {"left": 1, "right": -1}
    return [
        Ballot(left=variants[vote.left], right=variants[vote.right], said=said.get(vote.choice, 0), rater=vote.rater)
        for vote in votes
    ]


def _ever_cast(run: Path) -> dict[str, str]:
    """The rater of every vote that was ever cast, by its id; also of those that were taken back."""
    lines = (line for line in read_journal(run) if line["event"] == "vote" and "undo" not in line)
    return {str(line["vote_id"]): str(line["rater"]) for line in lines}


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
    run_id = content["run_id"]
    run = next((each for each in run_folders(lab or find_lab()) if each.run_id == run_id), None)
    if run is None:
        raise UnknownName(f"{file} has votes on run {run_id[:80]!r}, which this lab does not have")
    facts = read_facts(run)
    known = _ever_cast(run.path)
    found = [
        _checked(file, number, line, facts.trials, content["rater"]) for number, line in enumerate(content["votes"])
    ]
    for number, vote in enumerate(found):
        if known.get(vote.vote_id, vote.rater) != vote.rater:
            raise UsageError(
                f"{file}: vote {number + 1} has the id of a vote by {known[vote.vote_id]!r}; nothing was added"
            )
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
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no file of votes: {str(error)[:200]}") from error
    version = content.get("version") if isinstance(content, dict) else None
    if version is True or version != 1 or content.get("kind") != FILE_KIND:
        raise UsageError(f"{file} is no file of votes; take the one that the voting page saved")
    run_id, rater = content.get("run_id"), content.get("rater")
    if not isinstance(content, dict) or not isinstance(run_id, str) or not run_id:
        raise UsageError(f"{file} names no run")
    if (
        not isinstance(rater, str)
        or not rater.strip()
        or not _is_text(rater)
        or not isinstance(content.get("votes"), list)
    ):
        raise UsageError(f"{file} names no rater, or has no list of votes")
    return content


def _checked(file: Path, number: int, line: Any, trials: Sequence[Any], rater: object) -> Vote:
    place = f"{file}: vote {number + 1}"
    if not isinstance(line, Mapping):
        raise UsageError(f"{place} is no object")
    if not isinstance(line.get("vote_id"), str) or not line["vote_id"] or not _is_text(line["vote_id"]):
        raise UsageError(f"{place} has no id")
    try:
        vote = _read({**line, "rater": str(rater)})
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"{place} can't be read: {str(error)[:200]}") from error
    if not 0 <= vote.seconds < LONGEST_S:
        raise UsageError(f"{place} took {vote.seconds} seconds; that is no number from 0 to {LONGEST_S}")
    for trial in (vote.left, vote.right):
        if not 0 <= trial < len(trials):
            raise UsageError(f"{place} names trial {trial}; the run has 0 to {len(trials) - 1}")
    one, other = trials[vote.left], trials[vote.right]
    if one.block != other.block or one.variant == other.variant:
        raise UsageError(
            f"{place} compares trials {vote.left} and {vote.right}, which are not two variants of one block"
        )
    return vote


def _is_text(text: str) -> bool:
    """Whether it can be written as UTF-8: no half of a character."""
    return not any(0xD800 <= ord(each) <= 0xDFFF for each in text)


def _read(line: Mapping[str, Any]) -> Vote:
    choice = str(line["choice"])
    if choice not in get_args(Preference):
        raise ValueError(f"choice {choice!r} is none of {', '.join(get_args(Preference))}")
    left, right = line["left"], line["right"]
    if not (isinstance(left, int) and isinstance(right, int)) or isinstance(left, bool) or isinstance(right, bool):
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
    if not (run / "run.json").is_file():
        raise StoreError(f"{run} is no run any more: the vote is not kept")
    journal = Journal(run)
    try:
        if lines:
            journal.extend(lines)
    finally:
        journal.close()
