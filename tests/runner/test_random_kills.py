"""Kill -9 at random moments, again and again, until the run is done: no picture lost, none bought twice unasked."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from prodimg_lab.records import TrialState
from prodimg_lab.runner import RunContext, run_schedule
from prodimg_lab.store import FolderStore, Index, read_history
from prodimg_lab.store.faults import find_faults
from prodimg_lab.sweeps.schedules import FullSchedule
from prodimg_lab.testing.models import counted_calls, counting_model, plain_trials

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

SCRIPT = """
import sys
from pathlib import Path
from prodimg_lab.runner import RunContext, run_schedule
from prodimg_lab.store import FolderStore, Index
from prodimg_lab.sweeps.schedules import FullSchedule
from prodimg_lab.testing.models import counting_model, plain_trials

root, run, retry = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "retry"
model = counting_model(str(root), price_micro="40000", seconds="0.03", concurrency="8")
context = RunContext(
    folder=root / "experiments" / "e" / "runs" / run,
    store=FolderStore(root / "experiments" / "objects"),
    index=Index(root / ".prodimg" / "index.db"),
    retry_uncertain=retry,
)
print("ready", flush=True)
trials = plain_trials(model.capabilities, 60, first=60 * int(run[1:]))
summary = run_schedule(FullSchedule(trials), models={"counting": model}, context=context)
"""

CONCURRENCY, PICTURES, PRICE = 8, 60, 40_000
AT_RISK = 2 * CONCURRENCY
"""Calls in flight, and pictures that have come and are on their way to the disk."""


def start(root: Path, run: str, how: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(root), run, how], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def open_claims(root: Path, run: str) -> int:
    return len(read_history(root / "experiments" / "e" / "runs" / run).open_claims)


def kill_until_done(root: Path, run: str, chance: random.Random) -> list[int]:
    """Start the run and kill it, until a session lives to its end; returns the claims open at each kill."""
    left_open: list[int] = []
    while True:
        process = start(root, run, "retry")
        time.sleep(chance.uniform(0.0, 0.45))
        process.kill()
        _, errors = process.communicate()
        if process.returncode == 0:
            return left_open
        assert process.returncode == -9, errors
        left_open.append(open_claims(root, run))


def test_at_whatever_moment_a_run_is_killed_resuming_it_makes_it_whole(tmp_path: Path, soak: bool) -> None:
    chance = random.Random(20_261_126)
    kills, runs, wanted = 0, 0, 100 if soak else 4
    while kills < wanted:
        run = f"r{runs}"
        left_open = kill_until_done(tmp_path, run, chance)
        assert max(left_open, default=0) <= AT_RISK
        kills, runs = kills + len(left_open), runs + 1
        history = read_history(tmp_path / "experiments" / "e" / "runs" / run)
        assert [outcome.state for outcome in history.outcomes.values()] == [TrialState.DONE] * PICTURES
        again = sum(count - 1 for count in Counter(counted_calls(tmp_path)).values())
        assert again <= kills * AT_RISK
        assert history.real_cost_micro >= PICTURES * PRICE
        sends = sum(outcome.cost_micro for outcome in history.outcomes.values()) // PRICE
        assert history.real_cost_micro == sends * PRICE, "the money is that of every claim that was not given back"
    store = FolderStore(tmp_path / "experiments" / "objects")
    assert list(find_faults(store)) == []
    assert len(list(store.fingerprints())) == runs * PICTURES
    calls = counted_calls(tmp_path)
    assert set(calls) == set(store.fingerprints()), "received and stored are the same pictures"
    spent = sum(
        read_history(tmp_path / "experiments" / "e" / "runs" / f"r{number}").real_cost_micro for number in range(runs)
    )
    assert len(calls) * PRICE <= spent <= (len(calls) + kills * AT_RISK) * PRICE
    print(json.dumps({"kills": kills, "runs": runs, "calls": len(calls), "pictures": runs * PICTURES}))  # noqa: T201


def test_without_being_asked_no_uncertain_trial_is_sent_again(tmp_path: Path, soak: bool) -> None:
    chance = random.Random(7)
    model = counting_model(str(tmp_path), price_micro="40000", seconds="0.0", concurrency="8")
    for number in range(20 if soak else 2):
        run = f"r{number}"
        process = start(tmp_path, run, "")
        time.sleep(chance.uniform(0.05, 0.3))
        process.kill()
        process.communicate()
        index = Index(tmp_path / ".prodimg" / "index.db")
        summary = run_schedule(
            FullSchedule(plain_trials(model.capabilities, PICTURES, first=PICTURES * number)),
            models={"counting": model},
            context=RunContext(
                folder=tmp_path / "experiments" / "e" / "runs" / run,
                store=FolderStore(tmp_path / "experiments" / "objects"),
                index=index,
            ),
        )
        index.close()
        uncertain = summary.count(TrialState.UNCERTAIN)
        assert uncertain <= AT_RISK
        assert summary.count(TrialState.DONE) == PICTURES - uncertain
        assert summary.real_cost_micro == PICTURES * PRICE
    assert max(Counter(counted_calls(tmp_path)).values()) == 1
