from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jupytext
import pytest

from prodimg_lab.errors import RunIncomplete, UsageError
from prodimg_lab.experiment import compare_rerun, find_run, open_run, run_experiment
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.lab import Lab, find_lab, init_lab
from prodimg_lab.notebook import run_demo, run_notebook
from prodimg_lab.notebook.headless import start_again
from prodimg_lab.testing.models import counted_calls

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


def outputs(notebook: Path) -> str:
    return json.dumps(json.loads(notebook.read_text()), ensure_ascii=False)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)
def test_a_notebook_is_its_twin_has_no_outputs_and_tells_a_story(file: Path) -> None:
    notebook = jupytext.read(file)
    twin = jupytext.read(file.with_suffix(".py"))
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        (cell.cell_type, cell.source) for cell in twin.cells
    ]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in code)
    assert [cell.metadata.get("tags") for cell in code if cell.metadata.get("tags")] == [["parameters"]]
    assert notebook.cells[0].cell_type == "markdown"
    for cell in code:
        assert "boto3" not in cell.source
        assert "def " not in cell.source
        assert not re.search(r"^(for|while) ", cell.source, re.MULTILINE)
        is_parameters = cell.metadata.get("tags") == ["parameters"]
        assert is_parameters or len(cell.source.splitlines()) <= 5
        assert not is_parameters or all(": " in line.split("=")[0] for line in cell.source.splitlines())


def test_papermill_gives_the_same_run_as_the_library(lab: Lab, calls: Path) -> None:
    by_hand = run_experiment("tiny", lab=lab)
    folder = run_notebook({"experiment": "tiny"}, lab=lab, quiet=True)
    result = compare_rerun(RunFolder(path=by_hand.folder), folder)
    assert result.is_equal
    assert result.trials == result.scored == 16
    assert len(counted_calls(calls)) == 16
    assert folder.report.stat().st_size > 10_000
    assert "widgets" not in json.loads(folder.notebook.read_text())["metadata"]


