"""Where do pictures live on a disk?

    <root>/ab/<digest>                    the provider's bytes, untouched
    <root>/records/ab/<fingerprint>.json  what a request gave
    <root>/tmp/                           files on their way; what a killed process left is swept at the next opening

Everything is written whole or not at all (`durable`). Any number of threads and processes may share one folder.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from prodimg_lab.errors import CorruptObject
from prodimg_lab.records import canonical_json, digest_of
from prodimg_lab.store._base import KeepsRoom, ObjectStore, Record
from prodimg_lab.store.durable import NO_ROOM, make_folder, sync_folder, translated, write_whole
from prodimg_lab.store.locks import try_lock
from prodimg_lab.store.names import is_name, object_key, record_key

SWEEP_AFTER_S = 3600.0
"""A temporary file lives for milliseconds; one this old, which no process holds, has no owner any more."""


class FolderStore:
    """Pictures and records in a folder. Opening it sweeps what killed processes left half-written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._scratch = root / "tmp"
        self._records = str(root / "records")
        self._sweep()

    def put(self, data: bytes, *, digest: str = "") -> str:
        """Store `data` durably and return its digest. A copy that is there and whole is kept; a damaged one is mended.

        Raises `StoreFull` when the disk is full, `StoreError` when it fails otherwise.
        """
        digest = digest or digest_of(data)
        target = self.object_file(digest)
        with translated(f"store picture {digest[:12]}", self.root):
            if _holds(target, data):
                sync_folder(target.parent)
            else:
                write_whole(data, scratch=self._scratch, target=target)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of `digest`. Raises `CorruptObject` when they are missing or do not match."""
        file = self.object_file(digest)
        try:
            data = file.read_bytes()
        except FileNotFoundError as error:
            raise CorruptObject(f"picture {digest} is missing: there is no {file}. {_MEND}") from error
        if digest_of(data) != digest:
            raise CorruptObject(f"picture {digest} is damaged: the {len(data)} bytes of {file} do not match. {_MEND}")
        return data

    def bind(self, fingerprint: str, record: Record) -> None:
        """Remember durably what a request gave. The first record of a fingerprint stays. Raises as `put` does."""
        file = self.record_file(fingerprint)
        with translated(f"store the record of request {fingerprint[:12]}", self.root):
            write_whole(canonical_json(record), scratch=self._scratch, target=file, keep_first=True)

    def lookup(self, fingerprint: str) -> Record | None:
        """The record of `fingerprint`, or None. Raises `CorruptObject` for a record that can't be read."""
        file = self.record_file(fingerprint)
        try:
            record = json.loads(file.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise CorruptObject(f"the record {file} is damaged: {error}. {_MEND}") from error
        if not isinstance(record, dict):
            raise CorruptObject(f"the record {file} is damaged: it is no JSON object. {_MEND}")
        return record

    def has(self, fingerprint: str) -> bool:
        """Whether a request has a record, not looked into: quick enough to ask for every trial of a large plan."""
        return os.path.exists(f"{self._records}/{fingerprint[:2]}/{fingerprint}.json")

    def keep_room(self, size: int) -> Room:
        """Set `size` bytes of the disk aside until they are given up or closed. Raises `StoreFull`."""
        return Room(self._scratch, size)

    def object_file(self, digest: str) -> Path:
        """Where the bytes of `digest` live."""
        return self.root / object_key(digest)

    def record_file(self, fingerprint: str) -> Path:
        """Where the record of `fingerprint` lives."""
        return self.root / record_key(fingerprint)

    def digests(self) -> Iterator[str]:
        """Every object that is there, in order of digest."""
        for shard in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(file.name for file in shard.iterdir() if is_name(file.name))

    def fingerprints(self) -> Iterator[str]:
        """Every request that has a record, in order of fingerprint."""
        for shard in sorted((self.root / "records").glob("[0-9a-f][0-9a-f]")):
            yield from sorted(file.stem for file in shard.glob("*.json") if is_name(file.stem))

    def place_of(self, *, digest: str = "", fingerprint: str = "") -> str:
        """Where an object or a record lives, for people and for `set_aside`."""
        return str(self.object_file(digest) if digest else self.record_file(fingerprint))

    def size_of(self, digest: str) -> int:
        """Bytes of an object; 0 when it is not there."""
        file = self.object_file(digest)
        return file.stat().st_size if file.exists() else 0

    def remove(self, *, digest: str = "", fingerprint: str = "") -> None:
        """Delete an object or a record; what is not there is gone already. Raises `StoreError`."""
        file = self.object_file(digest) if digest else self.record_file(fingerprint)
        with translated(f"delete {file.name[:12]}", self.root), suppress(FileNotFoundError):
            file.unlink()
            sync_folder(file.parent)

    def set_aside(self, place: str) -> str:
        """Move a damaged file to `<root>/set-aside/`; returns where it is now."""
        file = Path(place)
        target = self.root / "set-aside" / file.name
        with translated("set damaged files aside", target.parent):
            make_folder(target.parent)
            os.replace(file, target)
            sync_folder(file.parent)
            sync_folder(target.parent)
        return str(target)

    def _sweep(self) -> None:
        if not self._scratch.is_dir():
            return
        for file in self._scratch.glob("*.tmp"):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > SWEEP_AFTER_S and _has_no_owner(file):
                    file.unlink()


class Room:
    """Disk space kept back, so that pictures which are paid for and on their way find a place on a full disk."""

    def __init__(self, scratch: Path, size: int) -> None:
        self._guard = threading.Lock()
        self._file = scratch / f"room-{os.getpid()}-{secrets.token_hex(6)}.tmp"
        with translated(f"keep {size / 1e6:.0f} MB free for pictures on their way", scratch):
            make_folder(scratch)
            self._fd = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                try_lock(self._fd)
                _allocate(self._fd, size)
            except OSError:
                self.give_up()
                raise

    def give_up(self) -> None:
        """Return the space to the disk; again is harmless. It is free when this returns, whoever gave it up."""
        with self._guard:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1
                self._file.unlink(missing_ok=True)


_MEND = (
    "Put the file back from a backup, or run `prodimg fsck`, which lists what is damaged and sets it aside, "
    "so that it can be drawn again"
)


def _allocate(fd: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(fd, 0, size)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise
        else:
            return
    with open(fd, "wb", buffering=0, closefd=False) as file:  # file systems that can't allocate: write zeros
        left = size
        while left:
            left -= file.write(bytes(min(left, 1 << 20)))
        os.fsync(fd)


def _has_no_owner(file: Path) -> bool:
    fd = os.open(file, os.O_RDWR)
    try:
        return try_lock(fd)
    finally:
        os.close(fd)


def _holds(file: Path, data: bytes) -> bool:
    try:
        return file.stat().st_size == len(data) and file.read_bytes() == data
    except FileNotFoundError:
        return False


if TYPE_CHECKING:
    _store: ObjectStore = FolderStore(Path())
    _room: KeepsRoom = FolderStore(Path())
