"""A Shopify product export: several rows per handle, one per variant, then one per further picture.

Only the first row of a handle holds title, body, vendor and option names; the rows below leave them empty. Columns as
in https://help.shopify.com/en/manual/products/import-export/using-csv, both as exported (`Handle`, `Body (HTML)`,
`Variant SKU`, `Image Src`) and as in the newer template (`URL handle`, `Description`, `SKU`, `Product image URL`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from prodimg_lab.errors import CatalogueError
from prodimg_lab.products._base import GIVEN, Entry, Row, Table, extra_of, given_of, key_of, kind_of, one_line
from prodimg_lab.products.markup import text_of_html

_HANDLE = ("handle", "url_handle")
_BODY = ("body_html", "description")
_SKU = ("variant_sku", "sku")
_CATEGORY = ("product_category", "standard_product_type")
_IMAGE = ("image_src", "product_image_url")
_VARIANT_IMAGE = ("variant_image", "variant_image_url")
_OPTIONS = tuple((f"option{number}_name", f"option{number}_value") for number in (1, 2, 3))
_VARIANT_KEYS = ("option1_value", *_SKU, "variant_price", "price")
_PICTURE_KEYS = frozenset({"image_position", "image_alt_text"})
_USED = frozenset(
    {*_HANDLE, "title", *_BODY, *_SKU, "vendor", *_IMAGE, *_VARIANT_IMAGE, *_PICTURE_KEYS, *sum(_OPTIONS, ())}
)

DEFAULT_OPTION = "Default Title"
"""What Shopify writes as the option value of a product without options."""


def is_shopify(table: Table) -> bool:
    """Whether the columns are those of a product export: a handle, and options or variants."""
    keys = table.headers.keys()
    return bool(keys & set(_HANDLE)) and bool(keys & {"option1_name", "option1_value", "variant_sku", "body_html"})


def entries(table: Table) -> Iterator[Entry]:
    """One entry per variant, in the order of the file. Raises `CatalogueError` for a handle without a title."""
    groups: dict[str, list[Row]] = {}
    for row in table.rows:
        handle = row.get(*_HANDLE)
        if not handle:
            raise CatalogueError("the row has no Handle", file=table.file, line=row.line)
        groups.setdefault(handle, []).append(row)
    for handle, rows in groups.items():
        first = rows[0]
        if not first.get("title"):
            message = f"the first row of handle {handle!r} has no Title; put the row with the title first"
            raise CatalogueError(message, file=table.file, line=first.line)
        variants = [row for row in rows if row is first or row.get(*_VARIANT_KEYS)]
        for row in variants:
            yield _entry(handle, first, row, image=row.get(*_VARIANT_IMAGE) or _main_image(rows))


def _entry(handle: str, first: Row, row: Row, *, image: str) -> Entry:
    options = _options(first, row)
    vendor = one_line(first.get("vendor"))
    known = {GIVEN[key_of(name)]: value for name, value in options if key_of(name) in GIVEN}
    given = {"brand": vendor, **given_of(first), **given_of(row), **known}
    others = {key_of(name): value for name, value in options if key_of(name) not in GIVEN}
    return Entry(
        sku=_sku(row) or "-".join([handle, *(_slug(value) for _, value in options)]),
        title=one_line(first.get("title")),
        line=row.line,
        description=text_of_html(first.get(*_BODY)),
        given={name: value for name, value in given.items() if value},
        kind=kind_of(first.get("type"), first.get(*_CATEGORY)),
        image=image,
        # What a variant leaves empty it shares with its product.
        extra={**extra_of(first, _USED), **extra_of(row, _USED), **others, "handle": handle},
    )


def _options(first: Row, row: Row) -> list[tuple[str, str]]:
    pairs = [(first.get(name), row.get(value)) for name, value in _OPTIONS]
    return [(name, one_line(value)) for name, value in pairs if name and value and value != DEFAULT_OPTION]


def _sku(row: Row) -> str:
    """The variant's SKU, without the apostrophe that exports put before digits so that spreadsheets keep the zeros."""
    return re.sub(r"^'(?=\d)", "", row.get(*_SKU))


def _slug(value: str) -> str:
    return key_of(value).replace("_", "-") or "x"


def _main_image(rows: Sequence[Row]) -> str:
    """The picture at position 1, or the first that there is."""
    pictures = [row for row in rows if row.get(*_IMAGE)]
    front = next((row for row in pictures if row.get("image_position") == "1"), pictures[0] if pictures else None)
    return front.get(*_IMAGE) if front else ""
