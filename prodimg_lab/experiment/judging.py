"""How is a judge asked about the pictures of a run, within its caps, each question once?

A judge answers in a session of its own, after all is drawn: the rubric's other scores choose the shortlist first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from prodimg_lab.errors import FatalForRun, ProdimgError
from prodimg_lab.experiment.desk import IndexCache, write_scores
from prodimg_lab.experiment.opening import RunFacts, find_run, read_facts, read_scores
from prodimg_lab.experiment.rescoring import best_rows, subject_of
from prodimg_lab.experiment.view import RunView
from prodimg_lab.lab import Lab
from prodimg_lab.models.judges import JudgeCard, ask_judge
from prodimg_lab.records import Score, Trial, Unscored, canonical_json, digest_of
from prodimg_lab.runner import Event, Judging, Paid, PaidCalls, RunContext, RunState, Stopped, paid_calls
from prodimg_lab.scoring import Subject, score_from_json, score_key, score_to_json
from prodimg_lab.scoring.judge import ADHERENCE, Adherence
from prodimg_lab.store import Journal
from prodimg_lab.store.claims import Order

CALLS_AT_A_TIME = 4
"""Questions that are out at once, where the lab names no concurrency."""

Told = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a judge's pass: `asked` questions were sent, `scored` pictures have its score, `unscored` none.

    `state` is how the run stands after it, `stopped_by` the error that ended the pass early.
    """

    asked: int
    scored: int
    unscored: int
    state: RunState
    stopped_by: ProdimgError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    trial: Trial
    subject: Subject
    key: str


@dataclass
class JudgePass:
    """One pass of a judge over a run. `shortlist` above 0: only the so many best pictures by quality."""

    facts: RunFacts
    card: JudgeCard
    lab: Lab
    context: RunContext
    shortlist: int = 0
    tell: Told = lambda event: None
    scores: dict[int, Score | Unscored] = field(default_factory=dict)

    def run(self, view: RunView) -> Judged:
        """Ask what has no answer yet, and write every answer into journal and index as it comes.

        Raises `StoreError`; a cap, a fatal error of the judge and a wish to stop end the pass and are told.
        """
        self._journal = Journal(self.context.folder)
        try:
            tasks = list(self._open_tasks(view))
            if not tasks:
                return self._judged(view.state, asked=0)
            identity = self.facts.identity
            with paid_calls(self.context, planned=identity["trials"], simulated=identity["simulated"]) as calls:
                asked, error = self._ask_all(tasks, calls)
                if error is not None:
                    calls.state = "interrupted" if isinstance(error, Stopped) else "stopped"
                state = calls.state
            return self._judged(state, asked=asked, error=None if isinstance(error, Stopped) else error)
        finally:
            self._journal.close()

    def _judged(self, state: RunState, *, asked: int, error: ProdimgError | None = None) -> Judged:
        scored = sum(isinstance(each, Score) for each in self.scores.values())
        return Judged(asked=asked, scored=scored, unscored=len(self.scores) - scored, state=state, stopped_by=error)

    def _scorer(self, calls: PaidCalls | None) -> Adherence:
        def ask(text: str, pictures: Sequence[bytes], schema: Mapping[str, object]) -> Mapping[str, Any]:
            assert calls is not None  # only keys are wanted of it then
            return bought(calls, self.card, self.lab, text, pictures, schema)

        return Adherence(judge=self.card.name, ask=ask)

    def _open_tasks(self, view: RunView) -> Iterator[_Task]:
        """The pictures that need a call; what is known already is written down."""
        scorer, cache = self._scorer(None), IndexCache(self.context.index)
        for row in best_rows(view, self.shortlist):
            subject = subject_of(row, self.facts)
            if subject is None:
                continue
            key = score_key(subject.digest, scorer, scorer.reads(subject))
            standing = row.scores.get(ADHERENCE)
            kept = cache.get_many([key]).get(key)
            if kept is not None:
                found = score_from_json(kept)
                self.scores[row.trial.index] = found
                if standing != found:
                    self._write(row.trial, key, found)
            else:
                yield _Task(trial=row.trial, subject=subject, key=key)

    def _write(self, trial: Trial, key: str, found: Score | Unscored) -> None:
        kept = key if isinstance(found, Score) else ""
        write_scores(
            self._journal,
            self.context.index,
            self.context.folder,
            trial,
            keys={ADHERENCE: kept},
            found={ADHERENCE: found},
        )

    def _ask_all(self, tasks: Sequence[_Task], calls: PaidCalls) -> tuple[int, ProdimgError | None]:
        """Ask for all tasks, several at a time; how many ended, and the error that ended it early."""
        places = self.lab.count("concurrency") or CALLS_AT_A_TIME
        begun, done, error = time.monotonic(), 0, None
        scorer = self._scorer(calls)
        with ThreadPoolExecutor(places, thread_name_prefix="judge") as pool, self.context.stop.listening(lambda: None):
            waiting = {pool.submit(scorer.score, [task.subject]): task for task in tasks}
            self._tell(0, len(tasks), begun, calls)
            while waiting:
                ended, _ = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in ended:
                    task = waiting.pop(future)
                    error = self._take(future, task) or error
                    done += 1
                self._tell(done, len(tasks), begun, calls)
                if error is not None or self.context.stop.requested:
                    for future in [each for each in waiting if each.cancel()]:
                        waiting.pop(future)
        return done, error or (Stopped("stopped") if self.context.stop.requested and done < len(tasks) else None)

    def _take(self, future: Future[list[Score | Unscored]], task: _Task) -> ProdimgError | None:
        try:
            found = future.result()[0]
        except ProdimgError as error:
            return error
        self.scores[task.trial.index] = found
        if isinstance(found, Score):
            IndexCache(self.context.index).put_many({task.key: score_to_json(found)})
        self._write(task.trial, task.key, found)
        return None

    def _tell(self, done: int, total: int, begun: float, calls: PaidCalls) -> None:
        real, simulated = calls.money()
        left = (time.monotonic() - begun) / done * (total - done) if done else None
        self.tell(
            Judging(
                run_id=self.context.run_id,
                done=done,
                total=total,
                seconds_left=left,
                cost_micro=real,
                simulated_cost_micro=simulated,
                simulated=self.card.simulated,
            )
        )


