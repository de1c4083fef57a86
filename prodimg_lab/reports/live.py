"""How does a report fill while its run goes on, without slowing the run down?"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from prodimg_lab.errors import StoreError
from prodimg_lab.experiment import Audience, RunFolder
from prodimg_lab.experiment.desk import MakeReport
from prodimg_lab.experiment.view import RunView
from prodimg_lab.lab import find_lab
from prodimg_lab.reports.html import first_sizes, write_report
from prodimg_lab.reports.thumbnails import KeptThumbnails, Thumbnails
from prodimg_lab.runner import Event, Stop

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIRST_AFTER_S = 20.0
"""The first report is written by then, however few pictures there are."""

LOOK_EVERY_S = 1.0
"""How often the pictures are counted before the first report."""

MAX_SHARE = 0.1
"""The share of the wall that rewriting may take, on average, after the first report."""


def live_audience(on_event: Callable[[Event], None] | None = None, *, stop: Stop | None = None) -> Audience:
    """Progress for people, the report in the run folder and the grid's thumbnails, all while a run goes on."""

    def report(folder: RunFolder) -> MakeReport:
        kept = KeptThumbnails(find_lab(folder.path).thumbnails_folder)
        return lambda view_source: LiveReport(view_source, folder.report, kept=kept)

    return Audience(on_event=on_event, report=report, stop=stop)


class LiveReport:
    """Rewrites the report of a running run when it is due; `update` may be called as often as one likes.

    The first is written at `first_after_pictures` pictures or after 20 s, the next ones every `every_s` seconds, later
    where rewriting is slow: never more than a tenth of the wall. `kept` gets the grid's thumbnails while the pictures
    are decoded. `clock` counts seconds. Not thread-safe.
    """

    def __init__(
        self,
        view_source: Callable[[], RunView],
        path: Path,
        *,
        first_after_pictures: int = 16,
        every_s: float = 10.0,
        kept: KeptThumbnails | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self.problem = ""
        self._view_source = view_source
        self._first_after_pictures = first_after_pictures
        self._every_s = every_s
        self._clock = clock
        self._kept = kept
        self._thumbnails = Thumbnails()
        self._began = clock()
        self._due = self._began + LOOK_EVERY_S
        self._is_first = True

    def saw(self, digest: str, bgr: NDArray[np.uint8], *, trials: int) -> None:
        """Pixels that somebody has decoded: their thumbnail is made now, so that nobody decodes them again."""
        sizes = first_sizes(trials)
        self._thumbnails.make(digest, bgr, edge=sizes.edge, max_bytes=sizes.max_bytes)
        if self._kept is not None:
            self._kept.make(digest, bgr)

    def update(self, force: bool = False) -> bool:
        """Write the report if it is due, or in any case when `force`; whether it was written.

        A write that fails while the run goes on is kept in `problem` and tried again later; with `force` it raises
        `StoreError`.
        """
        began = self._clock()
        if not force and began < self._due:
            return False
        view = self._view_source()
        if not force and self._is_too_early(view, began):
            self._due = began + max(LOOK_EVERY_S, (self._clock() - began) / MAX_SHARE)
            return False
        try:
            write_report(view, self.path, live=True, thumbnails=self._thumbnails)
            self.problem = ""
        except StoreError as error:
            if force:
                raise
            self.problem = str(error)
        self._is_first = False
        took = self._clock() - began
        self._due = began + took + max(self._every_s, took * (1 / MAX_SHARE - 1))
        return not self.problem

    def _is_too_early(self, view: RunView, now: float) -> bool:
        few = len(view.drawn) < self._first_after_pictures
        return self._is_first and few and now - self._began < FIRST_AFTER_S
