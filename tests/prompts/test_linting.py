from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.prompts import Finding, lint, load_library
from prodimg_lab.records import Capabilities, Product

Write = Callable[..., Path]


def findings(folder: Path, **given: object) -> list[Finding]:
    return lint(load_library([folder], strict=False), **given)  # type: ignore[arg-type]


def model(limit: int) -> Capabilities:
    return Capabilities(model=f"m{limit}", title="m", source="simulated", price_micro=0, prompt_limit=limit)


def test_a_good_library_has_nothing_to_say(write: Write) -> None:
    folder = write(
        "Photo of {{ product.subject }}, {{ background }}, {{ lighting }}, {{ market }}",
        "negative_prompt: text\nslots:\n  background: all\n  lighting: all\n",
    )
    assert findings(folder, capabilities=[model(10_000)]) == []


def test_an_unused_slot_is_found_where_it_is_declared(write: Write) -> None:
    folder = write("Photo of {{ product.subject }}", "slots:\n  mood: [calm]\n  lighting: [softbox]\n")
    assert [(each.rule, each.severity, each.line) for each in findings(folder)] == [
        ("unused-slot", "warning", 7),
        ("unused-slot", "warning", 8),
    ]
    assert "write {{ mood }} into the prompt or drop the slot" in findings(folder)[0].message


def test_undefined_slots_and_unknown_levels_are_errors(write: Write) -> None:
    folder = write("Photo, {{ backdrop }}, {{ background }}", "slots:\n  background: [oak-tabel]\n")
    assert [(each.rule, each.severity, each.line) for each in findings(folder)] == [
        ("undefined-slot", "error", 5),
        ("unknown-level", "error", 7),
    ]


@pytest.mark.parametrize(
    ("prompt", "slots", "pair", "line"),
    [
        ("Mug on a pure white\nbackground, carved marble table", "", "marble", 6),
        ("Flat lay of a mug,\nsoft light, eye-level shot", "", "eye level", 6),
        ("Mug in golden hour glow under an overcast sky", "", "overcast", 5),
        ("Mug on white background, {{ background }}", "background: [marble-counter]", "background marble-counter", 5),
        ("Mug,\nan overcast day, {{ lighting }}", "lighting: all", "lighting golden-hour", 6),
        ("Beach mug, {{ season }}", "", "season winter", 5),
        ("Mug photograph as line art", "", "line art", 5),
    ],
)
def test_phrases_that_contradict_each_other_are_found(
    write: Write, prompt: str, slots: str, pair: str, line: int
) -> None:
    folder = write(prompt, f"slots:\n  {slots}\n" if slots else "")
    found = [each for each in findings(folder) if each.rule == "contradiction"]
    assert len(found) == 1
    assert pair in found[0].message
    assert (found[0].severity, found[0].file, found[0].line) == ("warning", folder / "sample.yaml", line)


@pytest.mark.parametrize(
    "prompt", ["Mug on white marble", "Mug, an overcast day", "Flat lay of a mug", "Oakmoss candle on white background"]
)
def test_one_phrase_alone_contradicts_nothing(write: Write, prompt: str) -> None:
    assert findings(write(prompt)) == []


def test_negative_words_in_the_positive_prompt_are_found(write: Write) -> None:
    folder = write(
        "Mug with a plain label,\nmany harsh\nshadows and texts, {{ lighting }}, {{ season }}, with green leaves",
        "negative_prompt: label, watermark, text\nslots:\n  lighting: [softbox]\n",
    )
    found = [(each.line, each.message) for each in findings(folder) if each.rule == "negative-in-positive"]
    assert [line for line, _ in found] == [5, 6, 7, 7]
    assert "'label', but it stands in negative_prompt" in found[0][1]
    assert "'harsh shadows', but lighting softbox avoids it" in found[1][1]
    assert "'text', but it stands in negative_prompt" in found[2][1]
    assert "'green leaves', but season winter avoids it" in found[3][1]


def test_a_level_that_another_level_avoids_is_found(write: Write) -> None:
    folder = write("Mug, {{ market }}, {{ deco }}", "slots:\n  deco: [two national flags]\n")
    assert [each.rule for each in findings(folder)] == ["negative-in-positive"]
    assert "deco two national flags asks for 'national flags', but market de avoids it" in findings(folder)[0].message


