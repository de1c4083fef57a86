"""How is a judge asked about the pictures of a run, within its caps, each question once?

A judge answers in a session of its own, after all is drawn: the rubric's other scores choose the shortlist first.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from prodimg_lab.errors import FatalForRun, ModelError, ProdimgError
from prodimg_lab.experiment.desk import IndexCache, write_scores
from prodimg_lab.experiment.opening import RunFacts, find_run, read_facts, read_scores
from prodimg_lab.experiment.rescoring import best_rows, subject_of
from prodimg_lab.experiment.trials import place_of
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.lab import Lab
from prodimg_lab.models.judges import JudgeCard, ask_judge
from prodimg_lab.records import Score, Trial, Unscored, canonical_json, digest_of
from prodimg_lab.runner import Event, Judging, Paid, PaidCalls, RunContext, RunState, Stopped, paid_calls
from prodimg_lab.scoring import Subject, score_from_json, score_key, score_to_json
from prodimg_lab.scoring.judge import ADHERENCE, Adherence
from prodimg_lab.scoring.questions import Question, questions_of
from prodimg_lab.scoring.splitting import SCHEMA as SPLIT_SCHEMA
from prodimg_lab.scoring.splitting import split_of, text_of_split
from prodimg_lab.store import Index, Journal
from prodimg_lab.store.claims import Order

CALLS_AT_A_TIME = 4
"""Questions that are out at once, where the lab names no concurrency."""

Told = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a judge's pass: `asked` pictures were asked about now, `scored` have its score, `unscored` not.

    `stopped_by` is what ended the pass early: a cap, a fatal error, `Stopped`; None where it came to its end.
    """

    asked: int
    scored: int
    unscored: int
    stopped_by: ProdimgError | None = None

    @property
    def state(self) -> RunState:
        """What the pass means for a run that asked for it."""
        if self.stopped_by is None:
            return "done"
        return "interrupted" if isinstance(self.stopped_by, Stopped) else "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    row: TrialRow
    key: str


@dataclass
class Splits:
    """What a judge makes of prompts: its questions by prompt, kept in the lab's index. Without any the rules split."""

    card: JudgeCard
    lab: Lab
    index: Index
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def questions(self, prompt: str, asked: Mapping[str, str]) -> tuple[Question, ...]:
        """The questions of a prompt."""
        content = self.known.get(prompt)
        return questions_of(prompt, asked) if content is None else split_of(content, prompt, asked)

    def learn(self, prompts: Sequence[str]) -> list[str]:
        """Take what the lab knows; the prompts that it does not know are left."""
        keys = {self._key(prompt): prompt for prompt in prompts}
        for key, text in self.index.get_scores(list(keys)).items():
            self.known[keys[key]] = json.loads(text)
        return [prompt for prompt in prompts if prompt not in self.known]

    def buy(self, prompts: Sequence[str], calls: PaidCalls) -> ProdimgError | None:
        """Ask the judge, one prompt at a time; what ended it, or None. A prompt that it won't split keeps the rules."""
        for prompt in prompts:
            try:
                content = bought(calls, self.card, self.lab, text_of_split(prompt), [], SPLIT_SCHEMA)
            except ProdimgError as error:
                if isinstance(error, FatalForRun) or not isinstance(error, ModelError):
                    return error
                continue
            self.known[prompt] = content
            self.index.put_scores({self._key(prompt): json.dumps(content)})
        return None

    def _key(self, prompt: str) -> str:
        return f"split/{self.card.name}/{digest_of(canonical_json([prompt, text_of_split(''), dict(SPLIT_SCHEMA)]))}"


def _prompts(rows: Sequence[TrialRow]) -> list[str]:
    return list(dict.fromkeys(prompt for row in rows if (prompt := row.trial.request.prompt)))


