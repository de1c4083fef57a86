"""Does a judge of an experiment ask each question once, within its caps, and lose nothing that was paid?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.emulator import Emulator
from prodimg_lab.emulator import Question as Asked
from prodimg_lab.errors import BudgetExceeded, FatalForRun, Problems, UsageError
from prodimg_lab.experiment import (
    JudgeOptions,
    RunFolder,
    RunOptions,
    RunView,
    compare_rerun,
    estimate_plan,
    find_run,
    judge_pairs,
    judge_run,
    open_run,
    plan_experiment,
    plan_rerun,
    read_result,
    rerun_options,
    resume_run,
    run_experiment,
    score_run,
)
from prodimg_lab.experiment.judge_runs import bias_of, pairs_to_judge, read_judged_pairs, tally
from prodimg_lab.experiment.running import Audience
from prodimg_lab.lab import Lab, find_lab
from prodimg_lab.models.judges import judge_card
from prodimg_lab.records import Score, Unscored
from prodimg_lab.runner import Judging
from prodimg_lab.scoring.judge import ADHERENCE, question_of
from prodimg_lab.store import read_journal

JUDGE = "bedrock:amazon.nova-pro-v1:0"
ALL_YES = {"answer": "yes", "evidence": "seen"}


class Oracle:
    """A judge of a test: says yes to everything, prefers the first picture, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.split = 0

    def __call__(self, question: Asked) -> object:
        self.asked.append(question)
        names = question.schema["properties"]
        assert isinstance(names, dict)
        if "questions" in names:
            self.split += 1
            return {"questions": [{"question": "Is there a product?", "words": "", "needs": 0}]}
        if "better" in names:
            return {"better": "first", "why": "it is"}
        return {name: ALL_YES for name in names}


