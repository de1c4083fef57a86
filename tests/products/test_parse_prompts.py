"""A prompt of our own templates says the product's attributes, and never its scenery's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from prodimg_lab.products.parse import parse_subject
from prodimg_lab.products.readers import read_products
from prodimg_lab.prompts import load_library, render
from prodimg_lab.records import Product

ROOT = Path(__file__).parents[2]
READ = ("category", "colour", "material")


@pytest.fixture(scope="module")
def products() -> list[Product]:
    return list(read_products(ROOT / "experiments" / "catalogue" / "products.csv"))


def misread(text: str, product: Product) -> Iterator[tuple[str, str, str]]:
    found = parse_subject(text)
    for name in READ:
        value = found[name].value if name in found else ""
        if value != product.value(name):
            yield name, product.value(name), value


def test_prompts_of_all_templates_are_read_back(products: list[Product]) -> None:
    library = load_library([ROOT / "templates"])
    faults: list[object] = []
    count = 0
    for template in library.templates.values():
        for product in products:
            text = render(template, product, {}, library).text
            wrong = list(misread(text, product))
            faults += [(text, wrong)] if wrong else []
            count += 1
    assert count >= 200
    assert len(faults) <= 0.05 * count, faults[:5]


SCENES = (
    "on a light oak table, golden hour",
    "on a white marble counter, soft window light",
    "on a seamless pastel pink studio sweep",
    "on a seamless matte black studio sweep",
    "on a natural beige linen cloth with soft folds",
    "on a dark walnut tabletop, beside a red ceramic vase",
    "placed in the right third of the frame, in front of a smooth grey gradient studio backdrop",
)


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_gives_the_product_nothing(scene: str) -> None:
    found = parse_subject(f"Professional product photograph of a water bottle, {scene}, 85mm lens")
    assert {name: item.value for name, item in found.items()} == {"category": "water bottle", "subject": "water bottle"}
    dressed = parse_subject(f"Photograph of table lamp, tomato red aluminium, {scene}")
    assert (dressed["colour"].value, dressed["material"].value) == ("tomato red", "aluminium")
