"""The command `embed`: which picture of a prompt lies nearest to its words?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from prodimg_lab.cli.options import Json, Run
from prodimg_lab.cli.show import complain, say, say_json
from prodimg_lab.records import usd_text

if TYPE_CHECKING:
    from prodimg_lab.errors import ProdimgError
    from prodimg_lab.experiment.embedding import Embedded


def embed(
    run_name: Run = "last",
    model: Annotated[
        str, typer.Option(metavar="MODEL", help="bedrock:amazon.titan-embed-image-v1, or clip, which runs here.")
    ] = "bedrock:amazon.titan-embed-image-v1",
    budget: Annotated[float | None, typer.Option(metavar="USD", min=0.0, help="A new cap for this run.")] = None,
    retry_uncertain: Annotated[
        bool, typer.Option("--retry-uncertain", help="Send again what may have been billed without an answer.")
    ] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what it would cost. Spends nothing.")] = False,
    json: Json = False,
) -> None:
    """Rank the pictures of each prompt by how near they lie to its words: finds the odd one out, proves nothing."""
    from prodimg_lab.experiment import find_run, open_run
    from prodimg_lab.experiment.embedding import EmbedOptions, embed_run, most_micro
    from prodimg_lab.experiment.opening import lab_of
    from prodimg_lab.lab import with_environment
    from prodimg_lab.models.embedders import embedder
    from prodimg_lab.reports.html import write_report

    folder = find_run(run_name)
    chosen = embedder(model, with_environment(lab_of(folder)))
    count, micro = most_micro(open_run(folder), chosen)
    if estimate and json:
        say_json({"model": chosen.name, "simulated": chosen.simulated, "calls": count, "usd_at_most": micro / 1e6})
        return
    if not json:
        whose = " of play money" if chosen.simulated else ""
        price = f"at most {usd_text(micro)}{whose}; what was answered before is free"
        say(f"{chosen.title}: {count} calls, {price if chosen.paid else 'free, it runs here'}")
    if estimate:
        return

    options = EmbedOptions(model=model, budget_usd=budget, retry_uncertain=retry_uncertain)
    view, found = embed_run(folder, options, tell=(lambda done, total: None) if json else _tell)
    path = write_report(view, view.folder / "report.html")
    if json:
        reason = str(found.stopped_by or "")
        counts = {"ranked": found.ranked, "pictures": found.pictures, "failed": found.failed}
        told = {"uncertain": found.uncertain, "reasons": found.reasons, "reason": reason}
        say_json({"run_id": view.run_id, **counts, **told, "report": path})
    else:
        nothing = "no prompt has more than one picture, so there is nothing to rank"
        say(f"prompt-rank: {f'{found.ranked} of {found.pictures} pictures ranked' if count else nothing}")
        say(f"report: {path}")
        _tell_failures(found, view.run_id)
    if found.stopped_by is not None:
        _leave(found.stopped_by, view.run_id, json=json)
    if found.failed:
        raise typer.Exit(1)


def _tell_failures(found: Embedded, run_id: str) -> None:
    for reason in found.reasons[:5]:
        say(f"failed: {reason}")
    if found.uncertain:
        say(f"{found.uncertain} calls may have been billed: prodimg embed {run_id} --retry-uncertain sends them again")


def _tell(done: int, total: int) -> None:
    if done == total or done % 50 == 0:
        say(f"{done} of {total} calls")


def _leave(error: ProdimgError, run_id: str, *, json: bool) -> None:
    from prodimg_lab.errors import BudgetExceeded

    complain(error)
    if isinstance(error, BudgetExceeded) and not json:
        say(f"where it is the run's cap: prodimg embed {run_id} --budget USD")
    raise typer.Exit(error.exit_code)
