"""What a product's words say of it: the hand-written table, and what holds for any text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.products.parse import (
    CATEGORIES,
    MATERIALS,
    base_colour,
    base_material,
    broader,
    category_of,
    colour_hex,
    material_of,
    parse,
    parse_subject,
)
from prodimg_lab.records import ATTRIBUTES

DESCRIBED = [
    json.loads(line) for line in Path(__file__).with_name("described.jsonl").read_text("utf-8").splitlines() if line
]
WORDS = (
    *("Mug", "taza", "Becher", "matte", "sage green", "off-white", "with", "for", "mit", "and", "/", "–", "|", ","),
    *("12 oz", "350 ml", "set of 2", "glass", "steel", "leather", "strap", "in", "Colour:", "made", "½", "ﬁ", "İ", "ß"),
    *("e\u0301", "\u0301", "\x00", "'", '"', "(", "NORTHFELL", "by", "18/8", "x", "×", "…", "🎁", "also available"),
)
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))


def values(title: str, description: str = "") -> dict[str, str]:
    return {name: found.value for name, found in parse(title, description).items()}


@pytest.mark.parametrize("row", DESCRIBED, ids=lambda row: row["title"])
def test_a_described_product_reads_as_the_table_says(row: dict[str, object]) -> None:
    expected = row["expect"]
    assert isinstance(expected, dict)
    found = values(str(row["title"]), str(row["description"]))
    assert {name: found.get(name) for name in expected} == expected


def test_the_table_has_at_least_sixty_products() -> None:
    assert len(DESCRIBED) >= 60


@settings(max_examples=150, deadline=None)
@given(texts, texts)
def test_words_stand_in_the_field_they_are_said_to_come_from(title: str, description: str) -> None:
    fields = {"title": title, "description": description}
    for name, found in parse(title, description).items():
        assert name in ATTRIBUTES
        assert found.words and found.words in fields[found.field]
        assert found.value.strip()


@settings(max_examples=80, deadline=None)
@given(texts, st.sampled_from(ATTRIBUTES), texts)
def test_a_given_value_is_never_overridden(title: str, name: str, value: str) -> None:
    found = parse(title, given={name: value}).get(name)
    if value.strip():
        assert found is not None
        assert (found.field, found.words) == ("column", value.strip())


@settings(max_examples=80, deadline=None)
@given(texts)
def test_any_prompt_and_any_name_can_be_asked(text: str) -> None:
    for found in parse_subject(text).values():
        assert found.words in text
    colour = colour_hex(text)
    assert colour is None or len(colour) == 7
    assert category_of(text) is None or category_of(text) in CATEGORIES
    assert material_of(text) is None or material_of(text) in MATERIALS
    assert isinstance(base_colour(text) + base_material(text), str)


def test_given_values_are_canonical() -> None:
    given_values = {"category": "Sneakers", "colour": "Off-White", "material": "full-grain leather", "finish": "Matt"}
    found = parse("Mug", given=given_values)
    assert found["category"].value == "sneaker"
    assert found["colour"].value == "off white"
    assert found["material"].value == "leather"
    assert found["finish"].value == "matte"


def test_the_words_keep_their_case() -> None:
    found = parse("NORTHFELL Stoneware Mug – Sage-Green", "")
    assert found["colour"].words == "Sage-Green"
    assert found["brand"].words == "NORTHFELL"


def test_an_empty_text_says_nothing() -> None:
    assert parse("") == {}
    assert parse_subject("") == {}


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (
            "Professional product photograph of a matte sage green stoneware coffee mug, on a white marble counter, "
            "soft window light, front view",
            {"category": "mug", "colour": "sage green", "material": "stoneware", "subject": "coffee mug"},
        ),
        (
            "photo of coffee mug, sage green stoneware, on white seamless paper",
            {"category": "mug", "colour": "sage green", "material": "stoneware"},
        ),
        (
            "Studio shot of a navy blue leather handbag against a beige wall, golden hour",
            {"category": "handbag", "colour": "navy blue", "material": "leather"},
        ),
        ("A photo of a wine glass, white background", {"category": "wine glass", "material": "glass"}),
        ("a red ceramic vase in a bright kitchen with green plants", {"colour": "red", "category": "vase"}),
    ],
)
def test_a_prompt_is_read_without_its_scenery(prompt: str, expected: dict[str, str]) -> None:
    found = parse_subject(prompt)
    assert {name: found[name].value for name in expected} == expected
    assert "white" not in {item.value for item in found.values()}
    assert {item.field for item in found.values()} == {"title"}


def test_colours_look_as_they_are_named() -> None:
    assert colour_hex("white") == "#ffffff"
    assert colour_hex("cornflowerblue") == "#6495ed"
    assert (
        colour_hex("schwarz") == colour_hex("negro") == colour_hex("noir") == colour_hex("nero") == colour_hex("black")
    )
    assert colour_hex("black and white") == colour_hex("black")
    assert colour_hex("no such colour word") is None


@pytest.mark.parametrize(
    "name", ["rose gold", "off white", "gunmetal", "kraft", "clear", "tortoiseshell", "puke green"]
)
def test_shop_and_survey_names_have_a_colour(name: str) -> None:
    assert colour_hex(name) is not None


def test_dark_and_light_move_a_colour() -> None:
    def brightness(name: str) -> int:
        colour = colour_hex(name)
        assert colour is not None
        return sum(int(colour[i : i + 2], 16) for i in (1, 3, 5))

    assert brightness("dark sage green") < brightness("sage green") < brightness("light sage green")


@pytest.mark.parametrize(
    ("value", "base"), [("sage green", "green"), ("off white", "white"), ("navy", "blue"), ("rose gold", "gold")]
)
def test_a_colour_has_a_plain_hue(value: str, base: str) -> None:
    assert base_colour(value) == base


def test_kinds_belong_to_broader_kinds() -> None:
    assert broader("mug") == ("cup", "drinkware")
    assert broader("no such thing") == ()
    assert base_material("stoneware") == base_material("porcelain") == "ceramic"


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("BEST SELLER! Large Insulated Travel Mug 16oz SKU TM-1604", "large insulated travel mug"),
        ("Men's Leather Chelsea Boots in Dark Brown Suede", "men's chelsea boots"),
        ("Wine Glass Rack, Oak", "wine glass rack"),
        ("Kaffeebecher 350 ml, handgemacht", "coffee mug"),
    ],
)
def test_a_subject_is_a_clean_noun_phrase(title: str, subject: str) -> None:
    assert values(title)["subject"] == subject


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("Mug 12 oz / 350 ml", "350 ml"),
        ("Rug 160x230 cm", "160 x 230 cm"),
        ("Vase 12,5 cm", "12.5 cm"),
        ("Hose 30 in", ""),
    ],
)
def test_sizes_are_normalised(text: str, size: str) -> None:
    assert values(text).get("size", "") == size


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("Set of 2 Mugs", "set of 2"),
        ("Mugs, 4-Pack", "set of 4"),
        ("Gläser 6er-Set", "set of 6"),
        ("Tea 20 bags", "20 bags"),
    ],
)
def test_quantities_are_normalised(text: str, quantity: str) -> None:
    assert values(text)["quantity"] == quantity
