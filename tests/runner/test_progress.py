"""Progress for people and programs, and an honest guess of the time left."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from prodimg_lab.errors import ContentFiltered, FatalForRun
from prodimg_lab.records import TrialState
from prodimg_lab.runner import JsonProgress, LogProgress, Progress, RichProgress, RunStarted
from prodimg_lab.runner.estimate import Estimate
from prodimg_lab.runner.progress import progress_text
from prodimg_lab.testing.models import FREE, PAID, FakeModel

if TYPE_CHECKING:
    from conftest import LabFolder

HALFWAY = Progress(
    run_id="20260101-120000-abcd",
    done=12,
    total=96,
    per_second=1.84,
    seconds_left=47.2,
    cost_micro=560_000,
    simulated_cost_micro=0,
    reserved_micro=80_000,
    simulated=False,
    states={TrialState.DONE: 10, TrialState.REFUSED: 1, TrialState.UNCERTAIN: 1},
)


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (HALFWAY, "12/96 · 1.8 pictures/s · $0.48 (+$0.08 reserved) · 0:47 left · 1 refused · 1 uncertain"),
        (
            replace(HALFWAY, seconds_left=3723, reserved_micro=0, per_second=140.2),
            "12/96 · 140 pictures/s · $0.56 · 1:02:03 left · 1 refused · 1 uncertain",
        ),
        (
            replace(HALFWAY, simulated=True, cost_micro=0, seconds_left=None, per_second=0.051, states={}),
            "12/96 · 0.05 pictures/s · simulated, $0.00 · time left not known yet",
        ),
        (
            replace(HALFWAY, simulated=True, cost_micro=0, simulated_cost_micro=480_000, states={}, seconds_left=None),
            "12/96 · 1.8 pictures/s · simulated, $0.00 (would be $0.48) · time left not known yet",
        ),
        (
            replace(HALFWAY, done=96, seconds_left=0.0, reserved_micro=0, states={TrialState.FAILED: 96}),
            "96/96 · 1.8 pictures/s · $0.56 · 96 failed",
        ),
    ],
)
def test_progress_is_one_line_with_count_rate_money_time_and_troubles(progress: Progress, text: str) -> None:
    assert progress_text(progress) == text


def test_a_log_gets_a_line_at_the_beginning_every_ten_seconds_and_at_the_end() -> None:
    stream, now = io.StringIO(), 0.0
    log = LogProgress(stream, clock=lambda: now)
    log(RunStarted(run_id="r1", planned=96, known=4, simulated=False))
    for tick in range(50):  # 25 s, told twice a second
        now = tick / 2
        log(replace(HALFWAY, done=tick))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "run r1: 96 pictures planned, 4 of them done before"
    assert [line.split()[2] for line in lines[1:]] == ["0/96", "20/96", "40/96"]


def test_every_event_of_a_run_is_a_line_of_json_for_programs(lab: LabFolder) -> None:
    stream = io.StringIO()
    show = JsonProgress(stream)
    lab.events = type("Listener", (list,), {"append": staticmethod(show)})()
    model = FakeModel(PAID)
    model.enqueue(ContentFiltered("no"))
    lab.run(model, 4, concurrency=1)
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["event"] for event in events if event["event"] != "progress"] == [
        "started",
        *["trial"] * 4,
        "block",
        "finished",
    ]
    assert next(event for event in events if event["event"] == "trial")["state"] == "refused"
    assert events[-1]["counts"] == {"done": 3, "refused": 1}
    assert events[-1]["cost_micro"] == 160_000
    last = [event for event in events if event["event"] == "progress"][-1]
    assert (last["done"], last["total"], last["states"]) == (4, 4, {"done": 3, "refused": 1})


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_terminal_gets_a_bar_and_the_reason_of_the_end(lab: LabFolder, is_terminal: bool) -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=is_terminal, width=160)
    show = RichProgress(console)
    lab.events = type("Listener", (list,), {"append": staticmethod(show)})()
    model = FakeModel(FREE)
    model.enqueue(FatalForRun("the region has no such model"))
    lab.run(model, 4, concurrency=1)
    text = stream.getvalue()
    assert "run r1 is stopped: the region has no such model" in text
    assert "simulated, $0.00" in text
    assert "1/4" in text


def test_no_time_is_named_before_three_pictures_were_drawn() -> None:
    estimate = Estimate()
    for number in range(3):
        assert estimate.seconds_left(10.0 * number, left=50, workers=4) is None
        estimate.drawn(10.0 * (number + 1), 10.0)
    assert estimate.seconds_left(30.0, left=50, workers=4) is not None
    assert estimate.seconds_left(30.0, left=0, workers=4) == 0.0


def test_the_last_wave_takes_a_whole_call_however_few_are_left() -> None:
    estimate = Estimate()
    for number in range(64):
        estimate.drawn(10.0 * (1 + number // 32), 10.0)
    assert estimate.per_second(20.0) == pytest.approx(3.2)
    assert estimate.seconds_left(20.0, left=1, workers=1) == pytest.approx(10.0)
    assert estimate.seconds_left(20.0, left=320, workers=32) == pytest.approx(100.0)


def test_the_guess_follows_the_recent_rate_and_grows_while_nothing_comes() -> None:
    estimate = Estimate()
    for second in range(1, 101):
        estimate.drawn(float(second), 1.0)  # one a second
    assert estimate.seconds_left(100.0, left=60, workers=1) == pytest.approx(60.0, rel=0.05)
    for second in range(110, 210, 10):
        estimate.drawn(float(second), 1.0)  # throttled: one in ten seconds
    slow = estimate.seconds_left(200.0, left=60, workers=1)
    assert slow == pytest.approx(600.0, rel=0.3)
    stalled = estimate.seconds_left(400.0, left=60, workers=1)
    assert stalled is not None
    assert stalled > 3000


def test_the_guess_is_near_the_truth_for_a_steady_run() -> None:
    estimate = Estimate()
    workers, call, total = 4, 2.0, 200
    for number in range(total):
        now = call * (1 + number // workers)
        estimate.drawn(now, call)
        left = total - number - 1
        if number % workers == workers - 1 and number >= 12 and left:
            assert estimate.seconds_left(now, left=left, workers=workers) == pytest.approx(
                call * (left / workers), rel=0.15
            )
