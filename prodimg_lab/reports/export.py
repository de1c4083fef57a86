"""What does a run look like as a plain table, one row per trial?

Columns, in this order; what is not known is None:

- who: `run_id`, `experiment`, `trial`, `variant`, `template`, `sku`, `title`, `block`, `repeat`, `factor.<name>`…
- request: `model`, `prompt`, `negative_prompt`, `seed`, `fingerprint`, one `request.<field>` for any other in use
- outcome: `state`, `reason`, `digest`, `cached`, `sends`, `cost_usd`, `seconds`
- scores: `quality` (0..5), `unscored` (why there is none), by scorer `score.<name>`, `raw.<name>`, `unit.<name>`
- people: `stars` (mean rating, 1..5) and `choice` (keep or drop; a drop by anybody outweighs a keep)
- `simulated`
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path

from prodimg_lab.errors import MissingExtra
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.records import Score
from prodimg_lab.reports.files import write_atomically
from prodimg_lab.reports.tables import scorers_of

Cell = str | int | float | bool | None

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""How a text cell begins that a spreadsheet would run as a formula (OWASP, CSV Injection)."""

IN_COLUMNS = frozenset({"model", "prompt", "negative_prompt", "seed", "repeat", "source"})
"""Request fields that have a column of their own."""


def export_rows(view: RunView) -> list[dict[str, Cell]]:
    """One flat row per trial in plan order, all with the same keys; see the module for the columns."""
    scorers = scorers_of(view)
    asked = list(dict.fromkeys(name for row in view.rows for name in row.trial.request.fields()))
    fields = [name for name in asked if name not in IN_COLUMNS]
    return [_flat(view, row, fields, scorers) for row in view.rows]


def write_csv(view: RunView, path: Path) -> Path:
    """All trials as CSV (RFC 4180, UTF-8). None is an empty cell.

    Text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    rows = export_rows(view)
    text = StringIO(newline="")
    writer = csv.writer(text)  # RFC 4180: lines end in CR LF, and so both are quoted where they stand in a cell
    if rows:
        writer.writerow([_harmless(name) for name in rows[0]])
        writer.writerows([[_harmless(cell) for cell in row.values()] for row in rows])
    return write_atomically(path, text.getvalue().encode("utf-8", "replace"))


def write_parquet(view: RunView, path: Path) -> Path:
    """All trials as Parquet, with types; text stays as it is. Raises `MissingExtra` without pyarrow."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtra("Parquet needs pyarrow: pip install 'prodimg-lab[lab]'; write_csv does without") from error
    rows = export_rows(view)
    columns = {name: _one_type([row[name] for row in rows]) for name in rows[0]} if rows else {}
    buffer = BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), buffer)
    return write_atomically(path, buffer.getvalue())


def _flat(view: RunView, row: TrialRow, fields: Sequence[str], scorers: Sequence[str]) -> dict[str, Cell]:
    trial, outcome = row.trial, row.outcome
    request = trial.request.fields()
    product = view.products.get(trial.block.sku)
    made: dict[str, Cell] = {
        "run_id": view.run_id,
        "experiment": view.experiment,
        "trial": trial.index,
        "variant": trial.variant,
        "template": trial.prompt.template,
        "sku": trial.block.sku,
        "title": product.title if product else None,
        "block": trial.block.name,
        "repeat": trial.request.repeat,
    }
    made |= {f"factor.{name}": trial.levels.get(name) for name in view.factors}
    made |= {
        "model": trial.request.model,
        "prompt": trial.prompt.text,
        "negative_prompt": trial.request.negative_prompt,
        "seed": trial.request.seed,
        "fingerprint": trial.request.fingerprint,
    }
    made |= {f"request.{name}": _cell(request.get(name)) for name in fields}
    made |= {
        "state": outcome.state.value,
        "reason": outcome.reason or None,
        "digest": outcome.digest or None,
        "cached": outcome.cached,
        "sends": outcome.sends,
        "cost_usd": outcome.cost_micro / 1_000_000,
        "seconds": outcome.seconds if row.is_drawn and not outcome.cached else None,
        "quality": row.quality,
        "unscored": row.unscored_reason or None,
        "stars": row.stars,
        "choice": row.choice or None,
    }
    for name in scorers:
        score = row.scores.get(name)
        known = score if isinstance(score, Score) else None
        made |= {
            f"score.{name}": known.value if known else None,
            f"raw.{name}": known.raw if known else None,
            f"unit.{name}": known.unit if known else None,
        }
    return made | {"simulated": trial.request.source == "simulated"}


def _cell(value: object) -> Cell:
    return value if value is None or isinstance(value, str | int | float) else " ".join(map(str, _each(value)))


def _each(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else (value,)


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _one_type(cells: Sequence[Cell]) -> list[Cell]:
    """Cells of one type: a factor whose levels are numbers here and `none` there becomes text."""
    has_text = any(isinstance(cell, str) for cell in cells)
    has_fraction = any(isinstance(cell, float) for cell in cells)
    if has_text:
        return [None if cell is None else str(cell) for cell in cells]
    if has_fraction:
        return [None if cell is None else float(cell) for cell in cells]
    return list(cells)
