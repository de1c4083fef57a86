"""Commands about scores: score, rescore, scorers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prodimg_lab.cli.options import Json, Out, Run
from prodimg_lab.cli.show import complain, say, say_json, table
from prodimg_lab.errors import UsageError
from prodimg_lab.records import Score
from prodimg_lab.suggest import nearest

if TYPE_CHECKING:
    from prodimg_lab.scoring import ScorerCard

ASKED = ("background", "category", "colour")
"""What `prodimg score --asked` can say of a picture."""


def score(
    files: Annotated[list[Path], typer.Argument(metavar="FILES", help="Picture files.")],
    marketplace: Annotated[
        str, typer.Option(metavar="NAME", help="Check against a marketplace's rules (or a .yaml of your own).")
    ] = "",
    as_of: Annotated[str, typer.Option(metavar="DAY", help="The day whose rules count, YYYY-MM-DD; today.")] = "",
    ocr: Annotated[bool, typer.Option("--ocr", help="Read the words in the picture too (extra `ocr`, slow).")] = False,
    rubric: Annotated[str, typer.Option(metavar="NAME", help="A rubric, or its file.")] = "product-default",
    asked: Annotated[
        list[str] | None,
        typer.Option("--asked", metavar="WHAT=VALUE", help="What was asked: colour=red, background=white."),
    ] = None,
    json: Json = False,
) -> None:
    """Score any picture files, or check them against a marketplace's rules (exit 3 when one fails)."""
    wishes = _pairs(asked or [])
    if marketplace:
        _check(files, marketplace, as_of, wishes, ocr=ocr, json=json)
        return
    if as_of or ocr:
        raise UsageError(f"{'--as-of' if as_of else '--ocr'} goes with --marketplace NAME; add one, or leave it out")
    from prodimg_lab.scoring.files import score_files

    results = score_files(files, rubric=rubric, asked=wishes)
    if json:
        say_json([result.facts() for result in results])
    else:
        names = list(dict.fromkeys(name for result in results for name in result.scores))
        say(table((result.row() for result in results), ("file", "quality", *names)))
        for reason in dict.fromkeys(reason for result in results for reason in result.reasons()):
            say(f"  - {reason}")
    _complain_of(result.error for result in results)


def _check(files: list[Path], marketplace: str, as_of: str, asked: dict[str, str], *, ocr: bool, json: bool) -> None:
    from prodimg_lab.marketplaces import load_pack
    from prodimg_lab.marketplaces.files import check_files

    pack, day = load_pack(marketplace), _day(as_of)
    results = check_files(files, pack, as_of=day, asked=asked, ocr=ocr)
    if json:
        say_json([result.facts() for result in results])
    else:
        say(f"{pack.title}, rules in force on {day.isoformat()} (read {pack.read.isoformat()})")
        say(table((each.row() for each in results), ("file", "outcome", "pass", "fixable", "cannot tell", "fail")))
        for result in results:
            told = list(result.told())
            if told:
                say(result.file.name)
            for each in told:
                level = "" if each.level == "must" else " (advised)"
                fix = f" -> {each.fix}" if each.fix else ""
                say(f"  {each.rule} {each.outcome}{level}: {each.detail}{fix}")
        for flag in pack.flags:
            say(f"mind: {flag.says}")
    _complain_of(result.error for result in results)
    if any(result.compliance and result.compliance.outcome == "fail" for result in results):
        raise typer.Exit(3)


def _day(text: str) -> date:
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--as-of {text!r} is no day; write it as YYYY-MM-DD, for example 2027-01-31") from error


def _complain_of(errors: Iterable[UsageError | None]) -> None:
    broken = [error for error in errors if error is not None]
    for error in broken:
        complain(error)
    if broken:
        raise typer.Exit(1)


def _pairs(asked: list[str]) -> dict[str, str]:
    found = {}
    for pair in asked:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--asked {pair!r}: write what=value, for example colour=red")
        if key.strip() not in ASKED:
            raise UsageError(f"--asked {pair!r}: nothing scores {key.strip()!r}; {nearest(key.strip(), ASKED)}")
        found[key.strip()] = value.strip()
    return found


