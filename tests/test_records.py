from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodimg_lab.records import (
    ImageRequest,
    Score,
    block_seed,
    canonical_json,
    micro_from_usd,
    uniform_choice,
    usd_text,
)

REQUEST = ImageRequest(model="studio:sd35@384", prompt="a mug", seed=7)


def test_canonical_json_ignores_key_order_and_writes_integral_floats_as_integers() -> None:
    assert canonical_json({"b": 1.0, "a": [2.5, "é"]}) == '{"a":[2.5,"é"],"b":1}'.encode()


def test_a_fingerprint_ignores_absent_fields_and_float_spelling_but_nothing_else() -> None:
    same = dataclasses.replace(REQUEST, negative_prompt=None)
    assert same.fingerprint == REQUEST.fingerprint
    with_cfg = dataclasses.replace(REQUEST, cfg_scale=7)
    assert with_cfg.fingerprint == dataclasses.replace(REQUEST, cfg_scale=7.0).fingerprint
    changes: list[dict[str, object]] = [
        {"model": "studio:core@384"},
        {"prompt": "a mug "},
        {"negative_prompt": "text"},
        {"seed": 8},
        {"steps": 30},
        {"cfg_scale": 7.5},
        {"style_preset": "photographic"},
        {"aspect_ratio": "1:1"},
        {"width": 512},
        {"height": 512},
        {"output_format": "png"},
        {"strength": 0.5},
        {"inputs": ("ab",)},
        {"repeat": 1},
        {"source": "aws"},
        {"revision": 2},
    ]
    prints = {dataclasses.replace(REQUEST, **change).fingerprint for change in changes}  # type: ignore[arg-type]
    assert len(prints | {REQUEST.fingerprint}) == len(changes) + 1


@pytest.mark.parametrize("seed", [0, -1, 4294967295])
def test_a_seed_that_some_model_would_refuse_or_draw_at_random_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match=f"seed {seed} is outside 1-4294967294"):
        dataclasses.replace(REQUEST, seed=seed)


@given(st.integers(min_value=0, max_value=10**12), st.text(min_size=1, max_size=20), st.integers(0, 10_000))
def test_a_block_seed_is_valid_for_every_model(base: int, sku: str, index: int) -> None:
    assert 1 <= block_seed(base, sku, index) <= 2147483646


def test_the_block_seed_is_the_formula_of_the_design() -> None:
    import hashlib

    expected = 1 + int(hashlib.sha256(b"7/00123/3").hexdigest(), 16) % 2147483646
    assert block_seed(7, "00123", 3) == expected


@given(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=8, unique=True), st.randoms())
def test_a_choice_does_not_depend_on_the_order_of_the_options(options: list[str], random: object) -> None:
    shuffled = list(options)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert uniform_choice(3, "props", options) == uniform_choice(3, "props", shuffled)


def test_choices_are_spread_evenly_over_the_options() -> None:
    drawn = [uniform_choice(seed, "x", ["a", "b", "c", "d"]) for seed in range(4000)]
    assert all(900 < drawn.count(option) < 1100 for option in "abcd")


def test_money_is_whole_micro_dollars() -> None:
    assert micro_from_usd("0.08") == 80_000
    assert micro_from_usd(0.1 + 0.2) == 300_000
    assert usd_text(80_000) == "$0.08"
    assert usd_text(2_500) == "$0.0025"
    assert usd_text(1_234_560_000) == "$1,234.56"


def test_a_score_outside_its_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="outside 0-5"):
        Score(scorer="x", version="1", value=5.1, raw=1.0)
