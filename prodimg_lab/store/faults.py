"""What is damaged in a store, and how is it put out of the way?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from prodimg_lab.errors import CorruptObject
from prodimg_lab.store.durable import make_folder, sync_folder, translated
from prodimg_lab.store.folder import FolderStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One damaged file. `kind`: an object, a record, or a record that names an object which is missing or damaged."""

    kind: Literal["object", "record", "record of a damaged object"]
    file: Path
    reason: str


def find_faults(store: FolderStore) -> Iterator[Fault]:
    """Read every object and record of `store` and tell what is damaged."""
    bad: set[str] = set()
    for digest in store.digests():
        try:
            store.get(digest)
        except CorruptObject as error:
            bad.add(digest)
            yield Fault(kind="object", file=store.object_file(digest), reason=str(error))
    for fingerprint in store.fingerprints():
        file = store.record_file(fingerprint)
        try:
            record = store.lookup(fingerprint) or {}
        except CorruptObject as error:
            yield Fault(kind="record", file=file, reason=str(error))
            continue
        named = record.get("digest")
        if named and (str(named) in bad or not store.object_file(str(named)).exists()):
            reason = f"picture {named}, which request {fingerprint} gave, is missing or damaged"
            yield Fault(kind="record of a damaged object", file=file, reason=reason)


def set_aside(store: FolderStore, faults: Iterable[Fault]) -> list[Path]:
    """Move damaged files to `<root>/set-aside/`; returns where they are now.

    What they were drawn for is unknown to the store from then on: a run that asks again draws it, and pays, again.
    """
    aside = store.root / "set-aside"
    moved: list[Path] = []
    with translated("set damaged files aside", aside):
        make_folder(aside)
        for fault in faults:
            target = aside / fault.file.name
            os.replace(fault.file, target)
            sync_folder(fault.file.parent)
            moved.append(target)
        sync_folder(aside)
    return moved
