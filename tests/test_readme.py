from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from prodimg_lab.errors import ExperimentError
from prodimg_lab.experiment.spec import ExperimentFile
from prodimg_lab.lab import init_lab
from prodimg_lab.marked_yaml import checked, parse_yaml

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Every prodimg and papermill command of the README, in order, comments cut off."""
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith(("prodimg", "papermill"))]


def test_the_commands_of_the_readme_work_in_their_order(tmp_path: Path) -> None:
    init_lab(tmp_path / "shop")
    file = tmp_path / "shop" / "experiments" / "mug-hero" / "experiment.yaml"
    small = {
        r"templates: .*": "templates: [plain-white, kitchen-morning]",
        r"model: \S+": "model: studio:sd35@96",
        r"lighting: .*": "lighting: [softbox]",
        r"seeds: \d+": "seeds: 2",
    }
    text = file.read_text()
    for pattern, new in small.items():
        text, count = re.subn(pattern, new, text, count=1)
        assert count == 1, pattern
    file.write_text(text)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    assert len(commands()) >= 9
    for command in commands():
        done = subprocess.run(
            shlex.split(command), cwd=tmp_path / "shop", env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert (tmp_path / "shop" / "trials.parquet").is_file()


def test_the_experiment_of_the_readme_is_the_shipped_one() -> None:
    shown = re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert shown is not None
    file = ROOT / "experiments" / "mug-hero" / "experiment.yaml"
    read = [
        checked(ExperimentFile, parse_yaml(text, file, ExperimentError), ExperimentError)
        for text in (shown[1], file.read_text())
    ]
    for name in ("name", "products", "templates", "model", "baseline", "targets", "budget"):
        assert getattr(read[0], name) == getattr(read[1], name), name
    assert (read[0].sweep.factors, read[0].sweep.seeds) == (read[1].sweep.factors, read[1].sweep.seeds)


@pytest.mark.parametrize(
    "page", sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]), ids=lambda page: page.name
)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in re.findall(r"\]\((?!http|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
