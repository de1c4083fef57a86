"""What happened in a run, in order, and how does it survive?

`journal.jsonl` is append-only: one JSON object a line, with `at` (UTC, ISO 8601) and `event`:

    run     `state` (running, then how the session ended), and what the run is: `run_id`, `experiment`, `note`, …
    trial   `trial` (its place in the plan), `state`, `fingerprint`; money where a claim was made (see `ledger`)
    arrived `trial`, `claim` and the `record` that will be bound: paid bytes have come and are about to be stored
    charge  the same for other paid calls (a judge, an upscale), under `key`
    retry   an answer that led to another send, or a throttle: `trial`, `error`, `delay_s`
    score   `trial`, `key` (of the score cache) and `score` (its JSON)
    factors `factors`: by name its `levels`, and `places`: for each trial of the plan the place of its level
    rating, vote, and whatever else the rooms to the left write; unknown events are kept and skipped

Each line is one write under a short file lock, so several processes may append. A line is on its way to the disk when
`append` returns (a killed process loses nothing); with `durable=True` it is on the disk (a power cut loses nothing
either). The runner asks for that where a line stands for money. The whole order is: bytes, record, journal line, index
row. A line that was torn by a kill or a full disk is taken back by the next writer and left out by readers.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import orjson

from prodimg_lab.errors import StoreError
from prodimg_lab.records import canonical_json
from prodimg_lab.store.durable import make_folder, sync_folder, translated
from prodimg_lab.store.locks import locked

FILE = "journal.jsonl"

Line = Mapping[str, object]


def utc_now() -> str:
    """The moment as UTC ISO 8601 text with microseconds: `2026-01-31T09:05:00.123456Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Journal:
    """Appends to the journal of one run folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE
        self._guard = threading.Lock()
        self._fd = -1

    def append(self, line: Line, *, durable: bool = False) -> None:
        """Write one line, as `extend` does."""
        self.extend((line,), durable=durable)

    def extend(self, lines: Sequence[Line], *, durable: bool = False) -> None:
        """Write lines together; `at` is added where it is missing.

        Raises `StoreFull` or `StoreError`: they are taken back then, save when forcing them to the disk failed.
        """
        now = utc_now()
        data = b"".join(canonical_json({"at": now, **line}) + b"\n" for line in lines)
        with translated("append to the journal", self.file.parent):
            with self._guard:
                fd = self._open()
                with locked(fd):
                    _write(fd, data)
            if durable:  # others may write meanwhile
                _force(fd)

    def close(self) -> None:
        """Close the file; a later `append` opens it again."""
        with self._guard:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1

    def _open(self) -> int:
        if self._fd < 0:
            is_new = not self.file.exists()
            make_folder(self.file.parent)
            self._fd = os.open(self.file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            if is_new:
                sync_folder(self.file.parent)
        return self._fd


def read_journal(folder: Path) -> Iterator[Line]:
    """Every whole line of a run's journal, oldest first; nothing when there is no journal.

    A torn last line is left out. Raises `StoreError` with file and line for damage anywhere else.
    """
    file = folder / FILE
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return
    lines = data.split(b"\n")
    for number, text in enumerate(lines[:-1], 1):
        try:
            line = orjson.loads(text)
        except ValueError as error:
            raise StoreError(_damaged(file, number, str(error))) from error
        if not isinstance(line, dict) or "event" not in line:
            raise StoreError(_damaged(file, number, "no JSON object with an event"))
        yield line
    if lines[-1] and (last := _whole(lines[-1])) is not None:
        yield last


def read_on(folder: Path, offset: int) -> tuple[list[Line], int]:
    """The whole lines of a run's journal from `offset` (bytes) on, and the offset to go on from.

    What is not a whole line yet is read the next time. A journal that was cut or replaced is read from its beginning.
    Raises `StoreError` for damage.
    """
    file = folder / FILE
    try:
        with file.open("rb") as opened:
            if opened.seek(0, os.SEEK_END) < offset:
                offset = 0
            opened.seek(offset)
            data = opened.read()
    except FileNotFoundError:
        return [], 0
    end = data.rfind(b"\n") + 1
    lines: list[Line] = []
    for text in data[:end].splitlines():
        line = _whole(text)
        if line is None:
            raise StoreError(f"{file}: the journal is damaged after byte {offset}; run `prodimg fsck`")
        lines.append(line)
    return lines, offset + end


def _force(fd: int) -> None:
    if hasattr(os, "fdatasync"):
        os.fdatasync(fd)
    else:
        os.fsync(fd)


def _write(fd: int, data: bytes) -> None:
    end = _mended_end(fd)
    try:
        os.lseek(fd, end, os.SEEK_SET)
        written = os.write(fd, data)
        while written < len(data):  # a disk that is nearly full takes a part; the next write says why
            written += os.write(fd, data[written:])
    except BaseException:
        with suppress(OSError):
            os.ftruncate(fd, end)
        raise


def _mended_end(fd: int) -> int:
    """Where the next line belongs. A torn last line is completed when only its end is missing, else taken back."""
    size = os.fstat(fd).st_size
    if size == 0:
        return 0
    os.lseek(fd, size - 1, os.SEEK_SET)
    if os.read(fd, 1) == b"\n":
        return size
    os.lseek(fd, 0, os.SEEK_SET)
    data = b"".join(iter(lambda: os.read(fd, 1 << 20), b""))
    start = data.rfind(b"\n") + 1
    if _whole(data[start:]) is not None:
        os.write(fd, b"\n")
        return size + 1
    os.ftruncate(fd, start)
    return start


def _whole(text: bytes) -> Line | None:
    try:
        line = orjson.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "event" in line else None


def _damaged(file: Path, number: int, why: str) -> str:
    return (
        f"{file}:{number}: the journal is damaged ({why}); mend or delete this line, then run `prodimg fsck --rebuild`"
    )
