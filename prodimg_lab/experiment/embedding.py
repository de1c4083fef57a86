"""Which picture of a prompt lies nearest to its words? Ranked within the prompt, by the cosine of embeddings.

Cosines of different prompts don't compare, and even within one they are a weak sign of adherence: they are good for
finding the odd one out. So the score is a rank, of pictures of one prompt alone; a prompt with one picture is not sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from math import fsum, sqrt

from prodimg_lab.errors import CorruptObject, FatalForRun, ModelError, ProdimgError, Uncertain, UsageError
from prodimg_lab.experiment.called_later import opened_for_calls, tell_result
from prodimg_lab.experiment.desk import write_scores
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import open_run
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.models.embedders import Embedder, Vector, cut, embedder
from prodimg_lab.records import Score, Unscored, canonical_json, digest_of
from prodimg_lab.runner import Paid, PaidCalls, RunContext, Stop, Stopped, paid_calls
from prodimg_lab.store import Journal
from prodimg_lab.store.claims import Order

PROMPT_RANK = "prompt-rank"
CALLS_AT_A_TIME = 8
NOT_ALL = "not all pictures of its prompt have a vector any more"

Told = Callable[[int, int], None]
"""Called with how many calls are done, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedOptions:
    """How a run is embedded. `model`: the embedder's spec. `budget_usd` takes the place of the run's cap."""

    model: str
    budget_usd: float | None = None
    retry_uncertain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """What became of it: `ranked` pictures of `pictures` have a score now.

    `failed` calls ended without a vector, for `reasons` (each once); `uncertain` of them may have been billed.
    `stopped_by` is what ended it early, or None.
    """

    ranked: int
    pictures: int = 0
    failed: int = 0
    uncertain: int = 0
    reasons: tuple[str, ...] = ()
    stopped_by: ProdimgError | None = None


def to_embed(view: RunView) -> dict[str, list[TrialRow]]:
    """The drawn trials by prompt, of the prompts that have more than one picture."""
    by_prompt: dict[str, list[TrialRow]] = defaultdict(list)
    for row in view.drawn:
        by_prompt[row.trial.request.prompt].append(row)
    return {prompt: rows for prompt, rows in by_prompt.items() if len({row.outcome.digest for row in rows}) > 1}


def most_micro(view: RunView, model: Embedder) -> tuple[int, int]:
    """How many calls would be made, and what they cost at most, in micro-dollars."""
    prompts = to_embed(view)
    pictures = len({row.outcome.digest for rows in prompts.values() for row in rows})
    return pictures + len(prompts), pictures * model.picture_micro + len(prompts) * model.text_micro


def embed_run(
    folder: RunFolder, options: EmbedOptions, *, tell: Told = lambda done, total: None
) -> tuple[RunView, Embedded]:
    """Embed prompts and pictures of a run, each once, and write every picture's rank into its journal.

    A prompt is ranked when all its pictures have a vector; where one has none now, its older ranks become `Unscored`.
    Raises `UsageError` (also for a run that is being drawn), `StoreError`.
    """
    with opened_for_calls(folder, budget_usd=options.budget_usd, retry_uncertain=options.retry_uncertain) as (
        facts,
        lab,
        context,
    ):
        model = embedder(options.model, lab)
        if open_run(folder).state == "running":
            raise UsageError(f"run {folder.run_id} is being drawn; embed it when that has ended")
        with context.stop.listening(lambda: None):
            if not model.paid:
                found = _embed(folder, context, model, None, tell)
            else:
                identity = facts.identity
                with paid_calls(context, planned=identity["trials"], simulated=identity["simulated"]) as calls:
                    try:
                        found = _embed(folder, context, model, calls, tell)
                    finally:
                        tell_result(folder)
    return open_run(folder), found


def _embed(folder: RunFolder, context: RunContext, model: Embedder, calls: PaidCalls | None, tell: Told) -> Embedded:
    """Read the run, under its lock where something is bought, and write down the ranks."""
    view = open_run(folder)
    prompts = to_embed(view)
    made = _Vectors(view=view, model=model, calls=calls, stop=context.stop, tell=tell)
    made.make(prompts)
    journal, ranked = Journal(folder.path), 0
    try:
        for prompt, rows in prompts.items():
            scores = _ranked(rows, prompt, made.found, model.name)
            ranked += len(scores)
            for row in rows:
                score = scores.get(row.trial.index)
                if score is not None or isinstance(row.scores.get(PROMPT_RANK), Score):
                    said = score or Unscored(scorer=PROMPT_RANK, version=model.name, reason=NOT_ALL)
                    keys = {PROMPT_RANK: ""}
                    write_scores(journal, context.index, folder.path, row.trial, keys=keys, found={PROMPT_RANK: said})
    finally:
        journal.close()
    return Embedded(
        ranked=ranked,
        pictures=sum(map(len, prompts.values())),
        failed=len(made.errors),
        uncertain=sum(isinstance(error, Uncertain) for error in made.errors),
        reasons=tuple(dict.fromkeys(str(error) for error in made.errors)),
        stopped_by=made.ended,
    )


