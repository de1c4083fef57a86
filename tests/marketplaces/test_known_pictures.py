"""Rules against pictures whose every fault is known; docs/marketplaces.md has the table of the full count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from prodimg_lab.marketplaces import check_picture
from prodimg_lab.scoring.words import words_on
from prodimg_lab.testing.known_pictures import (
    AMAZON_MAIN,
    PRODUCTS,
    WATERMARKS,
    Cutout,
    Known,
    drawn_cutout,
    is_false_alarm,
    is_miss,
    known_pictures,
    on_level,
    studio_cutout,
)
from prodimg_lab.testing.pictures import png
from prodimg_lab.testing.scorers import subject_of

DAY = date(2026, 11, 27)
FEW = (("#d8d8d8", "bottle"), ("#2b2d42", "ball"), ("#c0392b", "mug"))


@pytest.fixture(scope="module")
def cutouts(request: pytest.FixtureRequest) -> list[Cutout]:
    drawn = [drawn_cutout(colour, shape) for colour, shape in FEW]  # type: ignore[arg-type]
    if not request.config.getoption("--soak"):
        return drawn
    pytest.importorskip("mitsuba")
    return [studio_cutout(name) for name in PRODUCTS]


def faults(pictures: Sequence[Known], *, ocr: bool = False) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    told = []
    for known in pictures:
        subject = subject_of(known.data, {})
        found = check_picture(subject, "amazon-main", as_of=DAY, words=words_on(subject) if ocr else None)
        missed, alarmed = is_miss(known.truth, found.outcome, known.kind), is_false_alarm(known.truth, found.outcome)
        counts.update(missed=missed, alarmed=alarmed, untold=found.outcome == "cannot tell")
        if missed or alarmed:
            told.append(f"{known.name}: {known.truth}, got {found.outcome}")
    return counts, told


def test_amazons_rules_are_seldom_too_kind_and_seldom_too_strict(cutouts: list[Cutout]) -> None:
    pictures = list(known_pictures(cutouts))
    counts, told = faults(pictures)
    assert counts["missed"] <= 0.02 * len(pictures), told
    assert counts["alarmed"] <= 0.03 * len(pictures), told
    assert counts["untold"] <= 0.05 * len(pictures), told


def test_a_jpeg_of_a_white_background_is_never_a_failure(cutouts: list[Cutout]) -> None:
    jpegs = [step for step in AMAZON_MAIN if step[0] == "jpeg"]
    outcomes = [
        check_picture(subject_of(known.data, {}), "amazon-main", as_of=DAY).outcome
        for known in known_pictures(cutouts, jpegs)
    ]
    assert set(outcomes) <= {"pass", "fixable"}


def test_watermarks_are_found_by_reading(cutouts: list[Cutout]) -> None:
    pytest.importorskip("rapidocr")
    clean = [step for step in AMAZON_MAIN if step[1] == "fill 0.9"]
    some = cutouts if len(cutouts) > len(FEW) else cutouts[:2]
    counts, told = faults(list(known_pictures(some, [*clean, *WATERMARKS])), ocr=True)
    assert counts["missed"] <= 0.07 * 2 * len(some), told
    assert not counts["alarmed"], told


def test_a_soft_shade_on_the_background_is_no_thing_beside_the_product() -> None:
    picture = on_level(drawn_cutout("#2b2d42", "ball"), fill=0.7).astype(np.float32)
    y, x = np.mgrid[0:1024, 0:1024]
    picture -= 14 * np.exp(-(((x - 1000) / 60) ** 2) - ((y - 500) / 90) ** 2)[..., None]
    shaded = subject_of(png(np.clip(picture, 0, 255).astype(np.uint8)), {})
    rules = {each.rule: each.outcome for each in check_picture(shaded, "amazon-main", as_of=DAY).findings}
    assert rules["extras"] == "pass" and rules["text"] == "pass"
    assert rules["white-background"] != "pass"
