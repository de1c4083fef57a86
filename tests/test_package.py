from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import prodimg_lab

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "prodimg_lab"
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("pandas", "matplotlib", "mitsuba", "boto3", "botocore", "IPython", "numpy", "cv2", "PIL", "pyarrow", "scipy")
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "data"}


def loaded_by(code: str) -> set[str]:
    probe = f"{code}\nimport sys, json; sys.stderr.write(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_every_public_name_exists_and_no_other_is_offered() -> None:
    assert prodimg_lab.__all__ == sorted(
        prodimg_lab.__all__, key=lambda name: (name[0].islower(), name)
    )  # ruff's order
    assert len(prodimg_lab.__all__) <= 20
    for name in prodimg_lab.__all__:
        assert getattr(prodimg_lab, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = prodimg_lab.nothing


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import prodimg_lab") & set(HEAVY)


def test_asking_for_help_loads_nothing_heavy() -> None:
    code = (
        "from typer.testing import CliRunner; from prodimg_lab.cli.app import app\nCliRunner().invoke(app, ['--help'])"
    )
    assert not loaded_by(code) & {*HEAVY, "pydantic", "ruamel"}


def test_planning_and_releases_need_no_picture_library() -> None:
    assert not loaded_by("import prodimg_lab; prodimg_lab.plan_experiment") & set(HEAVY)


def test_the_version_is_the_one_of_the_distribution() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{prodimg_lab.__version__}"' in text


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_modules_and_functions_keep_their_budgets(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert file.stem not in VAGUE
    for function in functions(ast.parse(text)):
        docstring = ast.get_docstring(function, clean=False)
        own = (function.end_lineno or 0) - function.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)
        assert own <= 50, f"{function.name} has {own} lines"


def test_environment_yml_has_the_versions_of_the_pins() -> None:
    pins = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", (ROOT / "pins" / "lab.txt").read_text(), re.MULTILINE))
    named = re.findall(r"^  - ([a-z0-9-]+)=([0-9.]+)$", (ROOT / "environment.yml").read_text(), re.MULTILINE)
    wanted = {"jupyterlab", "ipywidgets", "boto3", "pillow", "matplotlib", "pandas", "papermill"}
    assert {name for name, _ in named} == wanted | {"python"}
    for name, version in named:
        assert name == "python" or pins[name] == version


def test_pins_have_hashes_and_name_no_index() -> None:
    for file in (ROOT / "pins").glob("*.txt"):
        text = file.read_text()
        assert "://" not in text and "--index" not in text
        entries = re.split(r"\n(?=[a-z])", text.strip())
        assert all("--hash=sha256:" in entry for entry in entries)


def test_the_wheel_carries_what_init_copies(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for inside in (
        "templates/plain-white.yaml",
        "templates/styles/backgrounds.yaml",
        "notebooks/run_experiment.ipynb",
        "experiments/mug-hero/experiment.yaml",
        "experiments/catalogue/products.csv",
    ):
        assert f"prodimg_lab/shipped/{inside}" in names
    assert "prodimg_lab/models/catalogue.yaml" in names
    assert not [name for name in names if "/runs/" in name or "/objects/" in name]
    assert wheel.stat().st_size < 2_000_000
