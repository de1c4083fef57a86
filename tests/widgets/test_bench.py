from __future__ import annotations

import shlex
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.errors import UsageError
from prodimg_lab.experiment import RunView, open_run, plan_experiment
from prodimg_lab.lab import Lab
from prodimg_lab.marked_yaml import parse_yaml, to_yaml
from prodimg_lab.records import Prompt, Span
from prodimg_lab.testing.models import counted_calls
from prodimg_lab.widgets import Bench
from prodimg_lab.widgets.bench.drafting import Draft, home_of, plan_tries, save_template
from prodimg_lab.widgets.bench.shown import prompt_html, word_diff_html
from prodimg_lab.widgets.bench.sweeping import (
    BackgroundRun,
    choice_of,
    further_factor,
    headless_command,
    levels_of,
    offer,
    overrides_of,
    save_experiment,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def bench(lab: Lab) -> Bench:
    return Bench("tiny", lab=lab)


def draft(bench: Bench, text: str, **changes: Any) -> Draft:
    return replace(Draft.of(bench.planned, "plain"), text=text, **changes)


def test_a_draft_is_read_as_it_is_typed(bench: Bench) -> None:
    product = bench.planned.products[0]
    reading = draft(bench, "a {{ product.subject }}, {{ lighting }}", levels={"lighting": "hard"}).read(product)
    assert reading.prompt is not None and reading.is_sound
    assert reading.prompt.text == f"a {product.subject}, hard light"
    assert [span.name for span in reading.prompt.spans] == ["product.subject", "lighting"]
    assert reading.length == len(reading.prompt.text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {{ prodct.subject }}", "prodct"),
        ("a {{ product.subject", ""),
        ("{% for a in [1] %}{% endfor %}", ""),
        ("a {{ product.colour | required }} {{ product.size | required }}", "size"),
    ],
)
def test_what_is_wrong_is_a_finding_and_never_an_error(bench: Bench, text: str, message: str) -> None:
    reading = draft(bench, text).read(bench.planned.products[0])
    assert not reading.is_sound
    assert message in " ".join(each.message for each in reading.findings)


def test_the_linter_speaks_and_the_limit_counts(bench: Bench) -> None:
    reading = draft(bench, "a {{ product.subject }} without text " + "very " * 2500).read(bench.planned.products[0])
    rules = {each.rule for each in reading.findings}
    assert {"too-long", "negation"} <= rules
    assert not reading.is_sound


def test_try_prompt_draws_the_changed_sentence_once_and_leaves_the_template_alone(
    bench: Bench, lab: Lab, calls: Path
) -> None:
    before = (lab.root / "templates" / "plain.yaml").read_text()
    run = bench.try_prompt("a very shiny {{ product.subject }}, {{ lighting }}", products=2, seeds=2)
    assert run.state == "done"
    assert [row.trial.prompt.text.startswith("a very shiny") for row in run.rows] == [True] * 4
    assert run.experiment == "tiny-tries"
    assert len(counted_calls(calls)) == 4
    bench.try_prompt("a very shiny {{ product.subject }}, {{ lighting }}", products=2, seeds=2)
    assert len(counted_calls(calls)) == 4, "the same try is not bought twice"
    assert (lab.root / "templates" / "plain.yaml").read_text() == before
    seeds = {trial.request.seed for trial in bench.planned.sweep.trials}
    assert {row.trial.request.seed for row in run.rows} <= seeds, "tries use the sweep's own blocks"


def test_a_prompt_that_cannot_be_drawn_costs_nothing(bench: Bench, calls: Path) -> None:
    with pytest.raises(UsageError, match="can't be drawn"):
        bench.try_prompt("a {{ nothing.like_it }}")
    assert not counted_calls(calls)


