"""A run as a table for pandas, straight from the index: quick also where a run has a million scores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prodimg_lab.errors import UnknownName
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import RunFacts, find_run, lab_of, open_index, read_facts
from prodimg_lab.lab import with_environment
from prodimg_lab.store import Index, open_store, reproject
from prodimg_lab.store.locks import held_if_dead
from prodimg_lab.suggest import nearest

if TYPE_CHECKING:
    import pandas as pd


def factor_means(run: str | RunFolder, factor: str, *, scorer: str) -> pd.DataFrame:
    """What each level of a factor scored: `level`, `pictures` (judged ones), `mean` and `sd` (0..5), best first.

    Every picture counts alike; what is compared by blocks, with intervals, is the report's and the verdict's business.
    Raises `UnknownName` for a factor or a scorer that the run does not have.
    """
    import numpy as np
    import pandas as pd

    folder = run if isinstance(run, RunFolder) else find_run(run)
    with _index_with(folder) as index:
        column = index.factor(folder.run_id, factor)
        if column is None:
            known = index.factor_names(folder.run_id)
            raise UnknownName(f"run {folder.run_id} has no factor {factor!r}; {nearest(factor, known)}")
        rows = index.marks(folder.run_id, scorer)
        if not rows:
            known = index.scorer_names(folder.run_id)
            raise UnknownName(f"run {folder.run_id} has no scores by {scorer!r}; {nearest(scorer, known)}")
    levels, places = column
    marks = np.asarray(rows, dtype=float)
    place = np.asarray(places)[marks[:, 0].astype(int)]
    frame = pd.DataFrame({"place": place, "value": marks[:, 1]}).groupby("place")["value"].agg(["size", "mean", "std"])
    found = pd.DataFrame(
        {
            "level": [levels[number] for number in frame.index],
            "pictures": frame["size"].to_numpy(),
            "mean": frame["mean"].to_numpy(),
            "sd": frame["std"].to_numpy(),
        }
    )
    return found.sort_values("mean", ascending=False, ignore_index=True)


def factors_line(facts: RunFacts) -> dict[str, object]:
    """The journal line that tells which level of each factor every trial of a plan has."""
    columns: dict[str, dict[str, list[object]]] = {}
    for name in facts.identity["factors"]:
        levels = list(dict.fromkeys(trial.levels.get(name) for trial in facts.trials))
        place = {level: number for number, level in enumerate(levels)}
        columns[name] = {"levels": [*levels], "places": [place[trial.levels.get(name)] for trial in facts.trials]}
    return {"event": "factors", "factors": columns}


@contextmanager
def _index_with(folder: RunFolder) -> Iterator[Index]:
    """The lab's index; a run that an older version drew, or that came from elsewhere, is brought into it first."""
    lab = with_environment(lab_of(folder))
    index = open_index(lab, open_store(lab))
    try:
        if not index.factor_names(folder.run_id):
            with held_if_dead(folder.path) as is_dead:
                if is_dead:
                    reproject(index, folder.path)
                    index.bring_in(folder.path, [factors_line(read_facts(folder))])
        yield index
    finally:
        index.close()
