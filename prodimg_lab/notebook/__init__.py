"""What a notebook's first cell calls, and what runs a notebook headlessly.

The cells of `run_experiment.ipynb` are these functions in order; each shows something and computes nothing that the
next one needs a front end for, so by hand and by papermill the result is the same.
"""

from prodimg_lab.notebook.headless import DemoResult, rerun_by_papermill, run_demo, run_notebook
from prodimg_lab.notebook.parameters import parameters
from prodimg_lab.notebook.running import resume_with_report, run_with_report
from prodimg_lab.notebook.story import (
    Plan,
    RunParameters,
    best_prompts,
    effects,
    finish,
    plan,
    run,
    run_parameters,
    sheet,
    variants,
)
from prodimg_lab.widgets.surroundings import is_headless

__all__ = [
    "DemoResult",
    "Plan",
    "RunParameters",
    "best_prompts",
    "effects",
    "finish",
    "is_headless",
    "parameters",
    "plan",
    "rerun_by_papermill",
    "resume_with_report",
    "run",
    "run_demo",
    "run_notebook",
    "run_parameters",
    "run_with_report",
    "sheet",
    "variants",
]
