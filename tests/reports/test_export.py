"""One row per trial, in files that other programs read."""

from __future__ import annotations

import builtins
import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas
import pytest

from prodimg_lab.errors import MissingExtra
from prodimg_lab.experiment.view import RunView
from prodimg_lab.records import Score
from prodimg_lab.reports.export import export_rows, write_csv, write_parquet

MakeView = Callable[..., RunView]


def test_every_trial_has_one_row_with_the_same_columns(make_view: MakeView) -> None:
    view = make_view(refuse_every=5, fail_every=7, unscored_every=6, cached_every=4)
    rows = export_rows(view)
    assert [row["trial"] for row in rows] == list(range(20))
    assert len({tuple(row) for row in rows}) == 1
    states = {row["state"] for row in rows}
    assert states == {"done", "refused", "failed"}


def test_a_row_says_what_the_trial_says(make_view: MakeView) -> None:
    view = make_view(source="aws", model="stability.stable-image-core-v1:1", price_micro=40_000)
    trial, outcome = view.rows[1].trial, view.rows[1].outcome
    row = export_rows(view)[1]
    sharpness = view.rows[1].scores["sharpness"]
    assert isinstance(sharpness, Score)
    assert row["prompt"] == trial.prompt.text
    assert row["factor.lighting"] == "softbox"
    assert row["fingerprint"] == trial.request.fingerprint
    assert row["request.aspect_ratio"] == "1:1"
    assert (row["cost_usd"], row["seconds"], row["simulated"]) == (0.04, outcome.seconds, False)
    assert (row["score.sharpness"], row["raw.sharpness"]) == (sharpness.value, sharpness.raw)
    assert row["unit.sharpness"] == "Crete blur"


def test_what_is_not_known_is_none_and_never_zero(make_view: MakeView) -> None:
    rows = export_rows(make_view(refuse_every=5, unscored_every=6, cached_every=4))
    refused = next(row for row in rows if row["state"] == "refused")
    unscored = next(row for row in rows if row["unscored"])
    cached = next(row for row in rows if row["cached"])
    assert (refused["quality"], refused["score.sharpness"], refused["digest"]) == (None, None, None)
    assert (unscored["quality"], unscored["raw.sharpness"]) == (None, None)
    assert unscored["unscored"] == "sharpness: no subject found in the picture"
    assert cached["seconds"] is None


def test_csv_read_by_pandas_gives_the_rows_back(make_view: MakeView, tmp_path: Path) -> None:
    view = make_view(refuse_every=5, unscored_every=6, prefix="Café, “naïve”\nsecond line; ", sku="00123")
    read = pandas.read_csv(write_csv(view, tmp_path / "run.csv"), dtype={"sku": str}, keep_default_na=False)
    for before, after in zip(export_rows(view), read.to_dict("records"), strict=True):
        for name in ("sku", "prompt", "variant", "fingerprint", "state", "seed"):
            assert after[name] == before[name]
        assert after["quality"] == ("" if before["quality"] is None else str(before["quality"]))


def test_parquet_read_by_pandas_gives_the_rows_back_with_their_types(make_view: MakeView, tmp_path: Path) -> None:
    view = make_view(refuse_every=5, unscored_every=6, sku="00123")
    read = pandas.read_parquet(write_parquet(view, tmp_path / "run.parquet"))
    rows = export_rows(view)
    assert list(read.columns) == list(rows[0])
    assert read["quality"].isna().sum() == sum(row["quality"] is None for row in rows)
    assert read["quality"].dropna().tolist() == [row["quality"] for row in rows if row["quality"] is not None]
    assert read["seed"].tolist() == [row["seed"] for row in rows]
    assert read["sku"].tolist() == [row["sku"] for row in rows]
    assert read["simulated"].dtype == bool


def test_a_factor_with_numbers_and_none_becomes_text_in_parquet(make_view: MakeView, tmp_path: Path) -> None:
    view = make_view()
    rows = tuple(
        replace(row, trial=replace(row.trial, levels={**row.trial.levels, "cfg_scale": level}))
        for row, level in zip(view.rows, [7, 7.5, "none", 9] * 5, strict=True)
    )
    view = replace(view, rows=rows, factors={**view.factors, "cfg_scale": (7, 7.5, 9)})
    read = pandas.read_parquet(write_parquet(view, tmp_path / "run.parquet"))
    assert read["factor.cfg_scale"].tolist() == ["7", "7.5", "none", "9"] * 5


@pytest.mark.parametrize("start", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(make_view: MakeView, tmp_path: Path, start: str) -> None:
    view = make_view(prefix=start, sku=start)
    with write_csv(view, tmp_path / "run.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["prompt"].startswith(f"'{start}")
    assert row["sku"] == f"'{start}"
    assert export_rows(view)[0]["sku"] == start


def test_negative_numbers_stay_numbers_in_csv(make_view: MakeView, tmp_path: Path) -> None:
    view = make_view(products=1, seeds=1)
    scores = {"shift": Score(scorer="shift", version="1", value=1.0, raw=-3.5)}
    view = replace(view, rows=tuple(replace(row, scores=scores) for row in view.rows))
    assert pandas.read_csv(write_csv(view, tmp_path / "run.csv"))["raw.shift"].tolist() == [-3.5] * 5


def test_an_empty_run_gives_empty_files(make_view: MakeView, tmp_path: Path) -> None:
    view = replace(make_view(), rows=())
    assert write_csv(view, tmp_path / "run.csv").read_bytes() == b""
    assert len(pandas.read_parquet(write_parquet(view, tmp_path / "run.parquet"))) == 0


def test_without_pyarrow_parquet_says_what_to_install(
    make_view: MakeView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"pip install 'prodimg-lab\[lab\]'"):
        write_parquet(make_view(), tmp_path / "run.parquet")
