"""prodimg-lab: find, prove and ship the prompts that make product photographs.

The public names load when they are first used, so that `import prodimg_lab` stays light. `notebook` is what notebooks
call; `run_experiment`, `open_run` and their like are what scripts call.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prodimg_lab.errors import ProdimgError
    from prodimg_lab.experiment import (
        Audience,
        RunOptions,
        RunView,
        compare_runs,
        find_run,
        list_runs,
        open_run,
        plan_experiment,
        resume_run,
        run_experiment,
    )
    from prodimg_lab.lab import find_lab, init_lab
    from prodimg_lab.models import ImageModel, load_model
    from prodimg_lab.products import read_products
    from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest

__version__ = "0.1.0"

_HOMES = {
    "Audience": "experiment",
    "Capabilities": "records",
    "GeneratedImage": "records",
    "ImageModel": "models",
    "ImageRequest": "records",
    "ProdimgError": "errors",
    "RunOptions": "experiment",
    "RunView": "experiment",
    "compare_runs": "experiment",
    "find_lab": "lab",
    "find_run": "experiment",
    "init_lab": "lab",
    "list_runs": "experiment",
    "load_model": "models",
    "open_run": "experiment",
    "plan_experiment": "experiment",
    "read_products": "products",
    "resume_run": "experiment",
    "run_experiment": "experiment",
}

__all__ = [
    "Audience",
    "Capabilities",
    "GeneratedImage",
    "ImageModel",
    "ImageRequest",
    "ProdimgError",
    "RunOptions",
    "RunView",
    "__version__",
    "compare_runs",
    "find_lab",
    "find_run",
    "init_lab",
    "list_runs",
    "load_model",
    "open_run",
    "plan_experiment",
    "read_products",
    "resume_run",
    "run_experiment",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
