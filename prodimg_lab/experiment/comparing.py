"""Did a rerun give what the run gave? Requests, pictures, scores, and what changed where they differ."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from prodimg_lab.experiment.trials import place_of
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.records import Score, TrialState


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How the pictures of one variant moved: mean quality after less before, over the `n` trials drawn in both."""

    variant: str
    n: int
    quality: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A run held against the run that it repeats. Trials are paired by variant, block and repeat.

    `equal_report`: everything that the report shows is equal but the run's own id, times and money (the report is a
    pure function of that). `changed_inputs` is a unified diff of the files, for `--today`; "" when nothing was edited.
    """

    before: str
    after: str
    trials: int
    equal_requests: int
    pictures: int
    equal_pictures: int
    scored: int
    equal_scores: int
    equal_report: bool
    calls: int
    missing: tuple[str, ...] = ()
    only_new: int = 0
    shifts: tuple[Shift, ...] = ()
    changed_inputs: str = ""
    report: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def is_equal(self) -> bool:
        """Whether requests, pictures, scores and report are all equal."""
        return (
            self.equal_requests == self.trials
            and self.equal_pictures == self.pictures
            and self.equal_scores == self.scored
            and self.equal_report
            and not self.missing
            and not self.only_new
        )

    def facts(self) -> dict[str, Any]:
        """For `rerun --json`."""
        return {
            "run": self.before,
            "rerun": self.after,
            "equal": self.is_equal,
            "trials": self.trials,
            "equal_requests": self.equal_requests,
            "pictures": self.pictures,
            "equal_pictures": self.equal_pictures,
            "scored": self.scored,
            "equal_scores": self.equal_scores,
            "equal_report": self.equal_report,
            "model_calls": self.calls,
            "missing": list(self.missing),
            "only_new": self.only_new,
            "shifts": [{"variant": each.variant, "n": each.n, "quality": each.quality} for each in self.shifts],
            "changed_inputs": self.changed_inputs,
            "report": self.report,
        }

    def lines(self) -> list[str]:
        """For people."""
        verdict = "equal" if self.is_equal else "DIFFERENT"
        lines = [
            f"{self.after} repeats {self.before}: {verdict}",
            f"  requests  {self.equal_requests} of {self.trials} equal",
            f"  pictures  {self.equal_pictures} of {self.pictures} byte-identical",
            f"  scores    {self.equal_scores} of {self.scored} equal",
            f"  report    {'equal' if self.equal_report else 'different'} but for its own id, times and money",
            f"  calls     {self.calls} to a model",
            *(f"  note      {note}" for note in self.notes),
        ]
        if self.missing:
            lines.append(f"  missing   {len(self.missing)} trials of the run, first {self.missing[0]}")
        if self.only_new:
            lines.append(f"  new       {self.only_new} trials that the run did not have")
        for shift in self.shifts:
            moved = "no quality" if shift.quality is None else f"{shift.quality:+.3f} quality"
            lines.append(f"  {shift.variant}: {moved} over {shift.n} pictures")
        if self.changed_inputs:
            lines += ["  files that changed since:", self.changed_inputs.rstrip()]
        return [*lines, f"report: {self.report}"] if self.report else lines


def compare_runs(before: RunView, after: RunView, *, changed_inputs: str = "", report: str = "") -> Comparison:
    """Hold `after` against `before`, trial by trial."""
    olds = {place_of(row.trial): row for row in before.rows if row.outcome.state is not TrialState.SKIPPED}
    news = {place_of(row.trial): row for row in after.rows if row.outcome.state is not TrialState.SKIPPED}
    pairs = [(olds[key], news[key]) for key in olds if key in news]
    drawn = [(old, new) for old, new in pairs if old.is_drawn]
    scored = [(old, new) for old, new in drawn if old.scores]
    same_platform = before.platform == after.platform
    return Comparison(
        before=before.run_id,
        after=after.run_id,
        trials=len(olds),
        equal_requests=sum(old.trial.request == new.trial.request for old, new in pairs),
        pictures=len(drawn),
        equal_pictures=sum(old.outcome.digest == new.outcome.digest for old, new in drawn),
        scored=len(scored),
        equal_scores=sum(_scores(old) == _scores(new) for old, new in scored),
        equal_report=_shown(before) == _shown(after),
        calls=sum(row.outcome.sends for row in after.rows if not row.outcome.cached),
        missing=tuple(" ".join(map(str, key)) for key in olds if key not in news),
        only_new=sum(key not in olds for key in news),
        shifts=tuple(_shifts(drawn)),
        changed_inputs=changed_inputs,
        report=report,
        notes=() if same_platform else ("the two ran on different platforms or versions; see run.json",),
    )


def _shown(view: RunView) -> tuple[object, ...]:
    """What a report shows of a run, less what is the run's own."""
    facts = (view.experiment, view.simulated, view.models, view.products, view.factors, view.variants)
    aims = (view.baseline, view.rubric, view.targets)
    rows = [
        (row.trial, row.outcome.state, row.outcome.digest, row.outcome.reason, row.scores, row.quality)
        for row in view.rows
        if row.outcome.state is not TrialState.SKIPPED
    ]
    return (*facts, *aims, rows)


def _scores(row: TrialRow) -> dict[str, object]:
    """Scores without the digest that they were made from; a value that can't be given stays a reason."""
    return {
        name: (score.version, score.value, score.raw) if isinstance(score, Score) else (score.version, score.reason)
        for name, score in row.scores.items()
    }


def _shifts(pairs: list[tuple[TrialRow, TrialRow]]) -> list[Shift]:
    """Only of variants with a picture that differs."""
    by_variant: dict[str, list[tuple[TrialRow, TrialRow]]] = defaultdict(list)
    for old, new in pairs:
        by_variant[old.trial.variant].append((old, new))
    found = []
    for variant, rows in by_variant.items():
        if all(old.outcome.digest == new.outcome.digest for old, new in rows):
            continue
        moves = [new.quality - old.quality for old, new in rows if new.quality is not None and old.quality is not None]
        mean = sum(moves) / len(moves) if moves else None
        found.append(Shift(variant=variant, n=len(moves), quality=mean))
    return found
