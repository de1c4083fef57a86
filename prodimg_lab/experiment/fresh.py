"""How is every picture drawn again, though the store has it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prodimg_lab.store import FolderStore, ObjectStore, Record


class FreshStore:
    """A store with no memory of earlier runs: pictures are shared with `pictures`, records are the run's own.

    A fresh run that is killed and resumed finds its own records again, so it too draws nothing twice.
    """

    def __init__(self, pictures: ObjectStore, records: FolderStore) -> None:
        self._pictures = pictures
        self._records = records

    def put(self, data: bytes) -> str:
        """Store `data` with all other pictures."""
        return self._pictures.put(data)

    def get(self, digest: str) -> bytes:
        """The bytes of `digest`."""
        return self._pictures.get(digest)

    def bind(self, fingerprint: str, record: Record) -> None:
        """Remember what this run's request gave; for other runs too, if they have no record of it yet."""
        self._records.bind(fingerprint, record)
        self._pictures.bind(fingerprint, record)

    def lookup(self, fingerprint: str) -> Record | None:
        """What this run's request gave, or None."""
        return self._records.lookup(fingerprint)


if TYPE_CHECKING:
    from pathlib import Path

    _: ObjectStore = FreshStore(FolderStore(Path()), FolderStore(Path()))
