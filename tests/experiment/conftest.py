from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.lab import Lab, find_lab

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
def edit(lab: Lab) -> Callable[[str, str], None]:
    """Replace text in experiment.yaml; the text must be there."""
    file = lab.experiments / "tiny" / "experiment.yaml"

    def replace(old: str, new: str) -> None:
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return replace
