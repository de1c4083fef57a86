from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter import Server, command, open_notebook, run_all, run_code

from prodimg_lab.experiment import find_run, open_run
from prodimg_lab.lab import find_lab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
Notebook = Callable[..., Any]
GRID = "from prodimg_lab.widgets import Grid\ngrid = Grid('first'{})\ngrid"


FILLING = """
import threading, time
from pathlib import Path
from prodimg_lab import RunOptions, run_experiment
from prodimg_lab.widgets import Grid

overrides = {"model": "studio:sd35@96", "products.limit": 3, "sweep.base_seed": 99}
given = {"options": RunOptions(overrides=overrides), "run_id": "filling"}
threading.Thread(target=run_experiment, args=("shop-window",), kwargs=given).start()
while not list(Path("experiments").glob("*/runs/filling/journal.jsonl")):
    time.sleep(0.05)
"""


def loaded(page: Any, count: int) -> None:
    """Wait until that many pictures are to be seen."""
    page.wait_for_function(
        "n => [...document.querySelectorAll('.pg-tile img')].filter((i) => i.complete && i.naturalWidth).length === n",
        arg=count,
    )


def faults_of(page: Any, selector: str) -> list[str]:
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "async (s) => (await axe.run(s)).violations.map((v) => `${v.id}: ${v.nodes[0].html}`)", selector
    )
    return list(found)


def test_pictures_show_and_ratings_by_keyboard_reach_the_store(notebook: Notebook, shop: Path) -> None:
    page = notebook(GRID.format(""))
    loaded(page, 8)
    tile = page.locator(".pg-tile")
    assert "product photograph" in tile.first.locator("img").get_attribute("alt").lower()
    page.locator(".pg-list").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("4")
    page.keyboard.press("k")
    tile.nth(1).locator(".pg-stars").wait_for()
    page.wait_for_function("document.querySelectorAll('.pg-keep').length === 1")
    row = open_run(find_run("first", lab=find_lab(shop))).rows[1]
    assert row.stars == 4
    assert [rating.choice for rating in row.ratings.values()] == ["keep"]
    assert page.locator(".jp-Cell").count() == 1, "keys of the grid must not reach the notebook"


def test_pivot_sort_and_filter_by_clicks(notebook: Notebook) -> None:
    page = notebook(GRID.format(""))
    loaded(page, 8)
    page.get_by_label("Rows", exact=True).select_option("product")
    page.get_by_label("Columns", exact=True).select_option("lighting")
    assert page.locator(".pg-column").all_inner_texts() == ["softbox", "window-light"]
    left = {round(each.bounding_box()["x"]) for each in page.locator(".pg-tile").all()}
    assert len(left) in (2, 4)
    page.get_by_role("button", name="choose levels, states and scores").click()
    page.get_by_label("softbox", exact=True).uncheck()
    page.wait_for_function("document.querySelectorAll('.pg-tile').length === 4")
    assert "4 of 8 pictures" in page.locator(".pg-count").inner_text()
    assert run_code(page, "print(grid.look['hide'])").strip() == "{'lighting': ['softbox']}"


def test_lightbox_compare_and_the_request_behind_a_picture(notebook: Notebook) -> None:
    page = notebook(GRID.format(""))
    loaded(page, 8)
    page.locator(".pg-frame").first.click()
    dialog = page.locator("dialog.pg-lightbox")
    dialog.get_by_text("fingerprint").wait_for()
    page.wait_for_function("document.querySelector('.pg-stage img')?.dataset.full === 'true'")
    assert dialog.locator(".pg-prompt mark").count() >= 4
    page.keyboard.press("+")
    zoomed = dialog.locator(".pg-stage img").first.evaluate("node => node.style.transform")
    page.keyboard.press("ArrowRight")
    dialog.get_by_text("2 of 8").wait_for()
    page.wait_for_function("document.querySelector('.pg-stage img')?.dataset.full === 'true'")
    assert dialog.locator(".pg-stage img").first.evaluate("node => node.style.transform") == zoomed
    dialog.get_by_role("button", name="an experiment that starts from this picture").click()
    page.get_by_text("name: shop-window-around-1").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("c")
    compare = page.locator("dialog.pg-compare")
    compare.locator("ins").first.wait_for()
    page.keyboard.press("l")
    compare.get_by_label("share of picture A").wait_for()
    page.keyboard.press("b")
    compare.get_by_role("button", name="Stop").wait_for()
    page.keyboard.press("Escape")
    compare.wait_for(state="detached")
    assert run_code(page, "print(len(grid.selected))").strip() == "2"


