"""Which words are the product's, and which its parts', its packaging's, its scent's?"""

from __future__ import annotations

import pytest

from prodimg_lab.products.parse import category_of, parse

ROWS: list[tuple[str, str, dict[str, str | None]]] = [
    # the main part stands for the product
    ("Field Watch", "Titanium case, khaki green dial, nylon strap.", {"material": "titanium", "colour": "khaki green"}),
    ("Chunky Lamp", "Turned oak base with a pleated linen shade.", {"material": "oak"}),
    ("Running Shoe", "Breathable mesh upper, rubber sole.", {"material": "mesh"}),
    ("Round Sunglasses", "Acetate frame, glass lenses.", {"material": "acetate"}),
    ("Gafas de sol", "Montura de acetato, lentes de vidrio.", {"material": "acetate"}),
    ("Couteau de chef", "Lame en acier inoxydable, manche en olivier.", {"material": "stainless steel"}),
    ("A5 Notebook, Terracotta Linen Cover", "Thick ivory paper.", {"material": "linen", "colour": "terracotta"}),
    ("Mirror with Brass Frame", "Silvered glass.", {"material": "brass"}),
    ("Portable Speaker", "The speaker is wrapped in polyester, teal with a grey fleck.", {"colour": "teal"}),
    # packaged goods look like their container
    ("Heather Honey", "In a clear glass jar with a gold lid.", {"colour": "clear", "material": "glass"}),
    ("Sencha Tea 80 g in Red Tin", "", {"category": "tea", "colour": "red", "material": "tin"}),
    ("Eau de Parfum", "In a midnight blue glass bottle, walnut cap.", {"colour": "midnight blue", "material": "glass"}),
    ("Chilli Hot Sauce", "Red peppers smoked over beech.", {"material": None, "colour": None}),
    ("Bougie figuier", "Cire de soja, pot en verre.", {"material": "glass"}),
    ("Duftkerze im Glas", "Aus Rapswachs mit Baumwolldocht.", {"material": "glass"}),
    ("Pillar Candle", "Rapeseed wax with a cotton wick. In a kraft box.", {"material": "rapeseed wax"}),
    # what the paper around it is like says nothing of the thing
    ("Dark Chocolate Bar", "Wrapped in cobalt blue paper.", {"material": None, "colour": None}),
    ("Goat Milk Soap", "Wrapped in brown paper and tied with twine.", {"material": None, "colour": None}),
    # `in` and `and` make a colour of what is a thing elsewhere
    ("Bunny Soft Toy", "Crocheted in cream cotton yarn.", {"material": "cotton", "colour": "cream"}),
    ("Picnic Blanket", "Checked in red and cream.", {"colour": "red and cream"}),
    ("Casserole", "Enamelled inside and out in cherry red, it goes from hob to table.", {"colour": "cherry red"}),
    ("Foulard", "Fond rose poudré parsemé de fleurs.", {"colour": "powder pink"}),
    ("Seat Pad", "In cream or grey.", {"colour": None}),
    ("Pocket Umbrella", "A canopy in navy and a beech handle.", {"colour": "navy", "material": None}),
    # what a throw is for ends before what it is of; `con` names what it is woven with
    ("Manta para sofá de lana gris perla", "", {"material": "wool", "colour": "pearl grey"}),
    ("Manta", "Tejida en Palencia con lana virgen.", {"material": "wool"}),
    ("Jigsaw Puzzle", "Red maples and grey roofs.", {"material": None, "colour": None}),
    ("Oxford Shirt", "Woven from cotton oxford with a button-down collar.", {"material": "cotton"}),
    ("Candle in Concrete, Fig Leaf", "The wax is soy.", {"material": "soy wax", "colour": None}),
    ("Black Fig + Vetiver Candle", "", {"colour": None}),
    # a bare stuff is a colour only where the thing is of something else
    ("Pillar Candle, Terracotta", "Rapeseed wax.", {"colour": "terracotta"}),
    ("Bud Vase, Terracotta", "", {"colour": None}),
    ("Ring", "Rose gold plated stainless steel.", {"material": "stainless steel"}),
    ("Tumbler", "The tumbler is brushed stainless steel inside and out.", {"material": "stainless steel"}),
    # titles that list search words
    ("Chef's Knife 8 inch Damascus Kitchen Knife Sharp Black Pakkawood Handle Gift Box", "", {"category": "knife"}),
    ("LED Desk Lamp Dimmable Office Reading USB Port Touch Control Memory Timer", "", {"category": "lamp"}),
    ("Phone Car Magnetic Holder Dashboard Mount Strong Universal Black", "", {"category": "holder"}),
    ("Raw Honey 340 g Jar", "", {"category": "food"}),
    ("Knit Throw 130x170 Mustard", "", {"category": "blanket", "colour": "mustard"}),
]  # fmt: skip


@pytest.mark.parametrize(("title", "description", "expected"), ROWS, ids=lambda value: str(value)[:40])
def test_words_belong_to_the_product(title: str, description: str, expected: dict[str, str | None]) -> None:
    found = parse(title, description)
    assert {name: found[name].value if name in found else None for name in expected} == expected


@pytest.mark.parametrize(
    ("title", "description", "subject"),
    [
        ("Oat Hand Cream, 75 ml Tube", "", "hand cream in a tube"),
        ("Market Day Tote Bag", "The Market Day tote is sewn by hand.", "tote bag"),
        ("Bramble & Bay Sparkling Water", "A leaf of bay.", "sparkling water"),
        ("Waypoint Roll-Top Backpack 22 L", "", "roll-top backpack"),
        ("The Marlow Structured Handbag", "The Marlow is cut from leather.", "structured handbag"),
    ],
)
def test_a_subject_has_no_fragment_of_a_series_name(title: str, description: str, subject: str) -> None:
    assert parse(title, description)["subject"].value == subject


