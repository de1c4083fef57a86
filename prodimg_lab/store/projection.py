"""What does one journal line change in the index?

The same function serves a living run and a rebuild, so the two can't come to differ.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from prodimg_lab.records import TrialState
from prodimg_lab.store.journal import Line


@dataclass(frozen=True, slots=True)
class Run:
    """The run that lines belong to: its id, and its folder as `Index.folder_name` writes it."""

    run_id: str
    folder: str


LEDGER_STATES: Mapping[str, str] = {
    "sent": "sent",
    "done": "spent",
    "refused": "spent",
    "spent": "spent",
    "uncertain": "uncertain",
    "failed": "released",
    "planned": "released",
    "released": "released",
}
"""What the state of a trial or charge means for the money of its claim."""


def text(line: Line, name: str) -> str:
    """A text field of a line; "" when it is absent."""
    return str(line.get(name, ""))


def whole(line: Line, name: str) -> int:
    """A whole number of a line; 0 when it is absent."""
    value = line.get(name, 0)
    return int(value) if isinstance(value, int | float) else 0


def number(line: Line, name: str) -> float:
    """A number of a line; 0 when it is absent."""
    value = line.get(name, 0.0)
    return float(value) if isinstance(value, int | float) else 0.0


def ledger_key(line: Line) -> str:
    """The key of a line's claim in the ledger: `trial:7`, or the charge's own."""
    return f"trial:{whole(line, 'trial')}" if line["event"] == "trial" else text(line, "key")


def project(connection: sqlite3.Connection, run: Run, line: Line) -> None:
    """Bring a line of a run into the index; unknown events change nothing."""
    act = _EVENTS.get(text(line, "event"))
    if act is not None:
        act(connection, run, line)


def _run(connection: sqlite3.Connection, run: Run, line: Line) -> None:
    state = text(line, "state")
    if state == "running":
        connection.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, '', ?, ?, ?) ON CONFLICT (run_id) DO UPDATE "
            "SET state = 'running', finished_at = '', folder = excluded.folder, planned = excluded.planned",
            (
                run.run_id,
                text(line, "experiment"),
                run.folder,
                state,
                text(line, "at"),
                text(line, "note"),
                whole(line, "planned"),
                bool(line.get("simulated", False)),
            ),
        )
    else:
        connection.execute(
            "UPDATE runs SET state = ?, finished_at = ? WHERE run_id = ?", (state, text(line, "at"), run.run_id)
        )


def _trial(connection: sqlite3.Connection, run: Run, line: Line) -> None:
    _money(connection, run, line)
    state = text(line, "state")
    connection.execute(
        "INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.run_id,
            whole(line, "trial"),
            text(line, "fingerprint"),
            state,
            text(line, "digest"),
            text(line, "output_format"),
            bool(line.get("cached", False)),
            whole(line, "cost_micro"),
            number(line, "seconds"),
            whole(line, "sends"),
            text(line, "reason"),
            text(line, "at"),
        ),
    )
    if state in (TrialState.DONE, TrialState.REFUSED):
        connection.execute(
            "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?)",
            (text(line, "fingerprint"), state, text(line, "digest"), text(line, "output_format")),
        )


def _money(connection: sqlite3.Connection, run: Run, line: Line) -> None:
    if "claim" not in line:
        return
    state = LEDGER_STATES[text(line, "state")]
    micro = whole(line, "price_micro" if state == "sent" else "charge_micro")
    real, simulated = (0, micro) if line.get("simulated", False) else (micro, 0)
    key, claim = ledger_key(line), whole(line, "claim")
    if state == "sent":
        day = text(line, "at")[:10]
        connection.execute(
            "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (run.run_id, key, claim, text(line, "fingerprint"), state, day, real, simulated),
        )
    else:
        connection.execute(
            "UPDATE ledger SET state = ?, real_micro = ?, simulated_micro = ? WHERE run_id = ? AND key = ? "
            "AND claim = ?",
            (state, real, simulated, run.run_id, key, claim),
        )


def _score(connection: sqlite3.Connection, run: Run, line: Line) -> None:
    if text(line, "key"):
        score = orjson.dumps(line.get("score"), option=orjson.OPT_SORT_KEYS).decode()
        connection.execute("INSERT OR REPLACE INTO scores VALUES (?, ?)", (text(line, "key"), score))
    said = line.get("score")
    if isinstance(said, Mapping) and "trial" in line and isinstance(value := said.get("value"), int | float):
        row = (run.run_id, str(said.get("scorer", "")), whole(line, "trial"), float(value))
        connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", row)


def _factors(connection: sqlite3.Connection, run: Run, line: Line) -> None:
    factors = line.get("factors")
    for factor, column in factors.items() if isinstance(factors, Mapping) else ():
        levels, places = (orjson.dumps(column[name]).decode() for name in ("levels", "places"))
        connection.execute(
            "INSERT OR REPLACE INTO factors VALUES (?, ?, ?, ?)", (run.run_id, str(factor), levels, places)
        )


_EVENTS: Mapping[str, Callable[[sqlite3.Connection, Run, Line], None]] = {
    "run": _run,
    "trial": _trial,
    "charge": _money,
    "score": _score,
    "factors": _factors,
}
