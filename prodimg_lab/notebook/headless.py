"""How does `run_experiment.ipynb` run with nobody looking? Through papermill, as a scheduler would do it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prodimg_lab import errors
from prodimg_lab.errors import ProdimgError, RunIncomplete, UsageError
from prodimg_lab.experiment import (
    Comparison,
    RunFolder,
    compare_rerun,
    find_run,
    new_run_id,
    open_run,
    read_result,
)
from prodimg_lab.lab import Lab, find_lab, shipped
from prodimg_lab.reports.pick import best_distinct

NOTEBOOK = "run_experiment.ipynb"
DEMO = ("mug-hero", "shop-window")


def run_notebook(values: Mapping[str, Any], *, lab: Lab | None = None, quiet: bool = False) -> RunFolder:
    """Execute `run_experiment.ipynb` with these parameters through papermill; the notebook ends up in the run folder.

    Returns the run that it made. Raises `RunIncomplete` when that ended in any state but `done`, `UsageError` when the
    notebook refused its input, and `ProdimgError` when it broke otherwise; each with the notebook's own message.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    lab = lab or find_lab()
    run_id = str(values.get("run_id") or new_run_id())
    source = lab.root / "notebooks" / NOTEBOOK
    executed = lab.root / ".prodimg" / "notebooks" / f"{run_id}.ipynb"
    executed.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _headless():
            start_again(
                lambda: papermill.execute_notebook(
                    source if source.is_file() else shipped("notebooks") / NOTEBOOK,
                    executed,
                    parameters={**values, "run_id": run_id},
                    kernel_name="python3",
                    cwd=lab.root,
                    progress_bar=False,
                    log_output=False,
                    stdout_file=None if quiet else sys.stderr,
                    stderr_file=None if quiet else sys.stderr,
                    request_save_on_cell_execute=False,
                )
            )
    except PapermillExecutionError as error:
        if error.ename != "RunIncomplete":
            is_usage = issubclass(getattr(errors, error.ename, Exception), UsageError)
            kind = UsageError if is_usage else ProdimgError
            raise kind(f"the notebook stopped: {error.evalue} (see {executed})") from error
    folder = find_run(run_id, lab=lab)
    shutil.move(executed, folder.notebook)
    result = read_result(folder.path)
    if result.get("state") != "done":
        state = str(result.get("state", "interrupted"))
        raise RunIncomplete(
            f"run {run_id} is {state}: {result.get('reason', '')}; see {folder.notebook}",
            run_id=run_id,
            state=state,
            exit_code=int(result.get("exit_code", 1)),
        )
    return folder


def start_again(execute: Callable[[], object], *, tries: int = 3) -> None:
    """Execute, again where the kernel never came up: no cell has run then, so nothing is done twice.

    A kernel's ports are chosen before it binds them (jupyter_client), so kernels that start in the same second on one
    machine sometimes take each other's.
    """
    for left in reversed(range(tries)):
        try:
            execute()
            return
        except RuntimeError as error:
            if not left or not str(error).startswith(("Kernel didn't respond", "Kernel died before")):
                raise


@contextmanager
def _headless() -> Iterator[None]:
    """Tell the kernel, which inherits the environment, that nobody looks; and keep papermill from asking around."""
    before = os.environ.get("PRODIMG_HEADLESS")
    os.environ["PRODIMG_HEADLESS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PRODIMG_HEADLESS"]
        else:
            os.environ["PRODIMG_HEADLESS"] = before


def rerun_by_papermill(
    folder: RunFolder,
    *,
    fresh: bool = False,
    today: bool = False,
    budget_usd: float | None = None,
    quiet: bool = False,
) -> Comparison:
    """Repeat a run through the notebook and hold the two against each other. Raises as `run_notebook` does."""
    if fresh and today:
        raise UsageError("--fresh draws the run's own files again and --today takes others; choose one")
    values: dict[str, Any] = {"rerun_of": folder.run_id, "fresh": fresh, "today": today}
    if budget_usd is not None:
        values["budget_usd"] = budget_usd
    again = run_notebook(values, lab=find_lab(folder.path), quiet=quiet)
    return compare_rerun(folder, again)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """One sweep of the demo: where everything is, how long it took (seconds on the wall), the three best prompts."""

    folder: RunFolder
    seconds: float
    headline: str
    prompts: tuple[str, ...]

    def facts(self) -> dict[str, Any]:
        """For `demo --json`."""
        return {
            "run": self.folder.run_id,
            "report": self.folder.report,
            "notebook": self.folder.notebook,
            "seconds": round(self.seconds, 1),
            "headline": self.headline,
            "prompts": list(self.prompts),
        }

    def text(self) -> str:
        """For people."""
        prompts = "\n".join(f"  {place}. {prompt}" for place, prompt in enumerate(self.prompts, 1))
        return (
            f"\n{self.headline}\n"
            f"report:   {self.folder.report}\n"
            f"notebook: {self.folder.notebook}\n"
            f"three best prompts:\n{prompts}"
        )


def run_demo(*, size: int = 384, small: bool = False, quiet: bool = False) -> list[DemoResult]:
    """Run both demo experiments headlessly on the studio. `small` draws one seed and fewer products.

    Raises `UsageError` outside a lab, and what `run_notebook` raises.
    """
    lab = find_lab()
    if not all((lab.experiments / name / "experiment.yaml").is_file() for name in DEMO):
        raise UsageError(f"{lab.root} has no demo experiments; make a lab (prodimg init DIR), cd there, try again")
    return [_demo(name, lab, size=size, small=small, quiet=quiet) for name in DEMO]


def _demo(name: str, lab: Lab, *, size: int, small: bool, quiet: bool) -> DemoResult:
    started = time.monotonic()
    run_id = new_run_id()
    if not quiet:
        report = lab.experiments / name / "runs" / run_id / "report.html"
        sys.stderr.write(f"{name}: the report fills while it runs: {report}\n")
    overrides: dict[str, Any] = {"sweep.seeds": 1, "products.limit": 1 if name == DEMO[0] else 4} if small else {}
    values = {"experiment": name, "run_id": run_id, "model": f"studio:sd35@{size}", "overrides": overrides}
    folder = run_notebook(values, lab=lab, quiet=quiet)
    view = open_run(folder)
    prompts = tuple(row.trial.prompt.text for row in best_distinct(view.rows, 3))
    return DemoResult(
        folder=folder,
        seconds=time.monotonic() - started,
        headline=str(read_result(folder.path).get("headline", "")),
        prompts=prompts,
    )
