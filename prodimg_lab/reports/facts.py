"""What is said of a run in words and single figures: headline, progress, money, who and when, what to type next."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from prodimg_lab.experiment.figures import Figure, Headline, dollars, seconds_text
from prodimg_lab.experiment.view import RunView
from prodimg_lab.records import TrialState, usd_text
from prodimg_lab.runner import RunState

STATES: dict[RunState, str] = {
    "running": "running",
    "done": "done",
    "incomplete": "incomplete: some trials failed or are uncertain",
    "stopped": "stopped by a cap or a fatal error",
    "interrupted": "interrupted; resume goes on where it ended",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One figure of the headline. `verdict` is what became of the target; `tone` colours it."""

    label: str
    value: str
    unit: str
    notes: tuple[str, ...]
    target: str = ""
    verdict: str = ""
    tone: str = "flat"


def headline_tiles(figures: Headline) -> tuple[Tile, ...]:
    """The headline as tiles: seconds, USD a picture, USD a kept picture, quality, saving, refusals."""
    p95 = figures.seconds_p95
    tail = [f"95 % within {seconds_text(p95.value)}", f"{p95.n} calls"] if p95.value is not None else []
    if p95.met is False and figures.seconds_median.met:
        tail[0] += ", over the target"
    bound = figures.quality.target
    kept = f"{figures.kept} of {figures.pictures} kept" + ("" if bound is None else f" (quality ≥ {bound:g})")
    return (
        _tile("Seconds a picture", figures.seconds_median, _seconds, "≤ {:g} s", tail),
        _tile("USD a picture", figures.usd_picture, _usd, "≤ ${:g}", []),
        _tile("USD a kept picture", figures.usd_kept, _usd, "≤ ${:g}", [kept]),
        _tile("Mean quality", figures.quality, _quality, "≥ {:g}", [f"of {figures.quality.n} pictures"]),
        _saving_tile(figures),
        _refusal_tile(figures),
    )


def progress_text(view: RunView) -> str:
    """How far a running run is: counts, pace and time left."""
    ended = sum(row.outcome.state not in (TrialState.PLANNED, TrialState.SENT) for row in view.rows)
    to_come = len(view.rows) - ended
    parts = [f"{ended} of {len(view.rows)} trials ended"]
    if ended and view.wall_seconds > 0:
        parts.append(f"{len(view.drawn) / view.wall_seconds:.1f} pictures a second")
        parts.append(f"about {seconds_text(to_come * view.wall_seconds / ended)} left")
    return ", ".join(parts)


def run_facts(view: RunView) -> list[tuple[str, str]]:
    """Who, what and when of a run."""
    made = [
        ("Run", view.run_id),
        ("Experiment", view.experiment),
        ("Note", view.note),
        ("State", STATES[view.state]),
        ("Started", moment(view.started_at)),
        ("Finished", moment(view.finished_at)),
        ("Wall time", seconds_text(view.wall_seconds)),
        ("Models", ", ".join(known.title or name for name, known in view.models.items())),
        ("Products", str(len(view.products))),
        ("Variants", str(len(view.variants))),
        ("Trials", str(len(view.rows))),
        ("Baseline", view.baseline),
        ("Rubric", view.rubric),
        ("Folder", str(view.folder)),
    ]
    return [(name, text) for name, text in made if text]


def money(view: RunView, figures: Headline) -> list[tuple[str, str]]:
    """What was spent on what; money of AWS and simulated money apart."""
    made: list[tuple[str, str]] = []
    for source, word, total in (
        ("aws", "paid to AWS", view.real_cost_micro),
        ("simulated", "simulated", view.simulated_cost_micro),
    ):
        rows = [row for row in view.rows if row.trial.request.source == source]
        if not rows and not total:
            continue
        trials = sum(row.outcome.cost_micro for row in rows)
        drawn = sum(row.outcome.cost_micro for row in rows if row.is_drawn)
        made += [
            (f"All money, {word}", usd_text(total)),
            (f"Drawn pictures, {word}", usd_text(drawn)),
            (f"Refused, failed or uncertain, {word}", usd_text(trials - drawn)),
            (f"Judge, embeddings, upscales, {word}", usd_text(max(0, total - trials))),
        ]
    made += [
        ("From the store, bought before", f"{figures.cached} pictures" if figures.cached else ""),
        ("Wall time", seconds_text(view.wall_seconds)),
        ("Pictures a second", f"{len(view.drawn) / view.wall_seconds:.2f}" if view.wall_seconds > 0 else ""),
    ]
    return [(name, text) for name, text in made if text]


