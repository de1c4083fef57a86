"""What lies in a run folder, and who writes it?

experiments/<name>/runs/<run_id>/
    run.json          who this run is: id, experiment, note, options, versions; written once, at the start
    plan.jsonl        every trial, in order; written once, at the start
    products.jsonl    the products as they were understood; written once, at the start
    inputs/           the experiment, templates, packs, products, rubric as they were; enough to plan it again
    journal.jsonl     every state change and score, as they happen
    notebook.ipynb    when a notebook ran it
    report.html       rewritten while it runs
    result.json       how it ended; its absence says that it has not
"""

from __future__ import annotations

import os
import platform
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from prodimg_lab import __version__
from prodimg_lab.errors import StoreError, UsageError
from prodimg_lab.experiment.planning import Planned
from prodimg_lab.experiment.trials import write_products, write_trials
from prodimg_lab.marked_yaml import to_yaml
from prodimg_lab.prompts import Pack
from prodimg_lab.scoring.rubric import Rubric
from prodimg_lab.store.durable import NO_ROOM

RUNS = "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """The folder of one run and the names of what lies in it."""

    path: Path

    @property
    def run_id(self) -> str:
        """The run's id, which is the folder's name."""
        return self.path.name

    @property
    def plan(self) -> Path:
        """Every trial."""
        return self.path / "plan.jsonl"

    @property
    def products(self) -> Path:
        """Every product, as it was understood."""
        return self.path / "products.jsonl"

    @property
    def inputs(self) -> Path:
        """The frozen inputs; a folder that `plan_experiment(…, only_folder=…)` reads."""
        return self.path / "inputs"

    @property
    def journal(self) -> Path:
        """Every state change and score."""
        return self.path / "journal.jsonl"

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.path / "report.html"

    @property
    def notebook(self) -> Path:
        """The executed notebook, when a notebook ran it."""
        return self.path / "notebook.ipynb"

    def read(self, name: str) -> dict[str, Any] | None:
        """`run.json` or `result.json` as a mapping, or None when it is not there. Raises `StoreError`."""
        try:
            content = orjson.loads((self.path / name).read_bytes())
        except FileNotFoundError:
            return None
        except orjson.JSONDecodeError as error:
            raise StoreError(f"{self.path / name} cannot be read: {error}") from error
        if not isinstance(content, dict):
            raise StoreError(f"{self.path / name} does not hold an object")
        return content

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a small JSON file whole or not at all."""
        target = self.path / name
        part = target.with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            with part.open("wb") as out:
                out.write(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
                out.flush()
                os.fsync(out.fileno())
            part.replace(target)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise StoreError(f"{target} could not be written: {error.strerror}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a person chose for this run beyond the experiment. `blocks`: only the first so many (None: all).

    `rerun_of` is the run that this one repeats: from its frozen inputs and without a call, unless `fresh` (every
    picture is drawn again) or `today` (today's files are taken). `as_of` is the day (YYYY-MM-DD) whose marketplace
    rules count, "" the run's own.
    """

    note: str = ""
    budget_usd: float | None = None
    blocks: int | None = None
    repeats: int = 1
    fresh: bool = False
    today: bool = False
    rerun_of: str = ""
    as_of: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict)


def now_text() -> str:
    """This moment in UTC, ISO 8601, to the microsecond, so that two runs never start at once."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_run_id() -> str:
    """`YYYYMMDD-HHMMSS-xxxx` in UTC."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def platform_facts() -> dict[str, str]:
    """What may change pictures or speed: system, processor, Python, package version. Never the machine's name."""
    return {
        "prodimg_lab": __version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": str(os.cpu_count()),
        "cpu_flags": _cpu_flags(),
    }


def _cpu_flags() -> str:
    """The vector extensions on which rendering and denoising choose their code (Linux only; else empty)."""
    wanted = {"sse4_2", "avx", "avx2", "avx512f", "fma", "asimd", "sve"}
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ""
    flags = next((line for line in lines if line.lower().startswith(("flags", "features"))), "")
    return " ".join(sorted(wanted & set(flags.split())))


def make_run_folder(planned: Planned, options: RunOptions, *, run_id: str = "") -> RunFolder:
    """Make the folder of a new run with its plan and frozen inputs. Complete when it returns, absent when it raises.

    Raises `UsageError` for an id that is no name, `StoreError` when it can't be written or is there already.
    """
    if run_id and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", run_id):
        raise UsageError(f"run id {run_id!r}: use 1 to 80 letters, digits, dots, dashes and underscores")
    runs = planned.lab.experiments / planned.experiment.name / RUNS
    final = runs / (run_id or new_run_id())
    part = runs / f".{final.name}.{secrets.token_hex(4)}.part"
    if final.exists():
        raise StoreError(f"run {final.name} is there already; resume it or take another id")
    try:
        part.mkdir(parents=True)
        folder = RunFolder(path=part)
        write_trials(folder.plan, planned.sweep.trials)
        write_products(folder.products, planned.products)
        freeze_inputs(planned, folder.inputs)
        folder.write("run.json", _identity(planned, options, final.name))
        part.rename(final)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        step = "free some room" if error.errno in NO_ROOM else "make the folder writable"
        raise StoreError(f"{final} could not be made: {error.strerror}; {step} and start again") from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return RunFolder(path=final)


def _identity(planned: Planned, options: RunOptions, run_id: str) -> dict[str, Any]:
    file = planned.experiment.file
    budget = options.budget_usd if options.budget_usd is not None else (file.budget.usd if file.budget else None)
    started_at = now_text()
    return {
        "run_id": run_id,
        "experiment": planned.experiment.name,
        "started_at": started_at,
        "as_of": options.as_of or started_at[:10],
        "note": options.note,
        "budget_usd": budget,
        "trials": len(planned.sweep.trials),
        "blocks": options.blocks,
        "repeats": options.repeats,
        "fresh": options.fresh,
        "replay": bool(options.rerun_of) and not options.fresh and not options.today,
        "rerun_of": options.rerun_of,
        "overrides": dict(options.overrides),
        "simulated": planned.simulated,
        "models": {model.model: spec for spec, model in planned.models.items()},
        "capabilities": {model.model: asdict(model) for model in planned.models.values()},
        "factors": {name: list(levels) for name, levels in planned.sweep.factors.items()},
        "left_out": [[each.variant, each.reason] for each in planned.sweep.left_out],
        "baseline": planned.baseline,
        "judge": judge_facts(planned),
        "decide": file.decide.model_dump() if file.decide else None,
        "platform": platform_facts(),
    }


def judge_facts(planned: Planned) -> dict[str, Any] | None:
    """What run.json says of the judge: model, shortlist, whether an emulator answers (None in a replay)."""
    part = planned.experiment.file.judge
    if part is None:
        return None
    return {**part.model_dump(), "simulated": planned.judge.simulated if planned.judge else None}


def freeze_inputs(planned: Planned, target: Path) -> None:
    """Copy all that the experiment names into `target`, so that the run can be planned again from there alone."""
    target.mkdir(parents=True)
    experiment = planned.experiment
    content = dict(experiment.marked.content)
    part = experiment.products
    products = {"file": f"products{Path(part.file).suffix}", "where": part.where, "limit": part.limit}
    shutil.copyfile(experiment.path(part.file), target / str(products["file"]))
    if part.attributes:
        products["attributes"] = f"attributes{Path(part.attributes).suffix}"
        shutil.copyfile(experiment.path(part.attributes), target / str(products["attributes"]))
    content["products"] = {key: value for key, value in products.items() if value}
    content["rubric"] = "rubric.yaml"
    (target / "rubric.yaml").write_text(to_yaml(rubric_content(planned.rubric)), encoding="utf-8")
    (target / "experiment.yaml").write_text(to_yaml(content), encoding="utf-8")
    styles = target / "templates" / "styles"
    styles.mkdir(parents=True)
    for template in planned.templates:
        if template.file is not None:
            shutil.copyfile(template.file, target / "templates" / f"{template.name}.yaml")
    for pack in planned.library.packs.values():
        (styles / f"{pack.kind}s.yaml").write_text(to_yaml(_pack_content(pack)), encoding="utf-8")


def rubric_content(rubric: Rubric) -> dict[str, Any]:
    """A rubric as its file says it."""
    content = asdict(rubric)
    content["scales"] = {name: [list(point) for point in scale] for name, scale in rubric.scales.items()}
    content["unscored"] = dict.fromkeys(content.pop("required"), "no-quality")
    return {key: value for key, value in content.items() if value or key == "weights"}


def _pack_content(pack: Pack) -> dict[str, Any]:
    """The pack as one file: its levels may come from several folders."""
    named = ("text", "avoid", "tags", "expect", "locale", "prefer", "props", "taboos")
    levels = {
        level.name: {key: _plain(value) for key in named if (value := getattr(level, key))}
        for level in pack.levels.values()
    }
    return {"kind": pack.kind, "levels": levels}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value
