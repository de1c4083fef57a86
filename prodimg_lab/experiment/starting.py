"""How does a new experiment begin? With a file in which every key stands explained."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from prodimg_lab.errors import ExperimentError, UsageError
from prodimg_lab.experiment.spec import FILE, ExperimentFile, is_slug, load_experiment
from prodimg_lab.lab import Lab, find_lab, shipped
from prodimg_lab.models import capabilities

TEXT = """\
# {name}: fill in, then `prodimg plan {name}` (counts, prices and checks; spends nothing) and `prodimg run {name}`.
name: {name}
summary: ""
products: {{file: {products}, limit: 2}}   # where: "category == 'mug'"; attributes: attributes.csv (corrections)
templates: [plain-white, kitchen-morning]  # under templates/, here or in the lab; `prodimg lint` checks them
model: {model}                             # `prodimg models` lists them; the studio is simulated and costs nothing
sweep:
  design: full                             # or random with samples: N
  factors:                                 # any slot, market, season, model, template, or a request parameter
    lighting: [softbox, golden-hour]
    angle: [front, three-quarter]
  seeds: 2                                 # pictures of each variant and product; all variants share them
  base_seed: 1
parameters: {{aspect_ratio: "1:1"}}          # fixed for every picture
baseline: {{template: plain-white, lighting: softbox, angle: front}}   # what the others are compared with
rubric: product-default
targets: {{seconds: 10, usd: 0.08, quality: 4.0, photo_usd: 100}}
budget: {{usd: 5.00}}                        # a hard cap: the call that would pass it is not sent
"""


def new_experiment(name: str, *, model: str = "studio", products: Path | None = None, lab: Lab | None = None) -> Path:
    """Make `experiments/<name>/experiment.yaml` to fill in; returns its path. `products` is copied in beside it.

    Raises `UsageError` when it is there already, `ExperimentError` for a name that is no name, `UnknownName` for a
    model.
    """
    lab = lab or find_lab()
    folder = lab.experiments / name
    if (folder / FILE).exists():
        raise UsageError(f"{folder / FILE} is there already; choose another name")
    capabilities(model, lab)
    source = products or shipped("experiments") / "catalogue" / "products.csv"
    if not source.is_file():
        raise UsageError(f"there is no products file {source}")
    if not is_slug(name):
        raise ExperimentError(f"{name!r} is no name: use 1 to 64 lower-case letters, digits, dots, dashes, underscores")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / f"products{source.suffix}")
    file = folder / FILE
    file.write_text(TEXT.format(name=name, model=model, products=f"products{source.suffix}"), encoding="utf-8")
    load_experiment(file)
    return file


def experiment_schema() -> dict[str, Any]:
    """The JSON Schema of experiment.yaml, for editors; `docs/experiment.schema.json` is this."""
    schema = ExperimentFile.model_json_schema()
    schema["title"] = "prodimg experiment.yaml"
    return schema
