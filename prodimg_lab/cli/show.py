"""How does the command line speak? Text for people on standard output, JSON with `--json`, complaints on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from prodimg_lab.errors import Problems, ProdimgError


def say(text: str = "") -> None:
    """One line for people."""
    sys.stdout.write(text + "\n")


def say_json(value: Any) -> None:
    """Facts for machines: one JSON document."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_DATACLASS
    sys.stdout.write(orjson.dumps(value, option=options, default=str).decode() + "\n")


@contextmanager
def working(on: str) -> Iterator[None]:
    """Say on standard error what is being worked on, as long as it lasts; silent unless that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn(on), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(on, total=None)
        yield


def complain(error: ProdimgError) -> None:
    """What went wrong, one line a fault, on standard error."""
    if isinstance(error, Problems):
        for problem in error.problems:
            sys.stderr.write(f"error: {problem}\n")
        if len(error.problems) > 1:
            sys.stderr.write(f"{len(error.problems)} problems; nothing was drawn or written\n")
        return
    sys.stderr.write(f"error: {error}\n")


def table(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Rows as aligned text with a header; numbers to the right, long cells cut at 60 characters."""
    cells = [[_cell(row.get(column, "")) for column in columns] for row in rows]
    if not cells:
        return "(nothing)"
    widths = [max(len(column), *(len(row[at]) for row in cells)) for at, column in enumerate(columns)]
    right = [all(_is_number(row[at]) for row in cells) for at in range(len(columns))]
    lines = [columns, *cells]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: object) -> str:
    text = f"{value:.2f}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"


def _is_number(text: str) -> bool:
    return not text or text.lstrip("$-").replace(",", "").replace(".", "", 1).rstrip("%s").isdigit()
