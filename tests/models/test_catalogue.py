from __future__ import annotations

import re

import pytest

from prodimg_lab.errors import UnknownName
from prodimg_lab.models import capabilities, load_model, providers
from prodimg_lab.models.catalogue import as_of, row, rows


def test_the_served_models_have_the_prices_of_the_dated_sources() -> None:
    assert as_of() == "2026-11-23"
    drawn = [each for each in rows() if "text-to-image" in each.operations]
    served = {each.model: each.price_micro for each in drawn if each.status == "active"}
    assert served == {
        "stability.stable-image-core-v1:1": 40_000,
        "stability.sd3-5-large-v1:0": 80_000,
        "stability.stable-image-ultra-v1:1": 140_000,
    }


def test_every_price_says_where_it_comes_from_and_every_retired_model_what_replaces_it() -> None:
    for each in rows():
        assert (each.price_micro is None) == (not each.price_source)
        if each.status != "active":
            assert row(each.replacement).status == "active"
        assert re.fullmatch(r"|\d{4}-\d\d-\d\d", each.end_of_life)


def test_an_unknown_model_gets_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="did you mean 'ultra'"):
        row("ultrra")
    with pytest.raises(UnknownName, match="no provider 'bedrok'"):
        capabilities("bedrok:core")
    with pytest.raises(UnknownName, match=r"write python:package\.module:function"):
        load_model("python:prodimg_lab.nothing:here")


def test_the_studio_is_found_through_its_entry_point() -> None:
    assert "studio" in providers()


@pytest.mark.parametrize("name", ["core", "sd35", "ultra", "sdxl"])
def test_a_simulated_model_takes_what_the_real_one_takes_and_says_that_it_is_none(name: str) -> None:
    real, simulated = row(name), capabilities(f"studio:{name}")
    for knob in (
        "steps",
        "cfg_scale",
        "strength",
        "style_presets",
        "aspect_ratios",
        "output_formats",
        "negative_prompt",
    ):
        assert getattr(simulated, knob) == getattr(real, knob), knob
    assert simulated.simulated and simulated.price_micro == 0
    assert "simulat" in simulated.title