@pytest.fixture
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture
def judged_lab(lab: Lab, oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """The tiny experiment's lab, with an emulated Bedrock on which the oracle answers at 1 and 5 USD a million."""
    with (lab.root / "prodimg.toml").open("a", encoding="utf-8") as out:
        out.write('\njudge_prices = { "amazon.nova-pro-v1:0" = "1 / 5" }\n')
    with Emulator(judge=oracle) as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        forget_clients()
        yield find_lab(lab.root)
    forget_clients()


def judged(lab: Lab, **overrides: Any) -> RunView:
    return run_experiment("tiny", lab=lab, options=RunOptions(overrides={"judge": JUDGE, **overrides}))


def adherence(view: RunView) -> list[Score | Unscored]:
    return [row.scores[ADHERENCE] for row in view.rows if ADHERENCE in row.scores]


def charges(view: RunView) -> list[Any]:
    return [line for line in read_journal(view.folder) if line["event"] == "charge" and line["state"] == "spent"]


def test_the_plan_has_a_line_for_the_judge_and_a_judge_without_a_price_is_refused(
    judged_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    cost = estimate_plan(plan_experiment("tiny", lab=judged_lab, overrides={"judge": JUDGE}))
    assert (cost.judge_calls, cost.judge_micro) == (16, pytest.approx(16 * 14_000, rel=0.1))
    few = estimate_plan(plan_experiment("tiny", lab=judged_lab, overrides={"judge": {"model": JUDGE, "shortlist": 3}}))
    assert (few.judge_calls, few.judge_micro) == (3, pytest.approx(3 * 14_000, rel=0.1))
    monkeypatch.setenv("PRODIMG_JUDGE_PRICES", "")
    with pytest.raises(UsageError, match=r"no price is known for the judge amazon.nova-pro-v1:0.*judge_prices"):
        plan_experiment("tiny", lab=judged_lab, overrides={"judge": JUDGE})


def test_every_picture_is_asked_about_once_and_its_money_is_the_runs(judged_lab: Lab, oracle: Oracle) -> None:
    view = judged(judged_lab)
    assert view.state == "done" and len(oracle.asked) == 16
    assert {score.value for score in adherence(view) if isinstance(score, Score)} == {5.0}
    assert all(isinstance(line["answer"], dict) and line["tokens_in"] > 0 for line in charges(view))
    assert view.real_cost_micro == 0
    paid = sum(int(line["charge_micro"]) for line in charges(view))
    assert 0 < paid == view.simulated_cost_micro < 16 * 14_000
    again = judged(judged_lab)
    assert len(oracle.asked) == 16 and len(adherence(again)) == 16 and again.simulated_cost_micro == 0


def test_a_shortlist_asks_about_the_best_pictures_alone(judged_lab: Lab, oracle: Oracle) -> None:
    view = judged(judged_lab, judge={"model": JUDGE, "shortlist": 3})
    best = sorted(view.rows, key=lambda row: (-(row.quality or 0), row.trial.index))[:3]
    assert {row.trial.index for row in view.rows if ADHERENCE in row.scores} == {row.trial.index for row in best}
    assert len(oracle.asked) == 3


def tight_usd(lab: Lab) -> float:
    """A cap that ends the judge of `tiny` after a few answers, however many are asked at a time. Its pictures are free.

    Every answer costs some 50 micro-dollars; the dearest question fits only beside the first few.
    """
    card = judge_card(JUDGE, lab)
    questions = [
        question_of(trial.request.prompt, trial.asked) for trial in plan_experiment("tiny", lab=lab).sweep.trials
    ]
    return (max(card.most_micro(text, 1, schema) for text, schema in questions) + 200) / 1e6


def test_a_cap_stops_the_judge_and_resume_asks_the_rest(judged_lab: Lab, oracle: Oracle) -> None:
    options = RunOptions(overrides={"judge": JUDGE}, budget_usd=tight_usd(judged_lab))
    view = run_experiment("tiny", lab=judged_lab, options=options)
    assert view.state == "stopped" and 1 <= len(oracle.asked) < 16 and read_result(view.folder)["exit_code"] == 3
    assert view.simulated_cost_micro <= 30_000
    done = resume_run(RunFolder(path=view.folder), lab=judged_lab, budget_usd=5.0)
    assert done.state == "done" and len(oracle.asked) == 16 and len(adherence(done)) == 16


def test_an_answer_that_was_paid_and_not_written_down_is_not_bought_again(judged_lab: Lab, oracle: Oracle) -> None:
    view = judged(judged_lab)
    journal = view.folder / "journal.jsonl"
    kept = [line for line in journal.read_text().splitlines() if f'"scorer":"{ADHERENCE}"' not in line]
    journal.write_text("\n".join(kept) + "\n")
    judged_lab.index_file.unlink()  # made anew from the journal, which has no such score any more
    done = resume_run(RunFolder(path=view.folder), lab=judged_lab)
    assert len(oracle.asked) == 16 and len(adherence(done)) == 16


def test_a_replay_asks_nobody_and_is_equal(judged_lab: Lab, oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    view = judged(judged_lab)
    folder = RunFolder(path=view.folder)
    monkeypatch.setenv("PRODIMG_JUDGE_PRICES", "")
    rerun = run_experiment(plan_rerun(folder), options=rerun_options(folder))
    assert len(oracle.asked) == 16
    assert compare_rerun(folder, RunFolder(path=rerun.folder)).is_equal
    assert len(adherence(rerun)) == 16


def test_a_rubric_that_weighs_adherence_needs_a_judge_and_counts_it(judged_lab: Lab, edit: Any) -> None:
    rubric = judged_lab.experiments / "tiny" / "mine.yaml"
    rubric.write_text('name: mine\nversion: "1"\nweights: {adherence: 1}\n', encoding="utf-8")
    with pytest.raises(Problems, match="weighs adherence, which asks a judge; name one"):
        plan_experiment("tiny", lab=judged_lab, overrides={"rubric": "mine.yaml"})
    view = judged(judged_lab, rubric="mine.yaml")
    assert {row.quality for row in view.rows} == {5.0}


def test_a_drawn_run_is_judged_later_and_pairs_are_compared_both_ways(judged_lab: Lab, oracle: Oracle) -> None:
    view = run_experiment("tiny", lab=judged_lab)
    folder = find_run("last", lab=judged_lab)
    with pytest.raises(UsageError, match="no judge is named"):
        judge_run(folder, JudgeOptions())
    with pytest.raises(UsageError, match="asks a judge, which costs money"):
        score_run(folder, [ADHERENCE])
    after, told = judge_run(folder, JudgeOptions(judge=JUDGE, shortlist=4))
    assert (told.asked, told.scored, told.unscored, after.state) == (4, 4, 0, "done")
    assert judge_pairs(folder, JudgeOptions(judge=JUDGE), count=6) is None
    assert len(oracle.asked) == 4 + 12
    found = read_judged_pairs(folder)
    assert [(each.first, each.second) for each in found] == pairs_to_judge(view, 6)
    assert bias_of(found).first == 6 and all(line.undecided and not line.won for line in tally(view, found))
    assert judge_pairs(folder, JudgeOptions(judge=JUDGE), count=6) is None and len(oracle.asked) == 16


def test_a_judge_that_answers_to_nobody_stops_the_pass_and_the_run_says_so(
    judged_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = run_experiment("tiny", lab=judged_lab)
    folder = RunFolder(path=view.folder)
    monkeypatch.setenv("PRODIMG_JUDGE_PRICES", "no.such-model-v1:0=1/5")
    _, told = judge_run(folder, JudgeOptions(judge="bedrock:no.such-model-v1:0"))
    assert isinstance(told.stopped_by, FatalForRun) and told.scored == told.asked == 0
    assert (open_run(folder).simulated_cost_micro, open_run(folder).state) == (0, "done")


def test_a_run_that_an_emulator_was_to_judge_is_not_resumed_where_aws_would_be_paid(
    judged_lab: Lab, oracle: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = RunOptions(overrides={"judge": JUDGE}, budget_usd=tight_usd(judged_lab))
    view = run_experiment("tiny", lab=judged_lab, options=options)
    asked = len(oracle.asked)
    monkeypatch.delenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME")
    forget_clients()
    with pytest.raises(UsageError, match=r"planned with simulated answers of amazon.nova-pro-v1:0, .* now be aws"):
        resume_run(RunFolder(path=view.folder), lab=judged_lab, budget_usd=5.0)
    assert len(oracle.asked) == asked


def test_the_last_word_of_the_progress_comes_also_where_a_cap_ends_it(judged_lab: Lab) -> None:
    seen: list[Judging] = []
    audience = Audience(on_event=lambda event: seen.append(event) if isinstance(event, Judging) else None)
    options = RunOptions(overrides={"judge": JUDGE}, budget_usd=tight_usd(judged_lab))
    run_experiment("tiny", lab=judged_lab, options=options, audience=audience)
    assert [event.is_last for event in seen] == [False] * (len(seen) - 1) + [True]
    assert seen[-1].done < seen[-1].total


def test_progress_of_the_judge_is_told(judged_lab: Lab) -> None:
    seen: list[Judging] = []
    audience = Audience(on_event=lambda event: seen.append(event) if isinstance(event, Judging) else None)
    run_experiment("tiny", lab=judged_lab, options=RunOptions(overrides={"judge": JUDGE}), audience=audience)
    assert (seen[0].done, seen[-1].done, seen[-1].total) == (0, 16, 16)
    assert seen[-1].simulated and seen[-1].simulated_cost_micro > 0


def test_a_cap_that_is_too_small_for_one_question_asks_none(judged_lab: Lab, oracle: Oracle) -> None:
    run_experiment("tiny", lab=judged_lab)
    folder = find_run("last", lab=judged_lab)
    view, told = judge_run(folder, JudgeOptions(judge=JUDGE, budget_usd=0.001))
    assert isinstance(told.stopped_by, BudgetExceeded) and not oracle.asked
    assert (view.state, read_result(folder.path)["exit_code"]) == ("done", 0), "it is not the run's own judge"
    view, told = judge_run(folder, JudgeOptions(judge=JUDGE))
    assert (told.asked, view.state) == (16, "done")
    assert read_result(folder.path)["simulated_cost_usd"] == pytest.approx(view.simulated_cost_micro / 1e6)


def test_a_judge_may_split_the_prompts_and_each_prompt_is_split_once(judged_lab: Lab, oracle: Oracle) -> None:
    view = judged(judged_lab, judge={"model": JUDGE, "split": True})
    prompts = {row.trial.request.prompt for row in view.rows}
    assert view.state == "done" and oracle.split == len(prompts) and len(oracle.asked) == 16 + len(prompts)
    assert len(adherence(view)) == 16
    pictures = [question for question in oracle.asked if question.images]
    assert all("Is there a product?" in question.texts[0] for question in pictures)
    estimate = estimate_plan(
        plan_experiment("tiny", lab=judged_lab, overrides={"judge": {"model": JUDGE, "split": True}})
    )
    assert estimate.judge_calls == 16 + len(prompts) and view.simulated_cost_micro <= estimate.judge_micro

    run_experiment("tiny", lab=judged_lab, options=RunOptions(overrides={"judge": {"model": JUDGE, "split": True}}))
    assert oracle.split == len(prompts), "the lab keeps what a prompt was split into"
    judge_run(find_run("last", lab=judged_lab), JudgeOptions(judge=JUDGE))
    assert len(oracle.asked) == 2 * 16 + len(prompts), "the rules' questions are others"


def test_a_cap_may_end_the_splitting_and_what_was_split_is_kept(judged_lab: Lab, oracle: Oracle) -> None:
    run_experiment("tiny", lab=judged_lab)
    folder = find_run("last", lab=judged_lab)
    _, told = judge_run(folder, JudgeOptions(judge=JUDGE, split=True, budget_usd=0.01))
    assert isinstance(told.stopped_by, BudgetExceeded) and told.asked == 0
    before = oracle.split
    _, told = judge_run(folder, JudgeOptions(judge=JUDGE, split=True))
    assert told.stopped_by is None and told.asked == 16
    assert oracle.split == len({row.trial.request.prompt for row in open_run(folder).rows}) and before <= oracle.split
