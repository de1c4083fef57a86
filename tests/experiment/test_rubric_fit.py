"""Is a rubric fitted to a lab's own votes, told honestly, and written only where somebody wants it?"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from prodimg_lab.errors import UsageError
from prodimg_lab.experiment import RunFolder, RunOptions, RunView, fit_rubric, run_experiment, write_rubric
from prodimg_lab.experiment.votes import Preference, Vote, cast_vote, new_vote_id
from prodimg_lab.lab import Lab
from prodimg_lab.scoring import load_rubric


def vote_by(view: RunView, scorer: str, *, against: bool = False) -> int:
    """Everybody prefers the picture with the higher score of `scorer`, or the lower; how many chose."""
    chosen = 0
    for one, other in combinations(view.rows, 2):
        if one.trial.block != other.trial.block:
            continue
        marks = [next(part.value for part in row.parts if part.name == scorer) for row in (one, other)]
        if marks[0] is None or marks[1] is None or marks[0] == marks[1]:
            continue
        choice: Preference = "left" if (marks[0] > marks[1]) != against else "right"
        for rater in ("anna", "ben", "cleo"):
            vote = Vote(
                vote_id=new_vote_id(), rater=rater, left=one.trial.index, right=other.trial.index, choice=choice
            )
            cast_vote(view.folder, vote)
            chosen += 1
    return chosen


def test_runs_of_different_rubrics_are_not_fitted_together(lab: Lab) -> None:
    folders = [
        RunFolder(path=run_experiment("tiny", lab=lab, options=RunOptions(overrides={"rubric": rubric})).folder)
        for rubric in ("product-default", "technical-only")
    ]
    with pytest.raises(UsageError, match=r"different rubrics \(product-default 2, technical-only 1\)"):
        fit_rubric(folders)


def test_where_no_part_agrees_with_people_there_is_no_rubric(lab: Lab) -> None:
    mine = 'name: mine\nversion: "1"\nweights: {exposure: 1}\n'
    (lab.experiments / "tiny" / "mine.yaml").write_text(mine, encoding="utf-8")
    view = run_experiment("tiny", lab=lab, options=RunOptions(overrides={"rubric": "mine.yaml"}))
    assert vote_by(view, "exposure", against=True) >= 30
    with pytest.raises(UsageError, match="no part of rubric mine agrees with people's choices"):
        fit_rubric([RunFolder(path=view.folder)])


def test_a_rubric_is_fitted_to_votes_and_its_file_loads(lab: Lab, tmp_path: Path) -> None:
    view = run_experiment("tiny", lab=lab)
    folder = RunFolder(path=view.folder)
    with pytest.raises(UsageError, match="0 choices of people are too few to fit weights to, it takes 30"):
        fit_rubric([folder])
    assert vote_by(view, "exposure") >= 30
    fitted = fit_rubric([folder], "ours")
    told = "\n".join(fitted.lines())
    assert fitted.fit.weights["exposure"] == max(fitted.fit.weights.values())
    assert fitted.fit.held_out >= fitted.fit.before and "held out" in told and "agreement before" in told
    file = tmp_path / "ours.yaml"
    write_rubric(fitted.rubric, file)
    again = load_rubric(file)
    assert again.weights == fitted.rubric.weights and "fitted to" in again.summary
    with pytest.raises(UsageError, match="is there already; name another file"):
        write_rubric(fitted.rubric, file)
