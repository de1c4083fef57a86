"""What does a person say of a product that its catalogue does not?

A correction file is a CSV: `sku` and any attributes. A filled cell replaces what was given or found, an empty one
leaves it, `-` says that the product has no such attribute. `title` may stand there for the reader's eye.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from prodimg_lab.errors import CatalogueError, StoreError
from prodimg_lab.products._base import GIVEN, Table, one_line
from prodimg_lab.products.tables import read_table
from prodimg_lab.records import ATTRIBUTES, Product
from prodimg_lab.suggest import nearest

Corrections = Mapping[str, Mapping[str, str]]
"""By SKU: attribute -> corrected value, "" where the attribute is taken away."""

NONE = "-"
"""The cell that takes an attribute away."""

_FORMULA = re.compile(r"'*[=+\-@]")


def read_corrections(file: Path, skus: Collection[str]) -> Corrections:
    """The corrections of `file` for a catalogue that has `skus`. Raises `CatalogueError` with file and line."""
    table = read_table(file, suffixes=(".csv", ".tsv"))
    columns = _columns(table)
    found: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    known = frozenset(skus)
    for row in table.rows:
        sku = _unguarded(row.get("sku"))
        if sku not in known:
            raise CatalogueError(f"the catalogue has no SKU {sku!r}; {nearest(sku, known)}", file=file, line=row.line)
        if sku in found:
            raise CatalogueError(f"the SKU {sku!r} stands in line {lines[sku]} too", file=file, line=row.line)
        lines[sku] = row.line
        cells = {attribute: row.cells[key] for key, attribute in columns.items() if row.cells[key]}
        found[sku] = {name: "" if cell == NONE else one_line(_unguarded(cell)) for name, cell in cells.items()}
    return found


def _columns(table: Table) -> dict[str, str]:
    """Column key -> attribute."""
    if "sku" not in table.headers:
        seen = ", ".join(table.headers.values())
        raise CatalogueError(
            f"no column `sku` (columns: {seen}); it says whom a line is about", file=table.file, line=1
        )
    columns = {key: header for key, header in table.headers.items() if key not in ("sku", "title")}
    for key, header in columns.items():
        if key not in GIVEN:
            raise CatalogueError(f"{header!r} is no attribute; {nearest(key, ATTRIBUTES)}", file=table.file, line=1)
    if {"colour", "color"} <= columns.keys():
        raise CatalogueError("columns `colour` and `color` are one attribute; drop one", file=table.file, line=1)
    return {key: GIVEN[key] for key in columns}


def write_attributes(products: Sequence[Product], out: Path) -> None:
    """Write what is known of `products` as a correction file, to be mended by hand and named as `attributes`.

    An unknown attribute is an empty cell. A value that a spreadsheet would run as a formula is written behind an
    apostrophe, which reading takes off again. Raises `CatalogueError` when `out` exists (it may hold somebody's work)
    or is no .csv or .tsv; nothing half-written stays behind.
    """
    if out.suffix.lower() not in (".csv", ".tsv"):
        raise CatalogueError(f"a correction file is a .csv or .tsv, not {out.name!r}")
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t" if out.suffix.lower() == ".tsv" else ",", lineterminator="\n")
    writer.writerow(["sku", "title", *ATTRIBUTES])
    for product in products:
        values = (product.sku, product.title, *(product.value(name) for name in ATTRIBUTES))
        writer.writerow([_guarded(value) for value in values])
    _write_new(out, text.getvalue().encode())


def _write_new(out: Path, data: bytes) -> None:
    """Write `data` whole, under a name that was free until then."""
    taken = CatalogueError(f"{out} exists and may hold corrections; name another file, or move it away")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(name, 0o644)
            try:
                # Takes the name, or fails where somebody was faster; plain os.replace would overwrite their file.
                os.close(os.open(out, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                raise taken from None
            os.replace(name, out)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot write {out}: {error.strerror or error}") from error


def _guarded(value: str) -> str:
    return f"'{value}" if _FORMULA.match(value) else value


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
