"""What do large plans, stores and runs cost? Writes results/scale.json.

Planning, opening and asking are measured in processes of their own, on a lab that this script fills. The run of 10,000
trials draws tiny pictures from a model without latency: what grows is our own bookkeeping.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clients import peak_mb

RESULTS = Path(__file__).parent / "results"
SCORERS = tuple(f"scorer-{number}" for number in range(10))


def fill(file: Path, *, runs: int, trials: int, scored: int) -> None:
    """An index of `runs` closed runs of `trials` each, the first `scored` trials of the first run by ten scorers."""
    from prodimg_lab.store import Index

    index = Index(file)
    for run in range(runs):
        folder = file.parent.parent / "experiments" / "large" / "runs" / f"20260101-00000{run}-aaaa"
        lines: list[dict[str, object]] = [
            {"event": "run", "at": "2026-01-01T00:00:00Z", "state": "running", "planned": trials}
        ]
        for number in range(trials):
            money = {"claim": 0, "fingerprint": f"{run}/{number}", "simulated": False}
            sent = {"event": "trial", "trial": number, "at": "2026-01-01T00:00:01Z", **money}
            lines.append({**sent, "state": "sent", "price_micro": 40_000})
            lines.append({**sent, "state": "done", "charge_micro": 40_000, "digest": f"{number:064x}"})
        if run == 0:
            places = [number % 7 for number in range(trials)]
            lines.append({"event": "factors", "factors": {"lighting": {"levels": list("abcdefg"), "places": places}}})
            for number in range(scored):
                for scorer in SCORERS:
                    score = {"scorer": scorer, "value": number % 50 / 10}
                    lines.append({"event": "score", "trial": number, "score": score})
        lines.append({"event": "run", "at": "2026-01-01T01:00:00Z", "state": "done"})
        index.bring_in(folder, lines)
    index.close()


def run_of(trials: int, folder: Path) -> dict[str, float]:
    """One run of so many trials; the seconds that it took and the most memory."""
    from prodimg_lab.runner import RunContext, run_schedule
    from prodimg_lab.store import FolderStore, Index
    from prodimg_lab.sweeps import FullSchedule
    from prodimg_lab.testing.models import PAID, FakeModel, plain_trials

    plan = plain_trials(PAID, 10_000)[:trials]  # the plan itself is no growth of the runner
    began = time.monotonic()
    summary = run_schedule(
        FullSchedule(plan),
        models={PAID.model: FakeModel(PAID)},
        context=RunContext(
            folder=folder / "experiments" / "large" / "runs" / "r1",
            store=FolderStore(folder / "objects"),
            index=Index(folder / ".prodimg" / "index.db"),
            concurrency=32,
        ),
    )
    assert summary.state == "done"
    return {"seconds": round(time.monotonic() - began, 2), "peak_mb": round(peak_mb(), 1)}


def opening(lab: Path) -> dict[str, float]:
    """Opening index and store of a lab with 200,000 trials, runs that were not closed repaired."""
    from prodimg_lab.experiment.opening import open_index
    from prodimg_lab.lab import find_lab
    from prodimg_lab.store import open_store

    found = find_lab(lab)
    began = time.monotonic()
    open_index(found, open_store(found)).close()
    return {"seconds": round(time.monotonic() - began, 3)}


def asking(lab: Path) -> dict[str, float]:
    """One factor's means of a run with a million scores; pandas is imported before."""
    import pandas  # noqa: F401

    from prodimg_lab.experiment import RunFolder, factor_means

    folder = RunFolder(path=lab / "experiments" / "large" / "runs" / "20260101-000000-aaaa")
    began = time.monotonic()
    frame = factor_means(folder, "lighting", scorer=SCORERS[3])
    assert int(frame["pictures"].sum()) == 100_000
    return {"seconds": round(time.monotonic() - began, 3)}


def planning(lab: Path) -> dict[str, float]:
    """Plan and price at least 100,000 trials of the sample catalogue, imports excluded."""
    from prodimg_lab.experiment import estimate_plan, overrides_for, plan_experiment
    from prodimg_lab.lab import find_lab

    overrides = overrides_for(["sweep.seeds=3400"])
    began = time.monotonic()
    estimate = estimate_plan(plan_experiment("mug-hero", lab=find_lab(lab), overrides=overrides))
    return {"seconds": round(time.monotonic() - began, 2), "trials": estimate.trials}


PARTS = {"opening": opening, "asking": asking, "planning": planning}


def apart(*arguments: str) -> dict[str, float]:
    """One part in a process of its own."""
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure and write the result."""
    if len(sys.argv) > 1:
        part, place = sys.argv[1], Path(sys.argv[2])
        result = run_of(int(sys.argv[3]), place) if part == "run" else PARTS[part](place)
        print(json.dumps(result))
        return
    with tempfile.TemporaryDirectory(prefix="prodimg-bench-") as folder:
        lab = Path(folder)
        subprocess.run([sys.executable, "-m", "prodimg_lab.cli", "init", folder], check=True, capture_output=True)
        found: dict[str, object] = {"plan of 100,000 trials": apart("planning", folder)}
        fill(lab / ".prodimg" / "index.db", runs=2, trials=100_000, scored=100_000)
        found["open a store with 200,000 trials"] = apart("opening", folder)
        found["one factor's means of 1,000,000 scores"] = apart("asking", folder)
    for trials in (200, 10_000):
        with tempfile.TemporaryDirectory(prefix="prodimg-bench-") as folder:
            found[f"run of {trials:,} trials"] = apart("run", folder, str(trials))
    found["targets"] = {"plan_s": 5, "open_s": 0.5, "means_s": 1, "growth_mb": 50}
    file = RESULTS / "scale.json"
    file.write_text(json.dumps(found, indent=2) + "\n")
    print(file.read_text())


if __name__ == "__main__":
    main()