@dataclass
class JudgePass:
    """One pass of a judge over a run. `shortlist` above 0: only the so many best pictures by quality.

    `split`: the judge splits each prompt into questions first. `decides`: the run itself asks for the pass, and is not
    done before the judge is.
    """

    facts: RunFacts
    card: JudgeCard
    lab: Lab
    context: RunContext
    shortlist: int = 0
    split: bool = False
    decides: bool = False
    tell: Told = lambda event: None
    scores: dict[int, Score | Unscored] = field(default_factory=dict)

    def run(self, view: RunView) -> Judged:
        """Ask what has no answer yet, and write every answer into journal and index as it comes.

        Raises `StoreError`; a cap, a fatal error of the judge and a wish to stop end the pass and are told.
        """
        self._journal = Journal(self.context.folder)
        try:
            splits = Splits(card=self.card, lab=self.lab, index=self.context.index)
            unsplit = splits.learn(_prompts(best_rows(view, self.shortlist))) if self.split else []
            tasks = [] if unsplit else list(self._open_tasks(view, splits))
            if not tasks and not unsplit:
                return self._judged(asked=0)
            identity = self.facts.identity
            with paid_calls(self.context, planned=identity["trials"], simulated=identity["simulated"]) as calls:
                error = splits.buy(unsplit, calls)
                tasks = tasks or list(self._open_tasks(view, splits))
                judged = self._judged(0, error) if error else self._judged(*self._ask_all(tasks, calls, splits))
                if self.decides and judged.stopped_by is not None:
                    calls.state = judged.state
            return judged
        finally:
            self._journal.close()

    def _judged(self, asked: int, error: ProdimgError | None = None) -> Judged:
        scored = sum(isinstance(each, Score) for each in self.scores.values())
        return Judged(asked=asked, scored=scored, unscored=len(self.scores) - scored, stopped_by=error)

    def _scorer(self, calls: PaidCalls | None, splits: Splits) -> Adherence:
        def ask(text: str, pictures: Sequence[bytes], schema: Mapping[str, object]) -> Mapping[str, Any]:
            assert calls is not None  # only keys are wanted of it then
            return bought(calls, self.card, self.lab, text, pictures, schema)

        return Adherence(judge=self.card.name, ask=ask, split=splits.questions)

    def _open_tasks(self, view: RunView, splits: Splits) -> Iterator[_Task]:
        """The pictures that need a call; what is known already is written down."""
        scorer, cache = self._scorer(None, splits), IndexCache(self.context.index)
        for row in best_rows(view, self.shortlist):
            digest, trial = row.outcome.digest, row.trial
            wanted = Subject(digest=digest, data=b"", request=trial.request, asked=trial.asked)
            key = score_key(digest, scorer, scorer.reads(wanted))
            kept = cache.get_many([key]).get(key)
            if kept is None:
                yield _Task(row=row, key=key)
                continue
            found = score_from_json(kept)
            self.scores[trial.index] = found
            if row.scores.get(ADHERENCE) != found:
                self._write(trial, key, found)

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

    def _ask_all(self, tasks: Sequence[_Task], calls: PaidCalls, splits: Splits) -> tuple[int, ProdimgError | None]:
        """Ask for all tasks, several at a time; how many were answered, and what ended it early."""
        places = self.lab.count("concurrency") or CALLS_AT_A_TIME
        begun, asked, error = time.monotonic(), 0, None
        work = partial(self._answered, self._scorer(calls, splits))
        with ThreadPoolExecutor(places, thread_name_prefix="judge") as pool, self.context.stop.listening(lambda: None):
            waiting = {pool.submit(work, task): task for task in tasks}
            self._tell(0, len(tasks), begun, calls)
            while waiting:
                ended, _ = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in ended:
                    failed = self._take(future, waiting.pop(future))
                    error = failed or error
                    asked += failed is None
                self._tell(asked, len(tasks), begun, calls)
                if error is not None or self.context.stop.requested:
                    for future in [each for each in waiting if each.cancel()]:
                        waiting.pop(future)
        self._tell(asked, len(tasks), begun, calls, is_last=True)
        return asked, error or (Stopped("stopped") if self.context.stop.requested and asked < len(tasks) else None)

    def _answered(self, scorer: Adherence, task: _Task) -> Score | Unscored | None:
        """The answer on one picture, whose bytes are in memory for no longer; None where the store has lost it."""
        subject = subject_of(task.row, self.facts)
        return None if subject is None else scorer.score([subject])[0]

    def _take(self, future: Future[Score | Unscored | None], task: _Task) -> ProdimgError | None:
        try:
            found = future.result()
        except ProdimgError as error:
            return error
        if found is not None:
            self.scores[task.row.trial.index] = found
            if isinstance(found, Score):
                IndexCache(self.context.index).put_many({task.key: score_to_json(found)})
            self._write(task.row.trial, task.key, found)
        return None

    def _tell(self, done: int, total: int, begun: float, calls: PaidCalls, *, is_last: bool = False) -> None:
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
                is_last=is_last,
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
