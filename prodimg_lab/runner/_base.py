"""What does a run need, and what is left of it?"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from prodimg_lab.errors import ProdimgError
from prodimg_lab.records import Outcome, Trial, TrialState, digest_of
from prodimg_lab.runner.stop import Stop
from prodimg_lab.store import Caps, Index, ObjectStore

RunState = Literal["running", "done", "incomplete", "stopped", "interrupted"]
"""`incomplete`: some trials failed or are uncertain; `stopped`: by a cap, a fatal error or the disk; `interrupted`: by
Ctrl-C."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When a call is sent again. Throttles are not counted; their pauses are learnt (`pace`).

    At most `sends` calls a trial; before the n-th resend a wait of `base_s` × 2^(n-1), at most `longest_s`, times a
    number in 0..1 that derives from the request (full jitter, yet the same in every run). `poll_s` is how often a
    picture that another process is drawing is asked after.
    """

    sends: int = 4
    base_s: float = 1.0
    longest_s: float = 20.0
    poll_s: float = 0.25

    def wait_s(self, fingerprint: str, sends: int) -> float:
        """The wait after `sends` calls that failed."""
        jitter = int(digest_of(f"{fingerprint}/{sends}".encode())[:8], 16) / 0xFFFFFFFF
        return min(self.longest_s, self.base_s * 2.0 ** (sends - 1)) * jitter


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Where a run happens and how far it may go. The run's id is the name of its `folder`.

    `concurrency` is the most calls at a time to one network model (None: its own), and the most worker processes (None:
    one a core). `executor` draws the pictures of `cpu` models elsewhere, `places` at a time; None: in worker processes.
    `retry_uncertain` sends again what may have been billed. `experiment` and `note` are for people.
    """

    folder: Path
    store: ObjectStore
    index: Index
    experiment: str = ""
    note: str = ""
    caps: Caps = field(default_factory=Caps)
    concurrency: int | None = None
    executor: Executor | None = None
    places: int | None = None
    retry_uncertain: bool = False
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    stop: Stop = field(default_factory=Stop)

    def __post_init__(self) -> None:
        if self.concurrency is not None and self.concurrency < 1:
            raise ValueError(f"concurrency {self.concurrency} is below 1")

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.folder.name


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """How a run stands when `run_schedule` returns. `outcomes` by place in the plan, with those of earlier sessions.

    `trials` are all that the schedule gave out, in its order; those without an outcome are still planned. `stopped_by`
    is the error that stopped the run (its `exit_code` is the command's). Money in micro-dollars is the run's whole,
    `wall_seconds` this session's.
    """

    run_id: str
    state: RunState
    planned: int
    trials: tuple[Trial, ...]
    outcomes: Mapping[int, Outcome]
    real_cost_micro: int
    simulated_cost_micro: int
    wall_seconds: float
    stopped_by: ProdimgError | None = None

    def count(self, state: TrialState) -> int:
        """How many trials that were given out are in `state`."""
        if state is TrialState.PLANNED:
            return len(self.trials) - len(self.outcomes)
        return sum(outcome.state is state for outcome in self.outcomes.values())
