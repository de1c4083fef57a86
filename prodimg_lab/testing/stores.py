"""How does an author of a store test it?

`StoreContract` is what every `ObjectStore` must pass; `MemoryStore` is the smallest one that does.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from prodimg_lab.errors import CorruptObject
from prodimg_lab.records import canonical_json, digest_of

if TYPE_CHECKING:
    from prodimg_lab.store import ObjectStore, Record

RECORD: Mapping[str, object] = {
    "state": "done",
    "digest": "0" * 64,
    "cost_micro": 40_000,
    "request": {"prompt": "a mug"},
}


class MemoryStore:
    """Pictures and records in memory. `objects` and `records` are there to be looked at, and damaged."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self.objects: dict[str, bytes] = {}
        self.records: dict[str, Record] = {}

    def put(self, data: bytes, *, digest: str = "") -> str:
        """Remember `data` and return its digest."""
        digest = digest or digest_of(data)
        with self._guard:
            self.objects[digest] = data
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of `digest`. Raises `CorruptObject` when they are missing or do not match."""
        data = self.objects.get(digest)
        if data is None or digest_of(data) != digest:
            raise CorruptObject(f"picture {digest} is {'missing' if data is None else 'damaged'}")
        return data

    def bind(self, fingerprint: str, record: Record) -> None:
        """Remember what a request gave, unless something is remembered already."""
        canonical_json(record)  # a record that is no JSON fails here as it would in a real store
        with self._guard:
            self.records.setdefault(fingerprint, dict(record))

    def lookup(self, fingerprint: str) -> Record | None:
        """The record of `fingerprint`, or None."""
        return self.records.get(fingerprint)


class StoreContract:
    """What every `ObjectStore` must do. Subclass it, and give it a fixture `store`: an empty one for each test."""

    def test_bytes_come_back_as_they_went_in(self, store: ObjectStore) -> None:
        """Under the SHA-256 of the bytes, whatever they are."""
        for data in (b"", b"\x00\xff" * 1000, b"\r\n\x1a"):
            digest = store.put(data)
            assert digest == digest_of(data)
            assert store.get(digest) == data

    def test_the_same_bytes_may_be_put_again(self, store: ObjectStore) -> None:
        """They are one object."""
        assert store.put(b"mug") == store.put(b"mug")
        assert store.get(digest_of(b"mug")) == b"mug"

    def test_an_object_that_is_not_there_is_an_error_that_names_it(self, store: ObjectStore) -> None:
        """`CorruptObject` with the digest in its message."""
        import pytest

        digest = digest_of(b"never stored")
        with pytest.raises(CorruptObject, match=digest):
            store.get(digest)

    def test_a_name_that_is_no_digest_finds_nothing(self, store: ObjectStore) -> None:
        """Above all not a file outside the store."""
        import pytest

        for name in ("", "../../etc/passwd", "ab"):
            with pytest.raises(CorruptObject):
                store.get(name)

    def test_a_record_comes_back_as_it_was_bound(self, store: ObjectStore) -> None:
        """Nested objects and all."""
        fingerprint = digest_of(b"request")
        assert store.lookup(fingerprint) is None
        store.bind(fingerprint, RECORD)
        found = store.lookup(fingerprint)
        assert found is not None
        assert dict(found) == dict(RECORD)

    def test_the_first_record_stays(self, store: ObjectStore) -> None:
        """Whoever binds later binds nothing, and is not told off."""
        fingerprint = digest_of(b"request")
        store.bind(fingerprint, RECORD)
        store.bind(fingerprint, {**RECORD, "state": "refused"})
        found = store.lookup(fingerprint)
        assert found is not None
        assert found["state"] == "done"

    def test_of_many_binders_at_once_one_wins_for_all(self, store: ObjectStore) -> None:
        """Every reader sees the same record, then and later."""
        fingerprint = digest_of(b"request")

        def bind(number: int) -> object:
            store.bind(fingerprint, {**RECORD, "seed": number})
            found = store.lookup(fingerprint)
            return found and found["seed"]

        with ThreadPoolExecutor(8) as pool:
            seen = set(pool.map(bind, range(16)))
        assert len(seen) == 1
        assert seen <= set(range(16))

    def test_many_threads_may_put_at_once(self, store: ObjectStore) -> None:
        """The same and different bytes."""
        with ThreadPoolExecutor(8) as pool:
            digests = list(pool.map(lambda number: store.put(b"mug %d" % (number % 4)), range(32)))
        assert len(set(digests)) == 4
        assert all(digest_of(store.get(digest)) == digest for digest in digests)


if TYPE_CHECKING:
    _: ObjectStore = MemoryStore()
