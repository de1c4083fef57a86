"""Runs to report on without drawing any: real requests and prompts with spans, pictures made on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from io import BytesIO
from itertools import product as cross
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from prodimg_lab.experiment.view import RunView, Targets, TrialRow
from prodimg_lab.records import (
    Block,
    Capabilities,
    Found,
    ImageRequest,
    Level,
    Outcome,
    Product,
    Prompt,
    Score,
    Span,
    Trial,
    TrialState,
    Unscored,
    Variant,
    block_seed,
    digest_of,
)
from prodimg_lab.runner import RunState

LIGHTS = {
    "softbox": "even softbox studio lighting with a soft contact shadow",
    "golden-hour": "warm golden hour sunlight with long soft shadows",
}
ANGLES = {"front": "straight-on front view", "three-quarter": "three-quarter view", "top-down": "flat lay from above"}
GOODS = (
    ("amber-bottle", "Orchard & Sage bath oil, 250 ml", "amber", "glass bottle"),
    ("cream-mug", "Northfell stoneware mug", "cream", "ceramic mug"),
    ("steel-tumbler", "Steel tumbler with gold band", "silver", "steel tumbler"),
    ("tea-box", "Lumen herbal night tea, 20 bags", "navy", "paper tea box"),
    ("leather-bag", "Top-handle leather bag", "brown", "leather bag"),
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a fixture run is made of. `ended` trials have an outcome; every `refuse_every`th of them was refused."""

    products: int = 2
    seeds: int = 2
    lightings: Sequence[str] = tuple(LIGHTS)
    angles: Sequence[str] = ("front", "three-quarter")
    plain: bool = True
    ended: int | None = None
    refuse_every: int = 0
    fail_every: int = 0
    cached_every: int = 0
    unscored_every: int = 0
    state: RunState = "done"
    model: str = "studio:sd35"
    source: str = "simulated"
    price_micro: int = 0
    targets: Targets = field(default_factory=lambda: Targets(seconds=10, usd=0.04, quality=3.5, photo_usd=100))
    note: str = "does golden hour pay?"
    prefix: str = "Professional product photograph of "
    sku: str = ""
    wall_seconds: float = 61.5
    picture: Callable[[str], bytes] | None = None
    edge: int = 96
    noise: float = 0.0


def build(plan: Plan) -> RunView:
    """A run made of `plan`."""
    goods = {sku: item for sku, item in _goods(plan)}
    variants = _variants(plan)
    cells = [(v, Block(sku=sku, index=i)) for sku in goods for i in range(plan.seeds) for v in variants]
    trials = [_trial(plan, index, variant, block, goods[block.sku]) for index, (variant, block) in enumerate(cells)]
    ended = len(trials) if plan.ended is None else plan.ended
    rows = tuple(_row(plan, trial, trial.index < ended) for trial in trials)
    capabilities = Capabilities(
        model=plan.model,
        title="Studio, SD 3.5 look" if plan.source == "simulated" else "Stable Image Core",
        source="simulated" if plan.source == "simulated" else "aws",
        price_micro=plan.price_micro,
        price_source="list price of 2026-11-23",
    )
    spent = sum(row.outcome.cost_micro for row in rows)
    return RunView(
        run_id="20261123-081312-4f2a",
        experiment="mug-hero",
        folder=Path("experiments/mug-hero/runs/20261123-081312-4f2a"),
        state=plan.state,
        started_at="2026-11-23T08:13:12Z",
        finished_at="" if plan.state == "running" else "2026-11-23T08:14:14Z",
        note=plan.note,
        simulated=plan.source == "simulated",
        models={plan.model: capabilities},
        products=goods,
        factors={
            "template": ("plain-white", "kitchen-morning") if plan.plain else ("kitchen-morning",),
            "lighting": tuple(plan.lightings),
            "angle": tuple(plan.angles),
        },
        variants=tuple(variants),
        baseline=variants[0].name,
        targets=plan.targets,
        rows=rows,
        wall_seconds=plan.wall_seconds,
        real_cost_micro=spent if plan.source == "aws" else 0,
        simulated_cost_micro=0 if plan.source == "aws" else spent,
        platform={"python": "3.11.7", "renderer": "studio scalar", "cpu": "2 cores, AVX2"},
        picture=plan.picture or cache(lambda digest: draw(digest, plan.edge, plan.noise)),
    )


def draw(digest: str, edge: int, noise: float) -> bytes:
    """A PNG that only `digest` decides: a coloured shape, with noise of that standard deviation."""
    rng = np.random.default_rng(int(digest[:12], 16))
    pixels = np.full((edge, edge, 3), rng.integers(150, 256, 3), dtype=float)
    left, right = edge // 4, 3 * edge // 4
    pixels[left:right, left:right] = rng.integers(0, 200, 3)
    if noise:
        pixels += rng.normal(0, noise, pixels.shape)
    buffer = BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype("uint8")).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def with_row(view: RunView, index: int, **changes: Any) -> RunView:
    """The run with one trial's row changed."""
    rows = tuple(replace(row, **changes) if row.trial.index == index else row for row in view.rows)
    return replace(view, rows=rows)


