"""What is damaged in a store?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from prodimg_lab.errors import CorruptObject
from prodimg_lab.store.opening import LabStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One damaged file or object, at `place`: an object, a record, or a record whose object is missing or damaged.

    What it was drawn for is unknown to the store once it is set aside: a run that asks again draws it, and pays, again.
    """

    kind: Literal["object", "record", "record of a damaged object"]
    place: str
    reason: str


def find_faults(store: LabStore) -> Iterator[Fault]:
    """Read every object and record of `store` and tell what is damaged."""
    good: set[str] = set()
    for digest in store.digests():
        try:
            store.get(digest)
        except CorruptObject as error:
            yield Fault(kind="object", place=store.place_of(digest=digest), reason=str(error))
        else:
            good.add(digest)
    for fingerprint in store.fingerprints():
        place = store.place_of(fingerprint=fingerprint)
        try:
            record = store.lookup(fingerprint) or {}
        except CorruptObject as error:
            yield Fault(kind="record", place=place, reason=str(error))
            continue
        named = record.get("digest")
        if named and str(named) not in good:
            reason = f"picture {named}, which request {fingerprint} gave, is missing or damaged"
            yield Fault(kind="record of a damaged object", place=place, reason=reason)
