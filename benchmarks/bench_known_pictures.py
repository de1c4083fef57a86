"""Does each score follow its fault, and how often do Amazon's rules err? On pictures whose every fault is known.

Writes benchmarks/results/known_pictures.json; docs/marketplaces.md and docs/scoring.md show the tables. Draws 32
products at 1024 px first, some three minutes.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from scipy.stats import spearmanr

from prodimg_lab.marketplaces import check_picture
from prodimg_lab.records import Score
from prodimg_lab.scoring import scorers
from prodimg_lab.scoring.words import words_on
from prodimg_lab.testing.known_pictures import (
    AMAZON_MAIN,
    PRODUCTS,
    UNSEEN,
    WATERMARKS,
    Cutout,
    is_false_alarm,
    is_miss,
    known_pictures,
    on_level,
    studio_cutout,
)
from prodimg_lab.testing.ladders import LADDERS, photographs
from prodimg_lab.testing.pictures import Picture, png
from prodimg_lab.testing.scorers import subject_of

DAY = date(2026, 11, 27)


def followed(pictures: Sequence[tuple[str, Picture]]) -> dict[str, dict[str, float]]:
    """By fault: mean Spearman of level and raw value, and how many pictures fall at the first step."""
    table = {}
    for fault, ladder in LADDERS.items():
        (scorer,) = scorers([ladder.scorer])
        rhos, first, up = [], 0, 0
        for _, picture in pictures:
            answers = scorer.score([subject_of(png(ladder.worsen(picture, level)), {}) for level in ladder.levels])
            found = [answer for answer in answers if isinstance(answer, Score)]
            if len(found) < len(answers):
                continue
            rises = ladder.scorer in ("sharpness", "noise", "blockiness", "colourfulness")
            raws = [answer.raw if rises else -answer.raw for answer in found]
            rhos.append(float(spearmanr(range(len(raws)), raws).statistic))
            first += raws[1] > raws[0]
            up += any(b.value > a.value + 1e-9 for a, b in pairwise(found))
        table[fault] = {
            "scorer": ladder.scorer,
            "pictures": len(rhos),
            "spearman": round(statistics.fmean(rhos), 3),
            "least": round(min(rhos), 3),
            "first_step": first,
            "value_rose": up,
        }
    return table


def erred(cutouts: Sequence[Cutout], steps: Any, *, ocr: bool = False) -> dict[str, dict[str, int]]:
    """By kind of fault: pictures, misses, false alarms, cannot tell."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for known in known_pictures(cutouts, steps):
        subject = subject_of(known.data, {})
        outcome = check_picture(subject, "amazon-main", as_of=DAY, words=words_on(subject) if ocr else None).outcome
        missed, alarmed = is_miss(known.truth, outcome, known.kind), is_false_alarm(known.truth, outcome)
        table[known.kind].update(pictures=1, missed=missed, alarmed=alarmed, untold=outcome == "cannot tell")
    table["all"] = sum(table.values(), Counter())
    keys = ("pictures", "missed", "alarmed", "untold")
    return {kind: {key: counts[key] for key in keys} for kind, counts in table.items()}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=16, help="of each set")
    parser.add_argument("--watermarks", type=int, default=16, help="products for the marks that only OCR finds")
    given = parser.parse_args()
    shaped = [studio_cutout(name) for name in list(PRODUCTS)[: given.products]]
    unseen = [studio_cutout(name, seed=29) for name in list(UNSEEN)[: given.products]]
    clean = [step for step in AMAZON_MAIN if step[1] == "fill 0.9"]
    result = {
        "ladders": {
            "photographs": followed(list(photographs())),
            "products": followed([(each.name, on_level(each)) for each in [*shaped, *unseen]]),
        },
        "amazon_main": {"shaped_on": erred(shaped, AMAZON_MAIN), "unseen": erred(unseen, AMAZON_MAIN)},
        "with_ocr": erred(unseen[: given.watermarks], [*clean, *WATERMARKS], ocr=True),
        "targets": {"spearman": 0.95, "missed": 0.02, "alarmed": 0.03, "untold": 0.05},
    }
    file = Path(__file__).parent / "results" / "known_pictures.json"
    file.write_text(json.dumps(result, indent=2) + "\n")
    print(file.read_text())


if __name__ == "__main__":
    main()
