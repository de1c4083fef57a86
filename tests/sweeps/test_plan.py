from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.models.catalogue import row
from prodimg_lab.prompts import Library, load_library
from prodimg_lab.records import Found, Level, Product, block_seed
from prodimg_lab.sweeps import Plan, PlanInput, SweepSpec, make_plan

PLAIN = """
name: plain
version: 1.0.0
summary: on white
prompt: photo of {{ product.subject }}, {{ product.colour }}, {{ lighting }}, {{ angle }}
slots:
  lighting: [softbox, hard, warm]
  angle: [front, side]
"""
SCENE = """
name: scene
version: 1.0.0
summary: in a scene
prompt: photo of {{ product.subject }} in {{ season }}, {{ lighting }}
slots:
  lighting: [softbox, hard, warm]
"""
SEASONS = """
kind: season
levels:
  spring: {text: spring}
  winter: {text: winter, expect: {background: scene}}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "styles").mkdir()
    (folder / "plain.yaml").write_text(PLAIN)
    (folder / "scene.yaml").write_text(SCENE)
    (folder / "styles" / "seasons.yaml").write_text(SEASONS)
    return load_library([folder])


def product(sku: str, **attributes: str) -> Product:
    found = {name: Found(value=value, words=value, field="title") for name, value in attributes.items()}
    return Product(sku=sku, title=f"title {sku}", found=found)


PRODUCTS = (product("00123", colour="red", subject="mug"), product("b", subject="bowl"))


def given_with(library: Library, factors: Mapping[str, Sequence[Level]] | None = None, **more: Any) -> PlanInput:
    templates = more.pop("templates", ["plain", "scene"])
    spec = SweepSpec(factors={name: tuple(levels) for name, levels in (factors or {}).items()}, **more.pop("sweep", {}))
    base = PlanInput(
        templates=[library.template(name) for name in templates],
        library=library,
        products=PRODUCTS,
        model="core",
        models={"core": row("core")},
        sweep=spec,
    )
    return replace(base, **more)


def planned(given: PlanInput) -> Plan:
    plan, faults = make_plan(given)
    assert plan is not None, faults
    return plan


def messages(given: PlanInput) -> list[str]:
    plan, faults = make_plan(given)
    assert plan is None
    return [fault.message for fault in faults]


def test_a_factor_is_crossed_only_with_templates_that_have_its_slot(library: Library) -> None:
    plan = planned(given_with(library, {"lighting": ["softbox", "hard"], "angle": ["front", "side"]}))
    assert [variant.name for variant in plan.variants] == [
        "plain/softbox,front",
        "plain/softbox,side",
        "plain/hard,front",
        "plain/hard,side",
        "scene/softbox",
        "scene/hard",
    ]
    assert plan.variants[-1].levels == {"lighting": "hard", "angle": "none"}
    assert plan.factors["template"] == ("plain", "scene")


def test_blocks_are_whole_and_cover_all_products_before_the_second_seed(library: Library) -> None:
    plan = planned(given_with(library, {"angle": ["front", "side"]}, sweep={"seeds": 2}))
    assert [block.name for block in plan.blocks] == ["00123#0", "b#0", "00123#1", "b#1"]
    order = [(trial.block.name, trial.variant) for trial in plan.trials]
    assert order == [(block.name, variant.name) for block in plan.blocks for variant in plan.variants]
    assert [trial.index for trial in plan.trials] == list(range(len(order)))


def test_variants_of_a_block_share_its_seed_unless_seeds_are_independent(library: Library) -> None:
    factors = {"lighting": ["softbox", "hard"]}
    common = planned(given_with(library, factors, sweep={"seeds": 2, "base_seed": 7}))
    assert {trial.request.seed for trial in common.trials if trial.block.name == "00123#1"} == {
        block_seed(7, "00123", 1)
    }
    own = planned(given_with(library, factors, sweep={"seeds": 2, "seed_policy": "independent"}))
    assert len({trial.request.seed for trial in own.trials}) == len(own.trials)


def test_adding_products_and_seeds_changes_no_request_that_was_there(library: Library) -> None:
    small = planned(given_with(library, {"angle": ["front"]}, sweep={"seeds": 1}, products=PRODUCTS[:1]))
    large = planned(given_with(library, {"angle": ["front", "side"]}, sweep={"seeds": 3}))
    before = {trial.request.fingerprint for trial in small.trials}
    assert before <= {trial.request.fingerprint for trial in large.trials}


def test_what_the_prompt_names_and_its_levels_promise_is_asked_of_the_picture(library: Library) -> None:
    plan = planned(given_with(library, {"season": ["winter"]}))
    asked = {trial.variant: trial.asked for trial in plan.trials if trial.block.sku == "00123"}
    assert asked["plain"]["colour"] == "red"
    assert "background" not in asked["plain"]
    assert asked["scene/winter"]["background"] == "scene"
    assert "colour" not in asked["scene/winter"]


def test_a_missing_attribute_is_counted(library: Library) -> None:
    assert planned(given_with(library)).missing == {"colour": 1}


def test_request_parameters_are_fixed_or_swept(library: Library) -> None:
    plan = planned(
        given_with(library, {"aspect_ratio": ["1:1", "4:5"]}, templates=["plain"], parameters={"output_format": "png"})
    )
    assert [trial.request.aspect_ratio for trial in plan.trials[:2]] == ["1:1", "4:5"]
    assert {trial.request.output_format for trial in plan.trials} == {"png"}


def test_cells_that_their_model_cannot_draw_are_left_out_and_named(library: Library) -> None:
    models = {"core": row("core"), "sdxl": row("sdxl")}
    plan = planned(given_with(library, {"model": ["core", "sdxl"], "steps": [20]}, templates=["plain"], models=models))
    assert [variant.name for variant in plan.variants] == ["plain/sdxl,20"]
    (left,) = plan.left_out
    assert left.variant == "plain/core,20"
    assert "takes no steps" in left.reason


@pytest.mark.parametrize(
    ("factors", "more", "message"),
    [
        ({"lightning": ["softbox"]}, {}, "no slot or parameter 'lightning'; did you mean 'lighting'?"),
        ({"lighting": ["sofbox"]}, {}, "lighting 'sofbox' is no level of template plain; did you mean 'softbox'?"),
        ({"lighting": ["hard", "hard"]}, {}, "factor lighting names a level twice"),
        ({"template": ["plan"]}, {}, "template 'plan' is not under `templates`; did you mean 'plain'?"),
        ({"season": ["summer"]}, {}, "season 'summer' is no level of template scene"),
        ({"angle": ["front"]}, {"templates": ["scene"]}, "no slot or parameter 'angle'"),
        ({"market": ["de"]}, {}, "no chosen template has a slot 'market'"),
        ({"cfg_scale": [7]}, {}, "no chosen model takes cfg_scale"),
        ({}, {"parameters": {"cfg_scale": 7}}, "no chosen model takes cfg_scale"),
        ({}, {"parameters": {"stepps": 7}}, "unknown parameter 'stepps'; did you mean 'steps'?"),
        ({"aspect_ratio": ["7:1"]}, {}, "nothing is left to draw: aspect_ratio '7:1' is none of"),
        ({}, {"sweep": {"design": "random"}}, "design: random needs samples"),
        ({}, {"sweep": {"design": "random", "samples": 3}}, "samples 3 is more than the 2 variants"),
        ({}, {"sweep": {"design": "sobol"}}, "design: sobol needs samples"),
        ({}, {"sweep": {"design": "full", "samples": 3}}, "samples is for the designs random and sobol only"),
        ({}, {"products": ()}, "nothing is left to draw: there are no products"),
    ],
)
def test_a_wrong_sweep_is_refused_with_its_value(
    library: Library, factors: dict[str, list[Level]], more: dict[str, Any], message: str
) -> None:
    assert message in "\n".join(messages(given_with(library, factors, **more)))


def test_a_fault_points_at_its_key(library: Library) -> None:
    _, faults = make_plan(given_with(library, {"lighting": ["sofbox"]}))
    assert faults[0].where == ("sweep", "factors", "lighting")


def test_a_prompt_over_the_models_limit_is_a_fault(library: Library) -> None:
    tight = replace(row("core"), prompt_limit=10)
    assert "is over the 10 of" in messages(given_with(library, models={"core": tight}))[0]


def test_repeats_are_requests_of_their_own(library: Library) -> None:
    plan = planned(given_with(library, templates=["plain"], products=PRODUCTS[:1], sweep={"repeats": 3}))
    assert [trial.request.repeat for trial in plan.trials] == [0, 1, 2]
    assert len({trial.request.fingerprint for trial in plan.trials}) == 3


FACTORS = {"lighting": ["softbox", "hard", "warm"], "angle": ["front", "side"]}


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 6), st.integers(0, 99))
def test_a_random_design_does_not_depend_on_the_order_in_which_things_are_written(
    library: Library, random: Any, samples: int, base_seed: int
) -> None:
    names = list(FACTORS)
    random.shuffle(names)
    shuffled = {name: random.sample(FACTORS[name], len(FACTORS[name])) for name in names}
    sweep = {"design": "random", "samples": samples, "base_seed": base_seed}
    one = planned(given_with(library, FACTORS, templates=["plain"], sweep=sweep))
    other = planned(given_with(library, shuffled, templates=["plain"], sweep=sweep))
    assert len(one.variants) == samples
    assert {frozenset(v.levels.items()) for v in one.variants} == {frozenset(v.levels.items()) for v in other.variants}


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 3), st.integers(1, 2), st.integers(1, 3), st.integers(1, 2))
def test_the_full_design_has_the_product_of_its_levels(
    library: Library, lightings: int, angles: int, seeds: int, products: int
) -> None:
    factors = {"lighting": FACTORS["lighting"][:lightings], "angle": FACTORS["angle"][:angles]}
    given = given_with(library, factors, templates=["plain"], sweep={"seeds": seeds}, products=PRODUCTS[:products])
    assert len(planned(given).trials) == prod([lightings, angles, seeds, products])


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(0, 99))
def test_a_sobol_design_has_as_many_distinct_variants_in_every_block_as_were_asked_for(
    library: Library, samples: int, base_seed: int
) -> None:
    sweep = {"design": "sobol", "samples": samples, "base_seed": base_seed, "seeds": 3}
    one, other = (planned(given_with(library, FACTORS, templates=["plain"], sweep=sweep)) for _ in range(2))
    for block in one.blocks:
        own = [trial.variant for trial in one.trials if trial.block == block]
        assert len(set(own)) == len(own) == samples
    assert [trial.request for trial in one.trials] == [trial.request for trial in other.trials]
    assert {trial.variant for trial in one.trials} == {variant.name for variant in one.variants}
