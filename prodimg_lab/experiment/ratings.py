"""What do people think of a picture, and where is that kept?

A rating is a line of the run's journal, so it is in the store at once, survives the index and goes where the run goes.
The last word of a rater on a picture counts, for stars and for keep or drop apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from prodimg_lab.errors import UsageError
from prodimg_lab.store import Journal, read_journal
from prodimg_lab.store.journal import Line

Choice = Literal["keep", "drop"]

STARS = range(1, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What one person said of one picture: `stars` 1 to 5 and `choice` keep or drop; None: nothing, or taken back."""

    rater: str
    stars: int | None = None
    choice: Choice | None = None


Ratings = Mapping[int, Mapping[str, Rating]]
"""By place in the plan, then by rater."""


def rate(run: Path, trials: Sequence[int], *, rater: str, stars: int | None) -> None:
    """Write down stars (1 to 5, None takes them back) for trials of the run in that folder.

    Raises `UsageError` for other stars or no rater, `StoreError` when it can't be written.
    """
    if stars is not None and stars not in STARS:
        raise UsageError(f"{stars} is no rating; give 1 to 5 stars, or None to take them back")
    _write(run, trials, rater, {"stars": stars})


def choose(run: Path, trials: Sequence[int], *, rater: str, choice: Choice | None) -> None:
    """Write down `keep` or `drop` (None takes it back) for trials of the run in that folder; raises as `rate` does."""
    if choice not in ("keep", "drop", None):
        raise UsageError(f"{choice!r} is no choice; say keep, drop or None")
    _write(run, trials, rater, {"choice": choice})


def read_ratings(run: Path) -> dict[int, dict[str, Rating]]:
    """All ratings of the run in that folder. Raises `StoreError` for a damaged journal."""
    found: dict[int, dict[str, Rating]] = {}
    for line in read_journal(run):
        take_in(found, line)
    return found


def take_in(found: dict[int, dict[str, Rating]], line: Line) -> int | None:
    """Add what a journal line says to `found`; the trial that it speaks of, None for lines of other kinds."""
    trial, rater = line.get("trial"), line.get("rater")
    if line["event"] != "rating" or not isinstance(trial, int) or not isinstance(rater, str):
        return None
    of_trial = found.setdefault(trial, {})
    before = of_trial.get(rater, Rating(rater=rater))
    if "stars" in line:
        stars = line["stars"]
        before = replace(before, stars=stars if isinstance(stars, int) and stars in STARS else None)
    if "choice" in line:
        choice = line["choice"]
        before = replace(before, choice="keep" if choice == "keep" else "drop" if choice == "drop" else None)
    of_trial[rater] = before
    return trial


def _write(run: Path, trials: Sequence[int], rater: str, said: Mapping[str, object]) -> None:
    if not rater.strip():
        raise UsageError("a rating needs the name of who rates: Grid(run, rater='anna')")
    journal = Journal(run)
    try:
        journal.extend([{"event": "rating", "trial": trial, "rater": rater, **said} for trial in trials])
    finally:
        journal.close()
