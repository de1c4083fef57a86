"""A Google Merchant feed as a table: `id, title, description, link, image_link, product_type, color, …`.

Attribute names may stand with underscores or spaces, as in Google's product data specification
(https://support.google.com/merchants/answer/7052112); `google_product_category` is a path or a number of its taxonomy.
"""

from __future__ import annotations

from collections.abc import Iterator

from prodimg_lab.products._base import Entry, Table, extra_of, given_of, kind_of, one_line
from prodimg_lab.products.markup import plain_text

_MARKS = frozenset(
    {"link", "image_link", "google_product_category", "product_type", "availability", "gtin", "mpn", "condition"}
)
_USED = frozenset({"id", "title", "description", "image_link"})


def is_google(table: Table) -> bool:
    """Whether the columns are those of a Merchant feed: `id` and at least two names that only Google uses."""
    return "id" in table.headers and "sku" not in table.headers and len(_MARKS & table.headers.keys()) >= 2


def entries(table: Table) -> Iterator[Entry]:
    """One entry a row. `product_type`, the shop's own word, goes before Google's category."""
    for row in table.rows:
        # Several product types are separated by commas; the first counts in Google's own reports too.
        kinds = row.get("product_type")
        yield Entry(
            sku=row.get("id"),
            title=one_line(row.get("title")),
            line=row.line,
            description=plain_text(row.get("description")),
            given=given_of(row),
            kind=kind_of(kinds, kinds.split(",")[0], row.get("google_product_category")),
            image=row.get("image_link"),
            extra=extra_of(row, _USED),
        )
