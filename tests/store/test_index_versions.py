"""An index of every schema version opens: `index_versions/<n>.sql` is one that version n left."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from prodimg_lab.errors import StoreError
from prodimg_lab.store import Index
from prodimg_lab.store.schema import MIGRATIONS, VERSION

FIXTURES = Path(__file__).parent / "index_versions"
RUN = "20261101-101500-ab12"


def written(folder: Path, sql: str) -> Path:
    file = folder / ".prodimg" / "index.db"
    file.parent.mkdir()
    connection = sqlite3.connect(file)
    connection.executescript(sql)
    connection.close()
    return file


def tables(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {(name, " ".join(sql.split())) for name, sql in found}


def test_every_version_has_its_fixture_and_its_migration() -> None:
    assert {int(file.stem) for file in FIXTURES.glob("*.sql")} == set(range(1, VERSION + 1))
    assert set(MIGRATIONS) == set(range(1, VERSION))


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_an_index_of_any_version_opens_with_all_that_was_paid(version: int, tmp_path: Path) -> None:
    file = written(tmp_path, (FIXTURES / f"{version}.sql").read_text("utf-8"))
    index = Index(file)
    (run,) = index.runs()
    assert (run.run_id, run.state, run.real_cost_micro, run.note) == (RUN, "done", 320_000, "first try")
    assert index.rows("SELECT state, COUNT(*) FROM trials GROUP BY state") == [("done", 3), ("uncertain", 1)]
    assert index.get_scores(["k"]) == {"k": '{"value": 4.5}'}
    index.put_rate("q", {"per_s": 1.0})
    assert index.rows("PRAGMA user_version") == [(VERSION,)]
    index.close()
    new = Index(tmp_path / "new" / "index.db")
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(new.file)) as fresh:
        assert tables(old) == tables(fresh), "a migrated index has the tables of a new one"
    new.close()


@pytest.mark.parametrize("version", range(1, VERSION))
def test_migrating_leaves_the_old_index_beside_the_new_one(version: int, tmp_path: Path) -> None:
    file = written(tmp_path, (FIXTURES / f"{version}.sql").read_text("utf-8"))
    Index(file).close()
    copy = sqlite3.connect(file.with_name(f"index.db.v{version}"))
    assert copy.execute("PRAGMA user_version").fetchone() == (version,)
    assert copy.execute("SELECT COUNT(*) FROM ledger").fetchone() == (4,)
    copy.close()


def test_a_newer_index_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    newest = (FIXTURES / f"{VERSION}.sql").read_text("utf-8")
    file = written(tmp_path, newest + f"PRAGMA user_version = {VERSION + 1};")
    before = file.read_bytes()
    with pytest.raises(StoreError, match=rf"newer prodimg \(schema {VERSION + 1}.*update prodimg"):
        Index(file)
    assert file.read_bytes() == before
