"""What the studio understands of a prompt: every level of every pack, and free wording."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from prodimg_lab.products import CATEGORIES
from prodimg_lab.studio.archetypes import BUILDERS
from prodimg_lab.studio.camera import ANGLES
from prodimg_lab.studio.lights import RIGS
from prodimg_lab.studio.props import MAKERS, SEASONS
from prodimg_lab.studio.reading import archetype_of, read
from prodimg_lab.studio.sets import PLACES
from prodimg_lab.studio.surfaces import TEXTURES
from prodimg_lab.studio.views import VIEWS

ROOT = Path(__file__).parents[2]
PACKS = {"background": "backgrounds", "lighting": "lightings", "angle": "angles", "season": "seasons"}
DRAWN = {"background": PLACES, "lighting": RIGS, "angle": ANGLES, "season": SEASONS}


def pack(kind: str) -> dict[str, dict[str, object]]:
    file = ROOT / "templates" / "styles" / f"{PACKS[kind]}.yaml"
    return YAML(typ="safe", pure=True).load(file.read_text("utf-8"))["levels"]  # type: ignore[no-any-return]


def levels() -> list[tuple[str, str]]:
    return [(kind, level) for kind in PACKS for level in pack(kind)]


@pytest.mark.parametrize(("kind", "level"), levels())
def test_every_level_of_the_packs_is_recognised_and_can_be_drawn(kind: str, level: str) -> None:
    text = pack(kind)[level]["text"]
    reading = read(f"Professional product photograph of coffee mug, forest green stoneware, {text}, sharp focus")
    assert reading.wishes[kind].value == level
    assert level in DRAWN[kind]
    assert set(PACKS) & set(reading.wishes) == {kind}, "it asks for nothing else"


def test_a_place_is_of_the_kind_that_its_level_promises() -> None:
    for level, entry in pack("background").items():
        if "expect" in entry:  # type: ignore[operator]
            assert PLACES[level].expect == entry["expect"]["background"]  # type: ignore[index]


@pytest.mark.parametrize("template", sorted((ROOT / "templates").glob("*.yaml")), ids=lambda file: file.stem)
def test_a_rendered_template_asks_for_just_what_its_slots_say(template: Path) -> None:
    page = YAML(typ="safe", pure=True).load(template.read_text("utf-8"))
    levels = {kind: next(iter(page["slots"][kind])) for kind in PACKS if kind in page["slots"]}
    text = page["prompt"]
    for kind, level in levels.items():
        words = pack(kind)[level]["text"] if level in pack(kind) else level
        text = text.replace(f"{{{{ {kind} }}}}", str(words))
    text = text.replace("{{ product.subject }}", "coffee mug").replace("{{ product.colour }}", "cobalt blue")
    text = text.replace("{{ product.material }}", "stoneware").replace("{{ market }}", "styled for a cosy home")
    wishes = read(text.replace("{{ product.material | default('surface') }}", "stoneware")).wishes
    assert {kind: wishes[kind].value for kind in levels if levels[kind] in pack(kind)} == {
        kind: level for kind, level in levels.items() if level in pack(kind)
    }
    assert wishes["product"].value == "mug"
    assert wishes["colour"].value == "cobalt blue"


@pytest.mark.parametrize(
    ("prompt", "kind", "level"),
    [
        ("a red mug isolated on white, studio light", "background", "white-sweep"),
        ("photo of a mug against a mint green background", "background", "pastel-sweep"),
        ("wooden bowl on a white marble worktop", "background", "marble-counter"),
        ("a wooden bowl, flat lay", "angle", "top-down"),
        ("mug at sunset on the beach", "lighting", "golden-hour"),
        ("backlit bottle on black", "lighting", "rim-light"),
        ("a candle, xmas scene", "season", "christmas"),
        ("macro photo of a watch", "angle", "close-up"),
    ],
)
def test_free_wording_is_understood(prompt: str, kind: str, level: str) -> None:
    assert read(prompt).wishes[kind].value == level


def test_a_products_own_words_ask_for_no_scenery() -> None:
    assert "background" not in read("a linen cushion, beige linen, softbox").wishes
    assert "season" not in read("photo of a spring water bottle, front view").wishes
    assert read("photo of over-ear headphones, softbox").wishes["product"].value == "headphones"


def test_the_brand_is_what_is_quoted_or_capitalised() -> None:
    assert read('photo of a mug "Night Owl" on oak').brand == "Night Owl"
    assert read("photo of a Northfell coffee mug on oak").brand == "Northfell"
    assert read("photo of a blue coffee mug on oak").brand == ""


def test_the_key_of_a_product_is_the_same_in_every_wording() -> None:
    keys = {
        read(text).key
        for text in (
            "Professional product photograph of a sage green stoneware mug, on a light oak table",
            "Studio packshot of mug, sage green stoneware, on a pure white background",
            "photo of an elegant sage green stoneware mug",
        )
    }
    assert len(keys) == 1
    assert read("photo of a navy stoneware mug").key not in keys


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_category_has_an_archetype_or_says_that_it_has_none(category: str) -> None:
    archetype, _, note = archetype_of(category, category)
    assert archetype in BUILDERS or archetype == ""
    assert "drawn as" in note or not note


def test_a_stand_in_says_what_it_stands_for() -> None:
    archetype, _, note = archetype_of("lightweight running shoe", "sneaker")
    assert archetype in BUILDERS
    assert "clothing" in note


def test_every_part_of_a_place_exists() -> None:
    for place in PLACES.values():
        assert place.ground.startswith("#") or place.ground in (*TEXTURES, "gradient")
        assert not place.wall or place.wall.startswith("#") or place.wall in TEXTURES
        assert not place.view or place.view in VIEWS
        assert set(place.props) <= set(MAKERS)
    assert {name for names in SEASONS.values() for name in names} <= set(MAKERS)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_can_be_read(text: str) -> None:
    reading = read(text)
    assert reading.tokens == len(text.split())
    assert all(wish.position >= 0 for wish in reading.wishes.values())
