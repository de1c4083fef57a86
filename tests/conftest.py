"""What all tests share: golden files, the browser, and the counts of a soak."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from prodimg_lab.experiment import RunView
from prodimg_lab.lab import Lab, find_lab
from prodimg_lab.testing.views import Plan, build

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew; read the diff in review")
    parser.addoption("--soak", action="store_true", help="run at the counts that the issues name")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    skip_live = pytest.mark.skip(reason="calls AWS and costs money; ask for it with -m live")
    for item in items:
        if "live" in item.keywords and "live" not in (config.getoption("-m") or ""):
            item.add_marker(skip_live)
        if "soak" in item.keywords and not config.getoption("--soak"):
            item.add_marker(pytest.mark.skip(reason="only with --soak (make soak)"))


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    for name in list(os.environ):
        if name.startswith(("PRODIMG_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether this is a soak: the same test, larger counts."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare text with `golden/<name>` beside the test; `--update-golden` writes it."""
    folder = Path(request.path).parent / "golden"

    def compare(name: str, text: str) -> None:
        file = folder / name
        if request.config.getoption("--update-golden"):
            folder.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        assert file.exists(), f"no golden file {name}; write it with pytest --update-golden"
        assert text == file.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real Chromium, driven by playwright. Without one: skip, loudly; in CI: fail.

    Not for the whole session: playwright keeps an event loop running in the main thread, where others call asyncio.run.
    """
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None and MAC_CHROME.exists():
        path = str(MAC_CHROME)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs Chromium for the browser tests")
        pytest.skip("NO CHROMIUM: install the package chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*flags, "--disable-sync"])
        yield browser
        browser.close()


TEMPLATE = """\
name: {name}
version: 1.0.0
summary: a test
prompt: photo of {{{{ product.subject }}}}, {{{{ product.colour }}}}, {{{{ lighting }}}}, {{{{ angle }}}}
negative_prompt: text
slots:
  lighting: [softbox, hard]
  angle: [front, side]
"""
PACKS = {
    "lighting": "kind: lighting\nlevels:\n  softbox: {text: soft light}\n  hard: {text: hard light, avoid: haze}\n",
    "angle": "kind: angle\nlevels:\n  front: {text: from the front}\n  side: {text: from the side}\n",
}
PRODUCTS = "sku,title,description,category,colour\n00123,Red mug,,mug,red\nb,Blue bowl,,bowl,blue\n"
EXPERIMENT = """\
name: tiny
products: products.csv
templates: [plain]
model: {model}
sweep:
  factors: {{lighting: [softbox, hard], angle: [front, side]}}
  seeds: 2
  base_seed: 7
baseline: {{lighting: softbox, angle: front}}
targets: {{quality: 3.0, photo_usd: 100}}
"""


def counting(folder: Path, **more: str) -> str:
    query = "&".join(f"{key}={value}" for key, value in {"folder": str(folder), "seconds": "0.0", **more}.items())
    return f"python:prodimg_lab.testing.models:counting_model?{query}"


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Where the counting model counts."""
    folder = tmp_path / "calls"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of moto's S3: a real server over HTTP, not a patched client."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a new, empty place in a bucket of its own, for whatever makes AWS clients."""
    from prodimg_lab.aws import Account, client
    from prodimg_lab.aws.clients import forget_clients

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    forget_clients()
    name = f"shop-{uuid4().hex[:12]}"
    client("s3", "us-east-1", Account(), sends=5).create_bucket(Bucket=name)
    yield f"s3://{name}/pictures"
    forget_clients()


@pytest.fixture
def lab(tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab with one experiment of 4 variants × 4 blocks on a counting model."""
    root = tmp_path / "lab"
    (root / "templates" / "styles").mkdir(parents=True)
    (root / "experiments" / "tiny").mkdir(parents=True)
    (root / "prodimg.toml").write_text("")
    (root / "templates" / "plain.yaml").write_text(TEMPLATE.format(name="plain"))
    for kind, text in PACKS.items():
        (root / "templates" / "styles" / f"{kind}s.yaml").write_text(text)
    (root / "experiments" / "tiny" / "products.csv").write_text(PRODUCTS)
    (root / "experiments" / "tiny" / "experiment.yaml").write_text(EXPERIMENT.format(model=counting(calls)))
    monkeypatch.chdir(root)
    return find_lab(root)


@pytest.fixture
def make_view() -> Callable[..., RunView]:
    """`make_view(**fields of Plan)` builds a run to look at, without drawing one."""
    return lambda **fields: build(Plan(**fields))


@pytest.fixture
def edit(lab: Lab) -> Callable[[str, str], None]:
    """Replace text in experiment.yaml; the text must be there."""
    file = lab.experiments / "tiny" / "experiment.yaml"

    def replace(old: str, new: str) -> None:
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return replace
