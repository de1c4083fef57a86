"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print facts as JSON.")]
Exp = Annotated[str, typer.Argument(metavar="EXP", help="An experiment: its folder, its experiment.yaml, or its name.")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="A run: its id, the start of it, or `last`.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key of experiment.yaml (dotted), for this run only."),
]
Model = Annotated[str, typer.Option("--model", metavar="MODEL", help="Draw with this model instead.")]
Executor = Annotated[
    str,
    typer.Option(metavar="dask:ADDRESS", help="Draw and score on a Dask cluster; paid calls still leave from here."),
]
ProgressKind = Annotated[
    str,
    typer.Option("--progress", metavar="KIND", help="rich (a bar), log (a line per 10 s), json (events) or silent."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write there.")]
