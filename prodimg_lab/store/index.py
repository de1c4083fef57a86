"""How is a question about all runs answered without reading every journal?

One SQLite file in WAL mode, `<lab>/.prodimg/index.db`. It is a view: `rebuild` makes it anew from journals and records.
Where WAL is refused, or the lab lies on NFS, EFS or SMB, it is in mode TRUNCATE and one process at a time may have it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from filelock import FileLock, Timeout

from prodimg_lab.errors import StoreError, StoreFull
from prodimg_lab.store.durable import translated
from prodimg_lab.store.filesystems import is_network, kind_of
from prodimg_lab.store.journal import Line
from prodimg_lab.store.locks import is_living
from prodimg_lab.store.projection import Run, project
from prodimg_lab.store.schema import MIGRATIONS, TABLES, TRIGGERS, VERSION

BUSY_S = 60.0
"""How long a transaction waits for another process's; ours last milliseconds."""

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as the index knows it. `state` is `interrupted` where the journal says running but no process does.

    Money in micro-dollars, moments as UTC ISO 8601 text ("" while there is none).
    """

    run_id: str
    experiment: str
    folder: Path
    state: str
    started_at: str
    finished_at: str
    note: str
    planned: int
    simulated: bool
    real_cost_micro: int
    simulated_cost_micro: int


class Index:
    """The index of a lab. Safe to use from several threads; each process opens its own."""

    def __init__(self, file: Path) -> None:
        """Open `file`, making it when it is not there. Raises `StoreError`, also when a newer program made it."""
        self.file = file
        self.lab = file.resolve().parent.parent
        self._guard = threading.RLock()
        self._durable = False
        self._sole = FileLock(file.with_name(file.name + ".sole"), thread_local=False)
        with self._translated(), translated("open the index", file.parent):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
                self._inode = file.stat().st_ino
            except BaseException:
                self.close()
                raise

    @property
    def journal_mode(self) -> str:
        """`wal`, or `truncate` where only one process may work."""
        return str(self.rows("PRAGMA journal_mode")[0][0])

    @property
    def was_replaced(self) -> bool:
        """Whether the file was deleted or another put in its place since it was opened: nobody sees what is written."""
        try:
            return self.file.stat().st_ino != self._inode
        except OSError:
            return True

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._connection.close()
            self._sole.release()

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """One `BEGIN IMMEDIATE` transaction: all of it or nothing. `durable` also survives a power cut (0.3 ms).

        Raises `StoreFull` or `StoreError`.
        """
        with self._guard, self._translated():
            self._set_durable(durable)
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._commit()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """The rows of one query."""
        with self._guard, self._translated():
            return self._connection.execute(sql, values).fetchall()

    def runs(self) -> list[RunRow]:
        """Every run, newest first."""
        sql = (
            "SELECT r.run_id, r.experiment, r.folder, r.state, r.started_at, r.finished_at, r.note, r.planned, "
            "r.simulated, COALESCE(t.real_micro, 0), COALESCE(t.simulated_micro, 0) FROM runs r "
            "LEFT JOIN totals t ON t.scope = 'run:' || r.run_id ORDER BY r.started_at DESC, r.run_id DESC"
        )
        return [self._run_row(row) for row in self.rows(sql)]

    def run_folder(self, run_id: str) -> Path | None:
        """The folder of a run, or None when the index does not know it."""
        found = self.rows("SELECT folder FROM runs WHERE run_id = ?", (run_id,))
        return self.lab / str(found[0][0]) if found else None

    def folder_name(self, folder: Path) -> str:
        """How a run folder is written down: relative to the lab where it lies inside, so that a lab can be moved."""
        resolved = folder.resolve()
        inside = resolved.is_relative_to(self.lab)
        return resolved.relative_to(self.lab).as_posix() if inside else str(resolved)

    def get_scores(self, keys: Sequence[str]) -> dict[str, str]:
        """The cached scores (JSON text) of those `keys` that are known."""
        found: dict[str, str] = {}
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self.rows(f"SELECT key, score FROM scores WHERE key IN ({marks})", part)
            found.update({str(key): str(score) for key, score in rows})
        return found

    def put_scores(self, scores: Mapping[str, str]) -> None:
        """Remember scores (JSON text by key); a known key gets the new value."""
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?)", list(scores.items()))

    def bring_in(self, folder: Path, lines: Iterable[Line]) -> None:
        """Take in what journal lines of the run in `folder` mean. Raises `StoreError`."""
        run = Run(folder.name, self.folder_name(folder))
        with self.transaction() as connection:
            for line in lines:
                project(connection, run, line)

    def factor(self, run_id: str, factor: str) -> tuple[list[object], list[int]] | None:
        """The levels of a factor, and for each trial of the plan the place of its level; None where unknown."""
        found = self.rows("SELECT levels, places FROM factors WHERE run_id = ? AND factor = ?", (run_id, factor))
        return (orjson.loads(str(found[0][0])), orjson.loads(str(found[0][1]))) if found else None

    def factor_names(self, run_id: str) -> list[str]:
        """The factors of a run that the index knows."""
        return [str(name) for (name,) in self.rows("SELECT factor FROM factors WHERE run_id = ?", (run_id,))]

    def marks(self, run_id: str, scorer: str) -> list[Row]:
        """Trial and score (0..5) of every picture that a scorer has judged."""
        return self.rows("SELECT trial, value FROM marks WHERE run_id = ? AND scorer = ?", (run_id, scorer))

    def scorer_names(self, run_id: str) -> list[str]:
        """The scorers that have judged pictures of a run."""
        return [str(name) for (name,) in self.rows("SELECT DISTINCT scorer FROM marks WHERE run_id = ?", (run_id,))]

    def draw_on(self, quota: str, folder: Path) -> None:
        """The run in `folder` draws on a quota from now on."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO drawing VALUES (?, ?)", (quota, self.folder_name(folder)))

    def draw_no_more_on(self, quota: str, folder: Path) -> None:
        """The run in `folder` does not draw on a quota any more."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM drawing WHERE quota = ? AND folder = ?", (quota, self.folder_name(folder)))

    def drawing_on(self, quota: str) -> list[Path]:
        """The folders of the runs that draw on a quota, or died while they did."""
        return [
            self.lab / str(folder) for (folder,) in self.rows("SELECT folder FROM drawing WHERE quota = ?", (quota,))
        ]

    def rate(self, quota: str) -> dict[str, float] | None:
        """What was learnt of a quota (`model@region`); None when nothing was."""
        found = self.rows("SELECT learnt FROM rates WHERE quota = ?", (quota,))
        return {str(name): float(value) for name, value in orjson.loads(str(found[0][0])).items()} if found else None

    def put_rate(self, quota: str, learnt: Mapping[str, float]) -> None:
        """Remember what was learnt of a quota for the next run."""
        with self.transaction() as connection:
            text = orjson.dumps(dict(learnt), option=orjson.OPT_SORT_KEYS).decode()
            connection.execute("INSERT OR REPLACE INTO rates VALUES (?, ?)", (quota, text))

    def _run_row(self, row: Row) -> RunRow:
        folder = self.lab / str(row[2])
        is_dead = row[3] == "running" and not is_living(folder)
        return RunRow(
            run_id=str(row[0]),
            experiment=str(row[1]),
            folder=folder,
            state="interrupted" if is_dead else str(row[3]),
            started_at=str(row[4]),
            finished_at=str(row[5]),
            note=str(row[6]),
            planned=int(str(row[7])),
            simulated=bool(row[8]),
            real_cost_micro=int(str(row[9])),
            simulated_cost_micro=int(str(row[10])),
        )

    def _prepare(self) -> None:
        self._refuse_newer()
        with FileLock(self.file.with_name(self.file.name + ".lock")):  # two processes may meet on a new lab
            self._choose_mode()
            if self._version() != VERSION:
                self._create_or_migrate()
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def _choose_mode(self) -> None:
        """WAL, for any number of processes; else TRUNCATE, for this one alone. Raises `StoreError`."""
        if not is_network(self.file.parent):
            (mode,) = self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode == "wal":
                return
        kind = kind_of(self.file.parent) or "a file system that refuses WAL"
        try:
            self._sole.acquire(blocking=False)
        except Timeout as error:
            raise StoreError(
                f"{self.file} lies on {kind}, where one process at a time may work, and another one has it open: wait "
                "for its end, or move the lab to a local disk"
            ) from error
        self._connection.execute("PRAGMA journal_mode = TRUNCATE")

    def _refuse_newer(self) -> None:
        version = self._version()
        if version > VERSION:
            raise StoreError(
                f"{self.file} was made by a newer prodimg (schema {version}, this one knows {VERSION}): update "
                "prodimg, or move the file away and run `prodimg fsck --rebuild`"
            )

    def _create_or_migrate(self) -> None:
        self._refuse_newer()  # perhaps since a moment ago
        version = self._version()
        if version == 0:
            self._connection.executescript(f"BEGIN;{TABLES}{TRIGGERS}PRAGMA user_version = {VERSION};COMMIT;")
        elif version < VERSION:
            self._back_up(version)
            steps = "".join(MIGRATIONS[each] for each in range(version, VERSION))
            self._connection.executescript(f"BEGIN IMMEDIATE;{steps}PRAGMA user_version = {VERSION};COMMIT;")

    def _back_up(self, version: int) -> None:
        """Copy the index beside itself as `index.db.v1` before it is migrated."""
        copy = sqlite3.connect(self.file.with_name(f"{self.file.name}.v{version}"))
        try:
            self._connection.backup(copy)
        finally:
            copy.close()

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def _set_durable(self, durable: bool) -> None:
        if durable != self._durable:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
            raise  # our own mistakes, not the disk's
        except sqlite3.DatabaseError as error:
            raise _as_store_error(error, self.file) from error


def _as_store_error(error: sqlite3.DatabaseError, file: Path) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_TRUNCATE")):
        return StoreFull(f"no room left for the index {file} ({error}). Make room there, then resume the run")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreError(f"the index {file} is damaged ({error}): delete it and run `prodimg fsck --rebuild`")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(
            f"the index {file} has been locked by another process for {BUSY_S:.0f} s: end that one, then go on with "
            "`prodimg resume`"
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return StoreError(f"the index {file} can't be written ({error}): make its folder writable")
    return StoreError(f"the index {file} can't be used: {error}")
