from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.prompts import Library, Template, load_library
from prodimg_lab.records import Found, Product

SHIPPED = Path(__file__).parents[2] / "templates"

HEAD = "name: sample\nversion: 1.0.0\nsummary: A sample\n"

PACKS = {
    "backgrounds": """
kind: background
levels:
  white-sweep: {text: on a pure white background, avoid: clutter, expect: {background: white}}
  marble-counter: {text: on a white marble counter, avoid: [harsh reflections, Clutter], expect: {background: scene}}
  oak-table: {text: on a light oak table, expect: {background: scene}}
""",
    "lightings": """
kind: lighting
levels:
  softbox: {text: even softbox lighting, avoid: harsh shadows}
  golden-hour: {text: warm golden hour sunlight, avoid: flash glare}
""",
    "markets": """
kind: market
levels:
  de:
    text: styled for a German home
    locale: de-DE
    prefer: {background: [concrete-floor, oak-table], lighting: [golden-hour]}
    props: [a small beer stein, a fresh pretzel]
    taboos: [national flags]
  jp: {text: styled for a Japanese home, locale: ja-JP, props: [a small bonsai], taboos: [sets of four]}
""".replace("concrete-floor, ", ""),
    "seasons": """
kind: season
levels:
  winter: {text: with a dusting of snow, avoid: green leaves}
  christmas: {text: with fir branches, avoid: pumpkins}
""",
}


def product_of(sku: str = "M-1", title: str = "Aurora Mug", **attributes: str) -> Product:
    """A product whose attributes came from columns."""
    found = {name: Found(value=value, words=value, field="column") for name, value in attributes.items()}
    return Product(sku=sku, title=title, found=found)


@pytest.fixture
def mug() -> Product:
    return product_of(subject="coffee mug", colour="sage green", material="ceramic", finish="matte", category="mug")


@pytest.fixture(scope="session")
def shipped() -> Library:
    return load_library([SHIPPED])


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a folder with the small packs above and one template, `sample.yaml`; gives the folder."""

    def make(prompt: str = "", rest: str = "", *, raw: str | None = None, folder: str = "templates") -> Path:
        here = tmp_path / folder
        (here / "styles").mkdir(parents=True, exist_ok=True)
        for name, text in PACKS.items():
            (here / "styles" / f"{name}.yaml").write_text(text)
        lines = "".join(f"  {line}\n" for line in prompt.split("\n"))
        text = f"{HEAD}prompt: |\n{lines}{rest}" if raw is None else raw
        (here / "sample.yaml").write_text(text)
        return here

    return make


@pytest.fixture
def sample(write: Write) -> Callable[..., tuple[Template, Library]]:
    """The template `sample` with that prompt, and its library."""

    def make(prompt: str, rest: str = "") -> tuple[Template, Library]:
        library = load_library([write(prompt, rest)])
        return library.template("sample"), library

    return make
