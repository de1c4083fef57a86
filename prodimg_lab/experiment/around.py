"""One picture is nearly right: which experiment looks around it?

The new experiment is the run's own one, as it was frozen, for this picture's product alone: its levels become the
baseline, names may take any level that the sweep had, numbers move to a lower and a higher neighbour.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prodimg_lab.errors import ExperimentError, UsageError
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import RunFacts, lab_of, read_facts
from prodimg_lab.experiment.spec import FILE, is_slug, load_experiment, seeds_as
from prodimg_lab.marked_yaml import to_yaml
from prodimg_lab.records import Level, Trial

SEEDS = 4
"""New seeds a variant; the base seed moves on, so that none of them is the old picture's."""


def around(run: RunFolder, trial: int, *, name: str = "") -> str:
    """The experiment.yaml that starts from the trial at that place of the plan, for a folder under `experiments/`.

    It names the run's frozen files by paths from there. Raises `StoreError`.
    """
    facts = read_facts(run)
    content = _content(facts, facts.trials[trial], name or f"{facts.identity['experiment']}-around-{trial}")
    inputs = f"../{facts.identity['experiment']}/runs/{run.run_id}/inputs"  # from any folder of experiments/
    files = {
        key: f"{inputs}/{content['products'][key]}" for key in ("file", "attributes") if key in content["products"]
    }
    return to_yaml({**content, "products": {**content["products"], **files}, "rubric": f"{inputs}/{content['rubric']}"})


def write_around(run: RunFolder, trial: int, name: str) -> Path:
    """Make `experiments/<name>` from `around`, with the run's frozen products, templates and rubric; returns its file.

    Raises `UsageError` when it is there already, `ExperimentError` for a name that is no name.
    """
    if not is_slug(name):
        raise ExperimentError(f"{name!r} is no name: use 1 to 64 lower-case letters, digits, dots, dashes, underscores")
    folder = lab_of(run).experiments / name
    if folder.exists():
        raise UsageError(f"{folder} is there already; choose another name")
    facts = read_facts(run)
    text = to_yaml(_content(facts, facts.trials[trial], name))
    shutil.copytree(run.inputs, folder)
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder / FILE


def _content(facts: RunFacts, trial: Trial, name: str) -> dict[str, Any]:
    experiment = load_experiment(facts.folder.inputs / FILE)
    content = dict(experiment.marked.content)
    factors: dict[str, Sequence[Level]] = facts.identity["factors"]
    own = {factor: level for factor, level in trial.levels.items() if factor in factors}
    moving = {
        factor: _neighbours(own[factor], levels)
        for factor, levels in factors.items()
        if factor != "template" and factor in own
    }
    sweep = {**content.get("sweep", {}), "design": "full", "factors": moving, "seeds": seeds_as(experiment.file, SEEDS)}
    sweep["base_seed"] = int(sweep.get("base_seed", 1)) + 1
    sweep.pop("samples", None)
    template = trial.prompt.template
    return {
        **content,
        "name": name,
        "summary": f"around trial {trial.index} of {facts.folder.run_id}: {trial.variant}",
        "products": {**content["products"], "where": f"sku == {trial.block.sku!r}", "limit": 1},
        "templates": [template],
        "sweep": sweep,
        "baseline": {**own, "template": template},
    }


def _neighbours(level: Level, levels: Sequence[Level]) -> list[Level]:
    """The level first, then the other names; of a number the value half a step below and above."""
    if isinstance(level, str):
        return [level, *(other for other in levels if other != level and other != "none")]
    numbers = sorted({other for other in levels if not isinstance(other, str)})
    gaps = [high - low for low, high in itertools.pairwise(numbers)]
    step = min(gaps) / 2 if gaps else abs(level) / 10 or 1
    if isinstance(level, int):
        step = max(1, round(step))
    return [round(level - step, 4), level, round(level + step, 4)]
