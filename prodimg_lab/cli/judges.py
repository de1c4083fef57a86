"""The command `judge`: a vision model looks at a run's pictures."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from prodimg_lab.cli.options import Json, Run
from prodimg_lab.cli.show import complain, say, say_json, table
from prodimg_lab.records import Score, usd_text

if TYPE_CHECKING:
    from prodimg_lab.errors import ProdimgError
    from prodimg_lab.experiment import JudgeOptions, RunFolder
    from prodimg_lab.experiment.judge_runs import VariantTally

_COLUMNS = ("won", "lost", "undecided", "share won")


def judge(
    run_name: Run = "last",
    model: Annotated[
        str, typer.Option("--judge", metavar="MODEL", help="bedrock:<id>; by default the experiment's or the lab's.")
    ] = "",
    shortlist: Annotated[int, typer.Option(metavar="N", min=0, help="Only the N best pictures by quality.")] = 0,
    pairs: Annotated[
        int, typer.Option(metavar="N", min=0, help="Compare N pairs of pictures instead, each in both orders.")
    ] = 0,
    split: Annotated[
        bool, typer.Option("--split", help="Let the judge split each prompt into questions; by default rules do.")
    ] = False,
    budget: Annotated[float | None, typer.Option(metavar="USD", min=0.0, help="A new cap for this run.")] = None,
    retry_uncertain: Annotated[
        bool, typer.Option("--retry-uncertain", help="Ask again what may have been billed without an answer.")
    ] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what it would cost. Spends nothing.")] = False,
    json: Json = False,
) -> None:
    """Let a vision model judge a run's pictures: does each keep its prompt's words, or which of two is better?"""
    from prodimg_lab.experiment import JudgeOptions, find_run
    from prodimg_lab.experiment.judge_runs import card_for, most_micro
    from prodimg_lab.experiment.opening import lab_of
    from prodimg_lab.lab import with_environment

    folder = find_run(run_name)
    card = card_for(folder, model, with_environment(lab_of(folder)))
    count, micro = most_micro(folder, card, shortlist=shortlist, pairs=pairs, split=split)
    if estimate and json:
        say_json({"judge": card.model, "simulated": card.simulated, "questions": count, "usd_at_most": micro / 1e6})
        return
    if not json:
        whose = " of play money" if card.simulated else ""
        say(f"{card.title}: {count} questions, at most {usd_text(micro)}{whose}; what was answered before is free")
    if estimate:
        return
    options = JudgeOptions(
        judge=model, shortlist=shortlist, split=split, budget_usd=budget, retry_uncertain=retry_uncertain
    )
    if pairs:
        _pairs(folder, options, pairs, json=json)
    else:
        _pictures(folder, options, json=json)


def _pictures(folder: RunFolder, options: JudgeOptions, *, json: bool) -> None:
    from prodimg_lab.experiment.judge_runs import judge_run
    from prodimg_lab.reports.html import write_report
    from prodimg_lab.runner import LogProgress, RichProgress
    from prodimg_lab.scoring.judge import ADHERENCE

    shown = RichProgress() if sys.stderr.isatty() else LogProgress(sys.stderr)
    view, judged = judge_run(folder, options, tell=(lambda event: None) if json else shown)
    path = write_report(view, view.folder / "report.html")
    values = [score.value for row in view.rows if isinstance(score := row.scores.get(ADHERENCE), Score)]
    mean = sum(values) / len(values) if values else None
    if json:
        facts = {"asked": judged.asked, "scored": judged.scored, "unscored": judged.unscored, "mean": mean}
        say_json({"run_id": view.run_id, **facts, "reason": str(judged.stopped_by or ""), "report": path})
    else:
        told = f", {judged.unscored} unscored (too much was unsure, or refused)" if judged.unscored else ""
        say(f"adherence: {len(values)} pictures scored{told}" + ("" if mean is None else f", mean {mean:.2f} of 5"))
        say(f"report: {path}")
    _leave(judged.stopped_by)


def _pairs(folder: RunFolder, options: JudgeOptions, count: int, *, json: bool) -> None:
    from prodimg_lab.experiment import open_run
    from prodimg_lab.experiment.judge_runs import bias_of, judge_pairs, read_judged_pairs, tally
    from prodimg_lab.reports.html import write_report

    def tell(done: int, total: int) -> None:
        if not json and (done == total or done % 10 == 0):
            say(f"{done} of {total} pairs")

    error = judge_pairs(folder, options, count=count, tell=tell)
    view, found = open_run(folder), read_judged_pairs(folder)
    lines, bias = tally(view, found), bias_of(found)
    path = write_report(view, view.folder / "report.html")
    if json:
        say_json({"run_id": view.run_id, "pairs": len(found), "variants": lines, "bias": bias, "report": path})
    else:
        say(table(({"variant": each.variant, **_row(each)} for each in lines), ("variant", *_COLUMNS)))
        say(f"the judge {bias.says}")
        say(f"report: {path}")
    _leave(error)


def _row(line: VariantTally) -> dict[str, object]:
    share = "-"
    if line.share is not None and line.interval is not None:
        share = f"{line.share:.0%} ({line.interval.low:.0%} to {line.interval.high:.0%})"
    return {"won": line.won, "lost": line.lost, "undecided": line.undecided, "share won": share}


def _leave(error: ProdimgError | None) -> None:
    if error is not None:
        complain(error)
        raise typer.Exit(error.exit_code)