def test_saving_keeps_comments_and_raises_the_version(bench: Bench, lab: Lab) -> None:
    file = lab.root / "templates" / "plain.yaml"
    file.write_text("# mine\n" + file.read_text())
    made = draft(bench, "a better {{ product.subject }}, {{ lighting }}, {{ angle }}")
    assert home_of(made) == file
    assert save_template(made) == file
    text = file.read_text()
    assert text.startswith("# mine\n")
    saved = plan_experiment("tiny", lab=lab).library.template("plain")
    assert (saved.version, saved.prompt.strip()) == ("1.1.0", made.text)
    other = save_template(made, name="plain-2")
    assert other == file.with_name("plain-2.yaml")
    with pytest.raises(UsageError, match="is there already"):
        save_template(made, name="plain-2")
    with pytest.raises(UsageError, match="is no name"):
        save_template(made, name="No Name")


def test_a_shipped_template_is_saved_into_the_lab(lab: Lab) -> None:
    bench = Bench("tiny", lab=lab)
    shipped = Draft.of(bench.planned, "kitchen-morning")
    assert home_of(shipped) == lab.root / "templates" / "kitchen-morning.yaml"
    assert save_template(replace(shipped, text=shipped.text + " really")).is_file()


def test_the_plan_follows_the_choice(bench: Bench) -> None:
    choice = choice_of(bench.planned)
    assert overrides_of(bench.planned, choice) == {}
    made = offer(bench.planned, replace(choice, seeds=3, factors={"lighting": ("softbox", "hard")}, baseline=None))
    assert made.estimate is not None
    assert made.estimate.trials == 2 * 2 * 3
    wrong = offer(bench.planned, replace(choice, factors={"lighting": ("hard",), "angle": ("front",)}))
    assert wrong.planned is not None, "without its baseline it can be drawn"
    assert "baseline" in " ".join(wrong.problems)
    none = offer(bench.planned, replace(choice, model="bedrock:nothing"))
    assert none.planned is None and none.problems


def test_the_headless_command_repeats_what_is_on_the_screen(bench: Bench, lab: Lab) -> None:
    import yaml  # papermill reads -y with it

    choice = replace(choice_of(bench.planned), seeds=1, skus=("b",), budget_usd=2.5)
    words = shlex.split(headless_command(bench.planned, choice))
    overrides = yaml.safe_load(words[words.index("-y") + 1])["overrides"]
    again = plan_experiment("tiny", lab=lab, overrides=overrides)
    made = offer(bench.planned, choice).planned
    assert made is not None
    assert [trial.request.fingerprint for trial in again.sweep.trials] == [
        trial.request.fingerprint for trial in made.sweep.trials
    ]


def test_a_choice_is_saved_as_an_experiment_that_plans_the_same(bench: Bench, lab: Lab) -> None:
    choice = replace(
        choice_of(bench.planned), seeds=1, factors={"angle": ("front", "side")}, baseline={"angle": "front"}
    )
    save_experiment(bench.planned, choice, "smaller")
    made = offer(bench.planned, choice).planned
    again = plan_experiment("smaller", lab=lab)
    assert made is not None
    assert [trial.request.fingerprint for trial in again.sweep.trials] == [
        trial.request.fingerprint for trial in made.sweep.trials
    ]
    with pytest.raises(UsageError, match="is there already"):
        save_experiment(bench.planned, choice, "smaller")


def test_levels_are_those_that_all_chosen_templates_allow(bench: Bench) -> None:
    assert levels_of(bench.planned, ["plain"]) == {"lighting": ["softbox", "hard"], "angle": ["front", "side"]}


def test_a_run_in_the_background_pauses_and_goes_on_buying_nothing_twice(
    lab: Lab, edit: Callable[[str, str], None], calls: Path
) -> None:
    edit("seconds=0.0", "seconds=0.1")
    edit("targets:", "concurrency: 1\ntargets:")
    bench = Bench("tiny", lab=lab)
    ended: list[Any] = []
    run = BackgroundRun(lab, on_event=lambda event: None, on_end=ended.append)
    run.start(bench.planned, {})
    while len(counted_calls(calls)) < 3:
        assert run.is_running
    run.pause()
    run.wait(30)
    assert isinstance(ended[0], RunView) and ended[0].state == "interrupted"
    drawn = len(open_run(run.folder).drawn)
    assert 3 <= drawn < 16
    run.go_on()
    run.wait(30)
    assert ended[1].state == "done"
    assert len(counted_calls(calls)) == 16