def test_the_grid_is_accessible_flat_pivoted_and_in_its_windows(notebook: Notebook) -> None:
    if not AXE.exists():
        pytest.skip("NO NODE MODULES: run tools/js.sh")
    page = notebook(GRID.format(", supers='product', overlay='bars'"))
    loaded(page, 8)
    page.get_by_role("button", name="choose levels, states and scores").click()
    assert faults_of(page, ".prodimg-grid") == []
    page.get_by_label("Rows", exact=True).select_option("template")
    page.get_by_label("Columns", exact=True).select_option("lighting")
    assert faults_of(page, ".prodimg-grid") == []
    page.locator(".pg-frame").first.click()
    page.locator("dialog").get_by_text("fingerprint").wait_for()
    assert faults_of(page, "dialog") == []
    page.keyboard.press("Escape")
    command(page, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    assert faults_of(page, ".prodimg-grid") == []
    command(page, "apputils:change-theme", {"theme": "JupyterLab Light"})


def test_a_saved_and_reopened_notebook_shows_still_pictures_and_stays_small(
    notebook: Notebook, jupyter: Server, shop: Path
) -> None:
    page = notebook(GRID.format(""))
    loaded(page, 8)
    still = page.locator("[data-prodimg-twin]")
    assert not still.is_visible()
    command(page, "docmanager:save")
    name = page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    file = shop / name
    assert file.stat().st_size < 300_000
    assert "widgets" not in json.loads(file.read_text())["metadata"]
    jupyter.end_kernels()
    open_notebook(page, jupyter, name)
    still.locator("img").first.wait_for()
    assert still.is_visible()
    assert still.locator("img").count() == 8


def test_text_of_strangers_is_shown_as_text_everywhere(notebook: Notebook, shop: Path) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    folder = shop / "experiments" / "evil"
    (folder / "templates").mkdir(parents=True)
    (folder / "templates" / "evil.yaml").write_text(
        f"name: evil\nversion: 1.0.0\nsummary: x\nprompt: 'photo {evil} of {{{{ product.subject }}}}, "
        "{{ lighting }}'\nnegative_prompt: text\nslots: {lighting: [softbox, window-light]}\n"
    )
    (folder / "products.csv").write_text(f'sku,title,category,colour\ne1,"{evil} mug",mug,red\n')
    (folder / "experiment.yaml").write_text(
        "name: evil\nproducts: products.csv\ntemplates: [evil]\nmodel: studio:sd35@96\n"
        "sweep: {factors: {lighting: [softbox, window-light]}}\n"
    )
    page = notebook(
        "from prodimg_lab import run_experiment\nfrom prodimg_lab.widgets import Grid\nrun = run_experiment('evil')",
        "grid = Grid(run, rows='product')\ngrid",
    )
    loaded(page, 2)
    assert "<script>" in page.locator(".pg-list img").first.get_attribute("alt")
    page.locator(".pg-frame").first.click()
    page.locator("dialog").get_by_text("fingerprint").wait_for()
    assert "<img src=x" in page.locator("dialog .pg-prompt").first.inner_text()
    assert page.locator("img[onerror]").count() == 0
    assert not re.search(r"alert\(", page.evaluate("[...document.scripts].map((s) => s.textContent).join()"))


def test_a_grid_fills_while_its_run_is_being_drawn(notebook: Notebook) -> None:
    page = notebook(FILLING, "grid = Grid('filling')\ngrid")
    page.locator(".pg-badge.pg-live").wait_for()
    page.locator(".pg-tile[data-state='planned']").first.wait_for()
    page.wait_for_function("document.querySelectorAll('.pg-live').length === 0")
    assert page.locator(".pg-tile[data-state='done']").count() == page.locator(".pg-tile").count()
    page.wait_for_function(
        "document.querySelectorAll('.pg-score').length === document.querySelectorAll('.pg-tile').length"
    )


@pytest.mark.parametrize(
    ("name", "small"),
    [
        ("01_first_sweep", {"model": "studio:sd35@96", "products": 2}),
        ("02_templates_and_packs", {"tries": 2}),
        ("03_factors", {"model": "studio:sd35@96", "products": 1}),
        ("04_vote", {"model": "studio:sd35@96", "products": 2, "pairs": 3}),
    ],
)
def test_a_notebook_runs_by_hand_from_its_own_folder(
    page: Any, jupyter: Server, shop: Path, name: str, small: dict[str, Any]
) -> None:
    open_notebook(page, jupyter, f"notebooks/{name}.ipynb")
    given = "\n".join(f"{key} = {value!r}" for key, value in small.items())
    page.evaluate(
        """(code) => {
          const cells = window.jupyterapp.shell.currentWidget.content.widgets;
          const first = cells.find((cell) => cell.model.sharedModel.source.includes('experiment: str'));
          first.model.sharedModel.setSource(first.model.sharedModel.source + '\\n' + code);
        }""",
        given,
    )
    run_all(page)
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").all_inner_texts() == []
    page.locator(".prodimg-grid, .jupyter-widgets").first.wait_for()
    jupyter.end_kernels()


def test_the_notebook_is_saved_and_a_picture_rated_by_mouse_from_within_the_grid(
    notebook: Notebook, shop: Path
) -> None:
    page = notebook(GRID.format(""))
    loaded(page, 8)
    page.locator(".pg-frame").first.click()
    dialog = page.locator("dialog.pg-lightbox")
    dialog.get_by_text("fingerprint").wait_for()
    dialog.get_by_role("button", name="3 of 5").click()
    dialog.get_by_role("button", name="drop (d").click()
    page.wait_for_function("document.querySelectorAll('.pg-drop').length >= 1")
    assert open_run(find_run("first", lab=find_lab(shop))).rows[0].stars == 3
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert page.locator(".jp-mod-dirty").count()
    page.keyboard.press("Control+s")
    page.wait_for_function("!document.querySelector('.jp-mod-dirty')", timeout=10_000)
    page.keyboard.press("c")
    page.locator("dialog.pg-compare").wait_for()
