from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from prodimg_lab.experiment import RunFolder, RunView
from prodimg_lab.widgets import Grid
from prodimg_lab.widgets.present import Shown
from prodimg_lab.widgets.twin import still_page

EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">'


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def shown(view: RunView) -> list[Shown]:
    return [Shown(view, row) for row in view.rows]


def test_the_still_page_has_pictures_with_alternative_text_and_says_what_is_simulated(run: RunFolder) -> None:
    page = Grid(run).html()
    images = [attributes for tag, attributes in Tags(page).tags if tag == "img"]
    assert len(images) == 16
    assert all(str(each["src"]).startswith("data:image/webp;base64,") for each in images)
    assert all("photo of" in str(each["alt"]) for each in images)
    assert "simulated" in page
    assert run.run_id in page


def test_text_of_catalogues_and_models_is_never_markup(make_view: Callable[..., RunView]) -> None:
    view = make_view(products=1, prefix=EVIL)
    page = still_page(shown(view))
    assert {tag for tag, _ in Tags(page).tags} <= {"div", "p", "span", "img", "br", "b", "em"}
    assert not any(name.startswith("on") for _, attributes in Tags(page).tags for name in attributes)


def test_the_page_stays_small_however_large_the_run(make_view: Callable[..., RunView]) -> None:
    view = make_view(products=5, seeds=25, edge=256, noise=25.0)
    assert len(view.rows) > 500
    page = still_page(shown(view))
    assert len(page) < 300_000
    assert page.count("<img") == 30
    assert "30 of them below" in page


def test_refused_trials_and_runs_without_a_picture_are_told(make_view: Callable[..., RunView]) -> None:
    view = make_view(products=1, ended=0, state="running")
    page = still_page(shown(view))
    assert "0 of" in page and "running" in page
    refused = make_view(products=1, refuse_every=2)
    assert re.search(r"\d+ refused", still_page(shown(refused)))


def test_headless_a_grid_shows_only_the_still_page(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    import IPython.display

    told: list[Any] = []
    monkeypatch.setattr(IPython.display, "display", lambda thing, **_: told.append(thing))
    monkeypatch.setenv("PRODIMG_HEADLESS", "1")
    grid = Grid(run)
    grid._ipython_display_()
    assert [type(thing).__name__ for thing in told] == ["HTML"]
    assert "widget" not in vars(grid)
    monkeypatch.setenv("PRODIMG_HEADLESS", "0")
    Grid(run)._ipython_display_()
    assert [type(thing).__name__ for thing in told[1:]] == ["GridWidget", "HTML"]
