"""What is left of the widgets where no kernel answers: the cases of the table in facts/widgets.md."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter import PATIENCE_MS, Server, command, open_notebook

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
Notebook = Callable[..., Any]
CELLS = (
    "from prodimg_lab.widgets import Bench, Grid, Vote\nGrid('first')",
    "Vote('first', rater='anna')",
    "Bench('shop-window')",
)


def exported(file: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR", str(file)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return file.with_suffix(".html")


def all_still_pages(page: Any) -> None:
    """Wait for the pictures of the grid, the standings of the vote and the plan of the bench."""
    page.wait_for_function(
        "[...document.querySelectorAll('[data-prodimg-twin] img')].filter((i) => i.naturalWidth > 0).length === 8"
    )
    page.get_by_text("pairs of variants are settled").first.wait_for()
    page.get_by_text("variants × ").first.wait_for()


def test_a_live_notebook_that_was_saved_shows_still_pages_in_exported_html_without_a_network(
    notebook: Notebook, shop: Path, page: Any
) -> None:
    live = notebook(*CELLS)
    live.wait_for_function("document.querySelectorAll('.pg-tile img').length >= 8")
    assert not live.locator("[data-prodimg-twin]").first.is_visible()
    command(live, "docmanager:save")
    file = shop / live.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    html = exported(file)
    context = page.context.browser.new_context(offline=True)
    reader = context.new_page()
    reader.set_default_timeout(PATIENCE_MS)
    reader.goto(html.as_uri(), wait_until="domcontentloaded")
    all_still_pages(reader)
    context.close()


def test_a_reopened_notebook_shows_still_pages_of_every_widget(notebook: Notebook, jupyter: Server, page: Any) -> None:
    live = notebook(*CELLS)
    live.wait_for_function("document.querySelectorAll('.pg-tile img').length >= 8")
    command(live, "docmanager:save")
    name = live.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    jupyter.end_kernels()
    open_notebook(page, jupyter, name)
    all_still_pages(page)


def test_what_papermill_left_shows_in_lab_untrusted_and_exported(jupyter: Server, shop: Path, page: Any) -> None:
    given = json.dumps({"model": "studio:sd35@96", "products": 2})
    arguments = ["notebooks/01_first_sweep.ipynb", "left.ipynb", "--cwd", ".", "-k", "python3", "-y", given]
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-m", "papermill", *arguments, "--no-progress-bar", "--start-timeout", "30"],
            cwd=shop,
            capture_output=True,
            text=True,
            timeout=240,
        )
        if "Kernel didn't respond" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr[-2000:]
    wait = (
        "[...document.querySelectorAll('img')].filter((i) => i.naturalWidth > 60 && i.naturalWidth < 200).length >= 8"
    )
    open_notebook(page, jupyter, "left.ipynb")  # nobody has trusted it: what JupyterLab's sanitizer leaves
    page.wait_for_function(wait)
    assert "error" not in page.locator(".jp-OutputArea").all_inner_texts()
    context = page.context.browser.new_context(offline=True)
    reader = context.new_page()
    reader.goto(exported(shop / "left.ipynb").as_uri(), wait_until="domcontentloaded")
    reader.wait_for_function(wait)
    context.close()
