"""What does a run cost beside its calls, against the floor and against peers? Writes results/runner.json.

The floor is ceil(calls / concurrency) x latency. Every client runs in a process of its own against `standin.py`, in
turn, so that drift of the machine hits all alike; medians of `--runs`. `--litellm PYTHON` names an interpreter that
has litellm (it is not among our pins).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results"
CALLS, CONCURRENCY, LATENCY_S = 200, 32, 0.5
Row = dict[str, float]


@contextmanager
def standin(*options: str) -> Iterator[str]:
    """A stand-in for Bedrock in a process of its own; gives its address."""
    command = [sys.executable, str(HERE / "standin.py"), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def environment(url: str) -> dict[str, str]:
    """What makes every client call the stand-in, and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PRODIMG_"))}
    return {
        **kept,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def lab_folder() -> Iterator[Path]:
    """A lab of its own, thrown away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="prodimg-bench-"))
    try:
        subprocess.run([sys.executable, "-m", "prodimg_lab.cli", "init", str(folder)], check=True, capture_output=True)
        yield folder
    finally:
        shutil.rmtree(folder)


def client(name: str, url: str, lab: Path, run: str, *options: str, python: str = sys.executable) -> Row:
    """One run of one client."""
    command = [python, str(HERE / "clients.py"), name, "--lab", str(lab), "--run", run, *options]
    done = subprocess.run(command, env=environment(url), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def median(rows: list[Row], key: str) -> float:
    """The median of one column."""
    return statistics.median(row[key] for row in rows)


def summary(rows: list[Row], floor_s: float) -> dict[str, float | int]:
    """The medians that the tables show."""
    return {
        "wall_s": round(median(rows, "wall_s"), 2),
        "x_floor": round(median(rows, "wall_s") / floor_s, 2),
        "cpu_ms_a_picture": round(1000 * median(rows, "cpu_s") / CALLS, 1),
        "peak_mb": round(median(rows, "peak_mb")),
        "pictures": int(median(rows, "kept")),
    }


def side_by_side(url: str, *, runs: int, litellm: str) -> dict[str, object]:
    """The 200 calls by every client, in turn."""
    floor_s = math.ceil(CALLS / CONCURRENCY) * LATENCY_S
    rows: dict[str, list[Row]] = {"prodimg": [], "boto3 threads": [], "naive loop (20 calls, x10)": [], "litellm": []}
    with lab_folder() as lab:
        for number in range(runs):
            first = str(1000 * number)
            rows["prodimg"].append(client("ours", url, lab, f"r{number}", "--first", first, "--bare"))
            rows["boto3 threads"].append(client("threads", url, lab, f"t{number}"))
            if litellm:
                rows["litellm"].append(client("litellm", url, lab, f"l{number}", python=litellm))
            if number == 0:
                once = client("naive", url, lab, "n", "--calls", "20")
                tenfold = {name: once[name] * 10 for name in ("wall_s", "cpu_s", "kept")}
                rows["naive loop (20 calls, x10)"].append({**once, **tenfold})
        scored = [
            client("ours", url, lab, f"s{number}", "--first", str(50_000 + 1000 * number), "--bare", "--scores")
            for number in range(runs)
        ]
        alone = [client("thumbnails", url, lab, f"a{number}") for number in range(runs)]
        warm = [client("ours", url, lab, f"w{number}", "--first", "0", "--bare") for number in range(runs)]
    found: dict[str, object] = {name: summary(each, floor_s) for name, each in rows.items() if each}
    found["prodimg, warm"] = {"wall_s": round(median(warm, "wall_s"), 2), "peak_mb": round(median(warm, "peak_mb"))}
    pixels = {
        "with thumbnails and fast scores, CPU ms a picture": round(1000 * median(scored, "cpu_s") / CALLS, 1),
        "decode and thumbnail alone, CPU ms a picture": round(1000 * median(alone, "cpu_s") / CALLS, 1),
        "ratio": round(median(scored, "cpu_s") / median(alone, "cpu_s"), 2),
    }
    return {"floor_s": floor_s, "clients": found, "pixels": pixels}


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--litellm", default="")
    options = parser.parse_args()
    with standin("--latency", str(LATENCY_S)) as url:
        found = side_by_side(url, runs=options.runs, litellm=options.litellm)
    result = {
        "work": f"{CALLS} calls, PNG of 1.6 MB, {LATENCY_S} s, {CONCURRENCY} at a time; ours durable and indexed",
        "runs": options.runs,
        **found,
        "targets": {"x_floor": 1.10, "cpu_ms_a_picture": 12, "peak_mb": 250, "warm_s": 0.5, "pixels ratio": 2.6},
    }
    file = RESULTS / "runner.json"
    file.write_text(json.dumps(result, indent=2) + "\n")
    print(file.read_text())


if __name__ == "__main__":
    main()
