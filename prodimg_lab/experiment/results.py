"""What does result.json say of a run that has ended?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from prodimg_lab.errors import ProdimgError
from prodimg_lab.experiment.figures import headline
from prodimg_lab.experiment.folder import RunFolder, now_text
from prodimg_lab.experiment.view import RunView
from prodimg_lab.records import TrialState

EXIT_CODES = {"done": 0, "incomplete": 1, "interrupted": 1, "stopped": 1, "running": 1}


def result_of(view: RunView, *, stopped_by: ProdimgError | None = None) -> dict[str, Any]:
    """The facts of result.json: state, exit code, counts, money, time, targets met, what was simulated, platform."""
    figures = headline(view)
    code = stopped_by.exit_code if stopped_by is not None else EXIT_CODES[view.state]
    return {
        "run_id": view.run_id,
        "experiment": view.experiment,
        "state": view.state,
        "exit_code": code,
        "reason": str(stopped_by or ""),
        "note": view.note,
        "started_at": view.started_at,
        "finished_at": view.finished_at or now_text(),
        "simulated": view.simulated,
        "trials": len(view.rows),
        "counts": {state.value: view.count(state) for state in TrialState},
        "cached": figures.cached,
        "cost_usd": view.real_cost_micro / 1e6,
        "simulated_cost_usd": view.simulated_cost_micro / 1e6,
        "wall_seconds": round(view.wall_seconds, 3),
        "quality": figures.quality.value,
        "figures": _plain(asdict(figures)),
        "variants": {variant.name: _mean(view, variant.name) for variant in view.variants},
        "models": {model.model: model.title for model in view.models.values()},
        "platform": dict(view.platform),
        "headline": figures.text(),
    }


def read_result(folder: Path) -> dict[str, Any]:
    """The result.json of a run, or {} when it has not ended."""
    return RunFolder(path=folder).read("result.json") or {}


def exit_code_of(view: RunView) -> int:
    """What a command that ran this should exit with."""
    return int(read_result(view.folder).get("exit_code", EXIT_CODES[view.state]))


def _mean(view: RunView, variant: str) -> float | None:
    found = [row.quality for row in view.drawn if row.trial.variant == variant and row.quality is not None]
    return sum(found) / len(found) if found else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return round(value, 6) if isinstance(value, float) else value
