"""How is a schedule run, and a killed run resumed? It is the same call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from prodimg_lab.errors import StoreError
from prodimg_lab.records import TrialState
from prodimg_lab.runner._base import RunContext, RunState, RunSummary
from prodimg_lab.runner.attempts import Attempts
from prodimg_lab.runner.coordinator import Board, Coordinator
from prodimg_lab.runner.events import Event, RunFinished
from prodimg_lab.runner.keeping import Keeper
from prodimg_lab.runner.lanes import Lanes
from prodimg_lab.runner.outcomes import Outcomes
from prodimg_lab.runner.reporter import Reporter
from prodimg_lab.runner.sessions import begin, recover
from prodimg_lab.runner.workers import Spec
from prodimg_lab.store import Ledger, RunLock
from prodimg_lab.sweeps._base import Schedule

EventHook = Callable[[Event], None]


def _ignore(event: Event) -> None:
    """For callers who want no events."""


def run_schedule(
    schedule: Schedule, *, models: Mapping[str, Spec], context: RunContext, on_event: EventHook = _ignore
) -> RunSummary:
    """Draw what `schedule` gives, each picture once, and return how it ended.

    `models` names each model that requests may ask for: a spec for `models.load_model`, or the model itself. Called
    again with the folder of a run that was killed, stopped or interrupted, it goes on there: trials that are done,
    refused or uncertain keep their outcome (`context.retry_uncertain` sends the uncertain ones again), all others are
    sent.

    Ctrl-C and SIGTERM, and `context.stop`, let what is in flight end and return with state `interrupted`; a second
    Ctrl-C raises KeyboardInterrupt at once. A cap, a fatal error or a full disk return with state `stopped` and
    `stopped_by`. Raises `UsageError` for models that can't be loaded or have no price, `StoreError` when another
    process draws this run or the store fails before anything was sent; all these before the first call. Programming
    errors of adapters and of `on_event` come out when what is in flight has ended; the run can be resumed.
    """
    began = time.monotonic()
    with RunLock(context.folder):
        lanes = Lanes(models, context)
        ledger = Ledger(index=context.index, folder=context.folder, caps=context.caps)
        keeper = Keeper(context.store, pictures=lanes.paid_size)
        try:
            history = recover(context, ledger)
            reporter = Reporter(
                on_event,
                ledger=ledger,
                planned=schedule.planned,
                simulated=_is_simulated(lanes),
                workers=lanes.size,
            )
            outcomes = Outcomes(context=context, ledger=ledger, keeper=keeper)
            coordinator = Coordinator(
                schedule=schedule,
                lanes=lanes,
                attempts=Attempts(context=context, ledger=ledger, outcomes=outcomes),
                outcomes=outcomes,
                context=context,
                history=history,
                reporter=reporter,
            )
            begin(context, ledger, planned=schedule.planned, simulated=_is_simulated(lanes))
            reporter.started(known=sum(each.state.is_final for each in history.outcomes.values()))
            state = _drive(coordinator, context, ledger=ledger, lanes=lanes)
            reporter.tick(time.monotonic(), coordinator.board, in_flight=0, is_last=True)
        finally:
            keeper.close()
            ledger.close()
    summary = _summary(coordinator.board, state=state, planned=schedule.planned, ledger=ledger, began=began)
    on_event(RunFinished(summary=summary))
    return summary


def _drive(coordinator: Coordinator, context: RunContext, *, ledger: Ledger, lanes: Lanes) -> RunState:
    """Run to the end, whichever it is, and write the end down."""
    state: RunState = "interrupted"
    try:
        with context.stop.listening(coordinator.wake):
            coordinator.run()
        lanes.close()
        state = _end_state(coordinator.board, context)
    except Exception:
        lanes.close()
        raise
    except BaseException:
        lanes.abandon()
        raise
    finally:
        halted = coordinator.board.halted
        reason = {"reason": str(halted)} if halted is not None else {}
        with suppress(StoreError):  # a journal without an end reads as interrupted, which is true
            ledger.note({"event": "run", "state": state, **reason}, durable=True)
    return state


def _is_simulated(lanes: Lanes) -> bool:
    return all(can.simulated for can in lanes.capabilities.values())


def _end_state(board: Board, context: RunContext) -> RunState:
    if board.halted is not None:
        return "stopped"
    if context.stop.requested and not (board.is_all_given and len(board.outcomes) == len(board.trials)):
        return "interrupted"
    bad = (TrialState.FAILED, TrialState.UNCERTAIN)
    return "incomplete" if any(outcome.state in bad for outcome in board.outcomes.values()) else "done"


def _summary(board: Board, *, state: RunState, planned: int, ledger: Ledger, began: float) -> RunSummary:
    money = ledger.money()
    return RunSummary(
        run_id=ledger.run_id,
        state=state,
        planned=planned,
        trials=tuple(board.trials),
        outcomes=dict(sorted(board.outcomes.items())),
        real_cost_micro=money.real_micro,
        simulated_cost_micro=money.simulated_micro,
        wall_seconds=time.monotonic() - began,
        stopped_by=board.halted,
    )
