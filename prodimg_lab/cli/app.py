"""The command tree. Commands import what they need when they run, so that `prodimg --help` stays quick."""

from __future__ import annotations

from typing import Annotated

import typer

from prodimg_lab import __version__
from prodimg_lab.cli import doctor, embeddings, emulate, judges, material, runs, scores, sweeps, verdicts

app = typer.Typer(
    name="prodimg",
    help="Find, prove and ship the prompts that make product photographs.\n\n"
    "Without an AWS account everything runs on the studio, a simulated image model that costs nothing: "
    "`--model studio:sd35`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"prodimg-lab {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Nothing to do before a command."""


for command in (
    material.init,
    material.demo,
    material.new,
    doctor.doctor,
    material.models,
    material.lint,
    material.products,
    sweeps.plan,
    sweeps.run,
    sweeps.resume,
    runs.runs,
    runs.show,
    runs.report,
    runs.export,
    scores.score,
    scores.rescore,
    scores.scorers,
    judges.judge,
    embeddings.embed,
    scores.fit_rubric,
    verdicts.verdict,
    sweeps.rerun,
    emulate.emulate,
    runs.fsck,
    runs.prune,
):
    app.command(rich_help_panel=None)(command)

votes = typer.Typer(help="Blind votes of people.", no_args_is_help=True, rich_markup_mode=None)
votes.command("import")(runs.votes_import)
app.add_typer(votes, name="votes")
