"""Is a run's verdict the comparison's, with what must be said beside it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from prodimg_lab.errors import UsageError
from prodimg_lab.experiment import RunFolder, RunOptions, find_run, open_run, rate, run_experiment, verdicts
from prodimg_lab.experiment.verdicts import verdict_of
from prodimg_lab.lab import Lab

Edit = Callable[[str, str], None]
BEST = "plain/hard,front"


def rated(lab: Lab, *, stars: dict[str, int] | None = None, **options: Any) -> RunFolder:
    """A run whose pictures somebody gave stars to: 5 to `BEST`, 3 to all others, unless told."""
    run_experiment("tiny", lab=lab, options=RunOptions(**options))
    folder = find_run("last", lab=lab)
    for row in open_run(folder).rows:
        given = (stars or {BEST: 5}).get(row.trial.variant, 3)
        rate(folder.path, [row.trial.index], rater="ada", stars=given)
    return folder


def test_a_variant_that_is_better_in_every_block_is_promoted_in_plain_words(lab: Lab) -> None:
    found = verdict_of([rated(lab)], by="stars")
    assert (found.decision.choice, found.decision.variant) == ("promote", BEST)
    text = found.text()
    assert text.startswith(
        f"Simulated: promote {BEST}. It is better than the baseline by 2.00; corrected for 3 variants"
    )
    assert "It won 100% of 2 products. This is about these 2 products, 4 blocks, and no others." in text
    assert "16 pictures, $" in text


def test_what_was_not_declared_is_called_chosen(lab: Lab, edit: Edit) -> None:
    edit("baseline:", "decide: {by: stars}\nbaseline:")
    folder = rated(lab)
    assert verdict_of([folder]).origin == "declared" == verdict_of([folder], by="stars").origin
    assert verdict_of([folder]).by == "stars"
    assert verdict_of([folder], by="exposure").origin == "chosen"
    assert verdict_of([folder], claim="products-in-general").origin == "chosen"
    assert verdict_of([folder], baseline=BEST).origin == "chosen"


def test_two_products_carry_no_claim_about_products_in_general(lab: Lab) -> None:
    found = verdict_of([rated(lab)], by="stars", claim="products-in-general")
    assert (
        found.decision.choice == "inconclusive" and "2 products say nothing about products in general" in found.text()
    )


def test_a_figure_that_nobody_held_against_people_is_warned_of_and_peoples_own_is_not(lab: Lab) -> None:
    folder = rated(lab)
    (warning,) = verdict_of([folder], by="exposure").warnings
    assert warning.startswith("exposure has not been held against people here (12 of 20 pairs)")
    assert verdict_of([folder], by="stars").warnings == ()


def test_a_later_run_with_more_seeds_is_paired_with_the_first(lab: Lab, edit: Edit) -> None:
    first = rated(lab)
    edit("seeds: 2", "seeds: 5")
    second = rated(lab)
    found = verdict_of([first, second], by="stars")
    assert found.comparison.units == 10 and found.comparison.complete == 10
    assert found.run_ids == (first.run_id, second.run_id) and found.pictures == 16 + 40


def test_a_variant_that_asks_something_else_later_is_another_variant(lab: Lab) -> None:
    first = rated(lab)
    template = lab.root / "templates" / "plain.yaml"
    template.write_text(template.read_text().replace("photo of", "picture of"))
    second = rated(lab, stars={"plain/softbox,front": 4})
    found = verdict_of([first, second], by="stars")
    names = {row.variant for row in found.comparison.differences}
    assert f"plain/softbox,front @ {second.run_id}" in names and len(names) == 7
    (row,) = (row for row in found.comparison.differences if row.variant.startswith("plain/softbox,front @"))
    assert (row.difference, row.units) == (1.0, 4)


def test_what_cannot_be_compared_is_one_clear_error(lab: Lab, edit: Edit) -> None:
    folder = rated(lab)
    with pytest.raises(UsageError, match="nothing in this run is scored by 'qualty'; did you mean"):
        verdict_of([folder], by="qualty")
    with pytest.raises(UsageError, match="claim 'all': it is one of these-products, products-in-general"):
        verdict_of([folder], claim="all")
    with pytest.raises(UsageError, match="the baseline 'plain/soft,front' is no variant"):
        verdict_of([folder], baseline="plain/soft,front")
    edit("baseline: {lighting: softbox, angle: front}\n", "")
    with pytest.raises(UsageError, match="names no baseline; say which variant is the incumbent"):
        verdict_of([rated(lab)])
    other = lab.experiments / "other"
    other.mkdir()
    for file in (lab.experiments / "tiny").glob("*.*"):
        if file.is_file():
            (other / file.name).write_text(file.read_text().replace("name: tiny", "name: other"))
    run_experiment("other", lab=lab)
    with pytest.raises(UsageError, match="of 2 experiments, whose blocks differ: other, tiny"):
        verdict_of([folder, find_run("last", lab=lab)], by="stars")


def test_a_run_that_is_not_done_is_not_decided(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = rated(lab)
    view = replace(open_run(folder), state="interrupted")
    monkeypatch.setattr(verdicts, "open_run", lambda opened: view)
    found = verdict_of([folder], by="stars")
    assert found.decision.choice == "inconclusive" and "the run is not finished" in found.text()


def test_facts_hold_every_figure(lab: Lab) -> None:
    facts = verdict_of([rated(lab)], by="stars").facts()
    assert (facts["verdict"], facts["variant"], facts["by"], facts["simulated"]) == ("promote", BEST, "stars", True)
    best = facts["differences"][0]
    assert best["variant"] == BEST and best["difference"] == 2.0 and best["dunnett_p"] <= 0.05
    assert facts["claim"] == "these-products" and facts["units"] == 4 and facts["text"]


def test_ranks_within_a_prompt_decide_nothing(lab: Lab) -> None:
    with pytest.raises(UsageError, match="ranks the pictures of one prompt, and variants have different prompts"):
        verdict_of([rated(lab)], by="prompt-rank")
