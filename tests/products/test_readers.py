from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.errors import CatalogueError
from prodimg_lab.products import read_products, write_attributes
from prodimg_lab.records import Product


@pytest.fixture
def file(tmp_path: Path):
    def write(content: str | bytes, name: str = "products.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(path: Path, **options: object) -> CatalogueError:
    with pytest.raises(CatalogueError) as caught:
        read_products(path, **options)  # type: ignore[arg-type]
    return caught.value


def test_plain_columns_become_products_and_an_sku_keeps_its_zeros(file) -> None:
    one, two = read_products(
        file("SKU,Title,Description,Care Label,Image\n00123,Blue Mug,A mug.,hand wash,a/b.jpg\n0,Tall Vase,,,\n")
    )
    assert (one.sku, one.title, one.description, one.image) == ("00123", "Blue Mug", "A mug.", "a/b.jpg")
    assert one.extra == {"care_label": "hand wash"}
    assert (two.sku, two.image, two.extra) == ("0", "", {})


def test_a_given_column_survives_what_the_title_says_and_remembers_its_words(file) -> None:
    (product,) = read_products(file("sku,title,Color,category,brand\nA,Blue Mug,Sea Spray,Vase,Kilnmere\n"))
    assert (product.found["colour"].field, product.found["colour"].words) == ("column", "Sea Spray")
    assert product.value("colour").lower() == "sea spray"
    assert (product.found["category"].field, product.value("category").lower()) == ("column", "vase")
    assert (product.found["brand"].field, product.found["brand"].words) == ("column", "Kilnmere")


def test_colour_goes_before_color_where_a_catalogue_has_both(file) -> None:
    one, two = read_products(file("sku,title,color,colour\n1,Mug,rust,moss\n2,Mug,rust,\n"))
    assert (one.found["colour"].words, two.found["colour"].words) == ("moss", "rust")


def test_a_category_that_nobody_knows_is_kept_as_it_was_given(file) -> None:
    (product,) = read_products(file("sku,title,category\nA,Blue Mug,Flurbspanner\n"))
    assert product.found["category"].words == "Flurbspanner"
    assert product.value("category").lower() == "flurbspanner"


def test_parsing_fills_what_no_column_gives(file) -> None:
    (product,) = read_products(file("sku,title,category\nA,Blue Mug,\n"))
    assert (product.value("category"), product.found["category"].field) == ("mug", "title")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_read_off_the_header_not_the_suffix(file, separator: str) -> None:
    text = f'sku{separator}title{separator}"a,b;c"\n1{separator}"Mug{separator} blue"{separator}x\n'
    (product,) = read_products(file(text, "p.tsv"))
    assert (product.title, product.extra) == (" ".join(f"Mug{separator} blue".split()), {"a_b_c": "x"})


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_text(file) -> None:
    (product,) = read_products(file(b'\xef\xbb\xbf"sku",title\r\n7,Mug\r\n\r\n'))
    assert (product.sku, product.title) == ("7", "Mug")


def test_jsonl_and_parquet_read_like_csv(file, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"sku": "007", "title": "Blue\u2028Mug", "price": 12.0}, {"sku": "008", "title": "Vase", "price": None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "p.parquet")
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    from_json = read_products(file(lines + "\n\n", "p.jsonl"))
    assert from_json == read_products(tmp_path / "p.parquet")
    assert from_json == read_products(file("sku,title,price\n007,Blue Mug,12\n008,Vase,\n"))


def test_html_in_a_description_becomes_lines_of_text_and_bare_signs_stay(file) -> None:
    html = "<p>Red &amp; round,\nbig</p><ul><li>One</li><li>Two</li></ul><script>x=1</script>"
    one, two = read_products(file(f'sku,title,description\n1,Mug,"{html}"\n2,Mug,a < b & c > d\n'))
    assert one.description == "Red & round, big\nOne\nTwo"
    assert two.description == "a < b & c > d"


def test_limit_takes_the_first_products_after_where(file) -> None:
    path = file("sku,title,price\na,Mug,1\nb,Mug,5\nc,Mug,6\n")
    assert [each.sku for each in read_products(path, where="price > 2", limit=1)] == ["b"]
    assert [each.sku for each in read_products(path, limit=2)] == ["a", "b"]
    assert "limit 0 is below 1" in str(refusal(path, limit=0))


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("sku,name,colour\n1,Mug,red\n", 1, "no column `title` (columns: sku, name, colour)"),
        ("artikel,title\n1,Mug\n", 1, "no column `sku` (columns: artikel, title)"),
        ("sku,title\n", None, "no product"),
        ("", None, "empty"),
        ("sku,title\n1,Mug\n\n1,Vase\n", 4, "'1' stands in lines 2 and 4"),
        ("sku,title\n1,Mug\n2,Vase,x\n", 3, "3 cells under 2 columns (comma-separated)"),
        ("sku,title\n1\n", 2, "1 cells under 2 columns"),
        ("sku,title\n,Mug\n", 2, "'Mug' has no SKU"),
        ("sku,title\n1,\n", 2, "'1' has no title"),
        ('sku,title\n"1\n2",Mug\n', 2, "control character"),
        ('sku,title\n1,"Mug\n2,Vase\n', 2, "quote"),
        ('sku,title\n1,"Mug" x\n', 2, "quote"),
        ("sku,title,\n1,Mug,x\n", 2, "no name"),
        ("sku,title,Care Label,care_label\n1,Mug,,\n", 1, "'Care Label' and 'care_label' are one name"),
        (b"sku,title\n1,Mug\n2,Gr\xfcn\n", 3, "byte 5 of this line, 0xfc, is not UTF-8"),
        ("sku,title\n1,Mug\n".encode("utf-16"), 1, "UTF-16"),
        ("sku,title\n1,Mug\n".encode("utf-16-le"), 1, "NUL"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_line_and_reason(
    file, content: str | bytes, line: int | None, words: str
) -> None:
    path = file(content)
    error = refusal(path)
    assert words in error.message
    assert (error.file, error.line) == (path, line)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ('{"sku": "1", "title": "Mug"}\n{"sku": \n', 2, "not JSON"),
        ('\n{"sku": 123, "title": "Mug"}', 2, "sku 123 is not text"),
        ('["1", "Mug"]', 1, "a list, not an object"),
        ('{"sku": "1", "SKU": "2", "title": "Mug"}', 1, "two columns are called 'sku'"),
        ('{"sku": "1", "title": "Mug"}\n{"sku": "2"}', 2, "'2' has no title"),
    ],
)
def test_a_json_line_that_is_no_product_is_refused(file, content: str, line: int, words: str) -> None:
    error = refusal(file(content, "p.jsonl"))
    assert words in error.message
    assert error.line == line


