"""What does `prodimg emulate` print, and how does it end?"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.emulator import FAULTS

INVOKE = "/model/stability.sd3-5-large-v1:0/invoke"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "prodimg_lab.cli", "emulate", *arguments]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def ended(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "prodimg_lab.cli", "emulate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_cleanly(
    start: Start, prepared_file: Path, call: Any, number: signal.Signals
) -> None:
    process = start("--prepared", str(prepared_file), "--fault", "throttled:1")
    first = line_of(process)
    found = re.fullmatch(r"ready: (http://127\.0\.0\.1:\d+)  \(simulated Bedrock; keys test/test\)\n", first)
    assert found, first
    there = type("There", (), {"url": found[1], "tls": False})
    assert [call(there, INVOKE).status for _ in range(2)] == [429, 200]
    process.send_signal(number)
    assert process.stdout is not None and process.stderr is not None
    out, err = process.stdout.read(), process.stderr.read()
    assert (process.wait(timeout=20), err) == (0, "")
    assert f"export AWS_ENDPOINT_URL_BEDROCK_RUNTIME={found[1]}\n" in out
    assert "export AWS_ACCESS_KEY_ID=test\n" in out
    assert out.endswith("stopped after 2 requests; 1 pictures would have been billed (simulated)\n")


def test_json_is_one_line_with_all_that_a_client_needs(start: Start, prepared_file: Path, call: Any) -> None:
    process = start("--prepared", str(prepared_file), "--json", "--tls")
    facts = json.loads(line_of(process))
    assert facts["simulated"] is True and facts["url"].startswith("https://127.0.0.1:")
    assert facts["environment"]["AWS_ENDPOINT_URL_BEDROCK"] == facts["url"]
    ca_file = Path(facts["environment"]["AWS_CA_BUNDLE"])
    there = type("There", (), {"url": facts["url"], "tls": True, "ca_file": ca_file})
    assert call(there, INVOKE).status == 200
    process.terminate()
    assert process.stdout is not None
    assert (process.stdout.read(), process.wait(timeout=20)) == ("", 0)
    assert not ca_file.exists()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--fault", "throtled"), "no fault 'throtled'; did you mean 'throttled'?"),
        (("--fault", "throttled:x"), "write throttled:3 for three calls or throttled:0.1"),
        (("--quota", "60/min"), "write bucket:300/min:25"),
        (("--port", "70000"), "port 70000 is outside 0-65535"),
        (("--latency", "-1"), "latency -1 s is outside 0-3600"),
        (("--prepared", "nowhere.png"), "nowhere.png: No such file"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments: tuple[str, ...], text: str) -> None:
    done = ended(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1 and text in done.stderr


def test_a_port_that_is_taken_is_one_line(start: Start, prepared_file: Path) -> None:
    first = start("--prepared", str(prepared_file), "--json")
    port = json.loads(line_of(first))["url"].rpartition(":")[2]
    done = ended("--port", port, "--prepared", str(prepared_file))
    assert done.returncode == 2
    assert (
        done.stderr == f"error: port {port} of 127.0.0.1: Address already in use; take another, or 0 for a free one\n"
    )


def test_the_faults_are_listed() -> None:
    lines = ended("--list-faults").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(FAULTS)
    assert json.loads(ended("--list-faults", "--json").stdout) == {name: f.summary for name, f in FAULTS.items()}


def test_without_the_extra_it_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['aiohttp'] = None; sys.argv = ['prodimg', 'emulate']\n"
        "from prodimg_lab.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: the emulator needs aiohttp; install prodimg-lab[lab]\n"
