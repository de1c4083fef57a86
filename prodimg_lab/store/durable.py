"""How does a file come into being whole, or not at all?

Bytes go to a temporary file, are forced to the disk, and only then get their name; the folder that holds the name is
forced to the disk too. A power cut at any moment leaves the old state or the new one.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prodimg_lab.errors import StoreError, StoreFull

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The device is full, the user's quota is, or the file may not grow any further."""

NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})
"""What file systems without hard links answer."""


@contextmanager
def translated(what: str, where: Path) -> Iterator[None]:
    """Turn an OSError into `StoreFull` or `StoreError`, with the place and the next step."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StoreFull(
                f"no room left to {what} in {where} ({error.strerror}); nothing half-written stays behind. "
                "Make room there, then resume the run"
            ) from error
        raise StoreError(f"could not {what} in {where}: {error.strerror or error}") from error


def write_whole(data: bytes, *, scratch: Path, target: Path, keep_first: bool = False) -> bool:
    """Write `data` durably to `target` by way of the folder `scratch` (same file system); False if it was there first.

    With `keep_first`, an existing target stays as it is, also against another process that writes it at the same time.
    Raises OSError; the temporary file is gone then.
    """
    make_folder(scratch)
    make_folder(target.parent)
    temporary = scratch / f"{target.name[:16]}-{os.getpid()}-{secrets.token_hex(6)}.tmp"
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        written = _link(temporary, target) if keep_first else _rename(temporary, target)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
    sync_folder(target.parent)
    return written


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Force a folder's names to the disk (a no-op where folders can't be opened, as on Windows)."""
    try:
        fd = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except PermissionError:
        return
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _rename(temporary: Path, target: Path) -> bool:
    os.replace(temporary, target)
    return True


def _link(temporary: Path, target: Path) -> bool:
    """Give the file its name unless the name is taken: one atomic step where there are hard links."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        return _claim_name(temporary, target)
    return True


def _claim_name(temporary: Path, target: Path) -> bool:
    """The same without hard links: a file of its own, made once, says who may rename."""
    from filelock import FileLock

    with FileLock(temporary.parent / "names.lock"):
        if target.exists():
            return False
        os.replace(temporary, target)
    return True
