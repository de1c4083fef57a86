"""How well are descriptions read that strangers wrote?

`development/*.jsonl` are sets of 100, each written and labelled by somebody who had seen neither rules nor word
lists; null says the text names none. Each was read unseen once (docs/products.md has those figures), then the rules
were mended: what is asserted here keeps them from getting worse, and says nothing of unseen text.

All are labelled by `development/convention.md`.

A category counts as right when it is the label's canonical one or one step broader or narrower (a shopper
who says `cup` means the mug too); a colour when the phrases are equal or the first colours have the same plain hue
(that is what a shopper means by `green`); a material when the plain material behind both is the same. A value where
the label is null is a false find, nothing where the label is something a miss, and a wrong value is both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from prodimg_lab.products.parse import base_colour, base_material, broader, category_of, colour_hex, parse

SETS = sorted((Path(__file__).parent / "development").glob("*.jsonl"))
ROWS = [json.loads(line) for file in SETS for line in file.read_text("utf-8").splitlines()]


def same_category(label: str, found: str) -> bool:
    wanted = category_of(label) or label.lower()
    return wanted == found or wanted in broader(found)[:1] or found in broader(wanted)[:1]


def same_colour(label: str, found: str) -> bool:
    if label.lower() == found:
        return True
    known = colour_hex(label) is not None and colour_hex(found) is not None
    return known and base_colour(label) == base_colour(found)


def same_material(label: str, found: str) -> bool:
    return base_material(label) == base_material(found)


SAME: Mapping[str, Callable[[str, str], bool]] = {
    "category": same_category,
    "colour": same_colour,
    "material": same_material,
}


def precision_and_recall(rows: Iterable[Mapping[str, str | None]], attribute: str) -> tuple[float, float]:
    """Of what was found how much is right, and of what is labelled how much was found; prints every fault."""
    right = found_count = labelled = 0
    for row in rows:
        read = parse(row["title"] or "", row["description"] or "").get(attribute)
        label = row[attribute]
        found_count += read is not None
        labelled += label is not None
        if label is not None and read is not None and SAME[attribute](label, read.value):
            right += 1
        elif label is not None or read is not None:
            print(f"{attribute}: label {label!r}, read {read and read.value!r}: {row['title']} | {row['description']}")  # noqa: T201
    print(f"{attribute}: {right} right of {found_count} found, {labelled} labelled")  # noqa: T201
    return right / max(found_count, 1), right / max(labelled, 1)


@pytest.mark.parametrize("attribute", SAME)
def test_strangers_descriptions_are_read_rightly(attribute: str) -> None:
    assert len(ROWS) == 1000
    precision, recall = precision_and_recall(ROWS, attribute)
    assert precision >= 0.95
    assert recall >= 0.80


def test_a_wrong_value_counts_against_precision_and_recall() -> None:
    rows = [
        {"title": "Blue Ceramic Mug", "description": "", "category": "mug", "colour": "red", "material": None},
        {"title": "Oak Shelf", "description": "", "category": "shelf", "colour": None, "material": "wood"},
    ]
    assert precision_and_recall(rows, "category") == (1.0, 1.0)
    assert precision_and_recall(rows, "colour") == (0.0, 0.0)
    assert precision_and_recall(rows, "material") == (0.5, 1.0)
