"""How is a run's progress shown: to a log, to a terminal, to a program?

Each of these is a callable for `on_event`. All show done/total, pictures per second, money, time left, and how many
were refused, failed or are uncertain.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, TextIO

from prodimg_lab.records import TrialState, usd_text
from prodimg_lab.runner.events import (
    BlockFinished,
    Event,
    Judging,
    Progress,
    RunFinished,
    RunStarted,
    TrialFinished,
)

if TYPE_CHECKING:
    from rich.console import Console

LOG_EVERY_S = 10.0
TOLD = (TrialState.REFUSED, TrialState.FAILED, TrialState.UNCERTAIN)


class LogProgress:
    """One plain line every 10 s, and at the beginning and the end."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._written_at = float("-inf")
        self._last: Progress | None = None

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, RunStarted):
            known = f", {event.known} of them done before" if event.known else ""
            self._write(f"run {event.run_id}: {event.planned} pictures planned{known}")
        elif isinstance(event, Progress):
            self._last = event
            if self._clock() - self._written_at >= LOG_EVERY_S:
                self._written_at = self._clock()
                self._write(f"run {event.run_id}: {progress_text(event)}")
        elif isinstance(event, RunFinished):
            if self._last is not None:
                self._write(f"run {event.summary.run_id}: {progress_text(self._last)}")
            self._write(ending_text(event))
        elif isinstance(event, Judging) and (event.is_last or self._clock() - self._written_at >= LOG_EVERY_S):
            self._written_at = self._clock()
            self._write(f"run {event.run_id}: {judging_text(event)}")

    def _write(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()


class JsonProgress:
    """One JSON object a line for every event, for programs. Money in micro-dollars, as `Progress` has it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        """Show an event."""
        self._stream.write(json.dumps(event_fields(event), ensure_ascii=False) + "\n")
        self._stream.flush()


class RichProgress:
    """A bar in a terminal. Needs rich, which is loaded at the first event."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console
        self._bar: _Bar | None = None

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, RunStarted):
            self._bar = _Bar(event.run_id, event.planned, event.known, self._console)
        elif isinstance(event, Progress) and self._bar is not None:
            self._bar.show(event.done, event.total, progress_text(event))
        elif isinstance(event, RunFinished) and self._bar is not None:
            self._bar.end(ending_text(event))
            self._bar = None
        elif isinstance(event, Judging):
            self._judge(event)

    def _judge(self, event: Judging) -> None:
        if self._bar is None:
            self._bar = _Bar(event.run_id, event.total, 0, self._console)
        self._bar.show(event.done, event.total, judging_text(event))
        if event.is_last:
            self._bar.end(f"run {event.run_id}: {judging_text(event)}")
            self._bar = None


class _Bar:
    def __init__(self, run_id: str, total: int, done: int, console: Console | None) -> None:
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as RichBar

        columns = (TextColumn("{task.description}"), BarColumn(bar_width=None), TextColumn("{task.fields[facts]}"))
        self._rich = RichBar(*columns, console=console, refresh_per_second=4, expand=True)
        self._task = self._rich.add_task(run_id, total=total, completed=done, facts="")
        self._rich.start()

    def show(self, done: int, total: int, facts: str) -> None:
        self._rich.update(self._task, completed=done, total=total, facts=facts)

    def end(self, text: str) -> None:
        self._rich.stop()
        self._rich.console.print(text, markup=False, highlight=False)


def progress_text(progress: Progress) -> str:
    """`12/96 · 1.8 pictures/s · $0.48 (+$0.08 reserved) · 0:47 left · 1 refused`."""
    begins = not progress.done and not progress.per_second
    rate = f"{progress.per_second:.{_places(progress.per_second)}f} pictures/s" if progress.per_second else ""
    parts = [
        f"{progress.done}/{progress.total}",
        "starting, no picture yet" if begins else rate,
        money_text(progress),
        time_text(progress),
        *(f"{progress.states[state]} {state}" for state in TOLD if progress.states.get(state)),
    ]
    return " · ".join(part for part in parts if part)


def _places(rate: float) -> int:
    return 0 if rate >= 10 else 1 if rate >= 1 else 2


def judging_text(event: Judging) -> str:
    """`judge: 12/96 · $0.48 of the run · 0:47 left`."""
    if event.simulated:
        money = f"simulated (would be {usd_text(event.simulated_cost_micro)} of the run)"
    else:
        money = f"{usd_text(event.cost_micro)} of the run"
    parts = [f"judge: {event.done}/{event.total}", money, _left_text(event.seconds_left, is_last=event.is_last)]
    return " · ".join(part for part in parts if part)


def money_text(progress: Progress) -> str:
    """Real money with what is reserved of it; where none can flow, `simulated, $0.00` and what it would have cost."""
    if progress.simulated:
        played = progress.simulated_cost_micro
        return f"simulated, $0.00 (would be {usd_text(played)})" if played else "simulated, $0.00"
    spent = usd_text(progress.cost_micro - progress.reserved_micro)
    return f"{spent} (+{usd_text(progress.reserved_micro)} reserved)" if progress.reserved_micro else spent


def time_text(progress: Progress) -> str:
    """Time left as `0:47 left` or `1:02:03 left`; says so while it is not known, and nothing at the end."""
    return _left_text(progress.seconds_left, is_last=progress.done >= progress.total)


def _left_text(seconds_left: float | None, *, is_last: bool) -> str:
    if seconds_left is None:
        return "time left not known yet"
    if is_last:
        return ""
    seconds = round(seconds_left)
    hours, minutes = divmod(seconds // 60, 60)
    clock = f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"
    return f"{clock} left"


def ending_text(event: RunFinished) -> str:
    """How the run ended, and why where there is a why."""
    summary = event.summary
    why = f": {summary.stopped_by}" if summary.stopped_by is not None else ""
    return f"run {summary.run_id} is {summary.state}{why}"


def event_fields(event: Event) -> dict[str, object]:
    """An event as plain JSON values, its kind under `event`. Prompts stay in the plan."""
    match event:
        case TrialFinished(trial=trial, outcome=outcome):
            place = {"trial": trial.index, "variant": trial.variant, "block": trial.block.name}
            return {"event": "trial", **place, **asdict(outcome)}
        case BlockFinished(block=block):
            return {"event": "block", "block": block.block.name, "trials": sorted(block.outcomes)}
        case RunFinished(summary=summary):
            counts = _named({state: summary.count(state) for state in TrialState})
            reason = str(summary.stopped_by) if summary.stopped_by is not None else ""
            money = {
                "cost_micro": summary.real_cost_micro,
                "simulated_cost_micro": summary.simulated_cost_micro,
            }
            facts = {"run_id": summary.run_id, "state": summary.state, "counts": counts, "reason": reason}
            return {"event": "finished", **facts, **money, "wall_seconds": summary.wall_seconds}
        case Judging():
            return {"event": "judging", **asdict(event)}
        case RunStarted():
            return {"event": "started", **asdict(event)}
        case Progress(states=states):
            fields = {name: value for name, value in asdict(event).items() if name != "states"}
            return {"event": "progress", **fields, "states": _named(states)}


def _named(counts: Mapping[TrialState, int]) -> dict[str, int]:
    return {state.value: count for state, count in counts.items() if count}
