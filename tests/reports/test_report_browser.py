"""The report in a real Chromium, at the width of a desk and of a phone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.experiment.view import RunView
from prodimg_lab.reports.html import RELOAD_S, write_report

MakeView = Callable[..., RunView]
expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser

WIDTHS = [(1280, 900), (375, 812)]


@pytest.fixture
def open_page(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`open_page(view)` opens its report; afterwards nothing may have been complained of or asked of a network."""
    complaints: list[str] = []
    contexts = []

    def opened(view: RunView, *, width: int = 1280, height: int = 900, live: bool = False, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        if live:
            page.clock.install()  # its reload comes when the test says so
        page.set_default_timeout(20_000)
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or complaints.append(asked.url))
        page.goto(write_report(view, tmp_path / "report.html", live=live).as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def shown(page: Any) -> int:
    return int(page.locator(".shot:visible").count())


@pytest.mark.parametrize(("width", "height"), WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_its_window_and_shows_every_picture(
    open_page: Callable[..., Any], make_view: MakeView, width: int, height: int, scheme: str
) -> None:
    page = open_page(make_view(refuse_every=7), width=width, height=height, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("Promise.all([...document.images].map((each) => each.decode()))")  # fails for one that is broken
    assert shown(page) == 20
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    lightness = sum(int(part) for part in background.removeprefix("rgb(").removesuffix(")").split(",")) / 3
    assert (lightness > 200) == (scheme == "light")
    folder = os.environ.get("REPORT_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/test-{width}-{scheme}.png", full_page=True)


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_a_picture_opens_with_its_prompt_scores_and_request(
    open_page: Callable[..., Any], make_view: MakeView, width: int, height: int
) -> None:
    view = make_view()
    page = open_page(view, width=width, height=height)
    row = view.rows[3]
    page.locator('.shot[data-id="3"] button').click()
    dialog = page.locator("dialog[open]")
    assert dialog.locator("h2").inner_text() == row.trial.variant
    assert dialog.locator(".prompt").text_content() == row.trial.prompt.text
    marked = {found.text_content(): found.get_attribute("title") for found in dialog.locator(".prompt mark").all()}
    assert marked["warm golden hour sunlight with long soft shadows"] == "lighting: golden-hour"
    colours = {
        mark.evaluate("(each) => getComputedStyle(each).backgroundColor")
        for mark in dialog.locator(".legend mark").all()
    }
    assert len(colours) == 3
    request = json.loads(dialog.locator("pre").text_content())
    assert request == json.loads(json.dumps(row.trial.request.fields()))
    assert dialog.locator(".look-scores tr").count() == 3
    box = dialog.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    page.keyboard.press("ArrowRight")
    assert dialog.locator(".prompt").text_content() == view.rows[4].trial.prompt.text
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert dialog.locator("h2").inner_text() == view.rows[2].trial.variant
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_the_keyboard_alone_opens_a_picture_and_comes_back_to_it(
    open_page: Callable[..., Any], make_view: MakeView
) -> None:
    page = open_page(make_view())
    page.locator('.shot[data-id="5"] button').focus()
    page.keyboard.press("Enter")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.open") == "5"


def test_filters_and_sorting_arrange_the_contact_sheet(open_page: Callable[..., Any], make_view: MakeView) -> None:
    view = make_view(refuse_every=6)
    page = open_page(view)
    count = page.locator("output.count")
    assert count.inner_text() == "20 shown"
    page.locator('select[name="level.lighting"]').select_option("golden-hour")
    golden = [row for row in view.rows if row.trial.levels["lighting"] == "golden-hour"]
    assert count.inner_text() == f"{len(golden)} of 20 shown"
    assert shown(page) == len(golden)
    page.locator('select[name="state"]').select_option("refused")
    refused = [row for row in golden if not row.is_drawn]
    assert shown(page) == len(refused)
    page.locator("button[type=reset]").click()
    expect(count).to_have_text("20 shown")
    page.locator("input[type=search]").fill("mug GOLDEN front")
    mugs = [row for row in golden if row.trial.block.sku == "cream-mug" and row.trial.levels["angle"] == "front"]
    assert shown(page) == len(mugs) == 2
    page.locator("input[type=search]").fill("no such words")
    assert page.locator(".nothing").is_visible()
    page.locator("button[type=reset]").click()
    expect(count).to_have_text("20 shown")
    page.locator('select[name="sort"]').select_option("worst first")
    order = page.locator(".shot").evaluate_all("(all) => all.map((each) => Number(each.dataset.id))")
    scored = sorted((row for row in view.rows if row.quality is not None), key=lambda row: row.quality or 0.0)
    assert order[: len(scored)] == [row.trial.index for row in scored]


def test_a_heading_sorts_its_table(open_page: Callable[..., Any], make_view: MakeView) -> None:
    page = open_page(make_view(products=4))
    table = page.locator("table.sortable").first
    cells = table.locator("tbody tr td:nth-child(8)")
    table.get_by_role("button", name="median").click()
    down = [float(cell.get_attribute("data-v")) for cell in cells.all()]
    table.get_by_role("button", name="median").click()
    up = [float(cell.get_attribute("data-v")) for cell in cells.all()]
    assert down == sorted(down, reverse=True)
    assert up == down[::-1]
    assert table.locator("th[aria-sort=ascending]").inner_text().startswith("median")


def test_a_command_and_a_prompt_can_be_copied(open_page: Callable[..., Any], make_view: MakeView) -> None:
    view = make_view()
    page = open_page(view, permissions=["clipboard-read", "clipboard-write"])
    page.locator(".commands .copy").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == f"prodimg rerun {view.run_id}"
    page.locator('.shot[data-id="1"] button').click()
    page.get_by_role("button", name="Copy the prompt").click()
    assert page.evaluate("navigator.clipboard.readText()") == view.rows[1].trial.prompt.text


EVIL = "</script><script>window.owned=1</script><img src=x onerror='window.owned=1'><b>"


def test_markup_in_prompts_and_names_is_shown_and_never_run(open_page: Callable[..., Any], make_view: MakeView) -> None:
    page = open_page(make_view(prefix=EVIL, sku=EVIL, note=EVIL))
    page.locator('.shot[data-id="0"] button').click()
    assert page.locator("dialog .prompt").text_content().startswith(EVIL)
    assert page.evaluate("window.owned") is None
    assert page.locator("main script, dialog script, main b.x").count() == 0


def test_a_running_report_loads_itself_again_and_keeps_place_and_filters(
    open_page: Callable[..., Any], make_view: MakeView, tmp_path: Path
) -> None:
    page = open_page(make_view(state="running", ended=12), live=True)
    assert shown(page) == 12
    page.locator('select[name="level.angle"]').select_option("front")
    few = shown(page)
    page.evaluate("document.activeElement.blur(); scrollTo({ top: 900, behavior: 'instant' })")
    write_report(make_view(), tmp_path / "report.html", live=True)
    with page.expect_navigation():
        page.clock.run_for(RELOAD_S * 1000 + 1)
    expect(page.locator(".badge").first).to_have_text("done")
    assert page.locator("body[data-reload]").count() == 0
    assert page.locator('select[name="level.angle"]').input_value() == "front"
    assert shown(page) == 8 > few
    assert page.evaluate("scrollY") > 700


def test_without_scripts_the_page_still_shows_pictures_and_prompts(
    open_page: Callable[..., Any], make_view: MakeView
) -> None:
    page = open_page(make_view(), java_script_enabled=False)
    assert page.locator(".shot img").count() == 20
    assert page.locator(".card .prompt").count() == 12
    assert not page.locator(".filters").is_visible()
    assert not page.locator(".copy").first.is_visible()
