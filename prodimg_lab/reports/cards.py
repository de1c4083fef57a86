"""How is one trial shown: as a tile, as a card, and as the facts behind its dialog?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prodimg_lab.experiment.figures import dollars, seconds_text
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.records import Prompt, Score, Unscored
from prodimg_lab.reports.spans import PRODUCT, Segment, legend, segments
from prodimg_lab.reports.thumbnails import Thumbnail
from prodimg_lab.scoring.rubric import Part

COLOURS = 10
"""Colours for marks; further names begin again at the first."""

ALT_LIMIT = 400
"""Characters of the prompt in a picture's alternative text; its dialog has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A name in the legend and the class that colours it."""

    name: str
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """One scorer's word: `percent` of 5 for the bar, None when unscored; `figure`, `raw` and `detail` are text.

    `weight` is its weight in the rubric, "" for none.
    """

    name: str
    percent: float | None
    figure: str
    raw: str
    detail: str
    weight: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One trial on the page. `row_id` is its place in the plan; `problem` says why there is no picture."""

    row_id: int
    state: str
    alt: str
    variant: str
    block: str
    quality: str
    percent: float
    kept: bool
    thumbnail: Thumbnail | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One of the best or worst pictures with its prompt and scores; `how` says how its quality came about."""

    tile: Tile
    prompt: tuple[Segment, ...]
    negative: str
    scores: tuple[ScoreLine, ...]
    facts: str
    how: str


def marks(view: RunView, rows: Sequence[TrialRow]) -> tuple[Mark, ...]:
    """The legend of the prompts of `rows`: a colour for each factor and slot, one common mark for the product."""
    prompts = {id(row.trial.prompt): row.trial.prompt for row in rows}
    names = legend(view.factors, prompts.values())
    return tuple(
        Mark(name=name, style="mp" if name == PRODUCT else f"m{place % COLOURS}") for place, name in enumerate(names)
    )


def tile(row: TrialRow, thumbnail: Thumbnail | None, *, kept: bool) -> Tile:
    """The tile of a trial; without a picture it says why."""
    prompt = row.trial.prompt.text
    outcome = row.outcome
    problem = thumbnail.problem if thumbnail else outcome.reason or f"{outcome.state.value}, no reason given"
    return Tile(
        row_id=row.trial.index,
        state=outcome.state.value,
        alt=prompt if len(prompt) <= ALT_LIMIT else f"{prompt[: ALT_LIMIT - 1]}…",
        variant=row.trial.variant,
        block=row.trial.block.name,
        quality="" if row.quality is None else f"{row.quality:.2f}",
        percent=0.0 if row.quality is None else 20 * row.quality,
        kept=kept,
        thumbnail=thumbnail if thumbnail and not thumbnail.problem else None,
        problem=problem,
    )


def card(row: TrialRow, shown: Tile) -> Card:
    """The card of a drawn picture."""
    outcome = row.outcome
    seconds = "from the store" if outcome.cached else seconds_text(outcome.seconds)
    return Card(
        tile=shown,
        prompt=segments(row.trial.prompt),
        negative=row.trial.prompt.negative,
        scores=score_lines(row),
        how=quality_text(row),
        facts=f"seed {row.trial.request.seed} · {seconds} · {dollars(outcome.cost_micro / 1_000_000)}",
    )


def score_lines(row: TrialRow) -> tuple[ScoreLine, ...]:
    """The scores of a trial in the scorers' order."""
    parts = {part.name: part for part in row.parts}
    return tuple(_score_line(name, score, parts.get(name)) for name, score in row.scores.items())


def quality_text(row: TrialRow) -> str:
    """How the quality of a picture came about, in one sentence; "" before it was scored."""
    if not row.parts:
        return ""
    if row.quality is None:
        return f"no quality: {row.unscored_reason}"
    if row.failed_gates:
        return f"quality 0: it does not pass {', '.join(row.failed_gates)}"
    counted = [part for part in row.parts if part.value is not None]
    whole, done = sum(part.weight for part in row.parts), sum(part.weight for part in counted)
    cost = sorted(((5 - (part.value or 0)) * part.weight / done, part.name) for part in counted)
    dearest = [f"{name} −{lost:.2f}" for lost, name in reversed(cost) if lost >= 0.005][:3]
    lost = f"; 5 less {', '.join(dearest)}{' and smaller ones' if len(dearest) == 3 else ''}" if dearest else ""
    left_out = [part.name for part in row.parts if part.value is None]
    missing = f"; without {', '.join(left_out)} ({whole - done:g} of {whole:g} of the weight)" if left_out else ""
    return f"weighted mean of {len(counted)} scores{lost}{missing}"


def page_data(view: RunView, rows: Sequence[TrialRow], names: Sequence[Mark]) -> dict[str, object]:
    """What the script of the page needs of `rows`: plain JSON, every prompt once, places instead of repeated names."""
    place = {mark.name: i for i, mark in enumerate(names)}
    prompts: dict[tuple[object, ...], int] = {}
    made: list[dict[str, object]] = []
    listed: list[dict[str, object]] = []
    for row in rows:
        prompt = row.trial.prompt
        key = (prompt.text, prompt.negative, prompt.spans)
        if key not in prompts:
            prompts[key] = len(listed)
            listed.append(_prompt_data(prompt, place))
        made.append(_row_data(view, row, prompts[key]))
    return {
        "marks": [{"name": mark.name, "style": mark.style} for mark in names],
        "factors": list(view.factors),
        "prompts": listed,
        "rows": made,
    }


def _prompt_data(prompt: Prompt, place: Mapping[str, int]) -> dict[str, object]:
    cut = [
        [part.text, place[part.mark], part.name, part.level] if part.name else [part.text] for part in segments(prompt)
    ]
    return {"cut": cut, "negative": prompt.negative}


def _row_data(view: RunView, row: TrialRow, prompt: int) -> dict[str, object]:
    trial, outcome = row.trial, row.outcome
    product = view.products.get(trial.block.sku)
    fields = trial.request.fields()
    return {
        "id": trial.index,
        "variant": trial.variant,
        "sku": trial.block.sku,
        "title": product.title if product else "",
        "block": trial.block.name,
        "levels": {name: str(level) for name, level in trial.levels.items()},
        "state": outcome.state.value,
        "reason": outcome.reason,
        "quality": row.quality,
        "unscored": row.unscored_reason,
        "how": quality_text(row),
        "scores": [
            [each.name, each.percent, each.figure, each.raw, each.detail, each.weight] for each in score_lines(row)
        ],
        "prompt": prompt,
        "request": {name: value for name, value in fields.items() if name not in ("prompt", "negative_prompt")},
        "fingerprint": trial.request.fingerprint,
        "digest": outcome.digest,
        "seconds": outcome.seconds,
        "time": "from the store" if outcome.cached else seconds_text(outcome.seconds),
        "cost": dollars(outcome.cost_micro / 1_000_000),
    }


def _score_line(name: str, score: Score | Unscored, part: Part | None) -> ScoreLine:
    weight = f"{part.weight:g}" if part else ""
    if isinstance(score, Unscored):
        return ScoreLine(name=name, percent=None, figure="–", raw="not scored", detail=score.reason, weight=weight)
    value = part.value if part and part.value is not None else score.value  # by the rubric's own scale, if it has one
    return ScoreLine(
        name=name,
        percent=20 * value,
        figure=f"{value:.2f}",
        raw=f"{score.raw:.4g} {score.unit}".strip(),
        detail=score.detail,
        weight=weight,
    )
