"""Where do a grid's pictures come from, and how does it learn what became of them? Runs on disk, read as they go on."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prodimg_lab.errors import StoreError, UsageError
from prodimg_lab.experiment import FollowedRun, RunFolder, RunView, choose, find_run, rate
from prodimg_lab.experiment.ratings import Choice
from prodimg_lab.lab import find_lab
from prodimg_lab.reports.thumbnails import KeptThumbnails, Thumbnail
from prodimg_lab.widgets.present import Shown

Run = str | Path | RunFolder | RunView
"""A run as a user names it: its id, a start of it, `last`, its folder, or what `run_experiment` returned."""

LOOK_EVERY_S = 1.0
THREADS = 2
"""That make thumbnails; decoding lets other Python code go on."""


class GridSource:
    """The pictures of some runs, one after the other in plan order. Safe to use from several threads.

    `refresh` reads what happened since; `follow` does that in the background. A view whose run folder is not on the
    disk is shown as it is, and can't be rated.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        """Raises `UnknownName` for a run that is not there, `StoreError` for a folder that is no whole run."""
        if not runs:
            raise UsageError("a grid needs a run: Grid('last'), Grid(run), or several runs to compare")
        self._guard = threading.RLock()
        self._stop = threading.Event()
        self._sources = [_source(run) for run in runs]
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="thumbnails")
        self._thumbnails: dict[str, KeptThumbnails] = {}
        self._listeners: list[Callable[[list[int]], None]] = []
        self._read()

    def _read(self) -> None:
        self.views = [source.view() if isinstance(source, FollowedRun) else source for source in self._sources]
        self._begins: list[int] = []
        self.shown: list[Shown] = []
        for view in self.views:
            self._begins.append(len(self.shown))
            self.shown += [Shown(view, row) for row in view.rows]

    @property
    def is_running(self) -> bool:
        """Whether any of the runs goes on."""
        return any(view.state == "running" for view in self.views)

    def refresh(self) -> list[int]:
        """Read on; the places of the pictures of which something new is known. Raises `StoreError`."""
        changed: list[int] = []
        with self._guard:
            for number, source in enumerate(self._sources):
                if not isinstance(source, FollowedRun):
                    continue
                trials = source.poll()
                was_running = self.views[number].state == "running"
                if not trials and not was_running:
                    continue
                view = source.view()
                self.views[number] = view
                begin = self._begins[number]
                self.shown[begin : begin + len(view.rows)] = [Shown(view, row) for row in view.rows]
                changed += [begin + trial for trial in sorted(trials)]
                if not trials and view.state != "running":
                    changed += [begin]  # it has ended: its state is news
        return changed

    def when_changed(self, tell: Callable[[list[int]], None]) -> None:
        """Have `tell` called with the places that changed, too."""
        self._listeners.append(tell)

    def follow(self, tell: Callable[[list[int]], None], *, every_s: float = LOOK_EVERY_S) -> None:
        """Call `tell` with the places that changed, from a thread in the background, until `close`."""
        self.when_changed(tell)
        own, stop = weakref.ref(self), self._stop

        def look() -> None:
            while not stop.wait(every_s):
                source = own()
                if source is None:
                    return  # nobody shows these pictures any more
                source._tell_changes()
                del source

        threading.Thread(target=look, daemon=True, name="grid").start()

    def _tell_changes(self) -> None:
        try:
            changed = self.refresh()
        except StoreError:
            return  # half a line, or a folder that was moved; the next look may see it whole
        for listener in self._listeners if changed else ():
            listener(changed)

    def close(self) -> None:
        """Stop following."""
        self._stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def thumbnails(self, places: Sequence[int]) -> list[Thumbnail]:
        """Small pictures; one without data where there is no picture, with the `problem` why."""
        return list(self._pool.map(self._thumbnail, places))

    def small_picture(self, each: Shown) -> bytes:
        """The kept thumbnail of a picture, or the picture itself where that could not be made."""
        kept = self._kept(each.view).of(each.view.picture, each.row.outcome.digest)
        return kept.data or each.view.picture(each.row.outcome.digest)

    def picture(self, place: int) -> bytes:
        """The provider's own bytes. Raises `UsageError` where there is no picture, `StoreError` where it is damaged."""
        shown = self.shown[place]
        if not shown.row.is_drawn:
            raise UsageError(f"trial {shown.row.trial.index} has no picture: it is {shown.row.outcome.state.value}")
        return shown.view.picture(shown.row.outcome.digest)

    def search(self, text: str) -> list[int]:
        """The places of the pictures whose prompt, variant, product, state or reason has every word of `text`."""
        words = text.lower().split()
        return [place for place, shown in enumerate(self.shown) if all(word in _haystack(shown) for word in words)]

    def rate(self, places: Sequence[int], *, rater: str, stars: int | None) -> None:
        """Write down a rating of 1 to 5 (None takes it back). Raises `UsageError` or `StoreError`."""
        for folder, trials in self._by_folder(places):
            rate(folder, trials, rater=rater, stars=stars)

    def choose(self, places: Sequence[int], *, rater: str, choice: Choice | None) -> None:
        """Write down keep or drop (None takes it back). Raises `UsageError` or `StoreError`."""
        for folder, trials in self._by_folder(places):
            choose(folder, trials, rater=rater, choice=choice)

    def folder_of(self, place: int) -> RunFolder:
        """The run folder of a picture. Raises `UsageError` where it is not on the disk."""
        return RunFolder(path=self._by_folder([place])[0][0])

    def _by_folder(self, places: Sequence[int]) -> list[tuple[Path, list[int]]]:
        found: dict[Path, list[int]] = {}
        for place in places:
            shown = self.shown[place]
            if not (shown.view.folder / "run.json").is_file():
                raise UsageError(f"run {shown.view.run_id} is not on the disk, so nothing can be written down for it")
            found.setdefault(shown.view.folder, []).append(shown.row.trial.index)
        return list(found.items())

    def _thumbnail(self, place: int) -> Thumbnail:
        shown = self.shown[place]
        if not shown.row.is_drawn:
            return Thumbnail(problem=shown.row.outcome.reason)
        return self._kept(shown.view).of(shown.view.picture, shown.row.outcome.digest)

    def _kept(self, view: RunView) -> KeptThumbnails:
        if view.run_id not in self._thumbnails:
            lab = find_lab(view.folder if view.folder.is_dir() else None)
            self._thumbnails[view.run_id] = KeptThumbnails(lab.thumbnails_folder)
        return self._thumbnails[view.run_id]


def folder_of_run(run: Run) -> RunFolder:
    """The folder of a run. Raises `UnknownName` for one that is not on the disk."""
    if isinstance(run, RunView):
        return find_run(str(run.folder))
    return run if isinstance(run, RunFolder) else find_run(str(run))


def _source(run: Run) -> FollowedRun | RunView:
    if isinstance(run, RunView) and not (run.folder / "run.json").is_file():
        return run
    return FollowedRun(folder_of_run(run))


def _haystack(shown: Shown) -> str:
    trial, outcome = shown.row.trial, shown.row.outcome
    product = shown.view.products.get(trial.block.sku)
    title = product.title if product else ""
    parts = (trial.prompt.text, trial.variant, trial.block.sku, title, outcome.state.value, outcome.reason)
    return " ".join(parts).lower()
