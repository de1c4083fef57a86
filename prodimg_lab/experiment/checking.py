"""Is everything in the store what it says it is, and does the index fit the journals?"""

from __future__ import annotations

from dataclasses import dataclass

from prodimg_lab.errors import CorruptObject
from prodimg_lab.lab import Lab, find_lab, with_environment
from prodimg_lab.store import FolderStore, Index, rebuild


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at. `damaged` pictures (digests) were set aside in `<store>/damaged/`; `unbound` records
    (fingerprints) led to a picture that is not there, and were removed, so that it is drawn again when it is asked for.
    """

    pictures: int
    records: int
    damaged: tuple[str, ...] = ()
    unbound: tuple[str, ...] = ()
    runs: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing had to be mended."""
        return not self.damaged and not self.unbound


def check_store(lab: Lab | None = None, *, make_index: bool = False) -> Check:
    """Read every picture and every record of the lab's store, mend what can be mended; `make_index`: make it anew.

    Raises `StoreError` when the disk fails or a journal is damaged.
    """
    lab = lab or with_environment(find_lab())
    store = FolderStore(lab.store_folder)
    digests = list(store.digests())
    damaged = [digest for digest in digests if not _is_whole(store, digest)]
    for digest in damaged:
        aside = store.root / "damaged" / digest
        aside.parent.mkdir(exist_ok=True)
        store.object_file(digest).replace(aside)
    fingerprints = list(store.fingerprints())
    there = set(digests) - set(damaged)
    unbound = [fingerprint for fingerprint in fingerprints if not _leads_somewhere(store, fingerprint, there)]
    for fingerprint in unbound:
        store.record_file(fingerprint).unlink()
    runs = _make_index(lab, store) if make_index or damaged or unbound else 0
    return Check(
        pictures=len(digests),
        records=len(fingerprints),
        damaged=tuple(damaged),
        unbound=tuple(unbound),
        runs=runs,
    )


def _make_index(lab: Lab, store: FolderStore) -> int:
    index = Index(lab.index_file)
    try:
        return rebuild(index, store=store, runs_root=lab.experiments)
    finally:
        index.close()


def _is_whole(store: FolderStore, digest: str) -> bool:
    try:
        store.get(digest)
    except CorruptObject:
        return False
    return True


def _leads_somewhere(store: FolderStore, fingerprint: str, digests: set[str]) -> bool:
    try:
        record = store.lookup(fingerprint)
    except CorruptObject:
        return False
    return record is not None and (record.get("state") != "done" or record.get("digest") in digests)
