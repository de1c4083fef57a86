"""How does a file become rows of text, with the line each came from?

CSV and TSV (delimiter read off the header: comma, semicolon or tab), JSONL, Parquet. All cells are text: an SKU `00123`
stays what it is, and a form that holds numbers where an SKU belongs is refused, since its zeros are gone already.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from prodimg_lab.errors import CatalogueError, MissingExtra
from prodimg_lab.products._base import Row, Table, key_of

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")

SKU_KEYS = ("sku", "id", "variant_sku", "handle")
"""Columns that must hold text, where a form has types at all."""

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}


def read_table(file: Path, *, suffixes: tuple[str, ...] = SUFFIXES) -> Table:
    """Every record of `file`, empty lines left out. Raises `CatalogueError` for whatever cannot be read as one."""
    if not file.is_file():
        kind = "is a folder" if file.is_dir() else "does not exist"
        raise CatalogueError(f"{file} {kind}; name a {', '.join(suffixes)} file")
    suffix = file.suffix.lower()
    if suffix not in suffixes:
        raise CatalogueError(f"cannot read {suffix or 'a name without suffix'}: use {', '.join(suffixes)}", file=file)
    if suffix == ".parquet":
        return _table(file, _parquet_records(file))
    text = _decode(file)
    return _table(file, _json_records(file, text)) if suffix == ".jsonl" else _csv_table(file, text)


def _decode(file: Path) -> str:
    data = file.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CatalogueError(
            "the file is UTF-16; save it as UTF-8 (Excel: 'CSV UTF-8'; or iconv -f UTF-16 -t UTF-8)", file=file, line=1
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise CatalogueError(
            f"byte {column} of this line, 0x{data[error.start]:02x}, is not UTF-8; save the file as UTF-8 "
            "(Excel: 'CSV UTF-8'; or iconv -f WINDOWS-1252 -t UTF-8)",
            file=file,
            line=line,
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise CatalogueError("the line holds a NUL character; save the file as UTF-8 text", file=file, line=line)
    return text


def _csv_table(file: Path, text: str) -> Table:
    delimiter = _delimiter(file, text)
    records = _csv_records(file, text, delimiter)
    line, names = next(records, (1, []))
    if not names:
        raise CatalogueError("the file is empty; the first line must name the columns", file=file)
    headers = _headers(file, names)
    rows = []
    for line, cells in records:
        if len(cells) != len(names):
            raise CatalogueError(
                f"{len(cells)} cells under {len(names)} columns ({_DELIMITERS[delimiter]}-separated); put text that "
                'holds the separator in "quotes"',
                file=file,
                line=line,
            )
        if any(cell.strip() and not name.strip() for name, cell in zip(names, cells, strict=True)):
            raise CatalogueError("a column with content has no name; name it in the first line", file=file, line=line)
        pairs = ((key_of(name), cell.strip()) for name, cell in zip(names, cells, strict=True) if name.strip())
        rows.append(Row(line=line, cells=dict(pairs)))
    return Table(file=file, headers=headers, rows=tuple(rows))


def _delimiter(file: Path, text: str) -> str:
    """The separator that the header uses most, outside quotes; one column has none and is read by the suffix."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(header.split('"')[::2])
    best = max(_DELIMITERS, key=bare.count)
    return best if best in bare else ("\t" if file.suffix.lower() == ".tsv" else ",")


def _csv_records(file: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise CatalogueError(
            f'{error}; a cell that holds a quote must stand in quotes, the quote doubled ("")', file=file, line=start
        ) from None


def _headers(file: Path, names: Iterable[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name in names:
        key = key_of(name)
        if key in headers and key:
            raise CatalogueError(f"columns {headers[key]!r} and {name!r} are one name; drop one", file=file, line=1)
        if name.strip():
            headers[key] = name.strip()
    return headers


def _table(file: Path, records: Iterable[tuple[int, Mapping[str, object]]]) -> Table:
    """A table from typed records; the columns are all that occur, in order of appearance."""
    headers: dict[str, str] = {}
    rows = []
    for line, record in records:
        cells = {}
        for name, value in record.items():
            key = key_of(name)
            if not key:
                raise CatalogueError(f"column {name!r} has no letters in its name; rename it", file=file, line=line)
            if key in cells:
                raise CatalogueError(f"two columns are called {key!r}; drop one", file=file, line=line)
            headers.setdefault(key, name)
            cells[key] = _cell(file, line, name, value)
        if any(cells.values()):
            rows.append(Row(line=line, cells=cells))
    return Table(file=file, headers=headers, rows=tuple(rows))


def _cell(file: Path, line: int, name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if key_of(name) in SKU_KEYS:
        raise CatalogueError(
            f'{name} {value!r} is not text, and a number loses its leading zeros; write it in quotes ("{value}"), or '
            "as a text column",
            file=file,
            line=line,
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | dict):
        import orjson

        return orjson.dumps(value, default=str).decode()
    return str(value)


def _json_records(file: Path, text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    import orjson

    for line, record in enumerate(text.split("\n"), start=1):
        if not record.strip():
            continue
        try:
            value = orjson.loads(record)
        except orjson.JSONDecodeError as error:
            raise CatalogueError(
                f"not JSON: {error.msg} (column {error.colno}); each line is one object", file=file, line=line
            ) from None
        if not isinstance(value, dict):
            raise CatalogueError(
                f'a {type(value).__name__}, not an object; write {{"sku": "…", "title": "…"}}', file=file, line=line
            )
        yield line, value


def _parquet_records(file: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("reading Parquet needs pyarrow; pip install 'prodimg-lab[lab]'", file=file) from None
    try:
        table = pyarrow.parquet.read_table(file)
    except (pyarrow.ArrowException, OSError) as error:
        raise CatalogueError(f"not a Parquet file: {str(error).splitlines()[0]}", file=file) from None
    row = 0
    for batch in table.to_batches(max_chunksize=4096):
        for record in batch.to_pylist():
            row += 1
            # pandas writes its index as a column of this name; it says nothing of the product.
            yield row, {name: value for name, value in record.items() if not name.startswith("__index_level_")}
