from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodimg_lab.prompts.text import Phrase, cleaned, marked, tidied, unmarked

messy = st.text(st.sampled_from("ab ,;.()!?\n\t"), max_size=40)


def tidy(text: str) -> str:
    return tidied(text, [])[0]


@pytest.mark.parametrize(
    ("left", "wanted"),
    [
        ("a mug,  , on oak", "a mug, on oak"),
        (" , a mug , ", "a mug"),
        ("a mug ( ), on oak", "a mug, on oak"),
        ("a mug (, matte ), on oak", "a mug (matte), on oak"),
        ("a mug,\non oak,\n", "a mug, on oak"),
        ("a mug, . Soft light", "a mug. Soft light"),
        ("a mug . Soft light", "a mug. Soft light"),
        ("a mug. . Soft light", "a mug. Soft light"),
        ("f/2.8 lens, 0 .5 litre", "f/2.8 lens, 0 .5 litre"),
        ("wait... now", "wait... now"),
    ],
)
def test_what_an_empty_hole_leaves_behind_is_tidied(left: str, wanted: str) -> None:
    assert tidy(left) == wanted


@given(messy)
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(st.lists(st.tuples(messy, messy), max_size=5), messy)
def test_words_inside_spans_stay_as_they_are_wherever_they_move(pairs: list[tuple[str, str]], end: str) -> None:
    text, keep = "", []
    for between, value in pairs:
        text += between.translate(str.maketrans("\n\t", "  "))
        value = value.translate(str.maketrans("\n\t", "  "))
        keep.append((len(text), len(text) + len(value)))
        text += value
    before = [text[start:stop] for start, stop in keep]
    after, moved = tidied(text + end, keep)
    assert [after[start:stop] for start, stop in moved] == before


@given(st.text())
def test_cleaned_text_is_one_visible_line_and_cleaning_is_done_in_one_go(text: str) -> None:
    clean = cleaned(text)
    kinds = {unicodedata.category(char) for char in clean}
    assert not kinds & {"Cc", "Co", "Cs", "Cn", "Zl", "Zp"}
    assert "  " not in clean
    assert cleaned(clean) == clean
    clean.encode("utf-8")


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("Mug\x00\x1b[31m red", "Mug [31m red"),
        ("Mug\u202egnp.exe", "Muggnp.exe"),
        ("\ue000Mug\ue001", "Mug"),
        ("Mug\r\n 350\u00a0ml", "Mug 350 ml"),
        ("half \ud800 pair", "half pair"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        (" , Mug; ", "Mug"),
    ],
)
def test_what_cannot_be_seen_is_taken_out_of_product_text(dirty: str, clean: str) -> None:
    assert cleaned(dirty) == clean


def test_marks_give_the_place_of_each_phrase_in_the_tidied_text() -> None:
    seen: list[Phrase] = []
    colour = Phrase.of("sage green", "product.colour", "sage green")
    light = Phrase.of("soft light", "lighting", "softbox")
    text = f"mug,  {marked(colour, colour, seen)} , , {marked(light, 'SOFT LIGHT', seen)} ,"
    words, spans = unmarked(text, seen)
    assert words == "mug, sage green, SOFT LIGHT"
    assert [(span.name, span.level, words[span.start : span.stop]) for span in spans] == [
        ("product.colour", "sage green", "sage green"),
        ("lighting", "softbox", "SOFT LIGHT"),
    ]
