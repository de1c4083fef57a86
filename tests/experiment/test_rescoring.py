from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from prodimg_lab.cli.app import app
from prodimg_lab.errors import UnknownName
from prodimg_lab.experiment import find_run, open_run, run_experiment, score_run
from prodimg_lab.lab import Lab
from prodimg_lab.records import Score
from prodimg_lab.scoring import ScorerCard, Subject
from prodimg_lab.scoring.pixels import PixelScorer, Reading

SEEN: list[str] = []


def size_of(subject: Subject) -> Reading:
    SEEN.append(subject.digest)
    width = subject.measures.bgr.shape[1]
    return Reading(raw=float(width), value=min(5.0, width / 200), detail=f"{width} px wide")


CARD = ScorerCard(unit="px", direction="higher", raw_range="1..", cost="free", formula="its width")
WIDTH = PixelScorer(name="width", version="1", card=CARD, judge=size_of)


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    SEEN.clear()


def test_a_scorer_of_ones_own_scores_a_run_that_is_drawn(lab: Lab) -> None:
    run_experiment("tiny", lab=lab)
    folder = find_run("last", lab=lab)
    calls = [row.outcome.digest for row in open_run(folder).rows]
    view = score_run(folder, [WIDTH])
    assert all(isinstance(row.scores["width"], Score) for row in view.rows if row.is_drawn)
    assert [row.outcome.digest for row in view.rows] == calls
    again = open_run(folder)
    assert again.rows[0].scores["width"] == view.rows[0].scores["width"]


def test_what_was_scored_is_not_scored_again_until_its_version_changes(lab: Lab) -> None:
    from dataclasses import replace

    run_experiment("tiny", lab=lab)
    folder = find_run("last", lab=lab)
    score_run(folder, [WIDTH])
    first = len(SEEN)
    score_run(folder, [WIDTH])
    assert len(SEEN) == first
    score_run(folder, [replace(WIDTH, version="2")])
    assert len(SEEN) == 2 * first


def test_a_shortlist_is_the_best_pictures_only(lab: Lab) -> None:
    run_experiment("tiny", lab=lab)
    folder = find_run("last", lab=lab)
    view = score_run(folder, [WIDTH], shortlist=3)
    assert sum("width" in row.scores for row in view.rows) == 3


def test_the_command_scores_and_says_how_much(lab: Lab) -> None:
    run_experiment("tiny", lab=lab)
    result = CliRunner().invoke(app, ["rescore", "last", "compliance-etsy"])
    assert result.exit_code == 0, result.output
    assert "compliance-etsy" in result.output and "report:" in result.output
    with pytest.raises(UnknownName, match="no scorer 'sharpnes'; did you mean 'sharpness'"):
        CliRunner().invoke(app, ["rescore", "last", "sharpnes"], catch_exceptions=False)


def test_the_guides_scorer_of_fifteen_lines_runs(lab: Lab) -> None:
    run_experiment("tiny", lab=lab)
    guide = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text("utf-8")
    code = guide.partition("## Your own scorer")[2].partition("```python\n")[2].partition("```")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 15
    names: dict[str, Any] = {}
    exec(code, names)
    assert all("warmth" in row.scores for row in names["view"].rows if row.is_drawn)
