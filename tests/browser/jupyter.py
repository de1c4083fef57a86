"""A real JupyterLab and what a person does in it, for the browser tests and the benchmarks."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat

TOKEN = "loopback"
PATIENCE_MS = 30_000


@dataclass(frozen=True, kw_only=True)
class Server:
    """A JupyterLab on loopback whose files lie in `root`."""

    address: str
    root: Path

    def ask(self, path: str, method: str = "GET") -> Any:
        """One call of the server's REST interface."""
        request = urllib.request.Request(f"{self.address}/api/{path}", method=method)
        request.add_header("Authorization", f"token {TOKEN}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def end_kernels(self) -> None:
        """Shut down every kernel."""
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", "DELETE")


@contextmanager
def jupyter_lab(root: Path, work: Path, *, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """JupyterLab on the files of `root`, with settings of its own under `work`; ended when the block is left."""
    own = {
        f"JUPYTER{name}": str(work / name.strip("_").lower())
        for name in ("_CONFIG_DIR", "_DATA_DIR", "_RUNTIME_DIR", "LAB_SETTINGS_DIR", "LAB_WORKSPACES_DIR")
    }
    quiet = work / "lab_settings_dir" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        *("--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}"),
        "--expose-app-in-browser",
    ]
    with (work / "jupyter.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=root, env={**os.environ, **own, **(environ or {})}
        )
        try:
            server = Server(address=f"http://127.0.0.1:{port}", root=root)
            _wait_for(server, process, work / "jupyter.log")
            yield server
            server.end_kernels()
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            server.ask("status")
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start: {log.read_text()[-2000:]}")


def write_notebook(file: Path, *cells: str) -> Path:
    """A notebook of code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(notebook, file)
    return file


def open_notebook(page: Any, server: Server, name: str, *, theme: str = "") -> None:
    """Open a notebook in a fresh workspace and wait for its kernel."""
    page.set_default_timeout(PATIENCE_MS)
    address = f"{server.address}/lab/workspaces/auto-{uuid4().hex[:6]}/tree/{name}?token={TOKEN}&reset"
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_function("window.jupyterapp && window.jupyterapp.restored")
    page.evaluate("async () => { await window.jupyterapp.restored; }")
    page.locator(".jp-NotebookPanel").wait_for()
    page.wait_for_function(
        "() => { const k = window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel;"
        " return k && k.status === 'idle' && k.connectionStatus === 'connected'; }"
    )
    if theme:
        command(page, "apputils:change-theme", {"theme": theme})


def command(page: Any, name: str, arguments: Mapping[str, Any] | None = None) -> None:
    """Execute a command of JupyterLab and wait until it has ended."""
    page.evaluate(
        "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args); }", [name, arguments or {}]
    )


def run_all(page: Any) -> None:
    """Run all cells; the last one has ended when this returns."""
    command(page, "notebook:run-all-cells")


def run_code(page: Any, code: str) -> str:
    """Run code in the notebook's kernel, out of sight; what it printed."""
    return str(
        page.evaluate(
            """async (code) => {
              const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              const future = kernel.requestExecute({code, store_history: false});
              let text = '';
              future.onIOPub = (message) => {
                if (message.header.msg_type === 'stream') text += message.content.text;
                if (message.header.msg_type === 'error') text += message.content.traceback.join('\\n');
              };
              await future.done;
              return text;
            }""",
            code,
        )
    )
