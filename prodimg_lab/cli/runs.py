"""Commands that look at runs: runs, show, report, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prodimg_lab.cli.options import Json, Out, Run
from prodimg_lab.cli.show import say, say_json, table
from prodimg_lab.errors import UsageError


def runs(
    experiment: Annotated[str, typer.Option(metavar="EXP", help="Only this experiment's.")] = "",
    json: Json = False,
) -> None:
    """List all runs of the lab, newest first."""
    from prodimg_lab.experiment import list_runs

    found = list_runs(experiment=experiment)
    if json:
        say_json([run.facts() for run in found])
        return
    columns = ("run", "experiment", "state", "pictures", "of", "cost", "quality", "note")
    say(table((run.row() for run in found), columns))


def show(run_name: Run = "last", json: Json = False) -> None:
    """Show how a run went: money, time, best variants, best prompts."""
    from prodimg_lab.experiment import find_run, open_run, result_of
    from prodimg_lab.reports.text import summary_text

    view = open_run(find_run(run_name))
    if json:
        say_json(result_of(view))
    else:
        say(summary_text(view))
        say(f"folder: {view.folder}")


def report(run_name: Run = "last", out: Out = None, json: Json = False) -> None:
    """Write the HTML report of a run anew."""
    from prodimg_lab.experiment import find_run, open_run
    from prodimg_lab.reports.html import write_report

    view = open_run(find_run(run_name))
    path = write_report(view, out or view.folder / "report.html")
    if json:
        say_json({"report": path, "bytes": path.stat().st_size})
    else:
        say(f"report: {path} ({path.stat().st_size / 1e6:.1f} MB)")


def export(
    run_name: Run = "last",
    out: Annotated[Path, typer.Option(metavar="FILE", help="A .csv or .parquet file.")] = Path("trials.csv"),
    json: Json = False,
) -> None:
    """Write one row per trial, with request, scores and cost, as CSV or Parquet."""
    from prodimg_lab.experiment import find_run, open_run
    from prodimg_lab.reports.export import write_csv, write_parquet

    writers = {".csv": write_csv, ".parquet": write_parquet}
    if out.suffix not in writers:
        raise UsageError(f"--out {out}: the name must end in .csv or .parquet")
    view = open_run(find_run(run_name))
    writers[out.suffix](view, out)
    if json:
        say_json({"file": out, "rows": len(view.rows)})
    else:
        say(f"{len(view.rows)} rows: {out}")


def prune(
    older_than: Annotated[str, typer.Option(metavar="AGE", help="Days or weeks since the run, as 90d or 12w.")] = "90d",
    apply: Annotated[bool, typer.Option("--apply", help="Delete; without it only what would go is told.")] = False,
    json: Json = False,
) -> None:
    """Tell which old pictures may go; keep what is rated, voted on, released or in a verdict."""
    from prodimg_lab.experiment import parsed_age, prune_store

    found = prune_store(older_than=parsed_age(older_than), apply=apply)
    if json:
        say_json(found)
        return
    for run, why in found.kept.items():
        say(f"  {run} keeps its pictures: it {why}")
    runs = "run" if len(found.runs) == 1 else "runs"
    what = f"{len(found.pictures)} pictures of {len(found.runs)} {runs}, {found.size / 1e6:.1f} MB"
    if not found.pictures:
        say(f"nothing older than {older_than} may go")
    elif found.is_done:
        say(f"deleted: {what}")
    else:
        say(f"would delete {what}; do it with: prodimg prune --older-than {older_than} --apply")


def fsck(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the index anew from journals and records.")] = False,
    json: Json = False,
) -> None:
    """Check every stored picture and record; set damaged ones aside, so that they can be drawn again."""
    from prodimg_lab.experiment import check_store

    check = check_store(make_index=rebuild)
    if json:
        say_json(check)
    else:
        say(f"{check.pictures} pictures and {check.records} records read")
        for fault in check.faults:
            say(f"  {fault.kind}, set aside: {fault.reason}")
        if check.runs:
            say(f"index made anew from {check.runs} runs")
    if not check.is_clean:
        raise typer.Exit(1)


def votes_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file that a voting page saved.")],
    json: Json = False,
) -> None:
    """Bring in the votes of a colleague; the same file twice adds nothing."""
    from prodimg_lab.experiment.votes import import_votes

    made = import_votes(file)
    if json:
        say_json({"run": made.run.run_id, "added": made.added, "known": made.known})
    else:
        say(f"run {made.run.run_id}: {made.added} votes added, {made.known} were known")
