"""What does a run's journal say of it, read from beginning to end?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from prodimg_lab.records import Outcome, TrialState
from prodimg_lab.store._base import Record
from prodimg_lab.store.claims import Claim, Order
from prodimg_lab.store.journal import Line, read_journal
from prodimg_lab.store.projection import LEDGER_STATES, ledger_key, number, text, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A run as its journal tells it. `state` is that of the last session; `running` may mean killed (see `is_living`).

    `arrived` has, by fingerprint, the records of open and of uncertain calls whose bytes had come.

    `outcomes` by place in the plan: the last word on each trial that was ever touched. `open_claims` were sent and have
    no ending. `wall_seconds` adds up the sessions; a killed one counts to its last line. Money in micro-dollars, with
    what is open or uncertain counted as spent.
    """

    run_id: str = ""
    experiment: str = ""
    note: str = ""
    state: str = ""
    planned: int = 0
    started_at: str = ""
    finished_at: str = ""
    wall_seconds: float = 0.0
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    fingerprints: Mapping[int, str] = field(default_factory=dict)
    open_claims: tuple[Claim, ...] = ()
    arrived: Mapping[str, Record] = field(default_factory=dict)
    spent_by_key: Mapping[str, int] = field(default_factory=dict)
    real_cost_micro: int = 0
    simulated_cost_micro: int = 0


def read_history(folder: Path) -> History:
    """The history of the run in `folder`; an empty one when it has no journal. Raises `StoreError` for damage."""
    return fold(read_journal(folder))


def fold(lines: Iterable[Line]) -> History:
    """The history that `lines` tell."""
    story = Story()
    for line in lines:
        story.tell(line)
    return story.end()


class Story:
    """A history that is still being told: `tell` lines as they come, `end` gives what they have come to."""

    def __init__(self) -> None:
        self.run: dict[str, str] = {}
        self.planned = 0
        self.wall_seconds = 0.0
        self.session = ("", "")
        self.outcomes: dict[int, Outcome] = {}
        self.fingerprints: dict[int, str] = {}
        self.open: dict[tuple[str, int], Claim] = {}
        self.arrived: dict[str, Record] = {}
        self.money: dict[tuple[str, int], tuple[int, bool]] = {}

    def tell(self, line: Line) -> None:
        """Take in one line of the journal."""
        event = line["event"]
        if event == "run":
            self._run(line)
        elif event == "arrived" and isinstance(record := line.get("record"), Mapping):
            self.arrived[text(line, "fingerprint")] = record
        elif event in ("trial", "charge"):
            self._claim(line)
            if event == "trial":
                self.outcomes[whole(line, "trial")] = _outcome(line)
                self.fingerprints[whole(line, "trial")] = text(line, "fingerprint")
        self.session = (self.session[0], text(line, "at"))

    def end(self) -> History:
        """The history so far."""
        spent: dict[str, int] = {}
        for (key, _), (micro, _) in self.money.items():
            spent[key] = spent.get(key, 0) + micro
        simulated = sum(micro for micro, is_simulated in self.money.values() if is_simulated)
        return History(
            **self.run,
            planned=self.planned,
            wall_seconds=self.wall_seconds + _seconds(*self.session),
            outcomes=self.outcomes,
            fingerprints=self.fingerprints,
            open_claims=tuple(self.open.values()),
            arrived=self._arrived(),
            spent_by_key=spent,
            real_cost_micro=sum(spent.values()) - simulated,
            simulated_cost_micro=simulated,
        )

    def _arrived(self) -> dict[str, Record]:
        doubtful = {claim.order.fingerprint for claim in self.open.values()}
        doubtful |= {
            self.fingerprints[trial]
            for trial, outcome in self.outcomes.items()
            if outcome.state is TrialState.UNCERTAIN
        }
        return {fingerprint: record for fingerprint, record in self.arrived.items() if fingerprint in doubtful}

    def _run(self, line: Line) -> None:
        state, at = text(line, "state"), text(line, "at")
        if state == "running":
            first = {name: text(line, name) for name in ("run_id", "experiment", "note")}
            self.run = {**first, "started_at": at, **self.run, "finished_at": ""}
            self.planned = whole(line, "planned")
            self.wall_seconds += _seconds(*self.session)  # of a session that was killed
            self.session = (at, at)
        else:
            self.run["finished_at"] = at
            self.wall_seconds += _seconds(self.session[0], at)
            self.session = ("", "")
        self.run["state"] = state

    def _claim(self, line: Line) -> None:
        if "claim" not in line:
            return
        claim = _claim_of(line)
        slot = (ledger_key(line), claim.number)
        if LEDGER_STATES[text(line, "state")] == "sent":
            self.open[slot] = claim
            self.money[slot] = (claim.order.price_micro, claim.order.simulated)
        else:
            self.open.pop(slot, None)
            self.money[slot] = (whole(line, "charge_micro"), claim.order.simulated)


def _claim_of(line: Line) -> Claim:
    order = Order(
        fingerprint=text(line, "fingerprint"),
        price_micro=whole(line, "price_micro"),
        simulated=bool(line.get("simulated", False)),
        trial=whole(line, "trial") if line["event"] == "trial" else None,
        key=text(line, "key"),
    )
    return Claim(order=order, number=whole(line, "claim"))


def _outcome(line: Line) -> Outcome:
    return Outcome(
        state=TrialState(text(line, "state")),
        digest=text(line, "digest"),
        output_format=text(line, "output_format"),
        cached=bool(line.get("cached", False)),
        cost_micro=whole(line, "cost_micro"),
        seconds=number(line, "seconds"),
        sends=whole(line, "sends"),
        reason=text(line, "reason"),
    )


def _seconds(start: str, stop: str) -> float:
    if not start or not stop:
        return 0.0
    return max(0.0, (datetime.fromisoformat(stop) - datetime.fromisoformat(start)).total_seconds())
