"""Where do pictures live, and how are they found again without listing anything?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

Record = Mapping[str, object]
"""What is bound to a fingerprint: `state` (done, refused), `digest`, `output_format`, `seed`, `reason`, `cost_micro`,
`seconds`, `simulated`, `request` (its fields), `drawn_at` (UTC, ISO 8601), `run_id` (the run that drew it)."""


class ObjectStore(Protocol):
    """Bytes by digest and small JSON records by fingerprint. Safe to use from several threads and processes.

    `put` is durable when it returns, `bind` is called after it; bytes are never changed.
    """

    def put(self, data: bytes, *, digest: str = "") -> str:
        """Store `data` durably and return its SHA-256 digest; `digest`: a caller who has it spares its making.

        Raises `StoreFull`.
        """
        ...

    def get(self, digest: str) -> bytes:
        """The bytes of `digest`. Raises `CorruptObject` when they are missing or do not match."""
        ...

    def bind(self, fingerprint: str, record: Record) -> None:
        """Remember durably what a request gave. The first record of a fingerprint stays."""
        ...

    def lookup(self, fingerprint: str) -> Record | None:
        """The record of `fingerprint`, or None."""
        ...


class KeptRoom(Protocol):
    """Space that was set aside."""

    def give_up(self) -> None:
        """Return it; again is harmless."""
        ...


@runtime_checkable
class KeepsRoom(Protocol):
    """A store that can run full, and can set space aside before money is spent. Optional beside `ObjectStore`."""

    def keep_room(self, size: int) -> KeptRoom:
        """Set `size` bytes aside. Raises `StoreFull`."""
        ...
