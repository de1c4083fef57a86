"""Twenty fingerprints that must never change: they are the keys of pictures that people have paid for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from prodimg_lab.models import catalogue
from prodimg_lab.records import ImageRequest

BASE = ImageRequest(
    model="stability.sd3-5-large-v1:0",
    prompt="Professional product photograph of a ceramic mug, soft light",
    negative_prompt="text, watermark",
    seed=7,
    aspect_ratio="1:1",
    output_format="png",
    source="aws",
)


def requests() -> list[ImageRequest]:
    drawn = [card.model for card in catalogue.rows() if card.operations == ("text-to-image",)][:6]
    changed: list[dict[str, object]] = [
        {"seed": 4294967294},
        {"prompt": "Grüße, 漢字, “quotes” \\ \n\t\u007f"},
        {"negative_prompt": None},
        {"aspect_ratio": "16:9"},
        {"output_format": "webp"},
        {"steps": 30, "cfg_scale": 7.0},
        {"cfg_scale": 7.5},
        {"style_preset": "cinematic"},
        {"sampler": "K_EULER"},
        {"width": 1024, "height": 768},
        {"strength": 0.35, "inputs": ("ab" * 32,)},
        {"repeat": 3},
        {"source": "simulated"},
        {"revision": 2},
    ]
    return [replace(BASE, model=model) for model in drawn] + [replace(BASE, **each) for each in changed]  # type: ignore[arg-type]


def test_fingerprints_are_what_they_were(golden: Callable[[str, str], None]) -> None:
    made = [[request.fingerprint, request.fields()] for request in requests()]
    assert len({each[0] for each in made}) == 20
    golden("fingerprints.json", json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
