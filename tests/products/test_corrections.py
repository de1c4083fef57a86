from __future__ import annotations

import csv
from pathlib import Path

import pytest

from prodimg_lab.errors import CatalogueError, StoreError
from prodimg_lab.products import read_products, write_attributes
from prodimg_lab.records import Found, Product

CATALOGUE = "sku,title,material,brand\n00123,Blue Mug,stoneware,Kilnmere\n=1+1,Tall Vase,,\n-5,Candle,,\n"


@pytest.fixture
def products(tmp_path: Path) -> Path:
    path = tmp_path / "products.csv"
    path.write_text(CATALOGUE, encoding="utf-8")
    return path


def corrected(products: Path, text: str) -> dict[str, Product]:
    file = products.with_name("attributes.csv")
    file.write_text(text, encoding="utf-8")
    return {each.sku: each for each in read_products(products, attributes=file)}


def test_a_correction_wins_over_parsing_and_over_a_given_column(products: Path) -> None:
    mug = corrected(products, "sku,colour,material\n00123,Petrol,Flurbsteel\n")["00123"]
    for name, words in (("colour", "Petrol"), ("material", "Flurbsteel")):
        assert mug.found[name] == Found(value=words.lower(), words=words, field="correction")


def test_an_empty_cell_leaves_what_was_known_and_a_dash_takes_it_away(products: Path) -> None:
    before = {each.sku: each for each in read_products(products)}
    after = corrected(products, "sku,material,brand,colour\n00123,-,,\n")
    assert "material" not in after["00123"].found
    assert after["00123"].found["brand"] == before["00123"].found["brand"]
    assert after["00123"].found["colour"] == before["00123"].found["colour"]
    assert after["=1+1"] == before["=1+1"]


def test_a_correction_that_says_what_was_known_keeps_its_origin(products: Path) -> None:
    before = read_products(products)[0]
    assert corrected(products, "sku,material,category\n00123,stoneware,mug\n")["00123"] == before
    assert before.found["material"].field == "column"


def test_a_corrected_colour_reaches_the_subject(products: Path) -> None:
    mug = corrected(products, "sku,colour\n00123,crimson\n")["00123"]
    assert "blue" not in mug.subject.lower()


def test_where_sees_corrected_values(products: Path) -> None:
    file = products.with_name("attributes.csv")
    file.write_text("sku,category\n-5,bowl\n", encoding="utf-8")
    assert [each.sku for each in read_products(products, where="category == 'bowl'", attributes=file)] == ["-5"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("sku,colour\n00124,red\n", 2, "no SKU '00124'; did you mean '00123'?"),
        ("sku,colour\n00123,red\n00123,blue\n", 3, "stands in line 2 too"),
        ("sku,colr\n00123,red\n", 1, "'colr' is no attribute; did you mean 'colour'?"),
        ("colour\nred\n", 1, "no column `sku`"),
        ("sku,colour,color\n00123,red,red\n", 1, "one attribute"),
        ("sku,colour\n00123\n", 2, "1 cells under 2 columns"),
    ],
)
def test_a_correction_that_fits_nothing_is_refused_with_its_line(
    products: Path, text: str, line: int, words: str
) -> None:
    with pytest.raises(CatalogueError) as caught:
        corrected(products, text)
    assert words in caught.value.message
    assert (caught.value.file, caught.value.line) == (products.with_name("attributes.csv"), line)


def test_a_missing_correction_file_is_named(products: Path) -> None:
    with pytest.raises(CatalogueError, match=r"none\.csv does not exist"):
        read_products(products, attributes=products.with_name("none.csv"))


def test_what_was_written_reads_back_and_runs_no_formula(products: Path, tmp_path: Path) -> None:
    found = read_products(products)
    out = tmp_path / "new" / "a.csv"
    write_attributes(found, out)
    assert read_products(products, attributes=out) == found
    with out.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    assert [row[0] for row in rows] == ["sku", "00123", "'=1+1", "'-5"]
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@")]
    assert [each.name for each in out.parent.iterdir()] == ["a.csv"]


def test_a_value_that_looks_like_a_formula_or_like_the_dash_survives(tmp_path: Path) -> None:
    products = tmp_path / "p.jsonl"
    products.write_text(
        '{"sku": "1", "title": "Mug", "finish": "-", "size": "\'=A1", "quantity": "@x"}', encoding="utf-8"
    )
    found = read_products(products)
    write_attributes(found, tmp_path / "a.csv")
    products.write_text('{"sku": "1", "title": "Mug"}', encoding="utf-8")
    (back,) = read_products(products, attributes=tmp_path / "a.csv")
    assert [back.value(name).lower() for name in ("finish", "size", "quantity")] == ["-", "'=a1", "@x"]


def test_an_existing_file_is_never_overwritten(products: Path) -> None:
    with pytest.raises(CatalogueError, match="exists"):
        write_attributes(read_products(products), products)
    assert products.read_text(encoding="utf-8") == CATALOGUE


def test_a_place_that_cannot_be_written_or_a_wrong_suffix_is_named(products: Path) -> None:
    with pytest.raises(StoreError, match="cannot write"):
        write_attributes(read_products(products), products / "sub" / "a.csv")
    with pytest.raises(CatalogueError, match=r"a\.json"):
        write_attributes(read_products(products), products.with_name("a.json"))
