"""Does an emulator start, end and leave nothing behind?"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.emulator import Emulator
from prodimg_lab.errors import SettingError, UnknownName

BODY = {"prompt": "photo of a red mug", "seed": 5}


def test_it_listens_on_loopback_only(quick: Emulator) -> None:
    assert quick.url.startswith("http://127.0.0.1:")


def test_a_port_that_is_taken_is_said_so(quick: Emulator) -> None:
    port = int(quick.url.rpartition(":")[2])
    with pytest.raises(SettingError, match=rf"port {port} of 127\.0\.0\.1: .*take another, or 0"), Emulator(port=port):
        pass


@pytest.mark.parametrize("settings", [{"port": -1}, {"port": 65536}, {"latency_s": -1.0}, {"keys": {}}])
def test_settings_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        Emulator(**settings)


def test_it_ends_its_thread_and_its_port(prepared_file: Path) -> None:
    before = threading.active_count()
    with Emulator(prepared=prepared_file) as emulator:
        assert threading.active_count() > before
        port = int(emulator.url.rpartition(":")[2])
    assert threading.active_count() == before
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", port))


def test_it_does_not_start_twice_at_once(quick: Emulator) -> None:
    with pytest.raises(RuntimeError, match="runs already"), quick:
        pass


def test_it_can_be_started_again(prepared_file: Path, call: Any) -> None:
    emulator = Emulator(prepared=prepared_file)
    for _ in range(2):
        with emulator:
            assert call(emulator).status == 200
            assert emulator.log.sends == 1


def test_outside_of_its_block_there_is_no_log() -> None:
    with pytest.raises(RuntimeError, match="use it in a `with` block"):
        _ = Emulator().log


def test_ending_does_not_wait_for_a_stall(prepared_file: Path, signer: Any) -> None:
    with Emulator(prepared=prepared_file) as emulator:
        emulator.fault("stall")
        path = "/model/stability.sd3-5-large-v1:0/invoke"
        headers = signer().sign("POST", emulator.url + path, b'{"prompt": "a"}')
        host, port = emulator.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
            lines += [f"Host: {host}:{port}", "Content-Length: 15"]
            client.sendall("\r\n".join(lines).encode() + b'\r\n\r\n{"prompt": "a"}')
            while not emulator.log.sends:
                time.sleep(0.01)
            begun = time.monotonic()
            emulator.__exit__(None, None, None)
            assert time.monotonic() - begun < 3
    assert emulator.log.calls[0].fault == "stall"


def test_a_client_that_asks_first_is_told_to_go_on(quick: Emulator) -> None:
    host, port = quick.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as client:
        head = f"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        client.sendall(head.encode())
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        client.sendall(b"{}")
        assert client.recv(100).startswith(b"HTTP/1.1 404")


def test_a_long_session_token_fits(quick: Emulator, call: Any, signer: Any) -> None:
    assert call(quick, signer=signer(token="t" * 16_000)).status == 200


def test_ending_in_the_middle_of_a_picture_is_quick_and_quiet(caplog: pytest.LogCaptureFixture, call: Any) -> None:
    def draw() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            call(emulator, body=BODY)

    with Emulator(draft=True) as emulator:
        client = threading.Thread(target=draw)
        client.start()
        time.sleep(1.0)
        begun = time.monotonic()
    assert time.monotonic() - begun < 3
    client.join(10)
    assert not client.is_alive() and not caplog.records


def test_an_unknown_fault_is_refused_in_process_too(quick: Emulator) -> None:
    with pytest.raises(UnknownName, match="did you mean"):
        quick.fault("throtled")


def test_faults_and_log_work_in_process(quick: Emulator, call: Any) -> None:
    quick.fault("throttled", count=2)
    assert [call(quick).status for _ in range(3)] == [429, 429, 200]
    assert (quick.log.sends, quick.log.billed, quick.log.spent_micro) == (3, 1, 80_000)


def test_no_worker_starts_before_the_first_picture(call: Any) -> None:
    before = children()
    with Emulator(draft=True) as emulator:
        call(emulator, body={})
        assert children() == before


def test_workers_end_with_the_emulator(call: Any) -> None:
    before = children()
    with Emulator(draft=True) as emulator:
        assert call(emulator, body=BODY).status == 200
        mine = children() - before
        assert mine
    until_gone(mine)


SCRIPT = """
import sys, time
from prodimg_lab.emulator import Emulator
if __name__ == "__main__":
    with Emulator(draft=True) as emulator:
        print(emulator.url, flush=True)
        time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_another_process_draws_equal_bytes_and_its_workers_end_when_it_is_killed(
    tmp_path: Path, emulator: Emulator, call: Any
) -> None:
    here = call(emulator, body=BODY).json["images"]
    file = tmp_path / "script.py"
    file.write_text(SCRIPT)
    process = subprocess.Popen([sys.executable, str(file)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        there = type("There", (), {"url": url, "tls": False})
        assert call(there, body=BODY).json["images"] == here
        mine = children(process.pid)
        assert mine
    finally:
        process.kill()
        process.communicate()
    until_gone(mine)


def children(parent: int | None = None) -> set[int]:
    """Worker processes of `parent` (default: this one)."""
    wanted, found = parent or os.getpid(), set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(text.rpartition(")")[2].split()[1]) == wanted and b"spawn_main" in command:
            found.add(int(stat.parent.name))
    return found


def until_gone(processes: set[int], patience_s: float = 10) -> None:
    end = time.monotonic() + patience_s
    while alive := [each for each in processes if is_alive(each)]:
        assert time.monotonic() < end, f"{alive} still run"
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
