from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.errors import TemplateError, UnknownName
from prodimg_lab.prompts import Library, Template, load_library, missing_attributes, render, slots_of
from prodimg_lab.prompts.filters import FILTERS, TooLong
from prodimg_lab.prompts.text import cleaned
from prodimg_lab.records import Found, Product

SHIPPED = Path(__file__).parents[2] / "templates"
Sample = Callable[..., tuple[Template, Library]]

PROMPT = (
    "Photo of {{ product.subject }}, {{ product.colour }} {{ product.material }},\n{{ background }}, {{ lighting }}"
)
SLOTS = (
    "negative_prompt: text, clutter\n"
    "slots:\n  background: [white-sweep, marble-counter, oak-table]\n  lighting: [softbox, golden-hour]\n"
)


@cache
def shipped_once() -> Library:
    return load_library([SHIPPED])


def words(prompt_text: str, start: int, stop: int) -> str:
    return prompt_text[start:stop]


def test_a_slot_that_is_not_named_takes_its_first_level(sample: Sample, mug: Product) -> None:
    template, library = sample(PROMPT, SLOTS)
    prompt = render(template, mug, {"lighting": "golden-hour"}, library)
    assert prompt.text == (
        "Photo of coffee mug, sage green ceramic, on a pure white background, warm golden hour sunlight"
    )
    assert prompt.levels == {"background": "white-sweep", "lighting": "golden-hour"}
    assert (prompt.template, prompt.template_version) == ("sample", "1.0.0")


def test_every_slot_and_attribute_has_the_span_of_its_words(sample: Sample, mug: Product) -> None:
    template, library = sample(PROMPT, SLOTS)
    prompt = render(template, mug, {"background": "marble-counter"}, library)
    assert [(span.name, span.level, words(prompt.text, span.start, span.stop)) for span in prompt.spans] == [
        ("product.subject", "coffee mug", "coffee mug"),
        ("product.colour", "sage green", "sage green"),
        ("product.material", "ceramic", "ceramic"),
        ("background", "marble-counter", "on a white marble counter"),
        ("lighting", "softbox", "even softbox lighting"),
    ]


def test_the_negative_prompt_joins_template_levels_and_taboos_once_each(sample: Sample, mug: Product) -> None:
    template, library = sample(PROMPT, SLOTS)
    prompt = render(template, mug, {"background": "marble-counter", "market": "de"}, library)
    assert prompt.negative == "text, clutter, harsh reflections, flash glare, national flags"


def test_levels_say_what_scorers_may_expect(sample: Sample, mug: Product) -> None:
    template, library = sample(PROMPT, SLOTS)
    assert render(template, mug, {}, library).expect == {"background": "white"}
    assert render(template, mug, {"background": "oak-table"}, library).expect == {"background": "scene"}


def test_a_missing_attribute_renders_empty_and_its_comma_is_tidied(sample: Sample) -> None:
    template, library = sample(PROMPT, SLOTS)
    prompt = render(template, Product(sku="1", title="Aurora Mug"), {}, library)
    assert prompt.text == "Photo of Aurora Mug, on a pure white background, even softbox lighting"
    assert [span.name for span in prompt.spans] == ["product.subject", "background", "lighting"]
    assert missing_attributes(template, Product(sku="1", title="Aurora Mug")) == ("colour", "material")


def test_nothing_is_missing_when_the_product_has_it_all(sample: Sample, mug: Product) -> None:
    template, _ = sample(PROMPT + ", {{ product.extra.care }}", SLOTS)
    assert missing_attributes(template, mug) == ("extra.care",)
    assert missing_attributes(template, replace(mug, extra={"care": "dishwasher-safe"})) == ()


def test_a_required_attribute_names_product_attribute_and_correction_file(sample: Sample) -> None:
    template, library = sample("Photo of\n{{ product.colour | upper | required }} mug")
    with pytest.raises(TemplateError) as caught:
        render(template, Product(sku="00123", title="Mug"), {}, library)
    assert "product '00123' has no colour" in str(caught.value)
    assert "attributes.csv" in str(caught.value)
    assert (caught.value.file, caught.value.line) == (template.file, 6)


def test_product_text_is_never_read_as_a_template(sample: Sample) -> None:
    template, library = sample("Photo of {{ product.title }}, {{ product.description }}")
    title = "{{ 7 * 7 }} {% for x in y %} {# no #} Mug"
    prompt = render(template, Product(sku="1", title=title, description="{{ product.sku }}"), {}, library)
    assert prompt.text == f"Photo of {title}, {{{{ product.sku }}}}"


