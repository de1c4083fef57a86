"""Which words came from where, and which pictures are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.experiment.view import RunView
from prodimg_lab.records import Prompt, Span
from prodimg_lab.reports.pick import ENDS, best, pick, worst
from prodimg_lab.reports.spans import legend, segments
from prodimg_lab.testing.views import with_row


def prompt_of(text: str, *spans: Span) -> Prompt:
    return Prompt(text=text, template="t", template_version="1.0.0", spans=spans)


def test_words_are_cut_where_their_factor_wrote_them() -> None:
    prompt = prompt_of("a red mug, softbox", Span(start=2, stop=5, name="product.colour", level="red"))
    assert [(part.text, part.mark) for part in segments(prompt)] == [
        ("a ", ""),
        ("red", "product"),
        (" mug, softbox", ""),
    ]


spans = st.builds(
    lambda start, length, name: Span(start=start, stop=start + length, name=name, level="x"),
    st.integers(0, 30),
    st.integers(0, 12),
    st.sampled_from(["lighting", "angle", "product.colour"]),
)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30), st.lists(spans, max_size=5))
def test_segments_joined_are_the_prompt_whatever_the_spans(text: str, found: list[Span]) -> None:
    cut = segments(prompt_of(text, *found))
    assert "".join(part.text for part in cut) == text
    assert all(part.text for part in cut)


def test_an_overlapping_span_keeps_what_is_left_of_it() -> None:
    whole = Span(start=0, stop=4, name="lighting", level="a")
    later = Span(start=2, stop=6, name="angle", level="b")
    assert [(part.text, part.name) for part in segments(prompt_of("abcdef", later, whole))] == [
        ("abcd", "lighting"),
        ("ef", "angle"),
    ]


def test_the_legend_names_factors_first_and_the_product_last() -> None:
    prompt = prompt_of(
        "0123456789",
        Span(start=0, stop=1, name="product.colour", level="x"),
        Span(start=1, stop=2, name="season", level="x"),
        Span(start=2, stop=3, name="angle", level="x"),
        Span(start=3, stop=4, name="lighting", level="x"),
    )
    assert legend(["lighting", "angle", "absent"], [prompt]) == ("lighting", "angle", "season", "product")


def test_everything_is_shown_when_there_is_room(make_view: Callable[..., RunView]) -> None:
    view = make_view()
    picked = pick(view.drawn, 500)
    assert picked.rows == view.drawn
    assert picked.note == ""


def test_a_large_run_keeps_its_best_and_worst_and_an_even_sample(make_view: Callable[..., RunView]) -> None:
    view = make_view(products=40, seeds=4)
    rows = view.drawn
    picked = pick(rows, 240)
    indices = [row.trial.index for row in picked.rows]
    assert len(rows) == 800
    assert len(picked.rows) == 240
    assert indices == sorted(set(indices))
    assert {row.trial.index for row in (*best(rows, ENDS), *worst(rows, ENDS))} <= set(indices)
    thirds = [sum(800 * i <= 3 * index < 800 * (i + 1) for index in indices) for i in range(3)]
    assert min(thirds) > 60
    assert picked.note == "240 of 800 pictures: the best 50, the worst 50, and 140 at even steps of the plan."


def test_pictures_without_a_quality_are_neither_best_nor_worst(make_view: Callable[..., RunView]) -> None:
    rows = make_view(unscored_every=2).drawn
    assert all(row.quality is not None for row in (*best(rows, 99), *worst(rows, 99)))
    assert best(rows, 99) == worst(rows, 99)[::-1]


def test_ties_are_broken_by_plan_order(make_view: Callable[..., RunView]) -> None:
    rows = [replace(row, quality=3.0) for row in make_view().drawn]
    assert [row.trial.index for row in best(rows, 3)] == [0, 1, 2]
    assert [row.trial.index for row in worst(rows, 2)] == [19, 18]


def test_a_picture_that_several_trials_drew_stands_once_for_the_best_of_them(make_view: Callable[..., RunView]) -> None:
    view = make_view()
    order = [row.trial.index for row in best(view.rows, 99)]
    digest = view.rows[order[0]].outcome.digest
    view = with_row(view, order[2], outcome=replace(view.rows[order[2]].outcome, digest=digest))
    assert [row.trial.index for row in best(view.rows, 99)] == [order[0], order[1], *order[3:]]
    assert [row.trial.index for row in worst(view.rows, 99)] == [*order[:2:-1], order[2], order[1]]


def test_the_note_counts_what_was_picked_also_where_pictures_are_equal(make_view: Callable[..., RunView]) -> None:
    view = make_view(products=5, seeds=12)
    rows = [replace(row, outcome=replace(row.outcome, digest=f"{row.trial.index % 7:064x}")) for row in view.rows]
    picked = pick(rows, 100)
    numbers = [int(word) for word in picked.note.replace(",", "").split() if word.isdigit()]
    assert numbers[0] == len(picked.rows) == 100 and sum(numbers[2:]) == 100, picked.note
