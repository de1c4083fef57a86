"""How does a session of a run begin? Whoever holds the run's lock closes what a killed one left, then says so."""

from __future__ import annotations

from prodimg_lab.runner._base import RunContext
from prodimg_lab.store import History, Ledger, read_history
from prodimg_lab.store.recovery import close_open_claims, reproject


def recover(context: RunContext, ledger: Ledger) -> History:
    """What earlier sessions of this run left, with the calls of a killed one closed."""
    history = read_history(context.folder)
    reproject(context.index, context.folder)
    if close_open_claims(history, ledger=ledger, store=context.store):
        history = read_history(context.folder)
    return history


def begin(context: RunContext, ledger: Ledger, *, planned: int, simulated: bool) -> None:
    """Write into the journal that the run is being worked on."""
    names = {"run_id": context.run_id, "experiment": context.experiment, "note": context.note}
    line = {"event": "run", "state": "running", **names, "planned": planned, "simulated": simulated}
    ledger.note(line, durable=True)
