"""What passes between a catalogue's file and a Product?

file -> Table (`tables`) -> Entry, one per product (`shopify`, `google`, `plain`) -> Product (`readers`). Columns are
known by key: `Body (HTML)`, `body html` and `BODY_HTML` are all `body_html`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_NOT_WORD = re.compile(r"[\W_]+")

GIVEN = {
    "category": "category",
    "colour": "colour",
    "color": "colour",
    "material": "material",
    "finish": "finish",
    "size": "size",
    "quantity": "quantity",
    "brand": "brand",
    "subject": "subject",
}
"""Column keys that give an attribute outright, in every form."""


def key_of(header: str) -> str:
    """The header in lower case, each run of other characters than letters and digits as one `_`.

    This is the column's name in `where` and in a template (`product.extra.care_label`).
    """
    return _NOT_WORD.sub("_", header).strip("_").lower()


def one_line(text: str) -> str:
    """`text` with every run of white space as one space, none at the ends."""
    return " ".join(text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of a table: cells by column key, stripped; `line` is where it starts (1-based; Parquet: its row)."""

    line: int
    cells: Mapping[str, str]

    def get(self, *keys: str) -> str:
        """The first of these cells that holds something, or ""."""
        return next((self.cells[key] for key in keys if self.cells.get(key)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file's records. `headers` maps column keys to the headers as written, in the file's order."""

    file: Path
    headers: Mapping[str, str]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One product as its catalogue gives it, before its words are read.

    `given` holds attributes that columns state, as written; `kind` the category that a shop's type or a taxonomy names,
    which holds unless the title names a narrower one (`Drinkware`: a mug); `description` is plain text; `extra` is
    keyed as `where` and templates name it.
    """

    sku: str
    title: str
    line: int
    description: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    image: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


def extra_of(row: Row, used: frozenset[str]) -> dict[str, str]:
    """The cells that hold something and that no field of the entry took."""
    return {key: cell for key, cell in row.cells.items() if cell and key not in used and key not in GIVEN}


def given_of(row: Row) -> dict[str, str]:
    """The attributes that the row's columns state outright."""
    return {attribute: one_line(row.cells[key]) for key, attribute in reversed(GIVEN.items()) if row.cells.get(key)}


def kind_of(*columns: str) -> str:
    """The first column whose last step names a category that we know, as that step's words; "" when none does.

    A column is a shop's own word (`Mugs`) or a taxonomy path (`Home & Garden > Kitchen & Dining > … > Mugs`). A path
    that ends in something coarser (`Decor`) or a bare taxonomy number gives nothing: the description may say more.
    """
    from prodimg_lab.products.parse import category_of

    for column in columns:
        last = column.rsplit(">", 1)[-1].strip()
        if last and category_of(last):
            return last
    return ""
