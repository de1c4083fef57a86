"""Tables, contact sheet, terminal summary, figure and files."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from prodimg_lab.errors import CorruptObject, StoreFull, UsageError
from prodimg_lab.experiment.view import RunView
from prodimg_lab.reports import charts
from prodimg_lab.reports.files import write_atomically
from prodimg_lab.reports.plots import effects_figure
from prodimg_lab.reports.sheet import contact_sheet
from prodimg_lab.reports.tables import by_model, by_product, by_variant, quality_effects, troubles
from prodimg_lab.reports.text import summary_text
from prodimg_lab.verdict.effects import FactorEffect, Interval, LevelEffect

MakeView = Callable[..., RunView]


def test_variants_stand_in_order_of_mean_quality_with_their_counts(make_view: MakeView) -> None:
    view = make_view(refuse_every=4, fail_every=9, price_micro=40_000, source="aws", model="m")
    lines = by_variant(view)
    means = [line.quality for line in lines if line.quality is not None]
    assert means == sorted(means, reverse=True)
    assert {line.name for line in lines} == {variant.name for variant in view.variants}
    assert sum(line.drawn + line.refused + line.failed for line in lines) == len(view.rows)
    assert sum(line.spent_micro for line in lines) == view.real_cost_micro
    for line in lines:
        values = [row.quality for row in line.rows if row.quality is not None]
        assert line.quality == pytest.approx(sum(values) / len(values))
        assert line.price_usd == 0.04


def test_a_variant_without_a_picture_stands_last_and_keeps_its_refusals(make_view: MakeView) -> None:
    view = make_view(plain=False, lightings=["softbox"], angles=["front", "top-down"], refuse_every=2)
    last = by_variant(view)[-1]
    assert (last.drawn, last.refused, last.quality, last.price_usd) == (0, 4, None, None)
    assert last.refusal is not None
    assert last.refusal.low > 0.3


def test_products_stand_worst_first_and_models_know_their_seconds(make_view: MakeView) -> None:
    view = make_view(products=4)
    means = [line.quality for line in by_product(view)]
    assert means == sorted(means, key=lambda mean: mean or 0.0)
    (model,) = by_model(view)
    assert (model.name, model.drawn) == ("studio:sd35", 40)
    assert model.seconds is not None and model.seconds_p95 is not None
    assert 2.0 < model.seconds < model.seconds_p95 <= 6.0


def test_troubles_are_grouped_by_reason_refusals_first(make_view: MakeView) -> None:
    found = troubles(make_view(refuse_every=4, fail_every=3))
    assert [(each.state.value, len(each.rows)) for each in found] == [("refused", 5), ("failed", 5)]


def test_effects_of_a_run_find_the_better_light(make_view: MakeView) -> None:
    effects = {effect.factor: effect for effect in quality_effects(make_view(products=5, seeds=4))}
    soft, golden = effects["lighting"].levels
    assert golden.interval is not None and golden.interval.low > 0.15
    assert soft.interval is not None and soft.interval.high < -0.15
    assert effects["lighting"].not_applicable == 20
    assert effects["template"].balanced


def effect_of(*levels: LevelEffect) -> FactorEffect:
    return FactorEffect(factor="f", levels=levels, mean=3.0, blocks=2)


def test_the_axis_of_effects_holds_every_interval_and_places_zero_in_the_middle() -> None:
    wide = LevelEffect(level="a", pictures=2, blocks=2, mean=3.3, effect=0.3, interval=Interval(low=-0.1, high=0.7))
    none = LevelEffect(level="b", pictures=0, blocks=0, why="no picture with this level")
    effects = [effect_of(wide, none)]
    assert charts.effects_axis(effects) == 1.0
    ((plot, empty),) = [each.levels for each in charts.factor_plots(effects)]
    assert (plot.low, plot.place, plot.high) == (pytest.approx(45), pytest.approx(65), pytest.approx(85))
    assert plot.tone == "flat"
    assert (empty.place, empty.interval) == (None, "no picture with this level")


def test_a_histogram_counts_every_value_once() -> None:
    bars = charts.histogram([0.0, 0.1, 2.5, 4.99, 5.0], 5.0, unit="")
    assert len(bars) == 20
    assert [bar.title.split(" of ")[0] for bar in bars if bar.height] == ["2", "1", "2"]
    assert charts.histogram([], 5.0, unit="") == ()


@pytest.mark.parametrize(("value", "end"), [(0.0, 1.0), (0.31, 0.5), (1.0, 1.0), (5.7, 10.0), (12.0, 20.0)])
def test_axes_end_at_round_figures(value: float, end: float) -> None:
    assert charts.round_end(value) == pytest.approx(end)


@pytest.mark.parametrize("name", ["sheet.webp", "sheet.png", "sheet.jpg"])
def test_a_contact_sheet_holds_the_pictures_in_columns(make_view: MakeView, tmp_path: Path, name: str) -> None:
    path = contact_sheet(make_view(), tmp_path / name, columns=4, limit=8, size=64)
    with Image.open(path) as sheet:
        assert sheet.size == (2 * 12 + 4 * 64 + 3 * 8, 2 * 12 + 2 * (64 + 40) + 8 + 40)
        assert sheet.format == {"webp": "WEBP", "png": "PNG", "jpg": "JPEG"}[name.split(".")[1]]


def test_each_picture_of_a_sheet_stands_in_its_place(make_view: MakeView, tmp_path: Path) -> None:
    view = make_view()
    path = contact_sheet(view, tmp_path / "sheet.png", columns=2, limit=4, size=64)
    from io import BytesIO

    with Image.open(path) as sheet:
        for place, index in enumerate((0, 5, 10, 15)):  # 4 of 20 at even steps
            shown = Image.open(BytesIO(view.picture(view.drawn[index].outcome.digest))).convert("RGB")
            at = (12 + place % 2 * 72 + 32, 12 + 40 + place // 2 * 112 + 32)
            found, wanted = sheet.getpixel(at), shown.getpixel((48, 48))
            assert isinstance(found, tuple) and isinstance(wanted, tuple)
            assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= 2


def test_a_sheet_of_an_empty_run_and_of_a_broken_picture_can_be_written(make_view: MakeView, tmp_path: Path) -> None:
    def broken(_: str) -> bytes:
        raise CorruptObject("object ab does not match its digest")

    contact_sheet(make_view(ended=0, state="running"), tmp_path / "empty.webp")
    contact_sheet(make_view(picture=broken), tmp_path / "broken.webp", size=64)
    assert (tmp_path / "empty.webp").stat().st_size > 0


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("sheet.gif", {}, "sheet.gif is no picture that can be written; end it in .webp, .png"),
        ("sheet.webp", {"columns": 0}, "columns 0 and limit 24 must be 1 or more"),
        ("sheet.webp", {"size": 4000, "limit": 20}, "too large: lower limit, columns or size"),
    ],
)
def test_an_impossible_sheet_is_refused(
    make_view: MakeView, tmp_path: Path, name: str, options: dict[str, int], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        contact_sheet(make_view(), tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []


def test_the_summary_names_the_best_variants_and_their_prompts(make_view: MakeView) -> None:
    view = make_view(refuse_every=6)
    text = summary_text(view)
    first = by_variant(view)[0]
    assert text.splitlines()[0].startswith("simulated studio: ")
    assert f"1. {first.quality:.2f}  {first.name}" in text
    assert "Professional product photograph of" in text
    assert "3 refused: the model's filter: prompt blocked" in text
    assert text.count("picture ") >= 3


def test_the_summary_of_a_run_that_just_began_is_short(make_view: MakeView) -> None:
    text = summary_text(make_view(ended=0, state="running", wall_seconds=0.0))
    assert "0 of 20 trials ended" in text
    assert "Best" not in text


def test_text_from_outside_cannot_steer_a_terminal(make_view: MakeView) -> None:
    assert "\x1b" not in summary_text(make_view(prefix="\x1b[2J\x1b]0;owned\x07 "))


def test_the_figure_has_one_panel_per_factor(make_view: MakeView, tmp_path: Path) -> None:
    figure = effects_figure(make_view())
    assert sorted(panel.get_title(loc="left").split(",")[0] for panel in figure.axes) == [
        "angle",
        "lighting",
        "template",
    ]
    assert figure.axes[0].get_title(loc="left") == "lighting, 4 blocks"
    figure.savefig(tmp_path / "effects.png")
    one = effects_figure(make_view(plain=False, lightings=["softbox"], angles=["front"]))
    assert one.axes == []


def test_a_full_disk_leaves_the_old_file_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_atomically(tmp_path / "report.html", b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreFull, match=r"report\.html could not be written \(3 bytes\): No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]


def test_a_summary_of_a_view_with_changed_rows_follows_them(make_view: MakeView) -> None:
    view = make_view()
    rows = tuple(replace(row, quality=None, unscored_reason="no scorer") for row in view.rows)
    assert "quality: no picture could be scored" in summary_text(replace(view, rows=rows))