def bought(
    calls: PaidCalls, card: JudgeCard, lab: Lab, text: str, pictures: Sequence[bytes], schema: Mapping[str, object]
) -> Mapping[str, Any]:
    """A judge's answer, bought once. Raises as `PaidCalls.buy` does."""
    asked = {"judge": card.name, "text": text, "pictures": [digest_of(each) for each in pictures], "schema": schema}
    fingerprint = digest_of(canonical_json(asked))
    order = Order(
        fingerprint=fingerprint,
        price_micro=card.most_micro(text, len(pictures), schema),
        simulated=card.simulated,
        key=f"judge/{fingerprint[:16]}",
    )

    def send() -> Paid:
        answer = ask_judge(card, lab, text, pictures, schema)
        if answer.emulated and not card.simulated:
            raise FatalForRun(
                f"an emulator answered for {card.model}, though its address is AWS's; see `prodimg doctor`",
                model_id=card.model,
            )
        tokens = {"tokens_in": answer.input_tokens, "tokens_out": answer.output_tokens}
        cost = card.micro(answer.input_tokens, answer.output_tokens)
        return Paid(answer=answer.content, cost_micro=cost, facts={"judge": card.model, **tokens})

    return calls.buy(order, send)


def judged_before(run_id: str, lab: Lab) -> dict[tuple[str, str, int], Score | Unscored]:
    """What a judge said in an earlier run, by variant, block and repeat: a replay asks nobody."""
    folder = find_run(run_id, lab=lab)
    scores = read_scores(folder)
    return {
        place_of(trial): said
        for trial in read_facts(folder).trials
        if (said := scores.get(trial.index, {}).get(ADHERENCE)) is not None
    }


def copy_judgement(
    facts: RunFacts,
    context: RunContext,
    *,
    before: Mapping[tuple[str, str, int], Score | Unscored],
    scores: dict[int, dict[str, Score | Unscored]],
) -> None:
    """Write what was said before of the same trials into the journal of this run and into `scores`."""
    journal = Journal(context.folder)
    try:
        for trial in facts.trials:
            said = before.get(place_of(trial))
            if said is not None and trial.index in scores:
                scores[trial.index] = {**scores[trial.index], ADHERENCE: said}
                keys = {ADHERENCE: ""}
                write_scores(journal, context.index, context.folder, trial, keys=keys, found={ADHERENCE: said})
    finally:
        journal.close()


def place_of(trial: Trial) -> tuple[str, str, int]:
    """What a trial and its like in a rerun share."""
    return trial.variant, trial.block.name, trial.request.repeat
