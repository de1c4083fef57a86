"""Which pictures may be thrown away? Old ones that nobody has judged and that nothing refers to.

A picture is kept while a younger run has it, and while one of its runs was rated, voted on or judged by a verdict, or a
release names it or its run. Journals, frozen inputs and reports stay: what a run was and cost is never forgotten. A
request whose picture was pruned is drawn, and paid, again when a run asks for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prodimg_lab.errors import StoreError, UsageError
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import run_folders
from prodimg_lab.lab import Lab, find_lab, with_environment
from prodimg_lab.records import TrialState
from prodimg_lab.store import Index, Journal, is_living, open_store, read_journal
from prodimg_lab.store.history import fold

_AGE = re.compile(r"(\d+)([dw])")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_JUDGED = ("rating", "vote", "verdict", "judged_pair")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What would go, or has gone: `pictures` by digest, `records` by fingerprint, `runs` that lose some.

    `size` in bytes. `kept` says of older runs why they keep theirs, by run id.
    """

    pictures: tuple[str, ...]
    records: tuple[str, ...]
    runs: tuple[str, ...]
    size: int
    kept: dict[str, str]
    is_done: bool = False


@dataclass(slots=True)
class _Run:
    folder: RunFolder
    ended: datetime
    pictures: dict[str, str]
    why: str = ""


@dataclass(slots=True)
class _Sorted:
    going: dict[str, set[str]] = field(default_factory=dict)
    staying: set[str] = field(default_factory=set)


def parsed_age(text: str) -> timedelta:
    """`90d` or `12w`. Raises `UsageError`."""
    found = _AGE.fullmatch(text)
    if found is None or int(found[1]) < 1:
        raise UsageError(f"--older-than {text}: write days or weeks, as 90d or 12w")
    return timedelta(days=int(found[1]) * (7 if found[2] == "w" else 1))


def prune_store(
    lab: Lab | None = None, *, older_than: timedelta, apply: bool = False, now: datetime | None = None
) -> Pruning:
    """Find what may go; with `apply` it goes. Raises `StoreError` while a run is being drawn."""
    lab = lab or with_environment(find_lab())
    folders = run_folders(lab)
    living = [folder.run_id for folder in folders if is_living(folder.path)]
    if living:
        raise StoreError(f"run {living[0]} is being drawn; prune when it has ended")
    named = _named_by_releases(lab.root / "releases", {folder.run_id for folder in folders})
    border = (now or datetime.now(UTC)) - older_than
    runs = [_read(folder, named) for folder in folders]
    found = _sorted(runs, border, named)
    store = open_store(lab)
    sizes = {digest: size for digest in sorted(found.going) if (size := store.size_of(digest))}
    pictures = tuple(sizes)
    records = tuple(sorted({each for digest in pictures for each in found.going[digest]}))
    losing = [run for run in runs if run.ended < border and not run.why and set(run.pictures.values()) & set(pictures)]
    if apply and pictures:
        _apply(lab, losing, pictures=pictures, records=records)
    return Pruning(
        pictures=pictures,
        records=records,
        runs=tuple(run.folder.run_id for run in losing),
        size=sum(sizes.values()),
        kept={run.folder.run_id: run.why for run in runs if run.why and run.ended < border},
        is_done=apply,
    )


def _sorted(runs: list[_Run], border: datetime, named: set[str]) -> _Sorted:
    found = _Sorted()
    for run in runs:
        if run.ended >= border or run.why:
            found.staying.update(run.pictures.values())
    for run in runs:
        for fingerprint, digest in run.pictures.items():
            if digest not in found.staying and digest not in named:
                found.going.setdefault(digest, set()).add(fingerprint)
    return found


def _read(folder: RunFolder, named: set[str]) -> _Run:
    lines = list(read_journal(folder.path))
    history = fold(lines)
    pictures = {
        history.fingerprints[trial]: outcome.digest
        for trial, outcome in history.outcomes.items()
        if outcome.state is TrialState.DONE
    }
    ended = datetime.fromisoformat(str(lines[-1]["at"])) if lines else datetime.now(UTC)
    judged = next((str(line["event"]) for line in lines if line["event"] in _JUDGED), "")
    why = f"has a {judged}" if judged else ""
    if any(folder.path.glob("verdict*.json")):
        why = why or "has a verdict"
    if folder.run_id in named:
        why = why or "is the evidence of a release"
    return _Run(folder, ended, pictures, why)


def _named_by_releases(folder: Path, run_ids: set[str]) -> set[str]:
    """Every digest, and every one of `run_ids`, that stands in any file of the releases."""
    named: set[str] = set()
    for file in folder.rglob("*") if folder.is_dir() else ():
        if file.is_file():
            text = file.read_bytes().decode("ascii", "replace")
            named.update(_DIGEST.findall(text), (run_id for run_id in run_ids if run_id in text))
    return named


def _apply(lab: Lab, runs: list[_Run], *, pictures: tuple[str, ...], records: tuple[str, ...]) -> None:
    """Records first, so that at no moment a request is said to have a picture that is gone."""
    store = open_store(lab)
    index = Index(lab.index_file)
    try:
        for fingerprint in records:
            store.remove(fingerprint=fingerprint)
        with index.transaction() as connection:
            connection.executemany("DELETE FROM pictures WHERE fingerprint = ?", [(each,) for each in records])
        for digest in pictures:
            store.remove(digest=digest)
    finally:
        index.close()
    gone = set(pictures)
    for run in runs:
        journal = Journal(run.folder.path)
        journal.append({"event": "pruned", "pictures": len(gone & set(run.pictures.values()))}, durable=True)
        journal.close()
