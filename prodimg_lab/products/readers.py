"""What does a catalogue sell, and what is known of each product?

The form is read off the columns. A given column is never overridden by text processing; a correction overrides both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from prodimg_lab.errors import CatalogueError
from prodimg_lab.products import google, plain, shopify
from prodimg_lab.products._base import GIVEN, Entry, Table
from prodimg_lab.products.corrections import Corrections, read_corrections
from prodimg_lab.products.tables import read_table
from prodimg_lab.products.where import compile_where
from prodimg_lab.records import ATTRIBUTES, Found, Product

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
FIELDS = ("sku", "title", "description", "image", *ATTRIBUTES)
"""The names that `where` knows in every catalogue, whatever its columns."""


def read_products(
    file: Path, *, where: str = "", limit: int | None = None, attributes: Path | None = None
) -> list[Product]:
    """The catalogue's products in its order: those that `where` (see `where`) keeps, at most `limit` of them.

    `attributes` is a correction file (see `corrections`). Raises `CatalogueError` with file and line for whatever
    cannot be read, and when no product is left.
    """
    if limit is not None and limit < 1:
        raise CatalogueError(f"limit {limit} is below 1; leave it out for all products")
    table = read_table(file)
    entries = _entries(table)
    if not entries:
        raise CatalogueError("the file names columns but no product", file=file)
    keeps = compile_where(where, [*FIELDS, *_extra_keys(entries), *_free_columns(table)]) if where else None
    corrections = read_corrections(attributes, [each.sku for each in entries]) if attributes else {}
    products = (_product(entry, corrections) for entry in entries)
    kept = list(islice((each for each in products if keeps is None or keeps(each)), limit))
    if not kept:
        raise CatalogueError(f"none of the {len(entries)} products is left by where: {where}", file=file)
    return kept


def _entries(table: Table) -> list[Entry]:
    """The table's entries, each with a title and an SKU of its own."""
    if "title" not in table.headers:
        seen = ", ".join(table.headers.values()) or "none"
        raise CatalogueError(f"no column `title` (columns: {seen}); name one of them `title`", file=table.file, line=1)
    if shopify.is_shopify(table):
        found = list(shopify.entries(table))
    elif google.is_google(table):
        found = list(google.entries(table))
    elif "sku" in table.headers:
        found = list(plain.entries(table))
    else:
        seen = ", ".join(table.headers.values())
        raise CatalogueError(
            f"no column `sku` (columns: {seen}), and not a Shopify export or a Google feed; name one of them `sku`",
            file=table.file,
            line=1,
        )
    _check(table.file, found)
    return found


def _check(file: Path, entries: Iterable[Entry]) -> None:
    lines: dict[str, int] = {}
    for entry in entries:
        if not entry.sku:
            raise CatalogueError(f"the product {entry.title!r} has no SKU", file=file, line=entry.line)
        if not entry.title:
            raise CatalogueError(f"the product {entry.sku!r} has no title", file=file, line=entry.line)
        if _CONTROL.search(entry.sku):
            raise CatalogueError(f"the SKU {entry.sku!r} holds a control character", file=file, line=entry.line)
        if entry.sku in lines:
            raise CatalogueError(
                f"the SKU {entry.sku!r} stands in lines {lines[entry.sku]} and {entry.line}; each needs its own",
                file=file,
                line=entry.line,
            )
        lines[entry.sku] = entry.line


def _extra_keys(entries: Sequence[Entry]) -> set[str]:
    return {key for entry in entries for key in entry.extra}


def _free_columns(table: Table) -> set[str]:
    """The columns that are no attribute: `where` may name them though every cell is empty."""
    return table.headers.keys() - GIVEN.keys()


def _product(entry: Entry, corrections: Corrections) -> Product:
    return Product(
        sku=entry.sku,
        title=entry.title,
        description=entry.description,
        found=_understood(entry, corrections.get(entry.sku, {})),
        image=entry.image,
        extra=entry.extra,
    )


def _understood(entry: Entry, corrections: Mapping[str, str]) -> dict[str, Found]:
    """Corrections, then given columns, then what parsing adds; in the order of `ATTRIBUTES`.

    A correction that says what was known already changes nothing, its origin included. The others go into parsing like
    given columns, so that a subject built from several attributes agrees with them.
    """
    found = _read(entry, entry.given)
    changed = {
        name: value for name, value in corrections.items() if value != (found[name].value if name in found else "")
    }
    if not changed:
        return found
    said = {name: value for name, value in {**entry.given, **changed}.items() if value}
    found = _read(entry, said)
    for name, value in changed.items():
        if value:
            found[name] = Found(value=found[name].value, words=value, field="correction")
        else:
            found.pop(name, None)
    return {name: found[name] for name in ATTRIBUTES if name in found}


def _read(entry: Entry, given: Mapping[str, str]) -> dict[str, Found]:
    """What parsing makes of the entry with these columns given, which keep their words and count as such."""
    from prodimg_lab.products.parse import broader, category_of, parse

    read = parse(entry.title, entry.description, given)
    if entry.kind and "category" not in given:
        named = read.get("category")
        if named is None or named.field != "title" or category_of(entry.kind) not in broader(named.value):
            given = {**given, "category": entry.kind}
            read = parse(entry.title, entry.description, given)
    found: dict[str, Found] = {}
    for name in ATTRIBUTES:
        known = read.get(name)
        if name in given:
            value = known.value if known and known.field == "column" else given[name]
            found[name] = Found(value=value, words=given[name], field="column")
        elif known:
            found[name] = known
    return found
