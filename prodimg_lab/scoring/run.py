"""How are many pictures scored, each score once?

A score is kept as JSON text under a key made of the picture's digest, the scorer, its version and a hash of whatever
else it read. A worker process gets `score_one`, which needs nothing but bytes and names and keeps nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from prodimg_lab.records import EMPTY, ImageRequest, Score, Unscored, canonical_json, digest_of
from prodimg_lab.scoring._base import Scorer, Subject
from prodimg_lab.scoring.registry import scorers as registered

Scores = dict[str, Score | Unscored]

BATCH = 32
"""Pictures whose decoded pixels are in memory at once: 32 of 1024² take about 200 MB."""


class ScoreCache(Protocol):
    """Text by key, kept between runs. A key that is not there is left out of the answer."""

    def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        """The kept texts of `keys`, by key."""
        ...

    def put_many(self, items: Mapping[str, str]) -> None:
        """Keep every text under its key; an existing one is overwritten."""
        ...


def score_to_json(score: Score | Unscored) -> str:
    """One line of JSON that `score_from_json` reads back equal, to the last bit of every number."""
    shared = {"scorer": score.scorer, "version": score.version}
    if isinstance(score, Unscored):
        return json.dumps({**shared, "reason": score.reason})
    rest = {"value": score.value, "raw": score.raw, "unit": score.unit, "detail": score.detail}
    return json.dumps({**shared, **rest}, allow_nan=False)


def score_from_json(text: str) -> Score | Unscored:
    """The inverse of `score_to_json`. Raises ValueError for anything else."""
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError(f"{text[:60]!r} is not a score")
    try:
        if "reason" in fields:
            return Unscored(**fields)
        return Score(**{**fields, "value": float(fields["value"]), "raw": float(fields["raw"])})
    except (KeyError, TypeError) as error:
        raise ValueError(f"{text[:60]!r} is not a score: {error}") from error


def score_key(digest: str, scorer: Scorer, reads: Mapping[str, str]) -> str:
    """The cache key: `digest/name@version/SHA-256 of the canonical JSON of reads`."""
    return f"{digest}/{scorer.name}@{scorer.version}/{digest_of(canonical_json(reads))}"


def score_keys(
    digest: str,
    scorers: Sequence[Scorer],
    *,
    asked: Mapping[str, str] = EMPTY,
    request: ImageRequest | None = None,
    as_of: str = "",
) -> dict[str, str]:
    """The cache key of every scorer for one picture, by the scorer's name; needs no bytes."""
    return _keys(Subject(digest=digest, data=b"", request=request, asked=asked, as_of=as_of), scorers)


def _keys(subject: Subject, scorers: Sequence[Scorer]) -> dict[str, str]:
    return {scorer.name: score_key(subject.digest, scorer, scorer.reads(subject)) for scorer in scorers}


def is_kept(scorer: Scorer, score: Score | Unscored) -> bool:
    """Whether an answer may be cached: every score; an `Unscored` only where trying again can change nothing."""
    return isinstance(score, Score) or scorer.card.cost == "free"


def score_pictures(
    subjects: Sequence[Subject], scorers: Sequence[Scorer], *, cache: ScoreCache | None = None
) -> list[Scores]:
    """Every scorer's answer on every subject, by scorer name, in the order of `subjects`.

    What the cache has is taken from it, and a picture is decoded only when some scorer still has to look at it. Goes in
    batches of `BATCH`: decoded pictures are dropped and new scores kept after each.
    """
    results: list[Scores] = []
    for start in range(0, len(subjects), BATCH):
        # copies: what a subject measures is kept in it, and the caller may hold thousands of subjects
        batch = [each if "measures" in vars(each) else replace(each) for each in subjects[start : start + BATCH]]
        results += _batch(batch, scorers, cache)
    return results


def _batch(subjects: Sequence[Subject], scorers: Sequence[Scorer], cache: ScoreCache | None) -> list[Scores]:
    keys = [_keys(each, scorers) for each in subjects]
    kept = cache.get_many(list(dict.fromkeys(key for row in keys for key in row.values()))) if cache is not None else {}
    found: list[Scores] = [
        {name: score_from_json(kept[key]) for name, key in row.items() if key in kept} for row in keys
    ]
    fresh: dict[str, str] = {}
    for scorer in scorers:
        missing = [at for at, scores in enumerate(found) if scorer.name not in scores]
        if not missing:
            continue
        for at, score in zip(missing, scorer.score([subjects[at] for at in missing]), strict=True):
            found[at][scorer.name] = score
            if is_kept(scorer, score):
                fresh[keys[at][scorer.name]] = score_to_json(score)
    if cache is not None and fresh:
        cache.put_many(fresh)
    return [{scorer.name: scores[scorer.name] for scorer in scorers} for scores in found]


def score_one(
    data: bytes,
    digest: str,
    asked: Mapping[str, str],
    scorer_names: Sequence[str],
    as_of: str = "",
    request: ImageRequest | None = None,
) -> Scores:
    """Score one picture with scorers of this package: for worker processes, whose OpenCV it sets to one thread."""
    import cv2

    wanted = registered(scorer_names)
    cv2.setNumThreads(1)
    return score_pictures([Subject(digest=digest, data=data, request=request, asked=asked, as_of=as_of)], wanted)[0]
