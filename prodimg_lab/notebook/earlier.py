"""What did an earlier run leave that belongs to this one: the very same run, or ratings of its pictures?"""

from __future__ import annotations

from collections.abc import Iterator

from prodimg_lab.errors import ProdimgError
from prodimg_lab.experiment import Planned, RunFolder, RunView
from prodimg_lab.experiment.folder import judge_facts
from prodimg_lab.experiment.opening import lab_of, read_facts, run_folders
from prodimg_lab.experiment.ratings import read_ratings
from prodimg_lab.store import read_history

LOOKED_AT = 10
"""Earlier runs that are looked through, newest first."""


def same_run(planned: Planned) -> RunFolder | None:
    """The newest finished run with the same requests in the same order, the same rubric and judge, or None."""
    asked = [trial.request.fingerprint for trial in planned.sweep.trials]
    for folder in run_folders(planned.lab, planned.experiment.name)[:LOOKED_AT]:
        try:
            facts = read_facts(folder)
            result = folder.read("result.json") or {}
        except (ProdimgError, KeyError, ValueError):
            continue  # a damaged run is none to go back to
        is_whole = result.get("state") == "done" and facts.identity["blocks"] is None
        drawn = [trial.request.fingerprint for trial in facts.trials]
        own = (facts.rubric, facts.targets, facts.identity["baseline"], facts.identity.get("judge"))
        wanted = (planned.rubric, planned.experiment.targets, planned.baseline, judge_facts(planned))
        if is_whole and drawn == asked and own == wanted and not facts.identity["rerun_of"]:
            return folder
    return None


def rated_elsewhere(view: RunView) -> Iterator[str]:
    """In which earlier runs the pictures of this one were rated, in words."""
    own = {row.outcome.digest for row in view.drawn}
    folder = RunFolder(path=view.folder)
    for other in run_folders(lab_of(folder), view.experiment)[:LOOKED_AT]:
        if other.run_id == view.run_id:
            continue
        try:
            rated = read_ratings(other.path)
            outcomes = read_history(other.path).outcomes if rated else {}
        except (ProdimgError, KeyError, ValueError):
            continue
        count = sum(outcomes[trial].digest in own for trial in rated if trial in outcomes)
        if count:
            how = f"notebook.Grid({other.run_id!r}) shows them"
            yield f"{count} of these pictures were rated in run {other.run_id}: {how}"
