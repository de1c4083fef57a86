"""A living run and a dead one are told apart."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.errors import StoreError
from prodimg_lab.store import RunLock, is_living, locks
from prodimg_lab.store.locks import held_if_dead

HOLD = """
import sys
from pathlib import Path
from prodimg_lab.store import RunLock
with RunLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_run_is_living_while_its_lock_is_held(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert not is_living(folder)
    with RunLock(folder):
        assert is_living(folder)
    assert not is_living(folder)


def test_a_killed_process_gives_its_lock_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    monkeypatch.setattr(locks, "GRACE_S", 0.05)
    holder = start_python(HOLD, tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert is_living(tmp_path)
    with pytest.raises(StoreError, match="is being drawn by another process"), RunLock(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    assert not is_living(tmp_path)
    with RunLock(tmp_path):
        pass


def test_asking_whether_a_run_lives_never_keeps_it_from_starting(tmp_path: Path) -> None:
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            is_living(tmp_path)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        for _ in range(30):
            with RunLock(tmp_path):
                pass
    finally:
        is_over.set()
        asker.join()


def test_while_a_dead_runs_lock_is_held_nobody_begins_to_draw_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "GRACE_S", 0.05)
    folder = tmp_path / "r1"
    folder.mkdir()
    with held_if_dead(folder) as is_dead:
        assert is_dead
        with pytest.raises(StoreError, match="being drawn by another process"), RunLock(folder):
            pass
    with RunLock(folder), held_if_dead(folder) as is_dead:
        assert not is_dead
    with held_if_dead(tmp_path / "never made") as is_dead:
        assert is_dead
