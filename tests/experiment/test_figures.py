"""The headline of a run against figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from prodimg_lab.experiment.figures import dollars, headline, quantile, seconds_text
from prodimg_lab.experiment.view import RunView, Targets, TrialRow
from prodimg_lab.records import Block, Capabilities, ImageRequest, Outcome, Prompt, Source, Trial, TrialState

TARGETS = Targets(seconds=5, usd=0.05, quality=3.5, photo_usd=50)


def row(
    index: int,
    quality: float | None,
    *,
    state: TrialState = TrialState.DONE,
    seconds: float = 4.0,
    cost: int = 40_000,
    cached: bool = False,
    source: Source = "aws",
) -> TrialRow:
    model = "core" if source == "aws" else "studio:core"
    request = ImageRequest(model=model, source=source, prompt="a mug", seed=1)
    prompt = Prompt(text="a mug", template="plain", template_version="1.0.0")
    trial = Trial(
        index=index, variant="plain", block=Block(sku="mug", index=index), levels={}, prompt=prompt, request=request
    )
    outcome = Outcome(state=state, cost_micro=0 if cached else cost, seconds=seconds, cached=cached)
    return TrialRow(trial=trial, outcome=outcome, quality=quality)


def no_picture(_: str) -> bytes:
    raise AssertionError("a headline reads no pictures")


def view_of(*rows: TrialRow, targets: Targets = TARGETS, other_micro: int = 0) -> RunView:
    """A run of `rows` that spent `other_micro` on judging besides."""
    of_aws = [each for each in rows if each.trial.request.source == "aws"]
    real = sum(each.outcome.cost_micro for each in of_aws)
    play = sum(each.outcome.cost_micro for each in rows) - real
    return RunView(
        run_id="20261123-081312-4f2a",
        experiment="mugs",
        folder=Path("runs"),
        state="done",
        started_at="2026-11-23T08:13:12Z",
        simulated=len(of_aws) < len(rows),
        models={
            "core": Capabilities(model="core", title="Core", source="aws", price_micro=40_000),
            "studio:core": Capabilities(model="studio:core", title="Studio", source="simulated", price_micro=0),
        },
        products={},
        factors={},
        variants=(),
        targets=targets,
        rows=rows,
        real_cost_micro=real + (other_micro if of_aws else 0),
        simulated_cost_micro=play + (0 if of_aws else other_micro),
        picture=no_picture,
    )


def test_figures_equal_the_ones_worked_out_by_hand() -> None:
    found = headline(
        view_of(
            row(0, 4.0, seconds=2.0),
            row(1, 3.6, seconds=4.0),
            row(2, 3.0, seconds=10.0),
            row(3, None, state=TrialState.REFUSED),
            row(4, None, state=TrialState.UNCERTAIN),
            other_micro=30_000,
        )
    )
    assert (found.pictures, found.kept, found.refused, found.answered) == (3, 2, 1, 4)
    assert (found.seconds_median.value, found.seconds_median.met) == (4.0, True)
    assert found.seconds_p95.value == pytest.approx(9.4)  # 4 + 0.9 · (10 - 4)
    assert found.seconds_p95.met is False
    assert (found.usd_picture.value, found.usd_picture.met) == (pytest.approx(0.04), True)
    # Three drawn, one refused, one uncertain at 0.04 and 0.03 of judging, over two kept pictures.
    assert found.usd_kept.value == pytest.approx(0.23 / 2)
    assert found.usd_kept.met is False
    assert (found.quality.value, found.quality.n, found.quality.met) == (pytest.approx(10.6 / 3), 3, True)
    assert found.saving_usd == pytest.approx(50 - 0.115)
    assert found.saving_share == pytest.approx((50 - 0.115) / 50)
    assert found.refusal_rate == 0.25
    assert found.refusal_interval is not None
    assert found.refusal_interval.low == pytest.approx(0.0456, abs=1e-4)
    assert found.refusal_interval.high == pytest.approx(0.6994, abs=1e-4)


def test_the_line_says_each_figure_against_its_target() -> None:
    text = headline(view_of(row(0, 4.0), row(1, 3.0))).text()
    assert text == (
        "4.00 s a picture (median, p95 4.00 s, target 5 s met); $0.04 a picture (target $0.05 met); "
        "$0.08 a kept picture (target $0.05 missed); quality 3.50 of 5 (mean of 2, target 3.5 met); "
        "saves $49.92 of a $50.00 photograph (2 pictures, 1 kept, $0.08 paid)"
    )


def test_without_targets_nothing_is_met_or_missed_and_all_drawn_are_kept() -> None:
    found = headline(view_of(row(0, 1.0), row(1, None), targets=Targets()))
    assert found.kept == 2
    assert {found.seconds_median.met, found.usd_kept.met, found.quality.met} == {None}
    assert found.saving_usd is None
    assert "target" not in found.text()


def test_a_picture_that_could_not_be_scored_is_not_kept_and_not_averaged() -> None:
    found = headline(view_of(row(0, 4.0), row(1, None)))
    assert (found.kept, found.quality.n, found.quality.value) == (1, 1, 4.0)


def test_a_rerun_from_the_store_shows_what_the_pictures_cost_and_that_no_call_was_timed() -> None:
    bought = [row(0, 4.0), row(1, 3.0), row(2, None, state=TrialState.REFUSED)]
    again = [replace(each, outcome=replace(each.outcome, cached=True, cost_micro=0, seconds=0.0)) for each in bought]
    first, second = headline(view_of(*bought)), headline(view_of(*again))
    assert second.usd_picture == first.usd_picture
    assert second.usd_kept == first.usd_kept
    assert second.spent_usd == 0.0
    assert second.seconds_median.value is None
    assert second.seconds_median.met is None
    assert second.seconds_median.why == "all 2 came from the store"
    assert "2 from the store, $0.00 paid" in second.text()


def test_seconds_are_those_of_calls_that_were_made() -> None:
    found = headline(view_of(row(0, 4.0, seconds=8.0), row(1, 4.0, seconds=0.0, cached=True)))
    assert (found.seconds_median.value, found.seconds_median.n) == (8.0, 1)


def test_a_free_simulation_is_shown_but_held_against_no_price() -> None:
    found = headline(view_of(row(0, 4.0, cost=0, source="simulated")))
    assert (found.usd_picture.value, found.usd_picture.met, found.saving_usd) == (0.0, None, None)
    assert found.usd_picture.why == "free simulation: no evidence of cost"
    assert found.text().startswith("simulated studio: ")
    assert "$0.00 a picture (target $0.05 not judged)" in found.text()
    assert "paid" not in found.text()


def test_simulated_money_is_called_so_and_held_against_the_target() -> None:
    found = headline(view_of(row(0, 4.0, cost=80_000, source="simulated")))
    assert found.usd_picture.met is False
    assert (found.spent_usd, found.simulated_usd) == (0.0, 0.08)
    assert found.text().startswith("simulated studio: ")
    assert "$0.08 of simulated money" in found.text()


def test_money_of_aws_and_simulated_money_are_never_added() -> None:
    found = headline(view_of(row(0, 4.0), row(1, 4.0, cost=9_000_000, source="simulated")))
    assert found.usd_picture.value == pytest.approx(0.04)
    assert found.usd_kept.value == pytest.approx(0.04)
    assert found.simulated


def test_nothing_kept_has_no_price_and_says_why() -> None:
    found = headline(view_of(row(0, 1.0)))
    assert found.usd_kept.value is None
    assert found.usd_kept.why == "no picture reached 3.5"
    assert found.saving_usd is None
    assert "USD a kept picture: no picture reached 3.5" in found.text()


def test_a_dearer_picture_than_a_photograph_costs_more() -> None:
    found = headline(view_of(row(0, 4.0, cost=2_000_000), targets=replace(TARGETS, photo_usd=1.5)))
    assert found.saving_usd == pytest.approx(-0.5)
    assert "costs $0.50 more than a $1.50 photograph" in found.text()


def test_a_run_that_just_began_says_so_in_every_figure() -> None:
    found = headline(view_of(row(0, None, state=TrialState.PLANNED, cost=0)))
    whys = {found.seconds_median.why, found.usd_picture.why, found.usd_kept.why, found.quality.why}
    assert whys == {"no picture yet"}
    assert found.refusal_rate is None
    assert found.refusal_interval is None
    assert "0 of 1 picture" in found.text()


def test_a_stored_picture_of_a_model_without_a_known_price_has_no_price() -> None:
    view = view_of(row(0, 4.0, cached=True))
    found = headline(replace(view, models={}))
    assert found.usd_picture.value is None
    assert "list price" in found.usd_picture.why


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 2.5), (0.95, 3.85), (1.0, 4.0)])
def test_quantiles_are_linear_between_neighbours(share: float, value: float) -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], share) == pytest.approx(value)
    assert quantile([], share) is None


def test_figures_are_written_for_people() -> None:
    assert [dollars(usd) for usd in (0.08, 0.0025, 1234.5, -1.0, 0.1380, 99.862)] == [
        "$0.08",
        "$0.0025",
        "$1,234.50",
        "-$1.00",
        "$0.1380",
        "$99.86",
    ]
    assert [seconds_text(s) for s in (0.42, 12.34, 99.94, 245.0, 7800.0)] == [
        "0.42 s",
        "12.3 s",
        "99.9 s",
        "4 min 05 s",
        "2 h 10 min",
    ]
