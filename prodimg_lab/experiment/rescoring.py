"""How is a run that is drawn scored by more scorers, or by newer ones? No picture is drawn again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prodimg_lab.errors import CorruptObject, UsageError
from prodimg_lab.experiment.desk import IndexCache, write_scores
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import RunFacts, lab_of, open_index, open_run, read_facts
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.scoring import Scorer, Subject, score_keys, score_pictures, scorers
from prodimg_lab.scoring.judge import ADHERENCE
from prodimg_lab.scoring.run import BATCH
from prodimg_lab.store import Journal

Told = Callable[[int, int], None]
"""Called with how many pictures are done, and of how many."""


def score_run(
    folder: RunFolder,
    wanted: Sequence[Scorer | str] = (),
    *,
    shortlist: int = 0,
    tell: Told = lambda done, total: None,
) -> RunView:
    """Score a run's pictures with `wanted` (scorers, or their names; by default those of its rubric), into its journal.

    `judge_run` asks the one that asks a judge. `shortlist` above 0: only the so many best pictures by quality, for
    scorers that are slow. What the lab's index has is not scored again. Interrupted, it keeps what is done. Raises
    `UnknownName`, `MissingExtra`, `UsageError`.
    """
    view, facts = open_run(folder), read_facts(folder)
    chosen = [scorers([each])[0] if isinstance(each, str) else each for each in wanted]
    judges = chosen or list(scorers([name for name in facts.rubric.scorers if name != ADHERENCE]))
    if any(each.name == ADHERENCE for each in judges):
        raise UsageError(f"{ADHERENCE} asks a judge, which costs money: prodimg judge {folder.run_id}")
    rows = best_rows(view, shortlist)
    index = open_index(lab_of(folder), facts.store)
    journal = Journal(folder.path)
    try:
        for start in range(0, len(rows), BATCH):
            batch = [(row.trial, subject) for row in rows[start : start + BATCH] if (subject := subject_of(row, facts))]
            found = score_pictures([subject for _, subject in batch], judges, cache=IndexCache(index))
            for (trial, subject), scores in zip(batch, found, strict=True):
                keys = score_keys(
                    subject.digest, judges, asked=subject.asked, request=subject.request, as_of=subject.as_of
                )
                write_scores(journal, index, folder.path, trial, keys=keys, found=scores)
            tell(min(start + BATCH, len(rows)), len(rows))
    finally:
        journal.close()
        index.close()
    return open_run(folder)


def best_rows(view: RunView, shortlist: int) -> list[TrialRow]:
    """The drawn trials in plan order; with a `shortlist` above 0, only the so many best by quality."""
    drawn = [row for row in view.rows if row.is_drawn]
    if shortlist <= 0:
        return drawn
    best = sorted(drawn, key=lambda row: (-(row.quality if row.quality is not None else -1.0), row.trial.index))
    return sorted(best[:shortlist], key=lambda row: row.trial.index)


def subject_of(row: TrialRow, facts: RunFacts) -> Subject | None:
    """The picture of a drawn trial as scorers get it; None where the store has lost it."""
    try:
        data = facts.store.get(row.outcome.digest)
    except CorruptObject:
        return None  # `fsck` tells of it; the other pictures are scored all the same
    return Subject(
        digest=row.outcome.digest, data=data, request=row.trial.request, asked=row.trial.asked, as_of=facts.as_of
    )
