"""Which store does a lab use? A folder of its own, or a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from prodimg_lab.aws import Bucket, account_of
from prodimg_lab.lab import Lab
from prodimg_lab.store._base import KeepsRoom, ObjectStore
from prodimg_lab.store.folder import FolderStore
from prodimg_lab.store.s3 import S3Store


class LabStore(ObjectStore, KeepsRoom, Protocol):
    """A store that a lab can live in: it can also be asked quickly, and be checked."""

    def has(self, fingerprint: str) -> bool:
        """Whether a request has a record."""
        ...

    def digests(self) -> Iterator[str]:
        """Every object, in order of digest."""
        ...

    def fingerprints(self) -> Iterator[str]:
        """Every request that has a record, in order of fingerprint."""
        ...

    def place_of(self, *, digest: str = "", fingerprint: str = "") -> str:
        """Where an object or a record lives."""
        ...

    def size_of(self, digest: str) -> int:
        """Bytes of an object; 0 when it is not there."""
        ...

    def remove(self, *, digest: str = "", fingerprint: str = "") -> None:
        """Delete an object or a record."""
        ...

    def set_aside(self, place: str) -> str:
        """Put what is damaged out of the way; returns where it is now."""
        ...


def open_store(lab: Lab) -> LabStore:
    """The store that prodimg.toml names. Raises `SettingError` for an address that is none."""
    if not lab.is_store_remote:
        return FolderStore(lab.store_folder)
    return S3Store(Bucket(lab.text("store"), account_of(lab)), cache=FolderStore(lab.root / ".prodimg" / "objects"))
