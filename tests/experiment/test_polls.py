"""Do people's votes say who is the strongest, how surely, and who votes by habit?"""

from __future__ import annotations

import random

import pytest

from prodimg_lab.errors import UsageError
from prodimg_lab.experiment import RunFolder, find_run, open_run, run_experiment
from prodimg_lab.experiment.polls import poll_of
from prodimg_lab.experiment.votes import Preference, Vote, cast_vote, new_vote_id, read_votes
from prodimg_lab.lab import Lab
from prodimg_lab.widgets.pairs import active_pair, balanced_pair

BEST = "plain/hard,front"


def voted(lab: Lab, count: int, *, rater: str = "ada", always: Preference | None = None, seed: int = 1) -> RunFolder:
    """A run whose pairs somebody voted on, `BEST` always preferred, the others by lot."""
    lot = random.Random(seed)
    folder = find_run("last", lab=lab)
    view = open_run(folder)
    names = {row.trial.index: row.trial.variant for row in view.rows}
    for at in range(count):
        pair = balanced_pair(view, read_votes(folder.path), f"{rater}{at // 24}", lot)
        assert pair is not None
        choice: Preference = "left" if lot.random() < 0.5 else "right"
        choice = "left" if names[pair.left] == BEST else "right" if names[pair.right] == BEST else choice
        vote = Vote(vote_id=new_vote_id(), rater=rater, left=pair.left, right=pair.right, choice=always or choice)
        cast_vote(folder.path, vote)
    return folder


def test_the_one_that_always_wins_is_the_strongest(lab: Lab) -> None:
    run_experiment("tiny", lab=lab)
    found = poll_of([voted(lab, 24)])
    assert found.strengths[0].variant == BEST and found.votes == 24 and [each.rater for each in found.raters] == ["ada"]
    text = found.text()
    assert text.startswith(f"By 24 votes of 1 person, {BEST} is the strongest, with a chance of ")
    assert "It is preferred to plain/softbox,front in" in text and "Votes promote nobody" in text
    assert found.facts()["strengths"][0]["variant"] == BEST


def test_who_keeps_to_the_left_is_remarked(lab: Lab) -> None:
    run_experiment("tiny", lab=lab)
    voted(lab, 24)
    found = poll_of([voted(lab, 20, rater="eve", always="left", seed=2)])
    assert any(remark.startswith("eve chose the left in 100% of 20 votes") for remark in found.remarks)
    assert not any(remark.startswith("ada") for remark in found.remarks)


def test_without_a_vote_it_says_where_to_vote(lab: Lab) -> None:
    run_experiment("tiny", lab=lab)
    with pytest.raises(UsageError, match=r"nobody has voted on .*; open Vote\("):
        poll_of([find_run("last", lab=lab)])


def test_an_active_pair_is_asked_where_the_top_is_open_and_never_twice(lab: Lab) -> None:
    run_experiment("tiny", lab=lab)
    folder = voted(lab, 12)
    view, lot, rater = open_run(folder), random.Random(3), "bob"
    names = {row.trial.index: row.trial.variant for row in view.rows}
    met: list[frozenset[str]] = []
    while (pair := active_pair(view, read_votes(folder.path), rater, lot)) is not None:
        rows = [view.rows[place].trial for place in (pair.left, pair.right)]
        assert rows[0].block == rows[1].block and rows[0].variant != rows[1].variant
        met.append(frozenset((pair.left, pair.right)))  # type: ignore[arg-type]
        choice: Preference = "left" if names[pair.left] == BEST else "right" if names[pair.right] == BEST else "tie"
        vote = Vote(vote_id=new_vote_id(), rater=rater, left=pair.left, right=pair.right, choice=choice)
        cast_vote(folder.path, vote)
    assert len(set(met)) == len(met) > 0, "until every pair was asked"
    first = [{names[place] for place in pair} for pair in met[:6]]
    assert sum(BEST in each for each in first) >= 3, "the best is not settled after twelve votes"


def test_before_every_variant_has_two_votes_pairs_come_in_balance(lab: Lab) -> None:
    run_experiment("tiny", lab=lab)
    view = open_run(find_run("last", lab=lab))
    assert active_pair(view, [], "ada", random.Random(5)) == balanced_pair(view, [], "ada", random.Random(5))