def test_the_panes_plan_run_and_keep_variants_by_clicks(bench: Bench, lab: Lab) -> None:
    write, sweep = bench.write, bench.sweep
    assert "Try 4" in write.try_button.description
    write.text.value = "a {{ product.subjct }}"
    assert write.try_button.disabled and "subjct" in write.notes.value
    write.text.value = "a new {{ product.subject }}, {{ lighting }}, {{ angle }}"
    assert not write.try_button.disabled and "<ins" in write.diff.value
    write.keep_button.click()
    assert "plain-2" in sweep.templates.value
    assert sweep.offer.estimate is not None and sweep.offer.estimate.trials == 32
    assert (bench.planned.experiment.folder / "templates" / "plain-2.yaml").is_file()
    sweep.seeds.value = 1
    assert "16 to draw" in sweep.run_button.description
    sweep.run_button.click()
    assert sweep.run is not None
    sweep.run.wait(60)
    view = open_run(sweep.run.folder)
    assert view.state == "done" and len(view.rows) == 16
    assert len(sweep.tabs.children) == 4
    assert "plain-2/" in sweep.variants.value
    sweep.command_button.click()
    assert "plain-2" in sweep.command.value


def test_text_is_escaped_wherever_it_is_shown() -> None:
    evil = "<script>x</script>"
    prompt = Prompt(
        text=f"photo {evil}",
        negative=evil,
        template="t",
        template_version="1.0.0",
        spans=(Span(start=6, stop=6 + len(evil), name="product.subject", level='"><b>'),),
    )
    page = prompt_html(prompt, [])
    assert "<script" not in page and "<b>x" not in page and '"><b>' not in page
    assert "<script" not in word_diff_html("a", f"a {evil}")


def test_headless_the_bench_shows_plan_and_prompt(bench: Bench) -> None:
    page = bench.html()
    assert "4 variants × 4 blocks = 16" in page
    assert "<mark" in page


def test_a_further_factor_is_typed_and_joins_the_chips(lab: Lab, edit: Callable[[str, str], None]) -> None:
    assert further_factor("cfg_scale: 4, 7.5") == ("cfg_scale", (4, 7.5))
    assert further_factor("model: studio:core, studio:ultra") == ("model", ("studio:core", "studio:ultra"))
    assert further_factor("cfg_scale") is None and further_factor(": 3") is None and further_factor("") is None
    edit("python:", "studio:sdxl #")
    pane = Bench("tiny", lab=lab).sweep
    pane.further.value = "cfg_scale: 4, 7"
    assert pane.choice.factors["cfg_scale"] == (4, 7)
    assert pane.offer.estimate is not None and pane.offer.estimate.trials == 32