def _goods(plan: Plan) -> Sequence[tuple[str, Product]]:
    made = []
    for i in range(plan.products):
        sku, title, colour, subject = GOODS[i % len(GOODS)]
        sku = plan.sku if plan.sku and i == 0 else sku if i < len(GOODS) else f"{sku}-{i}"
        found = {
            "colour": Found(value=colour, words=colour, field="title"),
            "subject": Found(value=subject, words=subject, field="title"),
        }
        made.append((sku, Product(sku=sku, title=title, found=found)))
    return made


def _variants(plan: Plan) -> list[Variant]:
    none: Mapping[str, Level] = {"lighting": "none", "angle": "none"}
    plain = [Variant(name="plain-white", template="plain-white", levels=none)] if plan.plain else []
    return plain + [
        Variant(
            name=f"kitchen-morning/{light},{angle}",
            template="kitchen-morning",
            levels={"lighting": light, "angle": angle},
        )
        for light, angle in cross(plan.lightings, plan.angles)
    ]


def _trial(plan: Plan, index: int, variant: Variant, block: Block, item: Product) -> Trial:
    prompt = _prompt(plan, variant, item)
    return Trial(
        index=index,
        variant=variant.name,
        block=block,
        levels={"template": variant.template, **variant.levels},
        prompt=prompt,
        request=ImageRequest(
            model=plan.model,
            source="aws" if plan.source == "aws" else "simulated",
            prompt=prompt.text,
            negative_prompt=prompt.negative,
            seed=block_seed(7, block.sku, block.index),
            aspect_ratio="1:1",
            output_format="png",
        ),
    )


def _prompt(plan: Plan, variant: Variant, item: Product) -> Prompt:
    pieces: list[tuple[str, str, str]] = [
        (plan.prefix, "", ""),
        (item.value("colour"), "product.colour", item.value("colour")),
        (" ", "", ""),
        (item.value("subject"), "product.subject", item.value("subject")),
    ]
    light, angle = str(variant.levels["lighting"]), str(variant.levels["angle"])
    if light == "none":
        pieces.append((", on a seamless pure white background", "", ""))
    else:
        pieces += [(", on a white marble counter in a bright kitchen, ", "", ""), (LIGHTS[light], "lighting", light)]
        pieces += [(", ", "", ""), (ANGLES[angle], "angle", angle)]
    text, spans = "", []
    for words, name, level in pieces:
        if name:
            spans.append(Span(start=len(text), stop=len(text) + len(words), name=name, level=level))
        text += words
    return Prompt(
        text=text,
        negative="text, watermark, clutter",
        template=variant.template,
        template_version="1.0.0",
        levels={name: str(level) for name, level in variant.levels.items()},
        spans=tuple(spans),
    )


def _row(plan: Plan, trial: Trial, has_ended: bool) -> TrialRow:
    def every(step: int) -> bool:
        return bool(step) and trial.index % step == step - 1

    if not has_ended:
        return TrialRow(trial=trial, outcome=Outcome(state=TrialState.PLANNED))
    if every(plan.refuse_every):
        refused = Outcome(
            state=TrialState.REFUSED, cost_micro=plan.price_micro, sends=1, reason="the model's filter: prompt blocked"
        )
        return TrialRow(trial=trial, outcome=refused)
    if every(plan.fail_every):
        failed = Outcome(state=TrialState.FAILED, sends=4, reason="ServiceUnavailable after 4 sends")
        return TrialRow(trial=trial, outcome=failed)
    luck = int(hashlib.sha256(trial.request.fingerprint.encode()).hexdigest()[:6], 16) / 0xFFFFFF
    lift = {"golden-hour": 0.6, "softbox": 0.0}.get(str(trial.levels["lighting"]), 0.3)
    quality = round(min(5.0, 2.9 + lift + 0.9 * luck), 3)
    cached = every(plan.cached_every)
    outcome = Outcome(
        state=TrialState.DONE,
        digest=digest_of(trial.request.fingerprint.encode()),
        output_format="png",
        cached=cached,
        cost_micro=0 if cached else plan.price_micro,
        seconds=0.0 if cached else round(2.0 + 4 * luck, 3),
        sends=0 if cached else 1,
    )
    if every(plan.unscored_every):
        why = "no subject found in the picture"
        scores: dict[str, Score | Unscored] = {"sharpness": Unscored(scorer="sharpness", version="1", reason=why)}
        return TrialRow(trial=trial, outcome=outcome, scores=scores, unscored_reason=f"sharpness: {why}")
    scores = {
        "sharpness": Score(scorer="sharpness", version="1", value=quality, raw=0.31 + luck / 10, unit="Crete blur"),
        "colour": Score(scorer="colour", version="2", value=min(5.0, quality + 0.4), raw=4.2 + luck, unit="CIEDE2000"),
        "white background": Score(
            scorer="white background", version="1", value=5 * luck, raw=luck, unit="share", detail="outer ring"
        ),
    }
    return TrialRow(trial=trial, outcome=outcome, scores=scores, quality=quality)
