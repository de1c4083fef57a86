"""Does a notebook that is run again find what was rated?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from prodimg_lab.errors import ParameterError
from prodimg_lab.experiment import RunFolder, find_run, plan_experiment, rate, run_experiment
from prodimg_lab.lab import Lab, find_lab
from prodimg_lab.notebook import story
from prodimg_lab.notebook.earlier import rated_elsewhere, same_run


@pytest.fixture
def here(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.chdir(lab.root)
    monkeypatch.setattr(story, "is_headless", lambda: False)  # as a person at the notebook
    return lab


def test_the_same_plan_opens_the_run_that_has_it(here: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    first = story.run(story.prepare("tiny"))
    again = story.run(story.prepare("tiny"))
    assert again.run_id == first.run_id
    assert f"nothing to draw: this is run {first.run_id}" in capsys.readouterr().out
    assert same_run(plan_experiment("tiny", lab=here, overrides={"sweep.seeds": 1})) is None


def test_another_plan_makes_a_run_and_says_where_its_pictures_were_rated(
    here: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    first = story.run(story.prepare("tiny"))
    rate(first.folder, [0, 1], rater="anna", stars=4)
    fewer = story.run(story.prepare("tiny", seeds=1))
    assert fewer.run_id != first.run_id
    told = capsys.readouterr().out
    assert f"rated in run {first.run_id}: notebook.Grid({first.run_id!r}) shows them" in told


def test_a_plan_with_another_judge_or_rubric_is_not_the_same_run(here: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    run_experiment("tiny", lab=here)
    monkeypatch.setenv("PRODIMG_JUDGE_PRICES", "some.model=1/5")
    assert same_run(plan_experiment("tiny", lab=here)) is not None
    for changes in ({"judge": "bedrock:some.model"}, {"rubric": "technical-only"}):
        assert same_run(plan_experiment("tiny", lab=find_lab(here.root), overrides=changes)) is None


def test_a_run_that_did_not_end_well_is_not_opened_again(here: Lab) -> None:
    view = run_experiment("tiny", lab=here)
    (view.folder / "result.json").unlink()
    assert same_run(plan_experiment("tiny", lab=here)) is None
    assert list(rated_elsewhere(view)) == []


@pytest.mark.parametrize("count", [0, -1])
def test_no_products_are_refused_and_too_many_are_told(
    here: Lab, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    with pytest.raises(ParameterError, match=f"products must be 1 or more, not {count}"):
        story.prepare("tiny", products=count)
    plan = story.prepare("tiny", products=400)
    assert plan.planned is not None
    assert f"400 products were asked for; the catalogue has {len(plan.planned.products)}" in capsys.readouterr().out


def test_a_wrong_name_is_one_message_in_a_notebook_and_no_traceback(here: Lab) -> None:
    with pytest.raises(Exception, match="did you mean") as told:
        story.prepare("tinny")
    lines = told.value._render_traceback_()  # type: ignore[attr-defined]
    assert len(lines) == 1 and "did you mean 'tiny'" in lines[0]


def test_finish_links_a_report_that_has_the_ratings(here: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    view = story.run(story.prepare("tiny"))
    report = view.folder / "report.html"
    os.utime(report, (0, 0))
    story.finish(view)
    assert report.stat().st_mtime > 0 and str(report) in capsys.readouterr().out
    assert find_run("last").path == RunFolder(path=view.folder).path
