from __future__ import annotations

import re
from pathlib import Path

import pytest

from prodimg_lab.prompts import Library, lint, load_library

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "prompts.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def test_the_files_of_the_guide_load_beside_what_is_shipped(tmp_path: Path) -> None:
    template, pack, market = blocks("yaml")
    (tmp_path / "styles").mkdir()
    (tmp_path / "shelf-portrait.yaml").write_text(template)
    (tmp_path / "styles" / "backgrounds.yaml").write_text(pack)
    (tmp_path / "styles" / "markets.yaml").write_text(market)
    library = load_library([tmp_path, ROOT / "templates"])
    assert lint(library) == []
    assert library.level("background", "cork-board").avoid == ("pins", "torn edges")


def test_the_code_of_the_guide_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(blocks("python")[0], "docs/prompts.md", "exec"), {})
    said = capsys.readouterr().out
    assert "styled for a clear and orderly German home" in said
    assert "angle = front: front view at eye level" in said


def test_the_guide_counts_what_is_shipped(shipped: Library) -> None:
    kinds = ("background", "lighting", "angle", "season", "market")
    counts = [f"{len(shipped.packs[kind].levels)} {kind}s" for kind in kinds]
    assert f"{', '.join(counts[:4])} and {counts[4]}" in GUIDE