def test_a_filtered_value_keeps_its_span(sample: Sample, mug: Product) -> None:
    template, library = sample("{{ product.subject | capitalize }} in {{ (product.finish or 'plain') | upper }}")
    prompt = render(template, mug, {}, library)
    assert prompt.text == "Coffee mug in MATTE"
    assert [(span.name, span.level) for span in prompt.spans] == [
        ("product.subject", "coffee mug"),
        ("product.finish", "matte"),
    ]


def test_words_of_the_template_that_stand_in_have_no_span(sample: Sample) -> None:
    template, library = sample("Photo of {{ product.title }} in {{ product.colour | default('white') }}")
    prompt = render(template, Product(sku="1", title="Mug"), {}, library)
    assert prompt.text == "Photo of Mug in white"
    assert [span.name for span in prompt.spans] == ["product.title"]


def test_conditions_and_loops_over_given_lists_work(sample: Sample, mug: Product) -> None:
    template, library = sample(
        "{% if product.category in ['mug', 'cup'] %}Cup{% elif product.category %}Thing{% else %}?{% endif %}: "
        "{% for value in product.attributes %}{{ value }}{{ '' if loop.last else ' + ' }}{% endfor %}"
        "{% if lighting.level == 'softbox' %}, studio{% endif %}, {{ lighting }}",
        SLOTS,
    )
    prompt = render(template, mug, {}, library)
    assert prompt.text == "Cup: sage green + ceramic + matte, studio, even softbox lighting"
    assert [span.name for span in prompt.spans] == [
        *("product.colour", "product.material", "product.finish", "lighting"),
    ]


def test_a_market_brings_text_prop_preferred_levels_and_taboos(sample: Sample, mug: Product) -> None:
    template, library = sample(PROMPT + ", {{ market }}", SLOTS)
    prompt = render(template, mug, {"market": "de"}, library, seed=1)
    assert prompt.levels == {"background": "oak-table", "lighting": "golden-hour", "market": "de"}
    assert re.search(r", styled for a German home, with a (small beer stein|fresh pretzel) beside it$", prompt.text)
    assert prompt.negative.endswith("national flags")
    market = prompt.spans[-1]
    assert (market.name, market.level) == ("market", "de")
    assert words(prompt.text, market.start, market.stop).startswith("styled for a German home, with a")


def test_a_level_that_is_named_wins_over_what_the_market_prefers(sample: Sample, mug: Product) -> None:
    template, library = sample(PROMPT + ", {{ market }}", SLOTS)
    prompt = render(template, mug, {"market": "de", "background": "white-sweep"}, library)
    assert prompt.levels["background"] == "white-sweep"


def test_the_prop_follows_from_seed_and_market_alone(sample: Sample, mug: Product) -> None:
    template, library = sample("{{ product.subject }}, {{ market }}")
    texts = {seed: render(template, mug, {"market": "de"}, library, seed=seed).text for seed in range(20)}
    assert len(set(texts.values())) == 2
    other, _ = sample("{{ market }}, {{ product.subject }}")
    again = {seed: render(other, mug, {"market": "de"}, library, seed=seed).text for seed in range(20)}
    assert all(("pretzel" in texts[seed]) == ("pretzel" in again[seed]) for seed in texts)


def test_season_and_market_are_empty_unless_named(sample: Sample, mug: Product) -> None:
    template, library = sample("{{ product.subject }}, {{ season }}, {{ market }}, in focus")
    prompt = render(template, mug, {}, library)
    assert prompt.text == "coffee mug, in focus"
    assert prompt.levels == {}
    assert render(template, mug, {"season": "winter"}, library).text == "coffee mug, with a dusting of snow, in focus"


def test_a_declared_season_has_a_default_and_bounds(sample: Sample, mug: Product) -> None:
    template, library = sample("{{ product.subject }}, {{ season }}", "slots:\n  season: [christmas]\n")
    assert render(template, mug, {}, library).text == "coffee mug, with fir branches"
    with pytest.raises(UnknownName, match="season 'winter' is no level of template sample"):
        render(template, mug, {"season": "winter"}, library)


def test_parts_of_a_market_can_be_placed_apart(sample: Sample, mug: Product) -> None:
    template, library = sample(
        "{{ product.subject }} and {{ market.prop }}, {{ market.text }} ({{ market.locale }})"
        "{% for prop in market.props %}, {{ prop }}{% endfor %}"
    )
    prompt = render(template, mug, {"market": "jp"}, library)
    assert prompt.text == "coffee mug and a small bonsai, styled for a Japanese home (ja-JP), a small bonsai"
    assert {span.name for span in prompt.spans} == {"product.subject", "market"}


