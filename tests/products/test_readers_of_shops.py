"""Shopify exports and Google Merchant feeds, and the sample catalogue in both."""

from __future__ import annotations

from pathlib import Path

import pytest

from prodimg_lab.errors import CatalogueError
from prodimg_lab.products import read_products

CATALOGUE = Path(__file__).parents[2] / "experiments" / "catalogue"
HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src,Image Position"
)


@pytest.fixture
def shop(tmp_path: Path):
    def write(*rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "shop.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def feed(tmp_path: Path):
    def write(header: str, *rows: str) -> Path:
        path = tmp_path / "feed.tsv"
        path.write_text("\n".join([header, *rows]).replace("|", "\t") + "\n", encoding="utf-8")
        return path

    return write


def test_each_variant_is_a_product_with_its_option_as_given_column(shop) -> None:
    products = read_products(
        shop(
            "cup,Harbour Mug,<p>Nice</p>,Kilnmere,,Color,Rust,K-1,12,https://x.example/2.jpg,2",
            "cup,,,,,,Moss,K-2,13,https://x.example/1.jpg,1",
            "cup,,,,,,,,,https://x.example/3.jpg,3",
        )
    )
    assert [(each.sku, each.found["colour"].words, each.extra["variant_price"]) for each in products] == [
        ("K-1", "Rust", "12"),
        ("K-2", "Moss", "13"),
    ]
    assert {each.found["colour"].field for each in products} == {"column"}
    assert {(each.title, each.description, each.value("brand"), each.image) for each in products} == {
        ("Harbour Mug", "Nice", "Kilnmere", "https://x.example/1.jpg")
    }


def test_without_a_variant_sku_the_handle_and_the_options_make_one(shop) -> None:
    products = read_products(
        shop(
            "cup,Harbour Mug,,,,Title,Default Title,,12,,",
            "pot,Tall Vase,,,,Size,Extra Large,,12,,",
            "pot,,,,,,Small,,12,,",
        )
    )
    assert [each.sku for each in products] == ["cup", "pot-extra-large", "pot-small"]
    assert "size" not in products[0].found or products[0].found["size"].words != "Default Title"
    assert products[1].found["size"].words == "Extra Large"


def test_two_variants_that_would_get_one_sku_are_refused_with_both_lines(shop) -> None:
    path = shop("cup,Mug,,,,Title,Default Title,,12,,", "cup,,,,,,Default Title,,13,,")
    with pytest.raises(CatalogueError, match="'cup' stands in lines 2 and 3"):
        read_products(path)


def test_the_apostrophe_that_keeps_zeros_in_spreadsheets_is_no_part_of_the_sku(shop) -> None:
    (product,) = read_products(shop("cup,Mug,,,,,,'00123,12,,"))
    assert product.sku == "00123"


def test_an_option_that_is_no_attribute_lands_among_the_other_columns(shop) -> None:
    (product,) = read_products(shop("cup,Mug,,,,Engraving,Initials,K-1,12,,"))
    assert product.extra["engraving"] == "Initials"
    assert not {"option1_name", "option1_value"} & product.extra.keys()


def test_the_newer_column_names_are_read_too(shop) -> None:
    header = "Title,URL handle,Description,Vendor,Option1 name,Option1 value,SKU,Product image URL"
    (product,) = read_products(
        shop("Mug,cup,<p>A<br>B</p>,Kilnmere,Colour,Rust,K-1,https://x.example/1.jpg", header=header)
    )
    assert (product.sku, product.description, product.image) == ("K-1", "A\nB", "https://x.example/1.jpg")
    assert product.found["colour"].words == "Rust"


def test_a_type_we_know_gives_the_category_and_one_we_do_not_leaves_it_to_the_words(shop) -> None:
    known, unknown = read_products(shop("a,Blue Thing,,,Mugs,,,K-1,12,,", "b,Blue Mug,,,Spring Range,,,K-2,12,,"))
    assert (known.value("category"), known.found["category"].words, known.found["category"].field) == (
        "mug",
        "Mugs",
        "column",
    )
    assert (unknown.value("category"), unknown.found["category"].field) == ("mug", "title")
    assert unknown.extra["type"] == "Spring Range"


def test_a_type_that_is_only_a_wider_word_gives_way_to_the_title_and_any_other_does_not(shop) -> None:
    wider, other = read_products(shop("a,Blue Mug,,,Drinkware,,,K-1,12,,", "b,Blue Mug,,,Boxes,,,K-2,12,,"))
    assert (wider.value("category"), wider.found["category"].field) == ("mug", "title")
    assert (other.value("category"), other.found["category"].field) == ("box", "column")


@pytest.mark.parametrize(
    ("row", "words"),
    [("cup,,,,,,,K-1,12,,", "'cup' has no Title"), (",Mug,,,,,,K-1,12,,", "has no Handle")],
)
def test_a_shopify_row_that_belongs_to_nothing_is_refused(shop, row: str, words: str) -> None:
    with pytest.raises(CatalogueError, match=words) as caught:
        read_products(shop(row))
    assert caught.value.line == 2


@pytest.mark.parametrize("header", ["id|title|image_link|product_type|color", "id|title|image link|product type|color"])
def test_a_google_feed_is_known_by_its_columns(feed, header: str) -> None:
    (product,) = read_products(feed(header, "0042|Blue Thing|https://x.example/1.jpg|Home > Mugs, Home > Gifts|Rust"))
    assert product.found["category"].words == "Mugs"
    assert (product.sku, product.image) == ("0042", "https://x.example/1.jpg")
    assert product.found["colour"].words == "Rust"


def test_the_last_step_of_a_google_path_gives_the_category_and_a_number_does_not(feed) -> None:
    header = "id|title|link|google_product_category|product_type"
    path, number = read_products(feed(header, "1|Blue Thing|x|Home & Garden > Kitchen > Mugs|", "2|Blue Mug|x|2169|"))
    assert (path.value("category"), path.found["category"].words) == ("mug", "Mugs")
    assert (number.value("category"), number.found["category"].field) == ("mug", "title")
    assert number.extra["google_product_category"] == "2169"


def test_the_sample_catalogue_reads_the_same_from_both_shops() -> None:
    shopify = read_products(CATALOGUE / "products.csv")
    google = read_products(CATALOGUE / "products-google.tsv")
    assert [each.sku for each in shopify] == [each.sku for each in google]
    for one, other in zip(shopify, google, strict=True):
        assert (one.title, one.image) == (other.title, other.image)
        assert one.description.split() == other.description.split()
        assert {name: found.value for name, found in one.found.items()} == {
            name: found.value for name, found in other.found.items()
        }, one.sku


def test_the_sample_catalogue_is_wide_and_in_the_wording_of_shops() -> None:
    products = read_products(CATALOGUE / "products.csv")
    by_handle = {each.extra["handle"]: each for each in products}
    assert len(by_handle) >= 24
    assert len({each.value("category") for each in products if each.value("category")}) >= 12
    assert all(40 <= len(each.description.split()) <= 120 for each in products)
    assert sum(each.sku.startswith("0") for each in products) >= 4
    assert len(products) - len(by_handle) == 3
    given = [
        each for each in by_handle.values() if each.found.get("category") and each.found["category"].field == "column"
    ]
    assert len(by_handle) / 4 <= len(given) <= len(by_handle) * 3 / 4


def test_the_first_mug_of_the_sample_catalogue_is_the_blue_stoneware_one() -> None:
    (hero,) = read_products(CATALOGUE / "products.csv", where="category == 'mug'", limit=1)
    assert (hero.sku, hero.value("brand")) == ("00123", "Brackenhythe")
    assert (hero.value("colour"), hero.value("material")) == ("cobalt blue", "stoneware")
