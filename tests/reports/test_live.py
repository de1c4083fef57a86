"""A report that fills while its run goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from prodimg_lab.errors import StoreError
from prodimg_lab.experiment.view import RunView
from prodimg_lab.reports import live
from prodimg_lab.reports.live import LiveReport

MakeView = Callable[..., RunView]


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Run:
    """A run that draws `pace` pictures a second; making its view takes `view_s`."""

    def __init__(self, make_view: MakeView, clock: Clock, pace: float, view_s: float = 0.0) -> None:
        self.make_view, self.clock, self.pace, self.view_s = make_view, clock, pace, view_s
        self.looks = 0

    def __call__(self) -> RunView:
        self.looks += 1
        ended = int((self.clock.now - 100) * self.pace)
        self.clock.now += self.view_s
        return self.make_view(products=5, seeds=8, ended=ended, state="running", edge=32)


def play(report: LiveReport, clock: Clock, seconds: float, step: float = 0.25) -> list[float]:
    """Call `update` every `step` seconds; when it wrote, in seconds from the start."""
    written = []
    end = clock.now + seconds
    while clock.now < end:
        if report.update():
            written.append(clock.now - 100)
        clock.now += step
    return written


def test_the_first_report_comes_with_the_sixteenth_picture(make_view: MakeView, tmp_path: Path) -> None:
    clock = Clock()
    report = LiveReport(Run(make_view, clock, pace=4.0), tmp_path / "report.html", clock=clock)
    first = play(report, clock, 8)[0]
    assert 4.0 <= first <= 5.25
    assert report.path.read_text(encoding="utf-8").count('class="shot"') >= 16


def test_a_slow_run_has_its_first_report_after_twenty_seconds(make_view: MakeView, tmp_path: Path) -> None:
    clock = Clock()
    report = LiveReport(Run(make_view, clock, pace=0.2), tmp_path / "report.html", clock=clock)
    written = play(report, clock, 45)
    assert 20 <= written[0] <= 21.5
    assert written[1] - written[0] == pytest.approx(10, abs=0.5)


def test_rewriting_takes_at_most_a_tenth_of_the_wall(make_view: MakeView, tmp_path: Path) -> None:
    clock = Clock()
    run = Run(make_view, clock, pace=2.0, view_s=3.0)
    report = LiveReport(run, tmp_path / "report.html", clock=clock)
    play(report, clock, 300)
    spent = 3.0 * run.looks
    assert 15 <= spent <= 0.1 * (clock.now - 100) + 3.0


def test_pictures_are_counted_at_most_once_a_second_before_the_first_report(
    make_view: MakeView, tmp_path: Path
) -> None:
    clock = Clock()
    run = Run(make_view, clock, pace=0.0)
    play(LiveReport(run, tmp_path / "report.html", clock=clock), clock, 10, step=0.01)
    assert run.looks <= 10


def test_force_writes_at_once_and_the_page_of_a_finished_run_stops_reloading(
    make_view: MakeView, tmp_path: Path
) -> None:
    clock = Clock()
    views = [make_view(state="running", ended=2), make_view()]
    report = LiveReport(lambda: views.pop(0), tmp_path / "report.html", clock=clock)
    assert not report.update()
    assert report.update(force=True)
    assert 'http-equiv="refresh"' in report.path.read_text(encoding="utf-8")
    assert report.update(force=True)
    assert 'http-equiv="refresh"' not in report.path.read_text(encoding="utf-8")


def test_pictures_are_made_small_once_over_all_rewrites(make_view: MakeView, tmp_path: Path) -> None:
    clock = Clock()
    read: list[str] = []
    base = make_view(state="running", ended=18)

    def picture(digest: str) -> bytes:
        read.append(digest)
        return base.picture(digest)

    report = LiveReport(lambda: replace(base, picture=picture), tmp_path / "report.html", clock=clock)
    report.update(force=True)
    made = len(read)
    for _ in range(5):
        report.update(force=True)
    assert made > 18
    assert len(read) == made


def test_a_write_that_fails_does_not_stop_the_run_but_is_told_at_the_end(
    make_view: MakeView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    report = LiveReport(Run(make_view, clock, pace=4.0), tmp_path / "report.html", clock=clock)

    def full(*_: object, **__: object) -> Path:
        raise StoreError("no room left for report.html")

    with monkeypatch.context() as patch:
        patch.setattr(live, "write_report", full)
        assert play(report, clock, 30) == []
        assert report.problem == "no room left for report.html"
        with pytest.raises(StoreError, match="no room left"):
            report.update(force=True)
    clock.now += 60
    assert report.update()
    assert report.problem == ""
