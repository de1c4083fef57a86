"""Where do pictures live when machines come and go? In a bucket, with a copy on the machine that has used them.

    <prefix>/ab/<digest>                    the provider's bytes, untouched
    <prefix>/records/ab/<fingerprint>.json  what a request gave

The same layout as in a folder, so that a folder can be copied to a bucket and back. Nothing is listed: a fresh machine
asks for the record of each request. Writes are conditional (`If-None-Match: *`), so the first record stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import orjson

from prodimg_lab.aws import Bucket
from prodimg_lab.errors import CorruptObject, StoreError, StoreFull
from prodimg_lab.records import canonical_json, digest_of
from prodimg_lab.store._base import KeepsRoom, KeptRoom, ObjectStore, Record
from prodimg_lab.store.folder import FolderStore
from prodimg_lab.store.names import is_name, object_key, record_key


class S3Store:
    """Pictures and records in a bucket. `cache` keeps what was written and read here; it may be thrown away.

    A picture that can't be uploaded stays in the cache, where the next `resume` finds it: it is paid for.
    """

    def __init__(self, bucket: Bucket, *, cache: FolderStore) -> None:
        self.bucket = bucket
        self._cache = cache

    def put(self, data: bytes, *, digest: str = "") -> str:
        """Store `data` in the bucket and in the cache, and return its digest. Raises `StoreError`."""
        digest = digest or digest_of(data)
        try:
            self.bucket.put(object_key(digest), data)
        except StoreError as error:
            self._cache.put(data, digest=digest)
            raise StoreError(f"{error} (picture {digest[:12]} is kept in {self._cache.root} until then)") from error
        with suppress(StoreFull):  # the bucket has it
            self._cache.put(data, digest=digest)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of `digest`. Raises `CorruptObject` when they are missing or do not match, `StoreError`."""
        try:
            return self._cache.get(digest)
        except CorruptObject:
            data = self.bucket.get(object_key(digest))
        if data is None:
            raise CorruptObject(f"picture {digest} is missing in {self.bucket.address}. {_MEND}")
        if digest_of(data) != digest:
            raise CorruptObject(
                f"picture {digest} is damaged: the {len(data)} bytes in {self.bucket.address} do not match. {_MEND}"
            )
        with suppress(StoreFull):
            self._cache.put(data, digest=digest)
        return data

    def bind(self, fingerprint: str, record: Record) -> None:
        """Remember what a request gave. The first record of a fingerprint stays. Raises `StoreError`."""
        self.bucket.put(record_key(fingerprint), canonical_json(record))

    def lookup(self, fingerprint: str) -> Record | None:
        """The record of `fingerprint`, or None. Raises `CorruptObject` for one that can't be read, `StoreError`."""
        key = record_key(fingerprint)
        data = self.bucket.get(key)
        if data is None:
            return None
        try:
            record = orjson.loads(data)
        except ValueError as error:
            raise CorruptObject(f"the record {key} in {self.bucket.address} is damaged: {error}. {_MEND}") from error
        if not isinstance(record, dict):
            raise CorruptObject(f"the record {key} in {self.bucket.address} is no JSON object. {_MEND}")
        return record

    def has(self, fingerprint: str) -> bool:
        """Whether a request has a record, not looked into."""
        return self.bucket.has(record_key(fingerprint))

    def keep_room(self, size: int) -> KeptRoom:
        """Set room aside in the cache: pictures that can't be uploaded must find a place. Raises `StoreFull`."""
        return self._cache.keep_room(size)

    def digests(self) -> Iterator[str]:
        """Every object that is there, in order of digest. Lists the bucket."""
        for shard in range(256):
            names = (key.rpartition("/")[2] for key in self.bucket.keys(f"{shard:02x}/"))
            yield from (name for name in names if is_name(name))

    def fingerprints(self) -> Iterator[str]:
        """Every request that has a record, in order of fingerprint. Lists the bucket."""
        names = (key.rpartition("/")[2].removesuffix(".json") for key in self.bucket.keys("records/"))
        yield from (name for name in names if is_name(name))

    def place_of(self, *, digest: str = "", fingerprint: str = "") -> str:
        """Where an object or a record lives, for people and for `set_aside`."""
        return object_key(digest) if digest else record_key(fingerprint)

    def size_of(self, digest: str) -> int:
        """Bytes of an object; 0 when it is not there."""
        return self.bucket.size_of(object_key(digest))

    def remove(self, *, digest: str = "", fingerprint: str = "") -> None:
        """Delete an object or a record, here and in the cache. Raises `StoreError`."""
        self.bucket.remove(object_key(digest) if digest else record_key(fingerprint))
        if digest:
            self._cache.remove(digest=digest)

    def set_aside(self, place: str) -> str:
        """Put a damaged object or record out of the way; returns where it is now."""
        target = f"set-aside/{place.rpartition('/')[2]}"
        self.bucket.move(place, target)
        return f"{self.bucket.address}/{target}"


_MEND = (
    "Put it back from a backup, or run `prodimg fsck`, which lists what is damaged and sets it aside, so that it can "
    "be drawn again"
)


if TYPE_CHECKING:

    def _fits(store: S3Store) -> tuple[ObjectStore, KeepsRoom]:
        return store, store