def test_a_second_start_with_the_same_run_id_resumes(lab: Lab, calls: Path) -> None:
    values: dict[str, Any] = {"experiment": "tiny", "run_id": "nightly-1"}
    first = run_notebook(values, lab=lab, quiet=True)
    drawn = open_run(first).started_at
    again = run_notebook(values, lab=lab, quiet=True)
    assert again.path == first.path
    assert open_run(again).started_at == drawn
    assert len(counted_calls(calls)) == 16


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"experiment": 123}, "experiment must be text, and 123 is a whole number; with papermill: -r experiment TEXT"),
        ({"experiment": "tiny", "budgt_usd": 3.0}, "unknown parameter 'budgt_usd'; did you mean 'budget_usd'?"),
        ({"experiment": "tny"}, "no experiment 'tny'"),
    ],
)
def test_a_wrong_parameter_stops_before_anything_is_drawn(
    lab: Lab, calls: Path, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        run_notebook(values, lab=lab, quiet=True)
    assert message in str(caught.value)
    assert not counted_calls(calls)


def test_a_run_that_is_not_done_fails_the_notebook_after_report_and_result(lab: Lab, edit: Any) -> None:
    edit("seconds=0.0", "seconds=0.0&price_micro=40000")
    with pytest.raises(RunIncomplete, match=r"is stopped.*cap") as caught:
        run_notebook({"experiment": "tiny", "budget_usd": 0.1}, lab=lab, quiet=True)
    assert caught.value.exit_code == 3
    folder = find_run(lab=lab)
    assert (folder.read("result.json") or {})["exit_code"] == 3
    assert folder.report.is_file()
    assert "RunIncomplete" in outputs(folder.notebook)


def test_the_demo_draws_on_the_studio_and_tells_where_everything_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init_lab(tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    (tmp_path / "shop" / "experiments" / "mug-hero" / "experiment.yaml").write_text(
        (tmp_path / "shop" / "experiments" / "mug-hero" / "experiment.yaml")
        .read_text()
        .replace("[softbox, window-light, golden-hour]", "[softbox]")
        .replace("[plain-white, kitchen-morning, lifestyle-table, minimal-pastel, studio-gradient]", "[plain-white]")
    )
    hero, window = run_demo(size=96, small=True, quiet=True)
    for result in (hero, window):
        view = open_run(result.folder)
        assert view.state == "done"
        assert view.simulated
        assert "simulated" in result.headline
        assert all(path in result.text() for path in (str(result.folder.report), str(result.folder.notebook)))
        assert all(row.quality is not None for row in view.drawn)
    assert len(window.prompts) == 3
    assert find_lab().root == tmp_path / "shop"


SMALL: dict[str, dict[str, Any]] = {
    "01_first_sweep": {"model": "studio:sd35@96", "products": 2},
    "02_templates_and_packs": {"tries": 2},
    "03_factors": {"model": "studio:sd35@96", "products": 2, "lightings": ["softbox", "golden-hour"]},
    "04_vote": {"model": "studio:sd35@96", "products": 2, "pairs": 3},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop") / "shop"
    init_lab(root)
    return root


def papermill(root: Path, notebook: str, out: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """What a scheduler would type."""
    command = [sys.executable, "-m", "papermill", f"notebooks/{notebook}.ipynb", out, "--cwd", ".", "-k", "python3"]
    for _ in range(3):
        done = subprocess.run(
            [*command, "--no-progress-bar", "--start-timeout", "30", *arguments],
            cwd=root,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=240,
        )
        if "Kernel didn't respond" not in done.stderr:  # two kernels chose the same port; see `start_again`
            break
    return done


@pytest.mark.xdist_group("notebooks")
@pytest.mark.parametrize("name", SMALL)
def test_every_notebook_runs_by_papermill_and_stays_small(shop: Path, name: str) -> None:
    done = papermill(shop, name, f"{name}.out.ipynb", "-y", json.dumps(SMALL[name]))
    assert done.returncode == 0, done.stderr[-3000:]
    file = shop / f"{name}.out.ipynb"
    text = file.read_text()
    assert file.stat().st_size < 500_000
    assert "widgets" not in json.loads(text)["metadata"], "headless runs store no widget state"
    assert "application/vnd.jupyter.widget-view+json" not in text
    assert "data-prodimg-twin" in text, "each widget shows its still twin"
    assert "<Figure" not in text


def test_what_papermill_made_a_number_is_refused_with_the_line_to_paste(shop: Path) -> None:
    done = papermill(shop, "01_first_sweep", "wrong.ipynb", "-p", "experiment", "00123")
    assert done.returncode == 1
    assert "with papermill: -r experiment TEXT" in (shop / "wrong.ipynb").read_text()


def test_four_runs_in_parallel_share_one_store(lab: Lab, calls: Path) -> None:
    (lab.root / "notebooks").mkdir()
    source = Path(__file__).parents[2] / "notebooks" / "run_experiment.ipynb"
    (lab.root / "notebooks" / source.name).write_bytes(source.read_bytes())
    given = ("-r", "experiment", "tiny", "-r", "run_id")
    with ThreadPoolExecutor(4) as pool:
        ended = pool.map(
            lambda number: papermill(lab.root, "run_experiment", f"out-{number}.ipynb", *given, f"parallel-{number}"),
            range(4),
        )
        assert [done.returncode for done in ended] == [0] * 4
    views = [open_run(find_run(f"parallel-{number}", lab=lab)) for number in range(4)]
    assert {view.state for view in views} == {"done"}
    assert len(counted_calls(calls)) == 16, "a request that four runs share is sent once"


def test_a_time_out_fails_the_job_and_the_retry_buys_nothing_twice(lab: Lab, edit: Any, calls: Path) -> None:
    edit("seconds=0.0", "seconds=0.5")
    edit("targets:", "concurrency: 1\ntargets:")
    (lab.root / "notebooks").mkdir()
    source = Path(__file__).parents[2] / "notebooks" / "run_experiment.ipynb"
    (lab.root / "notebooks" / source.name).write_bytes(source.read_bytes())
    given = ("-r", "experiment", "tiny", "-r", "run_id", "nightly")
    began = time.monotonic()
    first = papermill(lab.root, "run_experiment", "out.ipynb", *given, "--execution-timeout", "4")
    assert first.returncode == 1, "the exit code says it; the saved cell would say completed"
    assert time.monotonic() - began < 60
    drawn = len(counted_calls(calls))
    assert 0 < drawn < 16
    again = papermill(lab.root, "run_experiment", "out.ipynb", *given)
    assert again.returncode == 0, again.stderr[-2000:]
    assert open_run(find_run("nightly", lab=lab)).state == "done"
    assert len(counted_calls(calls)) <= 17, "one picture was in flight when the kernel was killed"


def test_a_kernel_that_never_came_up_is_started_again_and_one_that_failed_is_not() -> None:
    told: list[str] = ["Kernel didn't respond in 60 seconds", ""]

    def execute() -> None:
        if text := told.pop(0):
            raise RuntimeError(text)

    start_again(execute)
    assert not told
    told = ["Kernel died", "never asked"]
    with pytest.raises(RuntimeError, match="Kernel died"):
        start_again(execute)
    assert told == ["never asked"]
