"""How shops say in passing which variant is sold, and which words near it are a print's, a list's or a treatment's."""

from __future__ import annotations

import pytest

from prodimg_lab.products.parse import parse


def read(title: str, description: str, name: str) -> str | None:
    found = parse(title, description).get(name)
    return found and found.value


@pytest.mark.parametrize(
    ("title", "description", "colour"),
    [
        # the variant has a phrase of its own
        ("Portable Speaker", "Also made in white, this listing is for Slate Blue.", "slate blue"),
        ("Desk Fan", "Five colours to choose from; you're looking at Sunset Orange.", "sunset orange"),
        ("Adirondack Chair", "Recycled plastic. Shown in lagoon.", "lagoon"),
        ("Trench Coat", "Water-repellent cotton, the colour of wet sand.", "sand"),
        ("Pillowcase", "Pure mulberry silk; champagne colourway.", "champagne"),
        ("Jute Rug", "Braided by hand and left a warm honey shade.", "warm honey"),
        ("Water Bottle", "Double-walled steel with a powder coating in coral and a bamboo lid.", "coral"),
        ("Sofa Bed", "The navy hides a lot, biscuit crumbs included.", "navy"),
        # a sentence of its own
        ("Yoga Mat", "Natural rubber, alignment lines in white. Lavender.", "lavender"),
        ("Gooseneck Kettle", "Graphite. 1000 W. Brushed stainless steel body.", "graphite"),
        ("Picnic Rug", "Waterproof back. Red tartan. Folds small.", "red"),
        ("Bike Helmet", "Fits 48-54 cm. Mint with little strawberries.", "mint"),
        # the ground of a print, not the print
        ("Swim Shorts - Lemons", "Zesty yellow lemons scattered across navy.", "navy"),
        ("Sleepsuit", "Printed all over with tiny grey whales on a cream ground.", "cream"),
        ("Silk Scarf", "Peacocks and peonies on midnight blue.", "midnight blue"),
        # a name with an undertone, a tint or two tones
        ("Matte Lipstick", "A true blue-based red that stays put.", "red"),
        ("Running Shorts", "Ink navy with reflective tabs.", "ink navy"),
        ("Wool Throw", "Pure new wool, mustard and cream, with a twisted fringe.", "mustard and cream"),
        ("Hoop Earrings", "14k yellow gold, hammered by hand.", "yellow gold"),
        ("Journal", "120 gsm ivory paper, bound in dusty rose vegan leather.", "dusty rose"),
        ("Strickjacke", "Aus feiner Wolle. Farbe: Rost.", "rust"),
        ("Sedia pieghevole", "Seduta in tela di cotone verde oliva sfoderabile.", "olive green"),
    ],
)
def test_the_colour_that_is_said_outright_is_the_products(title: str, description: str, colour: str) -> None:
    assert read(title, description, "colour") == colour


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("Bud Vase 'Pebble'", "Small as a fist."),  # a series' name
        ("Kids' Pyjamas - Clouds", "Soft cotton."),  # a pattern
        ("Board Game", "Wooden boats in red, blue, yellow and green."),
        ("Typewriter Print", "Unframed; looks smart in a thin black or oak frame."),
        ("Reading Lamp", "Three warm white colour temperatures."),
        ("Electric Milk Frother", "Foam in two minutes."),
        ("Soy Candle - Fig & Cassis", "Poured by hand."),
        ("Socks", "Seams in a tan shade."),
    ],
)
def test_a_colour_that_is_said_of_something_else_is_not_taken(title: str, description: str) -> None:
    assert read(title, description, "colour") is None


@pytest.mark.parametrize(
    ("title", "description", "material"),
    [
        ("Bypass Secateurs", "The hardened carbon steel blade keeps its edge.", "carbon steel"),
        ("Pendant Light", "A generous dome of spun brass.", "brass"),
        ("Lámpara de pie", "Tres patas de madera de nogal y pantalla de lino.", "walnut"),
        ("Beeswax Food Wraps", "Organic cotton infused with beeswax and resin.", "cotton"),
        ("Crayons", "Made in Germany from pure beeswax and food-grade pigments.", "beeswax"),
        ("Hammock", "Woven in Colombia from thick cotton cord.", "cotton"),
        ("Blackout Curtains", "Triple-weave polyester blocks up to 95% of light.", "polyester"),
        ("Mechanical Keyboard", "Aluminium case, hot-swappable switches.", "aluminium"),
        ("Cordless Drill", "Brushless motor, metal keyless chuck.", None),
        ("Typewriter Print", "Unframed; looks smart in an oak frame.", None),
    ],
)
def test_the_material_is_that_of_the_working_part_or_the_ground_stuff(
    title: str, description: str, material: str | None
) -> None:
    assert read(title, description, "material") == material


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("18V Combi Drill Kit", "drill"),
        ("Akku-Heckenschere 40 V", "hedge trimmer"),
        ("Folding Garden Bistro Set", "furniture set"),
        ("Giant Cuddly Octopus", "plush toy"),
        ("Wooden Stacking Rainbow", "toy"),
        ("Waterproof Mac in a Bag", "raincoat"),
        ("7-in-1 USB-C Hub", "usb hub"),
        ("Comedero elevado para perros", "pet bowl"),
        ("Single Origin Whole Bean 250g", "coffee"),
    ],
)
def test_kinds_of_online_shops_are_known(title: str, category: str) -> None:
    assert read(title, "", "category") == category
