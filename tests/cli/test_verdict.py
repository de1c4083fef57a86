"""Does `verdict` say its paragraph first, then the evidence, and refuse in one line?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from prodimg_lab.experiment import find_run, open_run, rate
from prodimg_lab.experiment.votes import Vote, cast_vote
from prodimg_lab.lab import Lab

Run = Callable[..., tuple[int, str, str]]


def rated(prodimg: Run, lab: Lab) -> None:
    assert prodimg("run", "tiny", "--progress", "silent")[0] == 0
    folder = find_run("last", lab=lab)
    for row in open_run(folder).rows:
        stars = 5 if row.trial.variant == "plain/hard,front" else 3
        rate(folder.path, [row.trial.index], rater="ada", stars=stars)


def test_the_paragraph_comes_first_and_then_the_table(prodimg: Run, lab: Lab) -> None:
    rated(prodimg, lab)
    code, out, _ = prodimg("verdict", "last", "--by", "stars")
    lines = out.splitlines()
    assert code == 0 and lines[0].startswith("Simulated: promote plain/hard,front.")
    assert "chosen after the pictures were seen" in out, "stars were not declared"
    assert any(line.startswith("plain/hard,front") and "+2.00" in line for line in lines)
    facts = json.loads(prodimg("verdict", "last", "--by", "stars", "--json")[1])
    assert (facts["verdict"], facts["origin"], len(facts["differences"])) == ("promote", "chosen", 3)


def test_the_rule_is_tested_on_the_runs_own_figures(prodimg: Run, lab: Lab) -> None:
    rated(prodimg, lab)
    code, out, _ = prodimg("verdict", "last", "--by", "stars", "--self-test")
    assert code == 0 and out.startswith(
        "with labels dealt anew within 4 units, 4000 times, this rule promoted somebody in "
    )
    told = json.loads(prodimg("verdict", "last", "--by", "stars", "--self-test", "--json")[1])["self_test"]
    assert told["units"] == 4 and 0 <= told["share"] <= 1


def test_shoppers_clicks_and_orders_are_told_by_arm(prodimg: Run, lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "test.csv"
    rows = [
        f"p{p},{arm},1000,{clicked},{clicked // 10}" for p in range(4) for arm, clicked in (("old", 40), ("new", 60))
    ]
    file.write_text("\n".join(["asset,arm,shown,clicked,bought", *rows]))
    code, out, _ = prodimg("verdict", "--outcomes", str(file), "--control", "old")
    assert code == 0 and out.startswith("new: clicked +2.00% to old (95 %: +1.") and "new: bought +0.20% to old" in out
    assert "corrected for 4 products" in out
    found = json.loads(prodimg("verdict", "--outcomes", str(file), "--control", "old", "--json")[1])
    assert [each["what"] for each in found] == ["clicked", "bought"]
    code, _, err = prodimg("verdict", "--outcomes", str(file))
    assert code == 2 and "no arm ''" in err and "there are old, new" in err
    code, _, err = prodimg("verdict", "--outcomes", str(tmp_path / "none.csv"), "--control", "old")
    assert code == 2 and "can't be read" in err and "Traceback" not in err


def test_votes_are_told_as_strengths(prodimg: Run, lab: Lab) -> None:
    assert prodimg("run", "tiny", "--progress", "silent")[0] == 0
    code, _, err = prodimg("verdict", "last", "--by", "votes")
    assert code == 2 and "nobody has voted" in err
    folder = find_run("last", lab=lab)
    block = [row for row in open_run(folder).rows if row.trial.block == open_run(folder).rows[0].trial.block]
    for at, row in enumerate(block[1:]):
        places = {"left": block[0].trial.index, "right": row.trial.index}
        cast_vote(folder.path, Vote(vote_id=f"v{at}", rater="ada", choice="left", **places))
    code, out, _ = prodimg("verdict", "last", "--by", "votes")
    assert code == 0 and out.startswith(f"By 3 votes of 1 person, {block[0].trial.variant} is the strongest")
    assert len(json.loads(prodimg("verdict", "last", "--by", "votes", "--json")[1])["strengths"]) == 4


def test_what_it_cannot_do_is_one_line(prodimg: Run, lab: Lab) -> None:
    rated(prodimg, lab)
    for options, told in (
        (("--by", "beauty"), "nothing in this run is scored by 'beauty'"),
        (("--claim", "everything"), "claim 'everything': it is one of these-products"),
        (("--baseline", "x"), "the baseline 'x' is no variant of this run"),
        (("--against", "nope"), "nope"),
    ):
        code, _, err = prodimg("verdict", "last", *options)
        assert code == 2 and told in err and "Traceback" not in err and len(err.strip().splitlines()) == 1, err