def test_the_given_container_is_the_head_of_the_subject() -> None:
    found = parse("Calendula Hand Cream, 75 ml Tube", "In an aluminium tube.", {"category": "Tube"})
    assert found["subject"].value == "hand cream tube"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("Fits a 13-inch laptop. 34 x 26 x 12 cm.", "34 x 26 x 12 cm"),
        ("Water resistant to 50 m. Case 38 mm.", "38 mm"),
        ("USB-C and 3.5 mm jack.", None),
    ],
)
def test_a_size_is_the_products_own(text: str, size: str | None) -> None:
    found = parse("Bag", text)
    assert (found["size"].value if "size" in found else None) == size


def test_a_shop_rubric_is_no_category() -> None:
    assert category_of("Sale Items") is None
    assert category_of("sale marino") == category_of("Honey") == "food"


@pytest.mark.parametrize(
    ("title", "description", "name", "value"),
    [
        ("Die-Cast Vintage Racer 1:32", "Pull it back and watch it go!", "category", None),
        ("Woven Pendant Light Shade", "", "category", "lamp shade"),
        ('Nail Polish "Lagoon" 10 ml – Teal', "", "colour", "teal"),
        ("Cork Yoga Mat 4mm Natural Non-Slip Eco", "", "colour", None),
        ("Basket, Natural", "", "colour", "natural"),
        ("Retro Bluetooth Speaker", "A hand-finished walnut cabinet houses two drivers.", "colour", None),
        ("Pendientes de aro en plata de ley", "Se entregan en una cajita azul con lazo.", "colour", None),
        ("Signet Ring – 9ct Solid Gold", "", "colour", None),
        ("Loose Leaf Tea Caddy 125g", "", "category", "tea"),
        ("Kids Rain Boots Dinosaur Print", "", "category", "boot"),
        ("Bread Bin Roll Top", "", "category", "bread box"),
        ("Burgundy Wine Glasses, Set of 4", "", "colour", None),
        ("Bud Vase No. 3", "Dipped in an oatmeal glaze that stops short of the base.", "colour", "oatmeal"),
        ("Cork Yoga Mat", "Comes along: carry bag in the colour ecru.", "colour", None),
        ("Water Bottle 1 L", "Made from BPA-free Tritan plastic.", "material", "tritan"),
        ("Yoga Mat", "TPE grips the floor. Free from latex and PVC.", "material", "rubber"),
        ("Bud Vase", "Turned on the wheel in speckled stoneware.", "material", "stoneware"),
        ("Beanie", "Knitted from a soft acrylic yarn.", "material", "acrylic"),
        ("Velvet Cushion Cover", "Plush polyester velvet with a hidden zip.", "material", "polyester"),
        ("Power Bank", "Tough aluminium shell, with a fabric loop.", "material", "aluminium"),
    ],
)
def test_words_are_taken_for_what_they_mean_there(title: str, description: str, name: str, value: str | None) -> None:
    found = parse(title, description).get(name)
    assert (found and found.value) == value


@pytest.mark.parametrize(
    ("title", "description", "material"),
    [
        # a family's word in the title gives way to the stuff that the description names
        ("Wall Mirror, Black Metal Frame", "Slim black aluminium frame, shatterproof backing.", "aluminium"),
        ("Wicker Basket", "Hand-woven water hyacinth over a metal frame.", "seagrass"),
        ("Metal Shelf", "Comes with oak pegs.", "metal"),
        ("Terrazzo Coaster", "Each coaster is cast in Jesmonite.", "plaster"),
        ("Plush Bear", "Made from recycled polyester inside and out.", "polyester"),
        # what lines, coats or guards it is not what it is made of
        ("Travel Mug", "Ceramic-lined, double-walled stainless steel with a push lid.", "stainless steel"),
        ("Bluetooth Speaker", "Rugged silicone bumpers protect against drops.", None),
        ("Silicone-Coated Whisk", "", None),
        # the largest share
        ("Swaddle", "Woven from a breathable blend of 30% organic cotton and 70% bamboo.", "bamboo"),
        ("Scarf", "Woven from 60% wool and 40% nylon.", "wool"),
        ("Shirt", "Outer 60% linen, 40% cotton. Lining 100% polyester.", "linen"),
        # under the plating
        ("Hoop Earrings, 18k Gold Plated", "Recycled brass with a thick layer of 18k gold plating.", "brass"),
        ("Hoop Earrings, 18k Gold Plated", "Keep them in their brass box.", "gold plated"),
        # words between `made of` and the stuff
        ("Ring - Solid 9ct Gold", "", "gold"),
        ("Ring", "Cast in solid recycled 9ct gold.", "gold"),
        ("Rusty the Fox Soft Toy", "Made with extra-soft recycled polyester plush.", "polyester"),
        ("Tote Bag", "Made with love in our leather workshop.", None),
        ("Tennis Racket", "Its full graphite construction gives power.", "carbon fibre"),
        ("Rucksack", "Der Rucksack ist aus robuster, gewachster Baumwolle.", "cotton"),
        ("Rucksack", "Mit einem Karabiner aus massivem Messing.", None),
        # main parts
        ("Cold Brew Coffee Maker", "Sturdy smoke grey Tritan pitcher with a lid.", "tritan"),
        ("Roller Skates", "High-top skates with vegan leather uppers.", "faux leather"),
        ("Adjustable Dumbbell", "Black steel plates, anti-slip grip.", "steel"),
        ("Knit Throw", "Big soft cable knit in 100% cotton.", "cotton"),
    ],
)
def test_the_main_stuff_is_told_from_what_only_stands_near(title: str, description: str, material: str | None) -> None:
    found = parse(title, description).get("material")
    assert (found and found.value) == material