def test_two_tries_at_once_never_read_each_others_words(bench: Bench) -> None:
    wrong: list[str] = []
    sku = bench.planned.products[0].sku

    def go(word: str) -> None:
        mine = draft(bench, word + " {{ product.subject }}")
        for _ in range(15):
            if word not in plan_tries(mine, products=[sku]).templates[0].prompt:
                wrong.append(word)

    threads = [threading.Thread(target=go, args=(word,)) for word in ("SLATE", "MARBLE")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_try_that_cannot_be_planned_leaves_nothing_behind(bench: Bench, lab: Lab) -> None:
    with pytest.raises(UsageError):
        plan_tries(draft(bench, "a {{ product.subject }}"), model="nope")
    assert not list((lab.experiments / "tiny-tries" / "drafts").glob("*"))
    for wrong in ({"seeds": 0}, {"seeds": "x"}, {"products": 0}):
        with pytest.raises(UsageError, match="draw 1"):
            bench.try_prompt("a {{ product.subject }}", **wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="the prompt is empty"):
        bench.try_prompt("")


def test_no_product_chosen_is_a_problem_and_not_all_of_them(bench: Bench) -> None:
    pane = bench.sweep
    pane.products.value = ()
    assert pane.offer.problems == ("no product is chosen; choose one or more",)
    assert pane.run_button.disabled


def test_a_file_that_changed_is_planned_as_the_screen_says(bench: Bench, edit: Callable[[str, str], None]) -> None:
    planned = bench.planned
    choice = choice_of(planned)
    before = offer(planned, choice)
    save_experiment(planned, replace(choice, seeds=1), "tiny")
    assert overrides_of(planned, choice) == {"sweep.seeds": choice.seeds}
    after = offer(planned, choice)
    assert after.estimate is not None and before.estimate is not None
    assert after.estimate.to_draw == before.estimate.to_draw
    assert "sweep.seeds" in headless_command(planned, choice)
    save_experiment(planned, choice, "tiny")
    assert overrides_of(planned, choice) == {}


def test_a_budget_of_nothing_is_a_cap_of_nothing(lab: Lab) -> None:
    file = lab.experiments / "tiny" / "experiment.yaml"
    file.write_text(file.read_text() + "budget: {usd: 5}\n")
    pane = Bench("tiny", lab=lab).sweep
    pane.budget.value = 0.0
    assert overrides_of(pane.planned, pane.choice)["budget"] == {"usd": 0.0}
    pane.budget.value = float("inf")
    assert pane.run_button.disabled


def test_the_policy_of_seeds_is_kept(bench: Bench, lab: Lab) -> None:
    file = lab.experiments / "tiny" / "experiment.yaml"
    content = parse_yaml(file.read_text(), file, UsageError).content
    seeds = {"count": 2, "policy": "independent"}
    file.write_text(to_yaml({**content, "sweep": {**content["sweep"], "seeds": seeds}}))
    fresh = Bench("tiny", lab=lab)
    made = offer(fresh.planned, replace(choice_of(fresh.planned), seeds=3)).planned
    assert made is not None and made.experiment.seeds.policy == "independent"
    assert plan_tries(Draft.of(fresh.planned, "plain")).experiment.seeds.policy == "independent"


def test_saving_keeps_comments_and_refuses_what_cannot_be_planned(bench: Bench, lab: Lab) -> None:
    file = lab.experiments / "tiny" / "experiment.yaml"
    file.write_text("# ours: ask Zoe before changing\n" + file.read_text())
    planned = plan_experiment("tiny", lab=lab)
    choice = choice_of(planned)
    save_experiment(planned, replace(choice, seeds=3), "tiny")
    assert file.read_text().startswith("# ours: ask Zoe") and "seeds: 3" in file.read_text()
    kept = file.read_text()
    for wrong in (replace(choice, templates=("nope",)), replace(choice, model="nope")):
        with pytest.raises(UsageError):
            save_experiment(planned, wrong, "tiny")
    assert file.read_text() == kept


def test_the_headless_command_names_the_folder(lab: Lab) -> None:
    shutil.copytree(lab.experiments / "tiny", lab.experiments / "my tiny $x")
    planned = plan_experiment(lab.experiments / "my tiny $x", lab=lab)
    words = shlex.split(headless_command(planned, choice_of(planned)))
    assert words[words.index("experiment") + 1] == "my tiny $x"


def test_keeping_without_a_name_leaves_the_template_alone(bench: Bench, lab: Lab) -> None:
    file = lab.root / "templates" / "plain.yaml"
    before = file.read_text()
    pane = bench.write
    pane.text.value = "Photo of {{ product.subject }} on slate"
    for name in ("", "plain"):
        pane.name.value = name
        pane.keep()
        assert "not done" in pane.told.value
    assert file.read_text() == before


def test_a_template_that_somebody_changed_in_between_is_not_overwritten(bench: Bench, lab: Lab) -> None:
    mine = draft(bench, "mine {{ product.subject }}")
    file = lab.root / "templates" / "plain.yaml"
    file.write_text(file.read_text().replace("version: 1.0.0", "version: 1.0.1"))
    with pytest.raises(UsageError, match="was changed since it was opened here"):
        save_template(mine)
    assert "version: 1.0.1" in file.read_text()