def commands(view: RunView) -> list[tuple[str, str]]:
    """What to type next, and what it does. Names are quoted for a POSIX shell."""
    run, experiment = shlex.quote(view.run_id), shlex.quote(view.experiment)
    made = [
        (
            f"prodimg rerun {run}",
            "The same requests from the run's frozen inputs: pictures from the store, no call to a model.",
        ),
        (f"prodimg rerun {run} --fresh --budget {_budget_usd(view):.2f}", "Draws every picture again and compares."),
        (
            f"papermill notebooks/run_experiment.ipynb rerun.ipynb -r experiment {experiment} -r rerun_of {run}",
            "The same through papermill, as a scheduler would.",
        ),
        (f"prodimg export {run} --out trials.parquet", "One row per trial; `.csv` works too."),
    ]
    if view.state not in ("done", "running"):
        made.insert(0, (f"prodimg resume {run}", "Sends what was never sent, throttled or answered by an error."))
    return made


def _budget_usd(view: RunView) -> float:
    """The list price of all trials, rounded up to a cent, at least one cent."""
    full = 0
    for row in view.rows:
        known = view.models.get(row.trial.request.model)
        full += (known.price_micro if known else None) or row.outcome.cost_micro
    return max(1, ceil(full / 10_000)) / 100


def moment(iso: str) -> str:
    """A UTC moment for people: `2026-11-23 08:13:05 UTC`; text that is no ISO 8601 moment stays as it is."""
    try:
        return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M:%S} UTC"
    except ValueError:
        return iso


def _tile(label: str, figure: Figure, show: Callable[[float], tuple[str, str]], aim: str, notes: Sequence[str]) -> Tile:
    value, unit = ("–", "") if figure.value is None else show(figure.value)
    verdict = "" if figure.target is None else "not judged" if figure.met is None else "met" if figure.met else "missed"
    return Tile(
        label=label,
        value=value,
        unit=unit,
        notes=tuple(note for note in (*notes, figure.why) if note),
        target="" if figure.target is None else aim.format(figure.target),
        verdict=verdict,
        tone={"met": "good", "missed": "bad"}.get(verdict, "flat"),
    )


def _saving_tile(figures: Headline) -> Tile:
    if figures.saving_usd is None or figures.saving_share is None or figures.photo_usd is None:
        why = "no photo_usd among the targets" if figures.photo_usd is None else figures.usd_kept.why
        return Tile(label="Saving a kept picture", value="–", unit="", notes=(why,) if why else ())
    return Tile(
        label="Saving a kept picture",
        value=f"{100 * figures.saving_share:.1f}",
        unit="%",
        notes=(f"{dollars(figures.saving_usd)} of the {dollars(figures.photo_usd)} of a photograph",),
        tone="good" if figures.saving_usd > 0 else "bad",
    )


def _refusal_tile(figures: Headline) -> Tile:
    rate, interval = figures.refusal_rate, figures.refusal_interval
    if rate is None or interval is None:
        return Tile(label="Refused", value="–", unit="", notes=("no answer yet",))
    return Tile(
        label="Refused",
        value=f"{100 * rate:.1f}",
        unit="%",
        notes=(
            f"{figures.refused} of {figures.answered}",
            f"95 %: {100 * interval.low:.1f} to {100 * interval.high:.1f} %",
        ),
    )


def _seconds(value: float) -> tuple[str, str]:
    number, unit = seconds_text(value).split(" ", 1)
    return number, unit


def _usd(value: float) -> tuple[str, str]:
    return dollars(value), ""


def _quality(value: float) -> tuple[str, str]:
    return f"{value:.2f}", "of 5"
