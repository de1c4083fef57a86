from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter import Server, run_code

from prodimg_lab.experiment import find_run, open_run
from prodimg_lab.experiment.votes import import_votes, read_votes
from prodimg_lab.lab import find_lab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
Notebook = Callable[..., Any]
BENCH = "from prodimg_lab.widgets import Bench\nbench = Bench('shop-window', rater='anna')\nbench"
VOTE = "from prodimg_lab.widgets import Vote\nvote = Vote('first', rater='anna', seed=1)\nvote"


def test_from_an_idea_to_four_pictures_of_a_changed_sentence(notebook: Notebook) -> None:
    page = notebook(BENCH)
    editor = page.locator("textarea").first
    editor.fill(editor.input_value() + ", wrapped in morning mist")
    page.locator("ins").get_by_text("wrapped in morning mist").wait_for()
    page.locator(".jupyter-widgets").get_by_text("wrapped in morning mist").first.wait_for()
    began = time.monotonic()
    page.get_by_role("button", name="Try 4").click()
    page.wait_for_function(
        "[...document.querySelectorAll('.pg-tile img')].filter((i) => i.complete && i.naturalWidth).length === 4"
    )
    assert time.monotonic() - began <= 20
    assert "morning mist" in page.locator(".pg-tile img").first.get_attribute("alt")


def test_a_first_sweep_by_clicks_alone_and_its_headless_command(notebook: Notebook, shop: Path) -> None:
    page = notebook(BENCH)
    page.get_by_role("tab", name="Sweep", exact=True).click()
    page.get_by_label("Seeds").fill("1")
    page.get_by_label("Seeds").press("Tab")
    page.get_by_label("Model").fill("studio:sd35@96")
    page.get_by_label("Model").press("Tab")
    products = page.locator("select[multiple]").first
    products.select_option(index=[2, 3])  # others than the fixture has drawn
    page.get_by_role("button", name="window-light", exact=True).click()
    page.get_by_text("2 variants × 2 blocks = 4").wait_for()
    page.get_by_role("button", name="Headless command").click()
    page.wait_for_function("[...document.querySelectorAll('textarea')].some((t) => t.value.startsWith('papermill'))")
    values = [each.input_value() for each in page.locator("textarea").all()]
    command = next(value for value in values if value.startswith("papermill"))
    page.get_by_role("button", name="Run · 4 to draw").click()
    page.get_by_role("tab", name="Table", exact=True).wait_for()
    page.wait_for_function("document.querySelectorAll('.pg-tile[data-state=done]').length === 4")
    assert run_code(page, "print(1 + 1)").strip() == "2", "the kernel stays usable"
    page.get_by_text(": done, report").wait_for()
    page.get_by_role("tab", name="Table", exact=True).click()
    page.get_by_text("a mean is a hint where to look, not a verdict").wait_for()
    page.get_by_role("tab", name="Effects", exact=True).click()
    page.wait_for_function("[...document.querySelectorAll('img.widget-image')].some((i) => i.naturalWidth > 300)")
    words = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", *words, "-k", "python3", "-r", "run_id", "repeated"],
        cwd=shop,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lab = find_lab(shop)
    again, ours = open_run(find_run("repeated", lab=lab)), open_run(find_run(_bench_run(shop), lab=lab))
    assert [row.trial.request.fingerprint for row in again.rows] == [row.trial.request.fingerprint for row in ours.rows]
    assert all(row.outcome.cached for row in again.rows), (
        "what is on the screen is repeated, and nothing is drawn again"
    )


def _bench_run(shop: Path) -> str:
    runs = [json.loads(file.read_text()) for file in shop.glob("experiments/shop-window/runs/*/run.json")]
    return str(next(run["run_id"] for run in runs if run["note"] == "from the bench"))


def test_votes_by_keyboard_with_undo(notebook: Notebook, shop: Path) -> None:
    page = notebook(VOTE)
    vote = page.locator(".pg-vote")
    page.wait_for_function("document.querySelectorAll('.pg-vote .pg-stage img').length === 2")
    assert not any(word in vote.inner_text() for word in ("plain-white", "softbox", "window-light", "lifestyle"))
    folder = find_run("first", lab=find_lab(shop)).path
    before = len(read_votes(folder))
    vote.focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_text("1 votes of yours").wait_for()
    page.keyboard.press("ArrowDown")
    page.get_by_text("2 votes of yours").wait_for()
    page.keyboard.press("u")
    page.get_by_text("1 votes of yours").wait_for()
    page.keyboard.press("ArrowUp")
    page.get_by_text("2 votes of yours").wait_for()
    assert [vote.choice for vote in read_votes(folder)[before:]] == ["left", "bad"]
    assert page.locator(".jp-Cell").count() == 1


def test_the_page_for_colleagues_works_from_a_file_and_its_votes_come_back(
    notebook: Notebook, jupyter: Server, shop: Path, tmp_path: Path, chromium: Any
) -> None:
    from prodimg_lab.widgets import Vote

    lab = find_lab(shop)
    folder = find_run("first", lab=lab)
    file = Vote(folder, rater="none", seed=2).page(tmp_path / "vote.html", pairs=3)
    context = chromium.new_context(viewport={"width": 1200, "height": 900}, accept_downloads=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_function("[...document.querySelectorAll('.pg-stage img')].every((i) => i.naturalWidth > 0)")
    page.get_by_label("your name").fill("zoe")
    page.locator(".pg-vote").focus()
    for key in ("ArrowLeft", "ArrowRight", "u", "t"):
        page.keyboard.press(key)
        page.wait_for_timeout(50)
    page.reload()
    page.get_by_text("2 votes of yours · 1 to go").wait_for()
    page.keyboard.press("Tab")
    page.locator(".pg-vote").focus()
    page.keyboard.press("b")
    page.get_by_text("Nothing is left to ask").wait_for()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save votes").click()
    saved = tmp_path / "votes.json"
    saving.value.save_as(saved)
    context.close()
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    made = import_votes(saved, lab=lab)
    assert made.added == 3
    assert [vote.choice for vote in read_votes(folder.path) if vote.rater == "zoe"] == ["left", "tie", "bad"]
