"""The journal: append-only lines that survive kills, several writers and a full disk."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prodimg_lab.errors import StoreError, StoreFull
from prodimg_lab.store import Journal, read_journal
from prodimg_lab.store.journal import FILE

Start = Callable[..., "subprocess.Popen[str]"]


def numbers(folder: Path) -> list[object]:
    return [line["n"] for line in read_journal(folder)]


def test_lines_come_back_in_order_with_their_moment(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run")
    for n in range(3):
        journal.append({"event": "test", "n": n}, durable=n == 1)
    journal.close()
    journal.append({"event": "test", "n": 3})
    journal.close()
    assert numbers(tmp_path / "run") == [0, 1, 2, 3]
    assert all(str(line["at"]).endswith("Z") for line in read_journal(tmp_path / "run"))


def test_a_run_without_a_journal_has_no_lines(tmp_path: Path) -> None:
    assert list(read_journal(tmp_path)) == []


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_torn_last_line_is_left_out_by_readers_and_mended_by_the_next_writer(tmp_path: Path, cut: int) -> None:
    journal = Journal(tmp_path)
    journal.append({"at": "t", "event": "e", "n": 1})
    journal.append({"at": "t", "event": "e", "n": 2})
    journal.close()
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes()[:-cut])
    whole = 2 if cut == 1 else 1  # only the line's end is missing: nothing is lost
    assert numbers(tmp_path) == [1, 2][:whole]
    journal.append({"at": "t", "event": "e", "n": 3})
    journal.close()
    assert numbers(tmp_path) == [*[1, 2][:whole], 3]


def test_damage_within_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"event": "a"}\n{"event": \n{"event": "b"}\n')
    with pytest.raises(StoreError, match=rf"{FILE}:2: the journal is damaged"):
        list(read_journal(tmp_path))


APPEND_MANY = """
import sys
from pathlib import Path
from prodimg_lab.store import Journal
journal, start = Journal(Path(sys.argv[1])), int(sys.argv[2])
for n in range(start, start + 200):
    journal.append({"event": "test", "n": n, "text": "x" * 500})
"""


def test_threads_and_processes_append_whole_lines(tmp_path: Path, start_python: Start) -> None:
    processes = [start_python(APPEND_MANY, tmp_path, start) for start in (0, 200)]
    journal = Journal(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: journal.append({"event": "test", "n": n}), range(400, 600)))
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    journal.close()
    assert sorted(map(int, map(str, numbers(tmp_path)))) == list(range(600))


def test_a_full_disk_takes_the_line_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    journal.append({"event": "test", "n": 1})
    real_write = os.write

    def write_a_little(fd: int, data: bytes) -> int:
        if len(data) <= 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_write(fd, data[:10]) and len(data) - 5

    before = (tmp_path / FILE).read_bytes()
    monkeypatch.setattr(os, "write", write_a_little)
    with pytest.raises(StoreFull, match="append to the journal"):
        journal.append({"event": "test", "n": 2})
    monkeypatch.undo()
    assert (tmp_path / FILE).read_bytes() == before
    journal.append({"event": "test", "n": 3})
    journal.close()
    assert numbers(tmp_path) == [1, 3]
