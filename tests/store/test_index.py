"""The index: a view that several threads and processes share, and that an older program leaves alone."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prodimg_lab.errors import StoreError, StoreFull
from prodimg_lab.store import Index, RunLock
from prodimg_lab.store.filesystems import kind_of
from prodimg_lab.store.schema import VERSION


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index(tmp_path / "lab" / ".prodimg" / "index.db")
    yield index
    index.close()


def test_an_index_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "index.db"
    with sqlite3.connect(file) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
        newer.execute("CREATE TABLE future (x)")
    newer.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match=rf"newer prodimg \(schema {VERSION + 1}, this one knows {VERSION}\).*rebuild"):
        Index(file)
    assert file.read_bytes() == before


def test_a_file_that_is_no_index_is_told_with_the_next_step(tmp_path: Path) -> None:
    file = tmp_path / "index.db"
    file.write_bytes(b"this is no database, whatever its name says " * 100)
    with pytest.raises(StoreError, match=r"is damaged .*delete it and run `prodimg fsck --rebuild`"):
        Index(file)


def test_it_writes_ahead_and_carries_its_version(index: Index) -> None:
    assert index.rows("PRAGMA journal_mode") == [("wal",)]
    assert index.rows("PRAGMA user_version") == [(VERSION,)]


def test_a_transaction_is_done_whole_or_not_at_all(index: Index) -> None:
    with pytest.raises(ZeroDivisionError), index.transaction() as connection:
        connection.execute("INSERT INTO scores VALUES ('a', '1')")
        _ = 1 / 0
    assert index.get_scores(["a"]) == {}
    with index.transaction(durable=True) as connection:
        connection.execute("INSERT INTO scores VALUES ('a', '1')")
    assert index.get_scores(["a"]) == {"a": "1"}


def test_a_full_disk_is_told_as_such(index: Index) -> None:
    index.rows("PRAGMA max_page_count = 30")
    with pytest.raises(StoreFull, match="no room left for the index"):
        index.put_scores({str(number): "x" * 5000 for number in range(100)})
    assert index.get_scores(["0"]) == {}
    index.put_scores({"a": "1"})


def test_our_own_mistakes_in_sql_are_not_blamed_on_the_disk(index: Index) -> None:
    with pytest.raises(sqlite3.IntegrityError), index.transaction() as connection:
        connection.execute("INSERT INTO rates VALUES (NULL, NULL)")


def test_scores_are_found_by_key_however_many_are_asked_for(index: Index) -> None:
    scores = {f"picture/{number}": f'{{"value": {number}}}' for number in range(1234)}
    index.put_scores(scores)
    assert index.get_scores([*scores, "picture/unknown"]) == scores
    index.put_scores({"picture/7": "null"})
    assert index.get_scores(["picture/7"]) == {"picture/7": "null"}
    assert index.get_scores([]) == {}


def test_what_was_learnt_of_a_model_is_remembered(index: Index) -> None:
    assert index.rate("sd35") is None
    index.put_rate("sd35", {"per_s": 2.5})
    index.put_rate("sd35", {"per_s": 3.5, "burst": 2.0})
    assert index.rate("sd35") == {"per_s": 3.5, "burst": 2.0}


def test_a_lab_may_be_moved_because_run_folders_are_written_from_its_root(index: Index, tmp_path: Path) -> None:
    inside = tmp_path / "lab" / "experiments" / "e" / "runs" / "r1"
    assert index.folder_name(inside) == "experiments/e/runs/r1"
    assert index.folder_name(tmp_path / "elsewhere") == str((tmp_path / "elsewhere").resolve())


def test_runs_are_listed_newest_first_and_a_dead_one_is_interrupted(index: Index, tmp_path: Path) -> None:
    rows = [("r1", "done", "2026-01-01"), ("r3", "running", "2026-01-03"), ("r2", "running", "2026-01-02")]
    with index.transaction() as connection:
        for run_id, state, at in rows:
            connection.execute(
                "INSERT INTO runs VALUES (?, 'mug-hero', ?, ?, ?, '', '', 4, 0)", (run_id, f"runs/{run_id}", state, at)
            )
    with RunLock(tmp_path / "lab" / "runs" / "r2"):
        listed = [(run.run_id, run.state) for run in index.runs()]
    assert listed == [("r3", "interrupted"), ("r2", "running"), ("r1", "done")]


OPEN = """
import sys
from pathlib import Path
from prodimg_lab.store import Index
index = Index(Path(sys.argv[1]))
index.put_scores({sys.argv[2]: "1"})
"""


def test_processes_may_meet_at_the_making_of_an_index(
    tmp_path: Path, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    processes = [start_python(OPEN, tmp_path / "new" / "index.db", key) for key in "abcd"]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    index = Index(tmp_path / "new" / "index.db")
    assert index.get_scores(list("abcd")) == dict.fromkeys("abcd", "1")
    index.close()


def on_nfs(monkeypatch: pytest.MonkeyPatch, mounted: Path) -> None:
    mounts = mounted.parent / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nfs-1.efs:/ {mounted} nfs4 rw,vers=4.1 0 0\n")
    monkeypatch.setattr("prodimg_lab.store.filesystems.MOUNTS", mounts)


def test_on_a_network_file_system_one_process_at_a_time_has_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = tmp_path / "efs" / "lab"
    on_nfs(monkeypatch, tmp_path / "efs")
    index = Index(lab / ".prodimg" / "index.db")
    assert index.journal_mode == "truncate"
    index.put_scores({"a": "1"})
    with pytest.raises(StoreError, match=r"lies on nfs4, where one process at a time may work.*move the lab"):
        Index(index.file)
    index.close()
    again = Index(index.file)
    assert again.get_scores(["a"]) == {"a": "1"}
    again.close()


def test_a_lab_that_was_moved_from_a_local_disk_leaves_wal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index(tmp_path / "efs" / ".prodimg" / "index.db")
    assert index.journal_mode == "wal"
    index.put_scores({"a": "1"})
    index.close()
    on_nfs(monkeypatch, tmp_path / "efs")
    moved = Index(index.file)
    assert moved.journal_mode == "truncate"
    assert moved.get_scores(["a"]) == {"a": "1"}
    moved.close()


def test_the_deepest_mount_tells_the_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_nfs(monkeypatch, tmp_path / "efs")
    assert kind_of(tmp_path / "efs" / "lab") == "nfs4"
    assert kind_of(tmp_path / "efs2") == "ext4"
    monkeypatch.setattr("prodimg_lab.store.filesystems.MOUNTS", tmp_path / "nowhere")
    assert kind_of(tmp_path) == ""