def rescore(
    run_name: Run,
    names: Annotated[list[str] | None, typer.Argument(metavar="SCORER", help="Scorers; the rubric's.")] = None,
    shortlist: Annotated[int, typer.Option(metavar="N", min=0, help="Only the N best pictures by quality.")] = 0,
    json: Json = False,
) -> None:
    """Score the pictures of a run with more scorers, or with newer versions. Draws nothing."""
    from prodimg_lab.experiment import find_run, score_run
    from prodimg_lab.reports.html import write_report
    from prodimg_lab.scoring import scorers as scorers_of

    folder = find_run(run_name)
    wanted = scorers_of(names) if names else ()

    def tell(done: int, total: int) -> None:
        if not json:
            say(f"{done} of {total} pictures")

    view = score_run(folder, wanted, shortlist=shortlist, tell=tell)
    path = write_report(view, view.folder / "report.html")
    found = [scorer.name for scorer in wanted] or sorted({name for row in view.rows for name in row.scores})
    figures = []
    for name in found:
        scores = [row.scores[name] for row in view.rows if name in row.scores]
        values = [each.value for each in scores if isinstance(each, Score)]
        mean = f"{sum(values) / len(values):.2f}" if values else "-"
        figures.append({"scorer": name, "scored": len(values), "unscored": len(scores) - len(values), "mean": mean})
    if json:
        say_json({"run_id": view.run_id, "scorers": figures, "report": path})
        return
    say(table(figures, ("scorer", "scored", "unscored", "mean")))
    say(f"report: {path}")


def scorers(
    runs: Annotated[list[str] | None, typer.Argument(metavar="RUN", help="Runs with votes or ratings; all.")] = None,
    json: Json = False,
) -> None:
    """List the scorers, and how far each agrees with the people who voted and rated here."""
    from prodimg_lab.experiment import calibrate, find_run
    from prodimg_lab.experiment.opening import run_folders
    from prodimg_lab.lab import find_lab
    from prodimg_lab.scoring import scorers as scorers_of
    from prodimg_lab.scoring.registry import names
    from prodimg_lab.scoring.rubric import QUALITY

    folders = [find_run(name) for name in runs] if runs else run_folders(find_lab())
    known = {each.name: each for each in scorers_of(names())}
    found = calibrate(folders, (QUALITY, *known))
    if json:
        cards = {name: {"version": each.version, **_card(each.card)} for name, each in known.items()}
        say_json([{**each.facts(), **cards.get(each.scorer, {})} for each in found])
        return
    rows = []
    for each in found:
        scorer = known.get(each.scorer)
        card = _card(scorer.card) if scorer else {"unit": "0..5", "better": "higher", "cost": "by its parts"}
        tau = "" if each.tau is None else f"{each.tau:+.2f}"
        rows.append({"scorer": each.scorer, **card, "agrees with people": each.says, "tau": tau})
    say(table(rows, ("scorer", "unit", "better", "cost", "agrees with people", "tau")))
    first = found[0]
    if first.raters:
        ceiling = "" if first.alpha is None else f"; they agree among themselves to alpha {first.alpha:.2f}"
        said = f"{first.votes} votes and {first.rated_pairs} rated pairs of {first.raters} people"
        say(f"{said}, last {first.last}{ceiling}")
    else:
        say("Nobody has voted or rated here yet: rate pictures in Grid(run), or vote blind in Vote(run).")


def fit_rubric(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs of one rubric with votes or ratings.")],
    out: Out = None,
    json: Json = False,
) -> None:
    """Fit a rubric's weights to the votes and ratings of runs, and say whether that agrees better. Changes nothing."""
    from prodimg_lab.experiment import find_run, write_rubric
    from prodimg_lab.experiment import fit_rubric as fit

    found = fit([find_run(name) for name in runs], out.stem if out else "fitted")
    if out is not None:
        write_rubric(found.rubric, out)
    if json:
        say_json({"base": found.base.name, "fit": found.fit, "advice": found.advice, "file": str(out or "")})
        return
    for line in found.lines():
        say(line)
    say(f"written: {out}" if out else "write it with --out mine.yaml, and name the file as the experiment's rubric")


def _card(card: ScorerCard) -> dict[str, object]:
    return {"unit": card.unit, "better": card.direction, "cost": card.cost}
