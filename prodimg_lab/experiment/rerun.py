"""How is a run repeated? From its frozen inputs and the store, freshly drawn, or from today's files."""

from __future__ import annotations

import difflib
from pathlib import Path

from prodimg_lab.errors import StoreError
from prodimg_lab.experiment.comparing import Comparison, compare_runs
from prodimg_lab.experiment.folder import RunFolder, RunOptions
from prodimg_lab.experiment.opening import frozen_models, lab_of, open_run
from prodimg_lab.experiment.planning import Planned, plan_experiment
from prodimg_lab.records import TrialState
from prodimg_lab.store import open_store, read_history


def plan_rerun(folder: RunFolder, *, fresh: bool = False, today: bool = False) -> Planned:
    """Plan a run again: from its frozen inputs, or with `today` from the experiment's files as they are now.

    Raises `StoreError` when a plain rerun could not be answered from the store (it makes no call), and whatever
    `plan_experiment` raises.
    """
    identity = folder.read("run.json") or {}
    lab, repeats = lab_of(folder), int(identity["repeats"])
    if today:
        return plan_experiment(identity["experiment"], lab=lab, overrides=identity["overrides"], repeats=repeats)
    frozen = frozen_models(identity)
    then = None if fresh else {spec: frozen[model] for model, spec in identity["models"].items()}
    planned = plan_experiment(folder.inputs, lab=lab, repeats=repeats, only_folder=folder.inputs, frozen_models=then)
    if not fresh:
        _check_store(folder, planned)
    return planned


def rerun_options(
    folder: RunFolder, *, fresh: bool = False, today: bool = False, budget_usd: float | None = None
) -> RunOptions:
    """The options of the run that repeats `folder`."""
    identity = folder.read("run.json") or {}
    return RunOptions(
        note=f"rerun of {folder.run_id}",
        budget_usd=identity["budget_usd"] if budget_usd is None else budget_usd,
        blocks=identity["blocks"],
        repeats=int(identity["repeats"]),
        fresh=fresh,
        today=today,
        rerun_of=folder.run_id,
        as_of="" if today else str(identity.get("as_of") or identity["started_at"][:10]),
        overrides=identity["overrides"] if today else {},
    )


def compare_rerun(before: RunFolder, after: RunFolder) -> Comparison:
    """Hold a rerun against its run, with a diff of the files when they are not the same."""
    return compare_runs(
        open_run(before),
        open_run(after),
        changed_inputs=_changes(before.inputs, after.inputs),
        report=str(after.report),
    )


def _check_store(folder: RunFolder, planned: Planned) -> None:
    store = open_store(planned.lab)
    history = read_history(folder.path)
    answered = {
        history.fingerprints[index]
        for index, outcome in history.outcomes.items()
        if outcome.state in (TrialState.DONE, TrialState.REFUSED)
    }
    gone = [fingerprint for fingerprint in sorted(answered) if store.lookup(fingerprint) is None]
    if gone:
        raise StoreError(
            f"{len(gone)} pictures of run {folder.run_id} are no longer in the store, and a rerun makes no calls; "
            "draw them again with: prodimg rerun --fresh --budget USD"
        )


def _changes(before: Path, after: Path) -> str:
    names = {file.relative_to(root) for root in (before, after) for file in root.rglob("*") if file.is_file()}
    diffs: list[str] = []
    for name in sorted(names):
        old, new = _lines(before / name), _lines(after / name)
        diffs += difflib.unified_diff(old, new, f"then/{name}", f"today/{name}", n=1)
    return "".join(line if line.endswith("\n") else line + "\n" for line in diffs)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True) if file.is_file() else []
