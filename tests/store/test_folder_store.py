"""The folder store: whole or not at all, first record stays, damage is named."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prodimg_lab.errors import CorruptObject, StoreError, StoreFull
from prodimg_lab.records import digest_of
from prodimg_lab.store import FolderStore
from prodimg_lab.store.faults import find_faults
from prodimg_lab.store.folder import Room
from prodimg_lab.testing.stores import RECORD, MemoryStore, StoreContract

FINGERPRINT = digest_of(b"request")

Start = Callable[..., "subprocess.Popen[str]"]


class TestFolderStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> FolderStore:
        return FolderStore(tmp_path / "objects")


class TestFolderStoreWithoutHardLinks(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderStore:
        def refuse(source: object, target: object) -> None:
            raise OSError(errno.EPERM, "no hard links here")

        monkeypatch.setattr(os, "link", refuse)
        return FolderStore(tmp_path / "objects")


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


def files_of(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def test_files_lie_where_the_design_says(store: FolderStore) -> None:
    digest = store.put(b"mug")
    store.bind(FINGERPRINT, RECORD)
    assert files_of(store.root) == sorted(
        [store.root / digest[:2] / digest, store.root / "records" / FINGERPRINT[:2] / f"{FINGERPRINT}.json"]
    )


def test_bytes_and_name_are_on_the_disk_before_put_returns(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(fd: int) -> None:
        steps.append("fsync folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "fsync file")
        real_fsync(fd)

    def replace(source: Path, target: Path) -> None:
        steps.append("rename")
        real_replace(source, target)

    store.put(b"another")  # so that the folders are there
    shard = store.object_file(digest_of(b"mug")).parent
    shard.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    store.put(b"mug")
    assert steps == ["fsync file", "rename", "fsync folder"]


def test_a_damaged_object_is_named_with_the_next_step_and_mended_by_the_same_bytes(store: FolderStore) -> None:
    digest = store.put(b"a mug on marble")
    store.object_file(digest).write_bytes(b"a mug on mar")
    with pytest.raises(CorruptObject, match=rf"{digest} is damaged: the 12 bytes of .*backup.*prodimg fsck"):
        store.get(digest)
    store.put(b"a mug on marble")
    assert store.get(digest) == b"a mug on marble"


def test_a_torn_record_is_an_error_and_not_a_missing_one(store: FolderStore) -> None:
    store.bind(FINGERPRINT, RECORD)
    store.record_file(FINGERPRINT).write_bytes(b'{"state": "do')
    with pytest.raises(CorruptObject, match=FINGERPRINT):
        store.lookup(FINGERPRINT)


def test_faults_are_found_and_set_aside_so_that_the_picture_can_be_drawn_again(store: FolderStore) -> None:
    good, bad = store.put(b"good"), store.put(b"bad")
    torn, dangling, fine = digest_of(b"torn"), digest_of(b"dangling"), digest_of(b"fine")
    store.bind(dangling, {**RECORD, "digest": bad})
    store.bind(fine, {**RECORD, "digest": good})
    store.bind(torn, RECORD)
    store.object_file(bad).write_bytes(b"worse")
    store.record_file(torn).write_bytes(b"[]")
    faults = list(find_faults(store))
    assert {(fault.kind, fault.place) for fault in faults} == {
        ("object", str(store.object_file(bad))),
        ("record", str(store.record_file(torn))),
        ("record of a damaged object", str(store.record_file(dangling))),
    }
    moved = [store.set_aside(fault.place) for fault in faults]
    assert all(Path(place).exists() for place in moved)
    assert list(find_faults(store)) == []
    assert store.lookup(dangling) is None
    assert store.lookup(fine) is not None


def test_young_or_held_temporary_files_stay_and_old_ones_are_swept_at_opening(store: FolderStore) -> None:
    store.put(b"mug")
    scratch = store.root / "tmp"
    young, old = scratch / "young.tmp", scratch / "old.tmp"
    long_ago = time.time() - 7200
    for file in (young, old):
        file.write_bytes(b"half a pic")
    os.utime(old, (long_ago, long_ago))
    room = store.keep_room(1000)
    held = next(file for file in scratch.glob("room-*"))
    os.utime(held, (long_ago, long_ago))
    FolderStore(store.root)
    assert young.exists()
    assert held.exists()
    assert not old.exists()
    room.give_up()
    assert not held.exists()


def test_room_is_really_taken_from_the_disk(store: FolderStore) -> None:
    room = store.keep_room(3 << 20)
    (file,) = (store.root / "tmp").glob("room-*")
    assert file.stat().st_blocks * 512 >= 3 << 20
    room.give_up()
    room.give_up()
    assert list((store.root / "tmp").iterdir()) == []


def test_room_may_be_given_up_by_many_threads_at_once_and_is_free_for_each_when_it_returns(store: FolderStore) -> None:
    for _ in range(20):
        room = store.keep_room(1000)
        (file,) = (store.root / "tmp").glob("room-*")

        def give_up(number: int, room: Room = room, file: Path = file) -> bool:
            room.give_up()
            is_gone = not file.exists()
            mine = store.root / f"mine-{number}"  # takes the number that a file of another thread had
            mine.write_bytes(b"x")
            return is_gone and mine.read_bytes() == b"x"

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(give_up, range(8)))


@pytest.mark.parametrize("failure", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_fails_leaves_nothing_behind(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch, failure: int
) -> None:
    def fail(fd: int) -> None:
        raise OSError(failure, os.strerror(failure))

    store.put(b"good")
    before = files_of(store.root)
    monkeypatch.setattr(os, "fsync", fail)
    expected = StoreError if failure == errno.EIO else StoreFull
    for write in (lambda: store.put(b"mug"), lambda: store.bind(FINGERPRINT, RECORD)):
        with pytest.raises(expected) as caught:
            write()
        assert type(caught.value) is expected
        assert str(store.root) in str(caught.value)
    assert files_of(store.root) == before


LIMITED = """
import resource, sys
from pathlib import Path
from prodimg_lab.errors import StoreFull
from prodimg_lab.store import FolderStore
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
store = FolderStore(Path(sys.argv[1]))
small = store.put(b"s" * 40_000)
for write in (lambda: store.put(b"b" * 60_000), lambda: store.keep_room(60_000)):
    try:
        write()
    except StoreFull as error:
        print(error)
