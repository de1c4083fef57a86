"""Do the commands about judges and rubrics say what they cost, do, and refuse? On an emulator that measures pixels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.lab import Lab

Run = Callable[..., tuple[int, str, str]]
JUDGE = ("--judge", "bedrock:amazon.nova-pro-v1:0")


@pytest.fixture(autouse=True)
def price(bedrock: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A price for the judge, on the emulated Bedrock."""
    monkeypatch.setenv("PRODIMG_JUDGE_PRICES", "amazon.nova-pro-v1:0=1/5")


def test_a_run_is_judged_within_its_estimate_and_its_report_has_the_pairs(prodimg: Run) -> None:
    assert prodimg("run", "tiny", "--progress", "silent")[0] == 0
    code, out, _ = prodimg("judge", "last", *JUDGE, "--shortlist", "3", "--estimate")
    assert code == 0 and "3 questions, at most $0.0" in out and "of play money" in out and "emulated" in out
    code, out, _ = prodimg("judge", "last", *JUDGE, "--shortlist", "3")
    assert code == 0 and "adherence: 0 pictures scored, 3 unscored (too much was unsure" in out  # flat squares
    code, out, _ = prodimg("judge", "last", *JUDGE, "--pairs", "4")
    assert code == 0 and "4 of 4 pairs" in out and "kept to a place in" in out and "share won" in out
    report = Path(next(line for line in out.splitlines() if line.startswith("report: ")).removeprefix("report: "))
    assert "Pairs before a judge" in report.read_text("utf-8") and "no model saw these" in report.read_text("utf-8")
    found = json.loads(prodimg("judge", "last", *JUDGE, "--pairs", "4", "--json")[1])
    assert found["pairs"] == 4


def test_a_cap_stops_the_judge_with_exit_code_3_and_the_next_step(prodimg: Run) -> None:
    assert prodimg("run", "tiny", "--progress", "silent")[0] == 0
    code, _, err = prodimg("judge", "last", *JUDGE, "--budget", "0.001")
    assert code == 3 and "would pass the run's cap" in err


def test_a_judge_that_is_not_named_or_has_no_price_is_refused(prodimg: Run) -> None:
    assert prodimg("run", "tiny", "--progress", "silent")[0] == 0
    code, _, err = prodimg("judge", "last")
    assert code == 2 and "no judge is named: --judge bedrock:<model id>" in err
    code, _, err = prodimg("judge", "last", "--judge", "bedrock:anthropic.claude-x")
    assert code == 2 and "no price is known for the judge anthropic.claude-x" in err
    code, _, err = prodimg("judge", "last", "--judge", "studio:sd35")
    assert code == 2 and "a judge is a model of Amazon Bedrock" in err


def test_the_plan_says_what_the_judge_costs_at_most(prodimg: Run) -> None:
    code, out, _ = prodimg("plan", "tiny", "--set", "judge=bedrock:amazon.nova-pro-v1:0")
    assert code == 0 and "16 questions, at most $0.2" in out
    facts = json.loads(prodimg("plan", "tiny", "--set", "judge=bedrock:amazon.nova-pro-v1:0", "--json")[1])
    assert (facts["judge"], facts["judge_calls"]) == ("amazon.nova-pro-v1:0", 16)


def test_a_judge_that_splits_prompts_says_so_in_its_estimate(prodimg: Run) -> None:
    assert prodimg("run", "tiny", "--progress", "silent")[0] == 0
    plain = json.loads(prodimg("judge", "last", *JUDGE, "--estimate", "--json")[1])
    split = json.loads(prodimg("judge", "last", *JUDGE, "--split", "--estimate", "--json")[1])
    assert split["questions"] > plain["questions"] == 16 and split["usd_at_most"] > plain["usd_at_most"]
    code, out, _ = prodimg("judge", "last", *JUDGE, "--split")
    assert code == 0 and "adherence: " in out


def test_a_rubric_is_not_fitted_to_nothing(prodimg: Run) -> None:
    assert prodimg("run", "tiny", "--progress", "silent")[0] == 0
    code, _, err = prodimg("fit-rubric", "last")
    assert code == 2 and "0 choices of people are too few" in err
