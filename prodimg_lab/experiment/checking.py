"""Is everything in the store what it says it is, and does the index fit the journals?"""

from __future__ import annotations

from dataclasses import dataclass

from prodimg_lab.errors import StoreError
from prodimg_lab.experiment.opening import run_folders
from prodimg_lab.lab import Lab, find_lab, with_environment
from prodimg_lab.store import Index, LabStore, is_living, open_store, rebuild
from prodimg_lab.store.faults import Fault, find_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at. Damaged files were moved to `aside`; what they were drawn for is drawn again when asked for.

    `runs` is how many journals the index was made anew from; 0: it was left as it was.
    """

    pictures: int
    records: int
    faults: tuple[Fault, ...] = ()
    aside: tuple[str, ...] = ()
    runs: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing had to be mended."""
        return not self.faults


def check_store(lab: Lab | None = None, *, make_index: bool = False) -> Check:
    """Read every picture and every record of the lab's store, set damaged ones aside; `make_index`: make it anew.

    Raises `StoreError` while a run is being drawn, when the disk fails or when a journal is damaged.
    """
    lab = lab or with_environment(find_lab())
    living = [folder.run_id for folder in run_folders(lab) if is_living(folder.path)]
    if living:
        raise StoreError(f"run {living[0]} is being drawn; check the store when it has ended")
    store = open_store(lab)
    pictures, records = sum(1 for _ in store.digests()), sum(1 for _ in store.fingerprints())
    faults = tuple(find_faults(store))
    aside = tuple(store.set_aside(fault.place) for fault in faults)
    runs = _make_index(lab, store) if make_index or faults else 0
    return Check(pictures=pictures, records=records, faults=faults, aside=aside, runs=runs)


def _make_index(lab: Lab, store: LabStore) -> int:
    index = Index(lab.index_file)
    try:
        return rebuild(index, store=store, runs_root=lab.experiments)
    finally:
        index.close()
