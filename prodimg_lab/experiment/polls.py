"""What do people's votes say of a run's variants: how strong is each, who is best, and who votes against all others?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from prodimg_lab.errors import MissingExtra, UsageError
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import open_run
from prodimg_lab.experiment.votes import ballots_of, read_votes

if TYPE_CHECKING:
    from prodimg_lab.verdict.strengths import Rater, Strength

VOTES = "votes"
"""What `prodimg verdict --by` calls people's blind votes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """The votes of one or several runs of an experiment. `side` is the habit of choosing the left, in log odds.

    `settled`: one variant is the strongest with a chance of at least 95 %. Votes count as independent.
    """

    run_ids: tuple[str, ...]
    baseline: str
    votes: int
    strengths: tuple[Strength, ...]
    raters: tuple[Rater, ...]
    side: float | None
    settled: bool

    def text(self) -> str:
        """In one paragraph of plain words."""
        first, people = self.strengths[0], len(self.raters)
        who = f"{people} {'person' if people == 1 else 'people'}"
        said = f"By {self.votes} votes of {who}, {first.variant} is the strongest, with a chance of {first.best:.0%}."
        if first.beats is not None and first.beats_interval is not None:
            around = f"95 %: {first.beats_interval.low:.0%} to {first.beats_interval.high:.0%}"
            said += f" It is preferred to {self.baseline} in {first.beats:.0%} of pairs ({around})."
        elif first.variant == self.baseline:
            said += " It is the baseline."
        more = "More votes would hardly change that." if self.settled else "More votes are needed to settle that."
        return f"{said} {more} Votes promote nobody by themselves: they count as independent here, and are not quite."

    @property
    def remarks(self) -> tuple[str, ...]:
        """Raters whose votes go against all others, or who keep to a side."""
        found = []
        for rater in self.raters:
            about = f"{rater.votes} votes"
            if rater.agrees is not None and rater.agrees.high < 0.5:
                found.append(f"{rater.rater} votes against the others: agrees in {rater.agreement:.0%} of {about}")
            if rater.left_interval is not None and (rater.left_interval.low > 0.5 or rater.left_interval.high < 0.5):
                found.append(f"{rater.rater} chose the left in {rater.left:.0%} of {about}: a habit, not a taste")
        return tuple(found)

    def facts(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "text": self.text()}


def poll_of(folders: Sequence[RunFolder], *, baseline: str = "") -> Poll:
    """Fit the votes of runs of one experiment. Raises `UsageError` where nobody voted, `MissingExtra`, `StoreError`."""
    try:
        from prodimg_lab.verdict.strengths import fit, raters, strengths
    except ModuleNotFoundError as error:
        raise MissingExtra(f"votes need {error.name}: pip install 'prodimg-lab[lab]'") from error

    views = [open_run(folder) for folder in folders]
    ballots = []
    for folder, view in zip(folders, views, strict=True):
        ballots += ballots_of(read_votes(folder.path), {row.trial.index: row.trial.variant for row in view.rows})
    if not ballots:
        raise UsageError(f"nobody has voted on {views[0].run_id}; open Vote('{views[0].run_id}') in a notebook")
    variants = dict.fromkeys(row.trial.variant for view in views for row in view.drawn)
    base = baseline or views[0].baseline
    fitted = fit(ballots, variants)
    return Poll(
        run_ids=tuple(view.run_id for view in views),
        baseline=base,
        votes=len(ballots),
        strengths=tuple(strengths(fitted, ballots, base)),
        raters=tuple(raters(fitted, ballots)),
        side=fitted.side,
        settled=fitted.settled,
    )