def test_slots_are_those_that_the_prompt_names(sample: Sample) -> None:
    template, _ = sample("{{ lighting }}{% if season %}, {{ market }}{% endif %}", SLOTS)
    assert slots_of(template) == ("lighting", "season", "market")


def test_a_plain_string_is_its_own_phrase(sample: Sample, mug: Product) -> None:
    template, library = sample("{{ product.subject }}, {{ mood }}", "slots:\n  mood: [calm and quiet, festive]\n")
    prompt = render(template, mug, {}, library)
    assert prompt.text == "coffee mug, calm and quiet"
    assert prompt.levels == {"mood": "calm and quiet"}


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ({"lightning": "softbox"}, "template sample has no slot 'lightning'; did you mean 'lighting'?"),
        ({"lighting": "softbx"}, "lighting 'softbx' is no level of template sample; did you mean 'softbox'?"),
        ({"season": "winter"}, "template sample has no slot 'season'"),
        ({"market": "dee"}, "no market 'dee'; did you mean 'de'?"),
    ],
)
def test_unknown_slots_and_levels_are_refused_with_the_nearest(
    sample: Sample, mug: Product, levels: dict[str, str], message: str
) -> None:
    template, library = sample(PROMPT, SLOTS)
    with pytest.raises(UnknownName, match=re.escape(message)):
        render(template, mug, levels, library)


def test_a_prompt_over_the_limit_is_refused(sample: Sample) -> None:
    template, library = sample("{{ product.description }} {{ product.description }}")
    fits = Product(sku="1", title="t", description="x" * 9_999)
    assert len(render(template, fits, {}, library).text) == 19_999
    with pytest.raises(TemplateError, match="more than 20000 characters for product '2'"):
        render(template, Product(sku="2", title="t", description="x" * 10_001), {}, library)


def test_a_filter_cannot_make_a_value_huge(sample: Sample) -> None:
    template, library = sample("{{ product.description | replace('x', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy') }}")
    with pytest.raises(TemplateError, match="more than 20000"):
        render(template, Product(sku="2", title="t", description="x" * 19_000), {}, library)


def test_filters_refuse_before_they_make_anything_huge() -> None:
    with pytest.raises(TooLong):
        FILTERS["replace"]("x" * 1_000, "x", "y" * 1_000)
    with pytest.raises(TooLong):
        FILTERS["join"](["x"] * 64, "y" * 1_000)
    assert FILTERS["replace"]("abc", "", "y" * 1_000) == "abc"


def test_a_comparison_that_makes_no_sense_is_a_template_error(sample: Sample, mug: Product) -> None:
    template, library = sample("Photo{% if product.colour < 3 %}!{% endif %}")
    with pytest.raises(TemplateError, match="cannot be filled for product 'M-1'"):
        render(template, mug, {}, library)


def test_a_template_made_by_hand_is_checked_too(mug: Product) -> None:
    template = Template(name="own", version="1.0.0", prompt="{{ product.__class__ }}")
    with pytest.raises(TemplateError, match="out of reach"):
        render(template, mug, {}, Library())


@settings(max_examples=60, deadline=None)
@given(title=st.text(min_size=1), colour=st.text(), material=st.text(st.sampled_from("a ,;.(){}%|\n"), max_size=12))
def test_spans_are_exact_for_any_product_text(title: str, colour: str, material: str) -> None:
    shipped = shipped_once()
    found = {
        name: Found(value=value, words=value, field="column")
        for name, value in {"colour": colour, "material": material}.items()
        if value
    }
    product = Product(sku="1", title=title, found=found)
    for template in shipped.templates.values():
        prompt = render(template, product, {"market": "fr"}, shipped)
        prompt.text.encode()
        for span in prompt.spans:
            said = words(prompt.text, span.start, span.stop)
            if span.name.startswith("product."):
                assert said == span.level
            elif span.name != "market":
                assert said == shipped.level(span.name, span.level).text
        outline = prompt.text
        for span in reversed(prompt.spans):
            outline = f"{outline[: span.start]}x{outline[span.stop :]}"
        assert not re.search(r",\s*,|  |\n|^[ ,]|[ ,]$|[\ue000-\uf8ff\U000f0000-\U0010ffff]", outline)
        assert cleaned(title) in prompt.text


def test_equal_input_gives_equal_prompts_in_a_fresh_library(shipped: Library, mug: Product) -> None:
    again = load_library([SHIPPED])
    for name, template in shipped.templates.items():
        assert render(template, mug, {}, shipped) == render(again.template(name), mug, {}, again)
        assert template.digest == again.template(name).digest
