"""Which picture of a prompt lies nearest to its words? Ranked within the prompt, by the cosine of embeddings.

Cosines of different prompts don't compare, and even within one they are a weak sign of adherence: they are good for
finding the odd one out. So the score is a rank, of pictures of one prompt alone; a prompt with one picture is not sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from math import fsum, sqrt

from prodimg_lab.errors import CorruptObject, ModelError, ProdimgError
from prodimg_lab.experiment.called_later import opened_for_calls, tell_result
from prodimg_lab.experiment.desk import write_scores
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import open_run
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.models.embedders import Embedder, Vector, cut, embedder
from prodimg_lab.records import Score, canonical_json, digest_of
from prodimg_lab.runner import Paid, PaidCalls, paid_calls
from prodimg_lab.store import Journal
from prodimg_lab.store.claims import Order

PROMPT_RANK = "prompt-rank"
CALLS_AT_A_TIME = 8

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
    """What became of it: `ranked` pictures have a score; `stopped_by` is what ended it early, or None."""

    ranked: int
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

    A prompt is ranked when all its pictures have a vector. Raises `UsageError`, `StoreError`.
    """
    with opened_for_calls(folder, budget_usd=options.budget_usd, retry_uncertain=options.retry_uncertain) as (
        facts,
        lab,
        context,
    ):
        model, view = embedder(options.model, lab), open_run(folder)
        prompts = to_embed(view)
        if not prompts:
            return view, Embedded(ranked=0)
        identity = facts.identity
        if model.paid:
            with (
                paid_calls(context, planned=identity["trials"], simulated=identity["simulated"]) as calls,
                context.stop.listening(lambda: None),
            ):
                vectors, error = _vectors(view, prompts, partial(_bought, calls, model), tell)
            tell_result(folder)
        else:
            vectors, error = _vectors(view, prompts, partial(_made, model), tell)
        journal, ranked = Journal(folder.path), 0
        try:
            for prompt, rows in prompts.items():
                for row, score in _ranked(prompt, rows, vectors, model.name).items():
                    trial = view.rows[row].trial
                    keys = {PROMPT_RANK: ""}
                    write_scores(journal, context.index, folder.path, trial, keys=keys, found={PROMPT_RANK: score})
                    ranked += 1
        finally:
            journal.close()
    return open_run(folder), Embedded(ranked=ranked, stopped_by=error)


Embed = Callable[[str, bytes], Vector]
"""Of a text, or of a picture where the text is ""."""


def _made(model: Embedder, text: str, data: bytes) -> Vector:
    return model.text(text) if text else model.picture(data)


def _bought(calls: PaidCalls, model: Embedder, text: str, data: bytes) -> Vector:
    asked = {"embedder": model.name, "text": cut(text), "picture": digest_of(data) if data else ""}
    fingerprint = digest_of(canonical_json(asked))
    price = model.text_micro if text else model.picture_micro
    order = Order(
        fingerprint=fingerprint, price_micro=price, simulated=model.simulated, key=f"embedding/{fingerprint[:16]}"
    )

    def send() -> Paid:
        vector = [round(each, 6) for each in _made(model, text, data)]
        return Paid(answer={"vector": vector}, cost_micro=price, facts={"embedder": model.name})

    vector = calls.buy(order, send)["vector"]
    assert isinstance(vector, list)
    return tuple(float(each) for each in vector)


def _vectors(
    view: RunView, prompts: Mapping[str, Sequence[TrialRow]], embed: Embed, tell: Told
) -> tuple[dict[str, Vector], ProdimgError | None]:
    """Vectors by prompt and by digest, as far as they were made, and what ended it early.

    What one picture is refused for is no end; a picture that the store has lost is left out.
    """
    digests = list(dict.fromkeys(row.outcome.digest for rows in prompts.values() for row in rows))

    def of_picture(digest: str) -> Vector:
        return embed("", view.picture(digest))

    found: dict[str, Vector] = {}
    ended: ProdimgError | None = None
    with ThreadPoolExecutor(CALLS_AT_A_TIME, thread_name_prefix="embed") as pool:
        waiting = {pool.submit(embed, prompt, b""): prompt for prompt in prompts}
        waiting |= {pool.submit(of_picture, digest): digest for digest in digests}
        for done, future in enumerate(as_completed(waiting), 1):
            try:
                found[waiting[future]] = future.result()
            except CorruptObject:
                pass
            except ProdimgError as error:
                if ended is None and _is_an_end(error):
                    ended = error
                    pool.shutdown(wait=False, cancel_futures=True)
                    break
            tell(done, len(waiting))
    return found, ended


def _is_an_end(error: ProdimgError) -> bool:
    from prodimg_lab.errors import FatalForRun

    return isinstance(error, FatalForRun) or not isinstance(error, ModelError)


def _ranked(prompt: str, rows: Sequence[TrialRow], vectors: Mapping[str, Vector], version: str) -> dict[int, Score]:
    """Scores by trial; none where a vector is missing."""
    if prompt not in vectors or any(row.outcome.digest not in vectors for row in rows):
        return {}
    cosines = {row.trial.index: cosine(vectors[prompt], vectors[row.outcome.digest]) for row in rows}
    distinct = sorted(set(cosines.values()), reverse=True)
    made = {}
    for index, value in cosines.items():
        better = sum(other > value for other in cosines.values())
        even = sum(other == value for other in cosines.values())
        place = better + (even + 1) / 2  # ties share the mean of their places
        share = (len(cosines) - place) / (len(cosines) - 1)
        detail = f"number {distinct.index(value) + 1} of the {len(cosines)} pictures of its prompt (cosine {value:.3f})"
        made[index] = Score(
            scorer=PROMPT_RANK, version=version, value=5 * share, raw=place, unit="place", detail=detail
        )
    return made


def cosine(first: Vector, second: Vector) -> float:
    """Of the angle between two vectors, -1..1; 0 where one is empty or zero."""
    length = sqrt(fsum(each * each for each in first)) * sqrt(fsum(each * each for each in second))
    return fsum(one * two for one, two in zip(first, second, strict=True)) / length if length else 0.0
