from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from prodimg_lab.cli.app import app
from prodimg_lab.experiment import RunView, calibrate, find_run, rate, run_experiment
from prodimg_lab.experiment.calibration import ENOUGH, Calibration, Pair, calibration_of
from prodimg_lab.experiment.opening import open_run
from prodimg_lab.experiment.ratings import Rating
from prodimg_lab.experiment.votes import Vote, cast_vote
from prodimg_lab.lab import Lab
from prodimg_lab.records import Score
from prodimg_lab.reports.html import render_report
from prodimg_lab.testing.views import with_row

MakeView = Callable[..., RunView]


def scored(view: RunView, values: Sequence[float]) -> RunView:
    """The run with those values of a scorer `mine` on its first pictures."""
    for index, value in enumerate(values):
        view = with_row(view, index, scores={"mine": Score(scorer="mine", version="1", value=value, raw=value)})
    return view


def pair(view: RunView, first: int, second: int, prefers: int, rater: str = "anna") -> Pair:
    return Pair(run_id=view.run_id, rater=rater, first=first, second=second, prefers=prefers, voted=True)


def of_mine(view: RunView, pairs: Sequence[Pair]) -> Calibration:
    (found,) = calibration_of({view.run_id: view}, pairs, ["mine"])
    return found


def test_accuracy_counts_decided_pairs_and_half_of_the_scorers_ties(make_view: MakeView) -> None:
    view = scored(make_view(), (1.0, 2.0, 2.0, 4.0))
    pairs = [pair(view, 0, 1, -1), pair(view, 1, 2, 1), pair(view, 0, 3, 1), pair(view, 2, 3, -1), pair(view, 0, 2, 0)]
    found = of_mine(view, pairs)
    assert (found.votes, found.decided, found.raters) == (5, 4, 1)
    assert found.accuracy == (1 + 0.5 + 0 + 1) / 4
    assert found.tau == pytest.approx((1 + 0 - 1 + 1 + 0) / (4 * 4) ** 0.5)
    assert found.says.endswith("too few") and "has not been held against people here (4 of 20 pairs)" in found.warning


def test_pictures_without_a_score_are_counted_apart(make_view: MakeView) -> None:
    view = scored(make_view(), (1.0,))
    found = of_mine(view, [pair(view, 0, 5, 1)])
    assert (found.decided, found.unscored, found.accuracy) == (0, 1, None)
    assert found.says == "not yet calibrated"


@pytest.mark.parametrize(("right", "told"), [(ENOUGH, ""), (ENOUGH // 2, "no better than a coin"), (0, "contradicts")])
def test_a_scorer_that_disagrees_with_people_comes_with_a_warning(make_view: MakeView, right: int, told: str) -> None:
    view = scored(make_view(), (1.0, 4.0))
    pairs = [pair(view, 0, 1, -1 if at < right else 1) for at in range(ENOUGH)]
    warning = of_mine(view, pairs).warning
    assert told in warning and bool(warning) == bool(told)


def test_a_bias_for_a_variant_has_its_size_and_interval(make_view: MakeView) -> None:
    view = scored(make_view(), (4.0, 1.0))
    pairs = [pair(view, 0, 1, 1 if at % 2 else -1) for at in range(8)]  # people have no favourite, the scorer has
    found = {each.variant: each for each in of_mine(view, pairs).biases}
    first, second = (view.rows[at].trial.variant for at in (0, 1))
    assert found[first].mean == 0.5 and found[second].mean == -0.5
    interval = found[first].interval
    assert interval is not None and interval.low < 0.5 < interval.high


def test_people_who_give_the_same_stars_agree_wholly_among_themselves(make_view: MakeView) -> None:
    view = make_view()
    for index, given in enumerate(((5, 5), (3, 3), (1, 1))):
        ratings = {name: Rating(rater=name, stars=stars) for name, stars in zip(("anna", "ben"), given, strict=True)}
        view = with_row(view, index, ratings=ratings)
    assert of_mine(view, [pair(view, 0, 1, 1)]).alpha == 1.0
    view = with_row(view, 0, ratings={"anna": Rating(rater="anna", stars=5), "ben": Rating(rater="ben", stars=1)})
    alpha = of_mine(view, [pair(view, 0, 1, 1)]).alpha
    assert alpha is not None and alpha < 0.5


def test_votes_and_ratings_of_a_real_run_are_found(lab: Lab, tmp_path: Path) -> None:
    run_experiment("tiny", lab=lab)
    folder = find_run("last", lab=lab)
    view = open_run(folder)
    block = view.rows[0].trial.block
    one, other = [row.trial.index for row in view.rows if row.trial.block == block][:2]
    cast_vote(folder.path, Vote(vote_id="a", rater="anna", left=one, right=other, choice="left"))
    rate(folder.path, [one], rater="ben", stars=5)
    rate(folder.path, [other], rater="ben", stars=2)
    (quality, *_) = calibrate([folder])
    assert (quality.votes, quality.rated_pairs, quality.raters, quality.last) == (1, 1, 2, view.started_at[:10])
    page = render_report(open_run(folder))
    assert "Scores and people" in page and "1 blind votes and 1 rated pairs of this run, by 2 people" in page
    result = CliRunner().invoke(app, ["scorers"])
    assert result.exit_code == 0, result.output
    assert "1 votes and 1 rated pairs of 2 people" in result.output
    assert "compliance-amazon-main" in result.output


def test_where_nobody_has_voted_the_list_says_what_to_do(lab: Lab) -> None:
    result = CliRunner().invoke(app, ["scorers"])
    assert "Nobody has voted or rated here yet" in result.output
    assert "sharpness" in result.output
