"""A full disk: one clear message, nothing half-written, and no picture lost that was paid for."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prodimg_lab.errors import StoreFull
from prodimg_lab.records import TrialState
from prodimg_lab.runner.keeping import PICTURE_BYTES, Keeper
from prodimg_lab.store import FolderStore, read_history
from prodimg_lab.testing.models import FREE, PAID, FakeModel
from prodimg_lab.testing.stores import MemoryStore

if TYPE_CHECKING:
    from conftest import LabFolder

SCRIPT = """
import json, os, subprocess, sys
from pathlib import Path
from prodimg_lab.errors import StoreFull
from prodimg_lab.records import GeneratedImage, TrialState
from prodimg_lab.runner import RunContext, run_schedule
from prodimg_lab.store import FolderStore, Index
from prodimg_lab.store.faults import find_faults
from prodimg_lab.sweeps.schedules import FullSchedule
from prodimg_lab.testing.models import PAID, FakeModel, plain_trials, tiny_png

root = Path(sys.argv[1])
store, index = FolderStore(root / "objects"), Index(root / "i" / "index.db")

class Big(FakeModel):
    def generate(self, request):
        small = super().generate(request)
        return GeneratedImage(data=small.data + os.urandom(1_500_000), output_format="png")

def run():
    return run_schedule(
        FullSchedule(plain_trials(PAID, 30)),
        models={PAID.model: model},
        context=RunContext(folder=root / "runs" / "r1", store=store, index=index, concurrency=4),
    )

model = Big(PAID, seconds=0.05)
full = run()
report = {
    "state": full.state,
    "why": str(full.stopped_by),
    "kind": type(full.stopped_by).__name__,
    "done": full.count(TrialState.DONE),
    "uncertain": full.count(TrialState.UNCERTAIN),
    "calls": len(model.history),
    "left": [str(file) for file in (root / "objects" / "tmp").iterdir()],
}
subprocess.run(["mount", "-o", "remount,size=100m", str(root)], check=True)
summary = run()
report |= {"then": summary.state, "all calls": len(model.history), "cost": summary.real_cost_micro}
report["faults"] = len(list(find_faults(store)))
print(json.dumps(report))
"""


def test_on_a_disk_that_really_fills_up_every_paid_picture_is_kept_and_resume_goes_on(tmp_path: Path) -> None:
    mounting = f"mount -t tmpfs -o size=40m none {tmp_path}"
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "sh", "-c", mounting], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    command = f'{mounting} && exec "$0" -c "$1" {tmp_path}'
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", command, sys.executable, SCRIPT], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["state"], report["kind"]) == ("stopped", "StoreFull")
    assert "no room left" in report["why"]  # a picture, the journal or the index meets it first
    assert report["uncertain"] == 0
    assert report["calls"] == report["done"] < 30, "a paid picture was lost"
    assert report["left"] == []
    assert (report["then"], report["all calls"], report["cost"]) == ("done", 30, 30 * 40_000)
    assert report["faults"] == 0


def test_a_disk_without_room_for_what_would_be_in_flight_is_told_before_anything_is_paid(
    lab: LabFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def refuse(self: FolderStore, size: int) -> None:
        asked.append(size)
        raise StoreFull("no room left to keep 128 MB free")

    monkeypatch.setattr(FolderStore, "keep_room", refuse)
    model = FakeModel(PAID)
    with pytest.raises(StoreFull, match="128 MB"):
        lab.run(model, 4, concurrency=32)
    assert asked == [64 * PICTURE_BYTES]
    assert model.history == []
    assert lab.run(FakeModel(FREE), 2, run="r2").state == "done", "free pictures keep no room"


class FullStore(MemoryStore):
    """A store that takes nothing more after `room` pictures."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def put(self, data: bytes, *, digest: str = "") -> str:
        if len(self.objects) >= self.room:
            raise StoreFull("no room left in memory")
        return super().put(data)


def test_a_paid_picture_that_finds_no_place_at_all_is_uncertain_and_not_bought_again(lab: LabFolder) -> None:
    store = FullStore(2)
    model = FakeModel(PAID)
    summary = lab.run(model, 6, store=store, concurrency=1)
    assert summary.state == "stopped"
    assert isinstance(summary.stopped_by, StoreFull)
    lost = [outcome for outcome in summary.outcomes.values() if outcome.state is TrialState.UNCERTAIN]
    assert summary.count(TrialState.DONE) == 2
    assert 1 <= len(lost) <= 2  # one being stored, one being drawn
    assert all("the picture came and could not be stored" in outcome.reason for outcome in lost)
    assert len(model.history) == len(summary.outcomes) == 2 + len(lost)
    assert summary.real_cost_micro == 40_000 * len(model.history)
    store.room = 100
    again = lab.run(model, 6, store=store)
    assert (again.state, len(model.history), again.count(TrialState.UNCERTAIN)) == ("incomplete", 6, len(lost))


def test_a_free_picture_that_finds_no_place_is_drawn_again_later(lab: LabFolder) -> None:
    store = FullStore(2)
    model = FakeModel(FREE)
    summary = lab.run(model, 6, store=store, concurrency=1)
    assert (summary.state, summary.count(TrialState.DONE)) == ("stopped", 2)
    assert read_history(lab.folder()).open_claims == ()
    store.room = 100
    assert lab.run(model, 6, store=store).state == "done"


def test_the_room_is_given_up_once_and_the_write_done_again() -> None:
    class Room:
        given_up = 0

        def give_up(self) -> None:
            self.given_up += 1

    class Store(MemoryStore):
        room = Room()

        def keep_room(self, size: int) -> Room:
            return self.room

    store = Store()
    keeper = Keeper(store, pictures=1)

    def write() -> str:
        if not store.room.given_up:
            raise StoreFull("full")
        return "written"

    assert keeper.full is None
    assert keeper.keep(write) == "written"
    assert str(keeper.full) == "full"
    assert Keeper(MemoryStore(), pictures=1).keep(lambda: 1) == 1


def test_the_picture_is_safe_when_only_the_journal_finds_no_room(
    lab: LabFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prodimg_lab.store import Journal

    real = Journal.extend

    def extend(self: Journal, lines: Sequence[dict[str, object]], *, durable: bool = False) -> None:
        if any(line["event"] == "trial" and line["state"] == "done" for line in lines):
            raise StoreFull("no room left to append to the journal")
        real(self, lines, durable=durable)

    monkeypatch.setattr(Journal, "extend", extend)
    model = FakeModel(PAID, seconds=0.05)
    summary = lab.run(model, 3, concurrency=1)
    assert summary.state == "stopped"
    assert summary.count(TrialState.DONE) == 0
    monkeypatch.undo()
    again = lab.run(model, 3)
    assert (again.state, len(model.history), again.real_cost_micro) == ("done", 3, 120_000)
    assert again.outcomes[0].cached is False
