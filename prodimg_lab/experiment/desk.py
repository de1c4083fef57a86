"""Who scores pictures and rewrites the report while others are still being drawn?

One thread beside the runner. What it makes goes to the journal at once, so that a killed run keeps its scores.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from prodimg_lab.errors import CorruptObject
from prodimg_lab.experiment.cluster import Cluster
from prodimg_lab.experiment.opening import RunFacts
from prodimg_lab.experiment.view import RunView
from prodimg_lab.records import Outcome, Score, Trial, TrialState, Unscored
from prodimg_lab.runner import RunState
from prodimg_lab.runner.workers import is_lost
from prodimg_lab.scoring import NotAPicture, Subject, score_keys, score_one, score_pictures, score_to_json, scorers
from prodimg_lab.scoring.judge import ADHERENCE
from prodimg_lab.scoring.run import is_kept
from prodimg_lab.store import History, Index, Journal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Report(Protocol):
    """Something that shows the run as it goes on. `update` is called often and decides itself when it is worth it."""

    def saw(self, digest: str, bgr: NDArray[np.uint8], *, trials: int) -> None:
        """Pixels that were decoded for the scorers (8 bits, BGR), of a run of `trials`."""
        ...

    def update(self, *, force: bool = False) -> object:
        """Show the run as it stands; `force`: now, it has ended."""
        ...


Found = dict[str, Score | Unscored]

MakeReport = Callable[[Callable[[], RunView]], Report]
"""Makes the report of a run from a function that gives the run as it stands."""


@dataclass(frozen=True, slots=True)
class IndexCache:
    """The index as the cache of scores."""

    index: Index

    def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        """The kept scores of `keys`."""
        return self.index.get_scores(keys)

    def put_many(self, items: Mapping[str, str]) -> None:
        """Keep scores."""
        self.index.put_scores(items)


def write_scores(
    journal: Journal, index: Index, run: Path, trial: Trial, *, keys: Mapping[str, str], found: Found
) -> None:
    """Into the journal of the run in that folder, then the index. `keys` are the cache keys by scorer."""
    lines = [
        {"event": "score", "trial": trial.index, "key": keys[name], "score": json.loads(score_to_json(score))}
        for name, score in found.items()
    ]
    journal.extend(lines)
    index.bring_in(run, [{**line, "key": ""} for line in lines])


@dataclass
class Desk:
    """Scores what has been drawn, in the order of arrival, and keeps the run's view up to date.

    `cache` is None where scores must be made anew (a rerun proves them). With a `cluster`, pictures are scored there,
    several at a time. Use as a context manager: leaving it waits for what was handed in and raises what went wrong.
    """

    facts: RunFacts
    journal: Journal
    index: Index
    cache: IndexCache | None
    make_report: MakeReport | None = None
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    scores: dict[int, dict[str, Score | Unscored]] = field(default_factory=dict)
    money: History = field(default_factory=History)
    state: RunState = "running"
    cluster: Cluster | None = None

    def __post_init__(self) -> None:
        self._scorers = scorers([name for name in self.facts.rubric.scorers if name != ADHERENCE])
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self._handed_in: list[Future[None]] = []
        self._guard = Lock()
        self._report = self.make_report(self.view) if self.make_report else None
        self._elsewhere: list[tuple[Trial, Subject, Future[Found]]] = []

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None and self.cluster is not None:
            self._handed_in.append(self._thread.submit(self._collect, most=0))
        self._thread.shutdown(wait=True, cancel_futures=error is not None)
        if error is None:
            for future in self._handed_in:
                future.result()

    def hand_in(self, trial: Trial, outcome: Outcome) -> None:
        """A trial has its outcome: score its picture soon."""
        with self._guard:
            self.outcomes[trial.index] = outcome
        self._handed_in.append(self._thread.submit(self._work, trial, outcome))

    def state_of(self, trial: Trial) -> TrialState | None:
        """The state in which a trial was handed in, or None."""
        known = self.outcomes.get(trial.index)
        return known.state if known else None

    def view(self) -> RunView:
        """The run as it stands."""
        with self._guard:
            outcomes, scores = dict(self.outcomes), dict(self.scores)
        finished = self.money.finished_at
        return self.facts.view(
            state=self.state, history=self.money, outcomes=outcomes, scores=scores, finished_at=finished
        )

    def close_report(self) -> None:
        """Write the report of a run that has ended."""
        if self._report is not None:
            self._report.update(force=True)

    def _work(self, trial: Trial, outcome: Outcome) -> None:
        known = self.scores.get(trial.index, {})
        if outcome.state is TrialState.DONE and not all(scorer.name in known for scorer in self._scorers):
            self._score(trial, outcome)
        if self._report is not None:
            self._report.update()

    def _score(self, trial: Trial, outcome: Outcome) -> None:
        try:
            data = self.facts.store.get(outcome.digest)
        except CorruptObject:
            return  # whoever opens the run is told by the store; the other pictures are scored all the same
        subject = Subject(
            digest=outcome.digest, data=data, request=trial.request, asked=trial.asked, as_of=self.facts.as_of
        )
        if self.cluster is None or self._is_kept(subject):
            self._show(subject)
            self._write(trial, subject, score_pictures([subject], self._scorers, cache=self.cache)[0])
            return
        names = [scorer.name for scorer in self._scorers]
        future = self.cluster.executor.submit(
            score_one, data, outcome.digest, dict(trial.asked), names, self.facts.as_of, trial.request
        )
        self._elsewhere.append((trial, subject, future))
        self._collect(most=2 * self.cluster.places)

    def _show(self, subject: Subject) -> None:
        """Decode once for scorers and report, where scorers have to look."""
        if self._report is not None and not self._is_kept(subject):
            with suppress(NotAPicture):
                self._report.saw(subject.digest, subject.measures.bgr, trials=len(self.facts.trials))

    def _is_kept(self, subject: Subject) -> bool:
        """Whether the cache has every score, so that nobody has to look at the picture."""
        if self.cache is None:
            return False
        keys = self._keys(subject).values()
        return len(self.cache.get_many(list(keys))) == len(set(keys))

    def _keys(self, subject: Subject) -> dict[str, str]:
        return score_keys(
            subject.digest, self._scorers, asked=subject.asked, request=subject.request, as_of=subject.as_of
        )

    def _collect(self, *, most: int) -> None:
        """Take what the cluster has scored, in the order in which it was sent, until at most `most` are out."""
        while self._elsewhere and (len(self._elsewhere) > most or self._elsewhere[0][2].done()):
            trial, subject, future = self._elsewhere.pop(0)
            self._write(trial, subject, self._found(future, subject))

    def _found(self, future: Future[Found], subject: Subject) -> Found:
        """What the cluster found; what it lost is scored here."""
        try:
            found = future.result()
        except BaseException as error:
            if not is_lost(error):
                raise
            return score_pictures([subject], self._scorers, cache=self.cache)[0]
        if self.cache is not None:
            keys = self._keys(subject)
            kept = [scorer for scorer in self._scorers if is_kept(scorer, found[scorer.name])]
            self.cache.put_many({keys[scorer.name]: score_to_json(found[scorer.name]) for scorer in kept})
        return found

    def _write(self, trial: Trial, subject: Subject, found: Found) -> None:
        write_scores(self.journal, self.index, self.facts.folder.path, trial, keys=self._keys(subject), found=found)
        with self._guard:
            self.scores[trial.index] = {**self.scores.get(trial.index, {}), **found}
