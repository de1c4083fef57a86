"""Does `verdict` say its paragraph first, then the evidence, and refuse in one line?"""

from __future__ import annotations

import json
from collections.abc import Callable

from prodimg_lab.experiment import find_run, open_run, rate
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