def test_a_pack_level_that_avoids_its_own_words_is_found_in_the_pack(write: Write) -> None:
    folder = write("Mug, {{ angle }}", "slots:\n  angle: all\n")
    (folder / "styles" / "angles.yaml").write_text(
        "kind: angle\nlevels:\n"
        "  tilted: {text: a tilted view, avoid: Tilted view}\n  bare: {text: view without glare}\n"
    )
    found = findings(folder)
    assert [(each.rule, each.line) for each in found] == [("negative-in-positive", 3), ("negation", 4)]
    assert found[0].file == folder / "styles" / "angles.yaml"


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("Mug with no text", "'no text' is a negation"),
        ("Mug\nwithout harsh reflections", "move 'harsh reflections' to negative_prompt"),
        ("Mug in a dust-free room", "'dust-free'"),
        ("Mug, don't show hands", "move 'show hands'"),
        ("Mug, people not {{ product.title }}", "say what there is instead"),
    ],
)
def test_negations_in_the_positive_prompt_are_found(write: Write, prompt: str, said: str) -> None:
    found = findings(write(prompt))
    assert [each.rule for each in found] == ["negation"]
    assert said in found[0].message
    assert found[0].line == 5 + prompt.count("\n")


def test_words_left_dangling_by_a_missing_attribute_are_found(write: Write) -> None:
    found = findings(write("Mug made of {{ product.material }}, on a table"))
    assert [each.rule for each in found] == ["dangling-word"]
    guarded = "Mug{% if product.material %} made of {{ product.material }}{% endif %}, on a table"
    assert findings(write(guarded)) == []


def test_prompts_too_long_for_a_model_are_found_at_the_longest_levels_and_products(write: Write) -> None:
    folder = write("{{ product.title }}, {{ background }}, {{ market }}", "slots:\n  background: all\n")
    products = [Product(sku="short", title="Mug"), Product(sku="long", title="M" * 50)]
    longest = len(
        "M" * 50 + ", on a pure white background, styled for a German home, with a small beer stein beside it"
    )
    assert findings(folder, capabilities=[model(longest)], products=products) == []
    found = findings(folder, capabilities=[model(10_000), model(longest - 1)], products=products)
    assert [(each.rule, each.severity, each.line) for each in found] == [("too-long", "error", 5)]
    assert f"prompt can have {longest} characters (product 'long', longest levels)" in found[0].message
    assert f"over the {longest - 1} of m{longest - 1}" in found[0].message


def test_a_negative_prompt_too_long_for_a_model_is_found(write: Write) -> None:
    folder = write("Mug, {{ lighting }}", f"negative_prompt: {'blurry ' * 12}\nslots:\n  lighting: all\n")
    size = len("blurry " * 12) - 1 + len(", harsh shadows")
    found = findings(folder, capabilities=[model(size - 1)])
    assert [each.rule for each in found] == ["too-long"]
    assert f"negative_prompt can have {size} characters" in found[0].message
    assert findings(folder, capabilities=[model(size)]) == []


def test_a_loop_is_measured_by_filling_it(write: Write) -> None:
    loops = "{% for one in market.props %}{% for other in market.props %}"
    folder = write(f"{loops}{'many words ' * 10}{{% endfor %}}{{% endfor %}}, {{{{ market }}}}")
    found = findings(folder, capabilities=[model(400)])
    assert [each.rule for each in found] == ["too-long"]
    size = len("many words " * 40) - 1 + len(", styled for a German home, with a small beer stein beside it")
    assert f"prompt can have {size} characters" in found[0].message


def test_a_prompt_that_cannot_be_filled_at_all_counts_as_too_long(write: Write) -> None:
    folder = write("{{ product.description }}{{ product.description }}")
    product = Product(sku="1", title="t", description="x" * 15_000)
    assert "20001 characters" in findings(folder, capabilities=[model(10_000)], products=[product])[0].message


def test_a_finding_prints_as_one_line_with_its_place() -> None:
    finding = Finding(severity="warning", rule="negation", message="m", file=Path("a.yaml"), line=3)
    assert str(finding) == "a.yaml:3: warning: m [negation]"
    assert str(Finding(severity="error", rule="r", message="m")) == "error: m [r]"