assert store.get(small) == b"s" * 40_000
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file size limit to set")
def test_a_file_that_the_system_does_not_let_grow_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("no room left to") == 2
    assert done.stdout.count("nothing half-written stays behind") == 2
    assert [file.stat().st_size for file in files_of(tmp_path)] == [40_000]


TINY_DISK = """
import sys
from pathlib import Path
from prodimg_lab.errors import StoreFull
from prodimg_lab.store import FolderStore
store = FolderStore(Path(sys.argv[1]))
kept = []
try:
    for number in range(100):
        kept.append(store.put(bytes([number]) * 100_000))
except StoreFull as error:
    print(error)
assert 5 < len(kept) < 11, len(kept)
assert all(store.get(digest) for digest in kept)
assert sorted(store.digests()) == sorted(kept)
assert list((store.root / "tmp").iterdir()) == []
"""


def test_a_disk_that_is_really_full_is_told_in_one_message_and_keeps_what_it_has(tmp_path: Path) -> None:
    mounting = f"mount -t tmpfs -o size=1m none {tmp_path}"
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "sh", "-c", mounting], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    command = f'{mounting} && "$0" -c "$1" {tmp_path}/objects'
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", command, sys.executable, TINY_DISK], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("no room left") == 1


PUT_MANY = """
import sys
from pathlib import Path
from prodimg_lab.records import digest_of
from prodimg_lab.store import FolderStore
store, start = FolderStore(Path(sys.argv[1])), int(sys.argv[2])
for number in range(start, start + 20):
    digest = store.put(b"mug %d" % (number % 25))
    store.bind(digest_of(b"%d" % (number % 25)), {"state": "done", "digest": digest, "seed": start})
"""


def test_several_processes_share_a_folder(store: FolderStore, start_python: Start) -> None:
    processes = [start_python(PUT_MANY, store.root, start) for start in (0, 5, 10)]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert len(list(store.digests())) == len(list(store.fingerprints())) == 25
    assert list(find_faults(store)) == []
    assert list((store.root / "tmp").iterdir()) == []
