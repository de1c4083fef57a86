"""Plain columns: `sku,title[,description,category,colour,material,finish,size,quantity,brand,subject,image,…]`."""

from __future__ import annotations

from collections.abc import Iterator

from prodimg_lab.products._base import Entry, Table, extra_of, given_of, one_line
from prodimg_lab.products.markup import plain_text

_USED = frozenset({"sku", "title", "description", "image"})


def entries(table: Table) -> Iterator[Entry]:
    """One entry a row; a category is taken as given, whether or not we know the word."""
    for row in table.rows:
        yield Entry(
            sku=row.get("sku"),
            title=one_line(row.get("title")),
            line=row.line,
            description=plain_text(row.get("description")),
            given=given_of(row),
            image=row.get("image"),
            extra=extra_of(row, _USED),
        )
