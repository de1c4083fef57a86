from __future__ import annotations

from collections.abc import Callable

import pytest

from prodimg_lab.prompts import Library, lint, render, slots_of
from prodimg_lab.records import Capabilities, Product, Prompt

LEAST = {"background": 16, "lighting": 8, "angle": 6, "season": 8, "market": 8}
TEMPLATES = (
    *("banner-wide", "catalogue-grey", "desk-scene", "editorial", "flat-lay", "gift-guide", "hero-dark"),
    *("kitchen-morning", "lifestyle-table", "macro-detail", "market-scene", "minimal-pastel", "outdoor"),
    *("plain-white", "seasonal", "spa-shelf", "studio-gradient"),
)


def shown(prompt: Prompt) -> str:
    """A prompt as a golden file has it."""
    lines = [prompt.text, f"- {prompt.negative}", " ".join(f"{slot}={name}" for slot, name in prompt.levels.items())]
    lines += [f"{span.name} ({span.level}): {prompt.text[span.start : span.stop]}" for span in prompt.spans]
    return "\n".join([*lines, f"expect {dict(prompt.expect)}", ""])


def test_there_are_enough_of_everything(shipped: Library) -> None:
    assert tuple(shipped.templates) == TEMPLATES
    assert {kind: len(pack.levels) >= LEAST[kind] for kind, pack in shipped.packs.items()} == dict.fromkeys(LEAST, True)


def test_the_linter_has_nothing_to_say_about_what_is_shipped(shipped: Library, mug: Product) -> None:
    model = Capabilities(model="m", title="m", source="aws", price_micro=0, prompt_limit=512)
    assert lint(shipped, capabilities=[model], products=[mug]) == []


def test_every_template_names_its_product_first_and_sweeps_something(shipped: Library, mug: Product) -> None:
    for template in shipped.templates.values():
        prompt = render(template, mug, {}, shipped)
        assert prompt.spans[0].name == "product.subject"
        assert prompt.spans[0].stop < 60
        assert {"background", "lighting", "angle"} <= set(slots_of(template))
        assert (template.version, bool(template.summary)) == ("1.0.0", True)
    summaries = {template.summary for template in shipped.templates.values()}
    assert len(summaries) == len(shipped.templates)


def test_the_example_experiment_of_the_design_can_be_swept(shipped: Library, mug: Product) -> None:
    for name in ("plain-white", "kitchen-morning"):
        for lighting in ("softbox", "golden-hour"):
            for angle in ("front", "three-quarter"):
                render(shipped.template(name), mug, {"lighting": lighting, "angle": angle}, shipped)
    assert render(shipped.template("plain-white"), mug, {}, shipped).levels == {
        **{"background": "white-sweep", "lighting": "softbox", "angle": "front"},
    }


@pytest.mark.parametrize("name", TEMPLATES)
def test_renderings_are_those_that_were_reviewed(
    shipped: Library, mug: Product, golden: Callable[[str, str], None], name: str
) -> None:
    template = shipped.template(name)
    bare = render(template, Product(sku="B-1", title="Aurora Mug 350 ml"), {}, shipped)
    golden(f"{name}.txt", shown(render(template, mug, {}, shipped)) + "\n" + shown(bare))


def test_every_market_changes_the_prompt_visibly(
    shipped: Library, mug: Product, golden: Callable[[str, str], None]
) -> None:
    template = shipped.template("market-scene")
    markets = shipped.packs["market"].levels
    prompts = {name: render(template, mug, {"market": name}, shipped, seed=7) for name in markets}
    assert len({prompt.text for prompt in prompts.values()}) == len(markets)
    for name, market in markets.items():
        assert market.locale
        assert market.text in prompts[name].text
        assert any(prop in prompts[name].text for prop in market.props)
        assert all(taboo in prompts[name].negative for taboo in market.taboos)
        assert prompts[name].levels["background"] in market.prefer["background"]
    assert len({prompt.levels["background"] for prompt in prompts.values()}) >= 5
    golden("markets.txt", "\n".join(f"{name}\n{shown(prompt)}" for name, prompt in prompts.items()))


def test_every_level_of_every_slot_is_in_the_words_of_its_prompt(shipped: Library, mug: Product) -> None:
    for template in shipped.templates.values():
        for slot in slots_of(template):
            names = [level.name for level in template.slots.get(slot, ())] or list(shipped.packs[slot].levels)
            for name in names:
                prompt = render(template, mug, {slot: name}, shipped)
                span = next(each for each in prompt.spans if each.name == slot)
                assert prompt.text[span.start : span.stop].startswith(shipped.level(slot, name).text)
                assert all(phrase in prompt.negative.casefold() for phrase in shipped.level(slot, name).avoid)
