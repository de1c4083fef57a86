"""How is every picture drawn again, though the store has it? And how is none drawn?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prodimg_lab.errors import FatalForRun
from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest
from prodimg_lab.store import FolderStore, ObjectStore, Record


class FreshStore:
    """A store with no memory of earlier runs: pictures are shared with `pictures`, records are the run's own.

    A fresh run that is killed and resumed finds its own records again, so it too draws nothing twice.
    """

    def __init__(self, pictures: ObjectStore, records: FolderStore) -> None:
        self._pictures = pictures
        self._records = records

    def put(self, data: bytes, *, digest: str = "") -> str:
        """Store `data` with all other pictures."""
        return self._pictures.put(data, digest=digest)

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


class Replayed:
    """The model of a run that only looks into the store: it can't be called."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """Raises `FatalForRun`: a rerun makes no calls."""
        raise FatalForRun(f"a rerun makes no calls, and the store has no picture for seed {request.seed}")


if TYPE_CHECKING:
    from pathlib import Path

    _: ObjectStore = FreshStore(FolderStore(Path()), FolderStore(Path()))
