"""How is a rubric fitted to what the people of a lab preferred? Never by itself: who wants the weights takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from prodimg_lab.errors import UsageError
from prodimg_lab.experiment.calibration import pairs_of
from prodimg_lab.experiment.folder import RunFolder, rubric_content
from prodimg_lab.experiment.opening import open_run, read_facts
from prodimg_lab.marked_yaml import to_yaml
from prodimg_lab.scoring.rubric import Rubric
from prodimg_lab.verdict.effects import Interval, wilson_interval

if TYPE_CHECKING:
    from prodimg_lab.verdict.fitting import Choice, Fit

FEWEST = 30
"""Decided choices below which weights would be luck."""
SMALLEST = 0.5
"""Of 100: a weight below it is left out of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedRubric:
    """A rubric with fitted weights, beside the one that it came from. Shares 0..1 of the choices, Wilson intervals."""

    base: Rubric
    rubric: Rubric
    fit: Fit
    before: Interval
    held_out: Interval

    def lines(self) -> list[str]:
        """For people: weights before and after, and whether it was worth it."""
        fit = self.fit
        whole = sum(self.base.weights.values())
        rows = [
            f"  {name:<24} {100 * self.base.weights[name] / whole:5.1f} -> {fit.weights[name]:5.1f}"
            for name in self.base.weights
        ]
        return [
            f"{fit.choices} choices of people on {fit.blocks} blocks; weights of 100:",
            *rows,
            f"agreement before    {_told(fit.before, fit.choices, self.before)}",
            f"agreement held out  {_told(fit.held_out, fit.choices, self.held_out)} (blocks that it was not fitted to)",
            f"agreement fitted    {fit.seen / fit.choices:.0%} (on what it was fitted to: looks better than it is)",
            self.advice,
        ]

    @property
    def advice(self) -> str:
        """What the figures mean."""
        if self.fit.held_out <= self.fit.before:
            return "the fitted weights agree no better on blocks they had not seen: keep the rubric as it is"
        if self.held_out.low <= self.fit.before / self.fit.choices:
            return "better, but within what chance does; vote more before you rely on it"
        return "better on blocks it had not seen"


def fit_rubric(folders: Sequence[RunFolder], name: str = "fitted") -> FittedRubric:
    """Fit the rubric of these runs to everybody's votes and ratings in them.

    Raises `UsageError` for runs of different rubrics, too few choices, or where no part agrees with people.
    """
    rubrics = [read_facts(folder).rubric for folder in folders]
    base = rubrics[0]
    if any(other != base for other in rubrics):
        names = ", ".join(dict.fromkeys(f"{each.name} {each.version}" for each in rubrics))
        raise UsageError(f"the runs have different rubrics ({names}); take runs of one")
    choices = [choice for folder in folders for choice in _choices(folder)]
    if len(choices) < FEWEST:
        raise UsageError(
            f"{len(choices)} choices of people are too few to fit weights to, it takes {FEWEST}: vote in Vote(run)"
        )
    from prodimg_lab.verdict.fitting import fit_weights

    try:
        fit = fit_weights(choices, base.weights)
    except ValueError as error:
        raise UsageError(str(error)) from error
    weights = {part: round(weight, 1) for part, weight in fit.weights.items() if weight >= SMALLEST}
    if not weights:
        raise UsageError(f"no part of rubric {base.name} agrees with people's choices, so there is nothing to weigh")
    agreement = f"held out {fit.held_out / fit.choices:.0%}"
    summary = f"Weights of {base.name} fitted to {fit.choices} choices of people; {agreement}"
    before, held_out = (wilson_interval(round(right), fit.choices) for right in (fit.before, fit.held_out))
    assert before is not None  # there are choices
    assert held_out is not None
    return FittedRubric(
        base=base,
        rubric=_with_weights(base, weights, name=name, summary=summary),
        fit=fit,
        before=before,
        held_out=held_out,
    )


def write_rubric(rubric: Rubric, file: Path) -> None:
    """Write a rubric as a file for an experiment. Raises `UsageError` for one that is there already."""
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(to_yaml(rubric_content(rubric)))
    except FileExistsError as error:
        raise UsageError(f"{file} is there already; name another file") from error
    except OSError as error:
        raise UsageError(f"{file} can't be written: {error.strerror}") from error


def _with_weights(base: Rubric, weights: Mapping[str, float], *, name: str, summary: str) -> Rubric:
    """The rubric with other weights; what it says of parts that have none any more is dropped."""
    named = {*weights, *base.gates}
    return replace(
        base,
        name=name,
        version="1",
        weights=weights,
        summary=summary,
        scales={part: scale for part, scale in base.scales.items() if part in named},
        required=tuple(part for part in base.required if part in weights),
    )


def _choices(folder: RunFolder) -> list[Choice]:
    from prodimg_lab.verdict.fitting import Choice

    view = open_run(folder)
    found = []
    for pair in pairs_of(folder, view):
        if not pair.prefers:
            continue
        one, other = (view.rows[place] for place in (pair.first, pair.second))
        better, worse = (one, other) if pair.prefers > 0 else (other, one)
        values = [{part.name: part.value for part in row.parts if part.value is not None} for row in (better, worse)]
        found.append(Choice(block=f"{folder.run_id}/{one.trial.block.name}", better=values[0], worse=values[1]))
    return found


def _told(right: float, of: int, interval: Interval) -> str:
    return f"{right / of:.0%} ({interval.low:.0%} to {interval.high:.0%})"
