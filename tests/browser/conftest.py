"""One JupyterLab for all browser tests, on a lab with a drawn run; each test gets a notebook and a page of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the tests are no package

from jupyter import Server, jupyter_lab, open_notebook, run_all, write_notebook

from prodimg_lab.experiment import run_experiment
from prodimg_lab.lab import find_lab, init_lab

DRAFT = "studio:sd35@96"
"""Large enough to be scored, quick enough for a test."""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lab as `prodimg init` makes it, with one run of 2 products × 4 variants × 1 seed."""
    root = tmp_path_factory.mktemp("browser") / "shop"
    init_lab(root)
    overrides = {
        "model": DRAFT,
        "products.limit": 2,
        "sweep.seeds": 1,
    }
    from prodimg_lab.experiment import RunOptions

    run_experiment("shop-window", lab=find_lab(root), options=RunOptions(overrides=overrides), run_id="first")
    return root


@pytest.fixture(scope="session")
def jupyter(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real JupyterLab on that lab."""
    with jupyter_lab(shop, tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page of a fresh browser context; scripts that fail and requests that leave loopback fail the test."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda request: None if _is_ours(request.url) else faults.append(f"left loopback: {request.url}")
    )
    yield page
    context.close()
    assert not faults


def _is_ours(url: str) -> bool:
    return url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


@pytest.fixture
def notebook(jupyter: Server, page: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """`notebook(cell, cell…)` opens a notebook of these cells, runs it, and gives the page."""

    def opened(*cells: str) -> Any:
        file = write_notebook(jupyter.root / f"{request.node.name[:40]}.ipynb", *cells)
        open_notebook(page, jupyter, file.name)
        run_all(page)
        return page

    yield opened
    jupyter.end_kernels()
