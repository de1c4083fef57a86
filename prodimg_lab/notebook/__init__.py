"""What a notebook's first cell calls, and what runs a notebook headlessly.

The cells of the notebooks are these functions; each shows something and computes nothing that the next one needs a
front end for, so by hand and by papermill the result is the same. Names load when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prodimg_lab.notebook.headless import DemoResult, rerun_by_papermill, run_demo, run_notebook
    from prodimg_lab.notebook.material import findings, levels, products, prompt, templates
    from prodimg_lab.notebook.running import resume_with_report, run_with_report
    from prodimg_lab.notebook.slides import advice, effects, pivot, pivot_plot, standings_plot, variants_plot
    from prodimg_lab.notebook.story import (
        Plan,
        RunParameters,
        best_prompts,
        finish,
        plan,
        prepare,
        run,
        run_parameters,
        variants,
    )
    from prodimg_lab.notebook.typed import parameters
    from prodimg_lab.widgets import Bench, Grid, Vote, is_headless

_HOMES = {
    "headless": ("DemoResult", "rerun_by_papermill", "run_demo", "run_notebook"),
    "material": ("findings", "levels", "products", "prompt", "templates"),
    "typed": ("parameters",),
    "running": ("resume_with_report", "run_with_report"),
    "slides": ("advice", "effects", "pivot", "pivot_plot", "standings_plot", "variants_plot"),
    "story": (
        "Plan",
        "RunParameters",
        "best_prompts",
        "finish",
        "plan",
        "prepare",
        "run",
        "run_parameters",
        "variants",
    ),
    "widgets": ("Bench", "Grid", "Vote", "is_headless"),
}

__all__ = [
    "Bench",
    "DemoResult",
    "Grid",
    "Plan",
    "RunParameters",
    "Vote",
    "advice",
    "best_prompts",
    "effects",
    "findings",
    "finish",
    "is_headless",
    "levels",
    "parameters",
    "pivot",
    "pivot_plot",
    "plan",
    "prepare",
    "products",
    "prompt",
    "rerun_by_papermill",
    "resume_with_report",
    "run",
    "run_demo",
    "run_notebook",
    "run_parameters",
    "run_with_report",
    "standings_plot",
    "templates",
    "variants",
    "variants_plot",
]


def __getattr__(name: str) -> object:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "prodimg_lab.widgets" if home == "widgets" else f"{__name__}.{home}"
    value: object = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
