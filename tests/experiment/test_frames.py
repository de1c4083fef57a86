"""One factor's means, from the index."""

from __future__ import annotations

import statistics
from contextlib import closing

import pytest

from prodimg_lab.errors import UnknownName
from prodimg_lab.experiment import factor_means, run_experiment
from prodimg_lab.lab import Lab
from prodimg_lab.records import Score
from prodimg_lab.store import Index


def test_each_level_has_the_mean_of_its_pictures(lab: Lab) -> None:
    from prodimg_lab.experiment import overrides_for, plan_experiment

    view = run_experiment(plan_experiment("tiny", lab=lab, overrides=overrides_for([], model="studio:core@96")))
    scorer = "sharpness"
    found = factor_means(view.run_id, "lighting", scorer=scorer)
    by_level: dict[object, list[float]] = {}
    for row in view.rows:
        score = row.scores[scorer]
        if isinstance(score, Score):
            by_level.setdefault(row.trial.levels["lighting"], []).append(score.value)
    assert set(found["level"]) == set(by_level)
    for line in found.itertuples():
        assert line.pictures == len(by_level[line.level])
        assert line.mean == pytest.approx(statistics.mean(by_level[line.level]))
        assert line.sd == pytest.approx(statistics.stdev(by_level[line.level]))
    assert list(found["mean"]) == sorted(found["mean"], reverse=True)
    with pytest.raises(UnknownName, match=r"no factor 'lihgting'.*lighting"):
        factor_means(view.run_id, "lihgting", scorer=scorer)
    with pytest.raises(UnknownName, match=r"no scores by 'sharp'.*sharpness"):
        factor_means(view.run_id, "lighting", scorer="sharp")
    lab.index_file.unlink()
    assert factor_means(view.run_id, "lighting", scorer=scorer).equals(found), "a lost index is made anew"
    journal = view.folder / "journal.jsonl"
    lines = [line for line in journal.read_text().splitlines() if '"event":"factors"' not in line]
    journal.write_text("\n".join(lines) + "\n")
    with closing(Index(lab.index_file)) as index, index.transaction() as connection:
        for table in ("factors", "marks"):
            connection.execute(f"DELETE FROM {table}")
    assert factor_means(view.run_id, "lighting", scorer=scorer).equals(found), "a run of an older version is read"