def test_a_parquet_file_with_numbers_for_skus_or_no_parquet_at_all_is_refused(file, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"sku": [1], "title": ["Mug"]}), tmp_path / "n.parquet")
    assert "sku 1 is not text" in refusal(tmp_path / "n.parquet").message
    assert "not a Parquet file" in refusal(file("sku,title\n", "x.parquet")).message


def test_a_missing_file_a_folder_and_an_unknown_suffix_are_refused(file, tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "none.csv").message
    assert "is a folder" in refusal(tmp_path).message
    assert ".xlsx" in refusal(file("x", "p.xlsx")).message


def test_nothing_left_by_where_is_refused(file) -> None:
    error = refusal(file("sku,title\n1,Mug\n2,Vase\n"), where="title == 'x'")
    assert "none of the 2 products" in error.message


PRINTABLE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20)
TEXT = PRINTABLE.map(str.strip).filter(bool)
SUBSETS = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6, unique_by=lambda pair: pair[0])


@settings(max_examples=60, deadline=None)
@given(rows=SUBSETS, separator=st.sampled_from([",", ";", "\t"]))
def test_what_was_written_as_csv_is_what_is_read(rows, separator: str, tmp_path_factory) -> None:
    import csv

    path = tmp_path_factory.mktemp("csv") / "products.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter=separator).writerows([("sku", "title"), *rows])
    read = read_products(path)
    assert [(each.sku, each.title) for each in read] == [(sku, " ".join(title.split())) for sku, title in rows]


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4, unique_by=lambda pair: pair[0]))
def test_an_untouched_correction_file_changes_nothing(rows, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("round")
    lines = [json.dumps({"sku": sku, "title": f"Blue Mug {sku}", "finish": finish}) for sku, finish in rows]
    (folder / "p.jsonl").write_text("\n".join(lines), encoding="utf-8")
    products: list[Product] = read_products(folder / "p.jsonl")
    write_attributes(products, folder / "a.csv")
    assert read_products(folder / "p.jsonl", attributes=folder / "a.csv") == products
