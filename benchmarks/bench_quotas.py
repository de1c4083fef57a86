"""How near to a quota does a run come, and how many calls are refused? Writes results/quotas.json.

Real runs against `standin.py` with a quota, first without knowledge, then with what the first has learnt. The floor is
what an all-knowing client needs through the same limit (`prodimg_lab.testing.limits.floor_s`); fixed windows begin
where the stand-in's clock stands, so their floor is taken at the moment of the first call. Before the second run the
limit is as fresh as before the first. The column `simulated` is the same without clocks, over nine beginnings.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

from bench_runner import HERE, RESULTS, Row, environment, lab_folder, standin

from prodimg_lab.emulator.quotas import parsed_quota
from prodimg_lab.runner.pace import Pace
from prodimg_lab.testing.limits import Calls, floor_s, simulate

QUOTAS = {
    "token bucket, 300 a minute, burst 25": ("bucket:300/min:25", 1, 1.15, 1.06),
    "fixed window, 30 per 6 s": ("window:30/6s", 1, 1.3, 1.15),
    "sliding window, 30 per 6 s": ("sliding:30/6s", 1, 1.3, 1.15),
    "two processes on one bucket": ("bucket:300/min:25", 2, 1.3, 1.15),
}
CALLS = 200
REAL = Calls(each=CALLS, call_s=0.5)


def get(url: str, path: str, *, post: bool = False) -> dict[str, float]:
    """A control request to the stand-in."""
    request = urllib.request.Request(url + path, method="POST" if post else "GET", data=b"" if post else None)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def start(url: str, lab: Path, run: str, first: int, calls: int) -> subprocess.Popen[str]:
    """Start one process of ours."""
    command = [sys.executable, str(HERE / "clients.py"), "ours", "--lab", str(lab), "--run", run, "--bare"]
    command += ["--first", str(first), "--calls", str(calls)]
    return subprocess.Popen(command, env=environment(url), stdout=subprocess.PIPE, text=True)


def real_run(url: str, lab: Path, name: str, quota: str, *, first: int, processes: int) -> Row:
    """One run, or two at a time, through the limit; wall from the first call to the last answer."""
    get(url, "/reset", post=True)
    each = CALLS // processes
    running = [start(url, lab, f"{name}-{number}", first + 1000 * number, each) for number in range(processes)]
    kept = sum(json.loads(process.communicate()[0].splitlines()[-1])["kept"] for process in running)
    log = get(url, "/log")
    floor = floor_s(parsed_quota(quota), replace(REAL, each=each, begin_s=log["first"]), clients=processes)
    wall = log["last"] - log["first"]
    return {"wall_s": wall, "x_floor": wall / floor, "refused": log["refused"] / log["calls"], "kept": kept}


def simulated(quota: str, processes: int) -> list[Row]:
    """Medians over nine beginnings, first run and second."""
    limit, rows = parsed_quota(quota), ([], [])
    for seed in range(9):
        calls = replace(REAL, each=CALLS // processes, begin_s=limit.period_s * seed / 9)
        floor = floor_s(limit, calls, clients=processes)
        paces = [Pace.start(REAL.most) for _ in range(processes)]
        for each in rows:
            outcome = simulate(limit, paces, calls, seed=seed)
            each.append({"x_floor": outcome.seconds / floor, "refused": outcome.refused / outcome.calls})
            paces = [Pace.start(REAL.most, learnt=pace.learnt) for pace in paces]
    return [
        {key: round(statistics.median(row[key] for row in each), 3) for key in ("x_floor", "refused")} for each in rows
    ]


def measure(quota: str, processes: int, runs: int) -> dict[str, object]:
    """First and second runs of one shape, each pair in a lab of its own."""
    first: list[Row] = []
    second: list[Row] = []
    with standin("--latency", "0.5", "--quota", quota) as url:
        for number in range(runs):
            time.sleep(0.37 * number)  # another place within a fixed window
            with lab_folder() as lab:
                first.append(real_run(url, lab, "a", quota, first=0, processes=processes))
                second.append(real_run(url, lab, "b", quota, first=50_000, processes=processes))
    named = {"first": first, "second": second}
    found: dict[str, object] = {
        name: {key: round(statistics.median(row[key] for row in rows), 3) for key in rows[0]}
        for name, rows in named.items()
    }
    found["all x_floor"] = {name: [round(row["x_floor"], 3) for row in rows] for name, rows in named.items()}
    return found


def main() -> None:
    """Measure every shape and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="measure shapes with this in their name, keep the others' figures")
    options = parser.parse_args()
    file = RESULTS / "quotas.json"
    result: dict[str, object] = json.loads(file.read_text()) if options.only and file.exists() else {}
    result.update({"work": f"{CALLS} calls of 0.5 s, 32 at a time", "runs": options.runs})
    for name, (quota, processes, first, second) in QUOTAS.items():
        if options.only not in name:
            continue
        result[name] = {
            **measure(quota, processes, options.runs),
            "simulated": dict(zip(("first", "second"), simulated(quota, processes), strict=True)),
            "targets": {"first": first, "second": second, "refused": [0.15, 0.05]},
        }
        print(name, json.dumps(result[name]), flush=True)
        file.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
