"""What does the index hold? Nothing that journals and records could not give again.

`totals` is kept by triggers, so that the sums that caps are held against cost one row each and can't drift from
`ledger`.
"""

from __future__ import annotations

from collections.abc import Mapping

VERSION = 2
"""Raised with every change of the tables; an older program refuses a newer index."""

TABLES = """
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY, experiment TEXT NOT NULL, folder TEXT NOT NULL, state TEXT NOT NULL,
    started_at TEXT NOT NULL, finished_at TEXT NOT NULL, note TEXT NOT NULL, planned INTEGER NOT NULL,
    simulated INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE trials (
    run_id TEXT NOT NULL, trial INTEGER NOT NULL, fingerprint TEXT NOT NULL, state TEXT NOT NULL, digest TEXT NOT NULL,
    output_format TEXT NOT NULL, cached INTEGER NOT NULL, cost_micro INTEGER NOT NULL, seconds REAL NOT NULL,
    sends INTEGER NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (run_id, trial)
) WITHOUT ROWID;

CREATE TABLE pictures (
    fingerprint TEXT PRIMARY KEY, state TEXT NOT NULL, digest TEXT NOT NULL, output_format TEXT NOT NULL
) WITHOUT ROWID;

-- One row a claim. state: sent (reserved), spent, uncertain (spent too), released. `day` is the UTC day of the sending.
CREATE TABLE ledger (
    run_id TEXT NOT NULL, key TEXT NOT NULL, claim INTEGER NOT NULL, fingerprint TEXT NOT NULL, state TEXT NOT NULL,
    day TEXT NOT NULL, real_micro INTEGER NOT NULL, simulated_micro INTEGER NOT NULL,
    PRIMARY KEY (run_id, key, claim)
) WITHOUT ROWID;
CREATE INDEX ledger_by_fingerprint ON ledger (fingerprint, state);

CREATE TABLE totals (
    scope TEXT PRIMARY KEY, real_micro INTEGER NOT NULL, simulated_micro INTEGER NOT NULL,
    reserved_micro INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE scores (key TEXT PRIMARY KEY, score TEXT NOT NULL) WITHOUT ROWID;

"""

_SINCE_2 = """
-- What throttles have taught of a quota (`model@region`): JSON of `runner.pace.Learnt`.
CREATE TABLE rates (quota TEXT PRIMARY KEY, learnt TEXT NOT NULL) WITHOUT ROWID;

-- Which living runs draw on a quota; the only rows that no journal has.
CREATE TABLE drawing (quota TEXT NOT NULL, folder TEXT NOT NULL, PRIMARY KEY (quota, folder)) WITHOUT ROWID;

-- Scores (0..5) by trial, and the factors of a plan: level names, and for each trial the place of its level (JSON).
CREATE TABLE marks (
    run_id TEXT NOT NULL, scorer TEXT NOT NULL, trial INTEGER NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (run_id, scorer, trial)
) WITHOUT ROWID;
CREATE TABLE factors (
    run_id TEXT NOT NULL, factor TEXT NOT NULL, levels TEXT NOT NULL, places TEXT NOT NULL,
    PRIMARY KEY (run_id, factor)
) WITHOUT ROWID;
"""

TABLES += _SINCE_2

MIGRATIONS: Mapping[int, str] = {
    1: f"DROP TABLE rates;{_SINCE_2}",
}
"""By version: what makes an index of that version one of the next. Version 1 remembered pauses, which say nothing of a
rate: it is learnt anew. Scores and factors of older runs
are brought in from their folders when somebody asks for them (`experiment.frames`)."""

_SCOPES = ("'lab'", "'run:' || {row}.run_id", "'day:' || {row}.day")


def _count(row: str, sign: str) -> str:
    """Statements that add (`+`) or take (`-`) a ledger row to or from its three totals."""
    reserved = f"(CASE {row}.state WHEN 'sent' THEN {row}.real_micro ELSE 0 END)"
    return "".join(
        f"INSERT INTO totals VALUES ({scope.format(row=row)}, {sign}{row}.real_micro, {sign}{row}.simulated_micro, "
        f"{sign}{reserved}) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, "
        "simulated_micro = simulated_micro + excluded.simulated_micro, "
        "reserved_micro = reserved_micro + excluded.reserved_micro;\n"
        for scope in _SCOPES
    )


def _has_money(row: str) -> str:
    return f"{row}.real_micro + {row}.simulated_micro > 0"


TRIGGERS = f"""
CREATE TRIGGER ledger_added AFTER INSERT ON ledger WHEN {_has_money("NEW")} BEGIN
{_count("NEW", "+")}END;
CREATE TRIGGER ledger_taken AFTER DELETE ON ledger WHEN {_has_money("OLD")} BEGIN
{_count("OLD", "-")}END;
CREATE TRIGGER ledger_changed AFTER UPDATE ON ledger WHEN {_has_money("OLD")} OR {_has_money("NEW")} BEGIN
{_count("OLD", "-")}{_count("NEW", "+")}END;
"""
