"""What does starting cost? CPU seconds of a fresh interpreter, against a bare one and against the peers' imports.

Writes benchmarks/results/start.json: median of the runs, side by side in one go, Python's own start included.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
from pathlib import Path

RUNS = 9
COMMANDS = {
    "floor: python -c pass": ["-c", "pass"],
    "import prodimg_lab": ["-c", "import prodimg_lab"],
    "prodimg --help": ["-m", "prodimg_lab.cli", "--help"],
    "import boto3": ["-c", "import boto3"],
    "import pandas": ["-c", "import pandas"],
    "import papermill": ["-c", "import papermill"],
}


def cpu_seconds(command: list[str]) -> float:
    """User and system time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure in turn, so that drift of the machine hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):
        for name, command in COMMANDS.items():
            taken[name].append(cpu_seconds(command))
    result = {
        "unit": "CPU seconds, median",
        "runs": RUNS,
        "median": {name: round(statistics.median(times), 3) for name, times in taken.items()},
        "targets": {"import prodimg_lab": 0.25, "prodimg --help": 0.6},
    }
    file = Path(__file__).parent / "results" / "start.json"
    file.write_text(json.dumps(result, indent=2) + "\n")
    print(file.read_text())


if __name__ == "__main__":
    main()
