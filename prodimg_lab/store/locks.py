"""Who is writing, and is the process behind a run still alive?

Both questions are answered by the operating system's file locks, which a killed process gives back by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from prodimg_lab.errors import StoreError

GRACE_S = 2.0
"""How long the taking of a run's lock waits: others touch it for microseconds to see whether the run lives."""


class RunLock:
    """Held by the process that draws a run, for as long as it draws. Use it as a context manager.

    Entering raises `StoreError` when another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(_file(folder), thread_local=False)

    def __enter__(self) -> RunLock:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=GRACE_S, poll_interval=0.01)
        except Timeout as error:
            raise StoreError(
                f"run {self._folder.name} is being drawn by another process; wait for its end, or stop it and resume"
            ) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._lock.release()


def is_living(folder: Path) -> bool:
    """Whether some process is drawing the run of this folder right now."""
    if not _file(folder).exists():
        return False
    with held_if_dead(folder) as is_dead:
        return not is_dead


@contextmanager
def held_if_dead(folder: Path) -> Iterator[bool]:
    """Whether nobody is drawing the run of this folder; if so, nobody begins to while the block lasts."""
    if not folder.is_dir():
        yield True
        return
    lock = FileLock(_file(folder), thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _file(folder: Path) -> Path:
    return folder / ".run.lock"


if sys.platform == "win32":
    import msvcrt

    def try_lock(fd: int) -> bool:
        """Lock an open file against other processes; False when one of them has it."""
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    @contextmanager
    def locked(fd: int) -> Iterator[None]:
        """Hold an open file against other processes for a moment, waiting for it if need be."""
        msvcrt.locking(fd, msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def try_lock(fd: int) -> bool:
        """Lock an open file against other processes; False when one of them has it."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    @contextmanager
    def locked(fd: int) -> Iterator[None]:
        """Hold an open file against other processes for a moment, waiting for it if need be."""
        fcntl.flock(fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(fd, fcntl.LOCK_UN)
