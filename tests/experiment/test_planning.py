from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.errors import ExperimentError, Problems, SettingError, UnknownName, UsageError
from prodimg_lab.experiment import estimate_plan, experiment_schema, overrides_for, plan_experiment
from prodimg_lab.lab import Lab

Edit = Callable[[str, str], None]


def complaint(lab: Lab, **overrides: object) -> str:
    with pytest.raises(UsageError) as caught:
        plan_experiment("tiny", lab=lab, overrides={key.replace("__", "."): value for key, value in overrides.items()})
    return str(caught.value)


def test_a_plan_counts_prices_and_resolves_the_baseline(lab: Lab) -> None:
    planned = plan_experiment("tiny", lab=lab)
    assert len(planned.sweep.variants) == 4
    assert len(planned.sweep.blocks) == 4
    assert planned.baseline == "plain/softbox,front"
    cost = estimate_plan(planned)
    assert (cost.trials, cost.cached, cost.to_draw, cost.cost_micro) == (16, 0, 16, 0)


def test_the_same_plan_has_a_price_as_another_model_with_source_and_date(lab: Lab) -> None:
    cost = estimate_plan(plan_experiment("tiny", lab=lab), price_as="sd35")
    assert cost.cost_micro == 16 * 80_000
    assert cost.price_as == "stability.sd3-5-large-v1:0"
    assert "2026-11-23" in cost.price_source
    with pytest.raises(UnknownName, match="did you mean 'ultra'"):
        estimate_plan(plan_experiment("tiny", lab=lab), price_as="ultr")


def test_planning_twice_gives_the_same_requests_in_the_same_order(lab: Lab) -> None:
    one, two = (plan_experiment("tiny", lab=lab).sweep.trials for _ in range(2))
    assert one == two


def test_an_experiment_is_found_by_name_folder_or_file(lab: Lab) -> None:
    folder = lab.experiments / "tiny"
    found = [plan_experiment(name, lab=lab).experiment.folder for name in ("tiny", folder, folder / "experiment.yaml")]
    assert found == [folder] * 3
    with pytest.raises(UnknownName, match=r"no experiment 'tny'.*did you mean 'tiny'"):
        plan_experiment("tny", lab=lab)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("templates: [plain]", "templates: [plan]", "experiment.yaml:3: no template 'plan'; did you mean 'plain'?"),
        ("seeds: 2", "seedz: 2", "experiment.yaml:7: unknown key 'seedz'; did you mean 'seeds'?"),
        ("seeds: 2", "seeds: 0", "experiment.yaml:7: sweep.seeds"),
        ("[softbox, hard]", "[softbox, hrad]", "experiment.yaml:6: lighting 'hrad' is no level of template plain"),
        (
            "lighting: [",
            "lightning: [",
            "experiment.yaml:6: no slot or parameter 'lightning'; did you mean 'lighting'?",
        ),
        ("name: tiny", "name: Tiny Mug", "experiment.yaml:1: name: use 1 to 64 lower-case letters"),
        ("name: tiny", "nam: tiny", "unknown key 'nam'; did you mean 'name'?"),
        ("products: products.csv", "products: product.csv", "experiment.yaml:2: there is no products file product.csv"),
        (
            "{lighting: softbox, angle: front}",
            "{lighting: softbox}",
            "the baseline must be one whole variant, and it fits 2",
        ),
        ("{lighting: softbox, angle: front}", "{light: softbox}", "'light' is no factor; did you mean 'lighting'?"),
        ("{lighting: softbox, angle: front}", "{release: x@production}", "this version reads no releases"),
        (
            "baseline:",
            "rubric: product-defalt\nbaseline:",
            "no rubric 'product-defalt'; did you mean 'product-default'?",
        ),
        ("baseline:", "judge: bedrock:x\nbaseline:", "no price is known for the judge x, so it is refused"),
        ("baseline:", "judge: studio\nbaseline:", "judge 'studio': a judge is a model of Amazon Bedrock"),
        ("baseline:", "parameters: {cfg_scale: 7}\nbaseline:", "experiment.yaml:9: no chosen model takes cfg_scale"),
        ("seeds: 2", "design: latin", "experiment.yaml:7: sweep.design"),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_next_step(
    lab: Lab, edit: Edit, old: str, new: str, message: str
) -> None:
    edit(old, new)
    assert message in complaint(lab)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("studioo:sd35", "no provider 'studioo' for model 'studioo:sd35'; did you mean 'studio'?"),
        ("studio:sd53", "sd53"),
        ("studio:sd35@4000", "4000"),
    ],
)
def test_an_unknown_model_is_refused_at_the_line_that_names_it(lab: Lab, model: str, message: str) -> None:
    text = complaint(lab, model=model)
    assert message in text
    assert "--set model" in text


def test_all_faults_of_an_experiment_are_told_at_once(lab: Lab, edit: Edit) -> None:
    edit("templates: [plain]", "templates: [plan]")
    edit("products: products.csv", "products: nothing.csv")
    with pytest.raises(Problems) as caught:
        plan_experiment("tiny", lab=lab)
    assert len(caught.value.problems) == 2


def test_overrides_win_are_typed_and_are_named_when_wrong(lab: Lab) -> None:
    planned = plan_experiment("tiny", lab=lab, overrides=overrides_for(["sweep.seeds=3", "sweep.base_seed=9"]))
    assert len(planned.sweep.blocks) == 6
    assert "--set sweep.seeds: sweep.seeds" in complaint(lab, sweep__seeds="many")
    with pytest.raises(ExperimentError, match="write key=value"):
        overrides_for(["sweep.seeds"])
    with pytest.raises(ExperimentError, match="name is 'tiny', which has no 'x' in it"):
        plan_experiment("tiny", lab=lab, overrides={"name.x": 1})


def test_all_stands_for_every_level_that_the_templates_share(lab: Lab, edit: Edit) -> None:
    edit("angle: [front, side]", "angle: all")
    assert plan_experiment("tiny", lab=lab).sweep.factors["angle"] == ("front", "side")


def test_settings_of_the_environment_are_stronger_than_the_experiments(
    lab: Lab, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit("baseline:", "concurrency: 3\nbaseline:")
    assert plan_experiment("tiny", lab=lab).lab.count("concurrency") == 3
    monkeypatch.setenv("PRODIMG_CONCURRENCY", "5")
    assert plan_experiment("tiny", lab=lab).lab.count("concurrency") == 5
    monkeypatch.setenv("PRODIMG_CONCURRENCY", "x")
    with pytest.raises(SettingError, match="PRODIMG_CONCURRENCY"):
        plan_experiment("tiny", lab=lab)


def test_the_schema_for_editors_is_the_one_in_the_docs() -> None:
    file = Path(__file__).parents[2] / "docs" / "experiment.schema.json"
    assert json.loads(file.read_text()) == json.loads(json.dumps(experiment_schema()))