@dataclass
class _Vectors:
    """Makes vectors, `found` by prompt and by digest. What was bought before is taken first, and sends nothing."""

    view: RunView
    model: Embedder
    calls: PaidCalls | None
    stop: Stop
    tell: Told
    found: dict[str, Vector] = field(default_factory=dict)
    errors: list[ProdimgError] = field(default_factory=list)
    ended: ProdimgError | None = None
    done: int = 0

    def make(self, prompts: Mapping[str, Sequence[TrialRow]]) -> None:
        """Texts first: pictures of a prompt without a vector are not sent."""
        digests = {row.outcome.digest for rows in prompts.values() for row in rows}
        total = len(prompts) + len(digests)
        self._all(list(prompts), total, is_text=True)
        wanted = [row.outcome.digest for prompt, rows in prompts.items() if prompt in self.found for row in rows]
        self._all(list(dict.fromkeys(wanted)), total, is_text=False)

    def _all(self, names: Sequence[str], total: int, *, is_text: bool) -> None:
        open_ones = []
        for name in names:
            kept = self.calls.kept(self._order(name, is_text=is_text).fingerprint) if self.calls else None
            if kept is None:
                open_ones.append(name)
            else:
                self.found[name] = _vector(kept)
                self.done += 1
        if self.ended is not None:
            return
        with ThreadPoolExecutor(CALLS_AT_A_TIME, thread_name_prefix="embed") as pool:
            waiting = {pool.submit(self._one, name, is_text=is_text): name for name in open_ones}
            while waiting:
                ready, _ = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in ready:
                    self._take(future, waiting.pop(future))
                    self.done += 1
                    self.tell(self.done, total)
                if self.stop.requested and self.ended is None:
                    self.ended = Stopped("stopped before all was sent")
                if self.ended is not None:  # what is in flight is paid: it is waited for
                    for future in [each for each in waiting if each.cancel()]:
                        waiting.pop(future)

    def _take(self, future: Future[Vector], name: str) -> None:
        try:
            self.found[name] = future.result()
        except ProdimgError as error:
            if isinstance(error, FatalForRun) or not isinstance(error, ModelError | CorruptObject):
                self.ended = self.ended or error
            else:
                self.errors.append(error)

    def _one(self, name: str, *, is_text: bool) -> Vector:
        if self.calls is None:
            return self.model.text(name) if is_text else self.model.picture(self.view.picture(name))
        order = self._order(name, is_text=is_text)

        def send() -> Paid:
            made = self.model.text(name) if is_text else self.model.picture(data)
            vector = [round(each, 6) for each in made]
            return Paid(answer={"vector": vector}, cost_micro=order.price_micro, facts={"embedder": self.model.name})

        data = b"" if is_text else self.view.picture(name)
        return _vector(self.calls.buy(order, send))

    def _order(self, name: str, *, is_text: bool) -> Order:
        model = self.model
        asked = {"embedder": model.name, "text": cut(name) if is_text else "", "picture": "" if is_text else name}
        fingerprint = digest_of(canonical_json(asked))
        price = model.text_micro if is_text else model.picture_micro
        key = f"embedding/{fingerprint[:16]}"
        return Order(fingerprint=fingerprint, price_micro=price, simulated=model.simulated, key=key)


def _vector(answer: Mapping[str, object]) -> Vector:
    vector = answer["vector"]
    assert isinstance(vector, list)
    return tuple(float(each) for each in vector)


def _ranked(rows: Sequence[TrialRow], prompt: str, vectors: Mapping[str, Vector], version: str) -> dict[int, Score]:
    """Scores by trial; none where a vector is missing. A picture that several trials drew counts once."""
    digests = list(dict.fromkeys(row.outcome.digest for row in rows))
    if prompt not in vectors or any(digest not in vectors for digest in digests):
        return {}
    cosines = {digest: cosine(vectors[prompt], vectors[digest]) for digest in digests}
    made = {}
    for row in rows:
        value = cosines[row.outcome.digest]
        better = sum(other > value for other in cosines.values())
        even = sum(other == value for other in cosines.values())
        place = better + (even + 1) / 2  # ties share the mean of their places
        share = (len(digests) - place) / (len(digests) - 1)
        detail = f"place {place:g} of the {len(digests)} pictures of its prompt (cosine {value:.3f})"
        made[row.trial.index] = Score(
            scorer=PROMPT_RANK, version=version, value=5 * share, raw=place, unit="place", detail=detail
        )
    return made


def cosine(first: Vector, second: Vector) -> float:
    """Of the angle between two vectors, -1..1; 0 where one is empty or zero."""
    length = sqrt(fsum(each * each for each in first)) * sqrt(fsum(each * each for each in second))
    return fsum(one * two for one, two in zip(first, second, strict=True)) / length if length else 0.0
