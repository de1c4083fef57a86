from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from prodimg_lab.products import colour_hex
from prodimg_lab.records import Score, Unscored
from prodimg_lab.scoring import scorers
from prodimg_lab.scoring.attributes import asked_hexes, found_background
from prodimg_lab.scoring.measures import measure
from prodimg_lab.testing.pictures import SHAPES, Backdrop, Drawn, draw_product, png
from prodimg_lab.testing.scorers import subject_of

COLOURS = ("#7a9e7e", "#b03a2e", "#1c1c1e", "#2e5fa3", "#d9b44a", "#6b4a2f")


def answer(name: str, drawn: Drawn | bytes, **asked: str) -> Score | Unscored:
    data = drawn if isinstance(drawn, bytes) else drawn.data
    return scorers([name])[0].score([subject_of(data, asked)])[0]


def score(name: str, drawn: Drawn | bytes, **asked: str) -> Score:
    scored = answer(name, drawn, **asked)
    assert isinstance(scored, Score), scored
    return scored


def reason(name: str, drawn: Drawn | bytes, **asked: str) -> str:
    unscored = answer(name, drawn, **asked)
    assert isinstance(unscored, Unscored), unscored
    return unscored.reason


@pytest.mark.parametrize("backdrop", ["white", "plain", "gradient", "scene"])
def test_a_known_colour_is_found_within_3_and_every_other_is_farther(backdrop: Backdrop) -> None:
    for seed, colour in enumerate(COLOURS):
        drawn = draw_product(colour=colour, shape=SHAPES[seed % 4], backdrop=backdrop, seed=seed, size=200)
        right = score("colour", drawn, colour=colour)
        assert right.raw < 3, f"{colour}: {right.detail}"
        for other in set(COLOURS) - {colour}:
            wrong = score("colour", drawn, colour=other)
            assert wrong.raw > 8 and wrong.value < right.value - 1, f"{colour} for {other}: {wrong.detail}"


def test_a_colour_word_is_read_from_the_products_room_and_stands_in_the_detail() -> None:
    known = colour_hex("sage green")
    assert known
    drawn = draw_product(colour=known)
    scored = score("colour", drawn, colour="sage green")
    assert scored.raw < 3 and scored.detail.startswith(f"asked sage green {known}, found #")


def test_two_asked_colours_are_held_against_the_best_match() -> None:
    assert asked_hexes("black and white") == (colour_hex("black"), colour_hex("white"))
    for colour in ("#1c1c1e", "#e9e7e2"):
        drawn = draw_product(colour=colour)
        both, wrong = score("colour", drawn, colour="black and white"), score("colour", drawn, colour="red")
        assert both.raw < 12 < wrong.raw, both.detail


def test_a_second_colour_counts_from_15_percent_of_the_product() -> None:
    drawn = draw_product(shape="box", colour="#2e5fa3", size=256)
    left, top, wide, high = drawn.box

    def with_stripe(share: float) -> bytes:
        picture = drawn.picture.copy()
        picture[top : top + round(share * high), left : left + wide] = (46, 58, 176)  # BGR of #b03a2e
        return png(picture)

    assert score("colour", with_stripe(0.35), colour="#b03a2e").raw < 5
    assert score("colour", with_stripe(0.08), colour="#b03a2e").raw > 15


def test_without_a_colour_in_the_prompt_or_with_an_unknown_one_there_is_no_score() -> None:
    drawn = draw_product()
    assert reason("colour", drawn) == "the prompt names no colour"
    assert reason("colour", drawn, colour="zxqv") == "no colour value is known for 'zxqv'"


def test_without_a_product_there_is_no_colour() -> None:
    empty = png(np.full((90, 90, 3), 255, np.uint8))
    assert "can't be told from its background" in reason("colour", empty, colour="#1c1c1e")


def test_the_colours_hex_is_part_of_what_was_read() -> None:
    (scorer,) = scorers(["colour"])
    assert scorer.reads(subject_of(b"", {"colour": "#123456", "angle": "front"})) == {
        "colour": "#123456",
        "hex": "#123456",
    }
    assert scorer.reads(subject_of(b"", {"angle": "front"})) == {}


def test_backgrounds_are_told_apart_with_few_misses_and_no_false_white() -> None:
    backdrops: tuple[Backdrop, ...] = ("white", "plain", "gradient", "scene")
    drawings = [
        draw_product(backdrop=backdrop, shape=SHAPES[seed % 4], colour=COLOURS[seed % 6], seed=seed, size=160)
        for backdrop in backdrops
        for seed in range(10)
    ]
    counts = Counter((drawn.background, found_background(measure(drawn.data))) for drawn in drawings)
    wrong = {pair: count for pair, count in counts.items() if pair[0] != pair[1]}
    assert sum(wrong.values()) <= 2, wrong
    assert not any(found == "white" for _, found in wrong), wrong


def test_the_background_asked_for_scores_high_and_the_others_low() -> None:
    for backdrop in ("white", "gradient", "scene"):
        drawn = draw_product(backdrop=backdrop, seed=2, size=200)
        right = score("background", drawn, background=drawn.background)
        assert right.value > 4, right.detail
        wrong = "scene" if drawn.background != "scene" else "white"
        assert score("background", drawn, background=wrong).value < 1.5


def test_the_less_white_a_sweep_the_lower_it_scores() -> None:
    drawn = draw_product(size=200)
    values = []
    for level in (255, 232, 225, 190, 120):
        picture = drawn.picture.copy()
        picture[~drawn.mask] = np.minimum(picture[~drawn.mask], level)
        values.append(score("background", png(picture), background="white").value)
    assert values[0] > 4.5 and values[1:] == [0, 0, 0, 0], values


def test_the_more_of_a_sweep_is_tinted_the_lower_it_scores() -> None:
    drawn = draw_product(size=200)
    values = []
    for rows in (0, 10, 30, 60, 120, 200):
        picture = drawn.picture.copy()
        top = np.arange(200)[:, None] < rows
        picture[top & ~drawn.mask] = (205, 220, 226)
        values.append(score("background", png(picture), background="white").value)
    assert values == sorted(values, reverse=True) and values[0] > 4.5 and values[-1] == 0, values


def test_a_white_background_is_plain_too() -> None:
    assert score("background", draw_product(), background="plain").value > 4.5


def test_a_background_of_another_name_is_refused_by_name() -> None:
    assert reason("background", draw_product()) == "the prompt names no background"
    assert (
        reason("background", draw_product(), background="beach") == "background 'beach' is none of white, plain, scene"
    )


@pytest.mark.parametrize("fill", [0.2, 0.4, 0.65, 0.85])
def test_fill_is_the_share_of_the_frame_to_2_percent(fill: float) -> None:
    drawn = draw_product(shape="bottle", fill=fill, size=256)
    _, _, wide, high = drawn.box
    scored = score("fill", drawn, background="white")
    assert scored.raw == pytest.approx(max(wide, high) / 256, abs=0.02)
    assert (scored.value == 5) == (fill >= 0.6), scored


def test_a_scene_needs_less_fill_than_a_packshot() -> None:
    drawn = draw_product(shape="bottle", fill=0.4)
    assert score("fill", drawn, background="scene").value > score("fill", drawn, background="white").value + 2


def test_off_centre_products_score_lower_the_farther_they_are() -> None:
    drawings = [draw_product(shape="ball", fill=0.4, centre=(0.5 + off, 0.5)) for off in (0.0, 0.08, 0.16, 0.25)]
    scores = [score("centring", drawn) for drawn in drawings]
    assert [each.raw for each in scores] == pytest.approx([0.0, 0.08, 0.16, 0.25], abs=0.02)
    values = [each.value for each in scores]
    assert values == sorted(values, reverse=True) and values[0] == 5 and values[-1] < 1
    assert "+25%" in scores[-1].detail.replace("+24%", "+25%")


def test_a_product_cut_off_by_the_frame_scores_low_and_a_whole_one_full() -> None:
    whole = score("cropped", draw_product(shape="box"))
    cut = score("cropped", draw_product(shape="box", fill=0.6, centre=(0.9, 0.5)))
    assert (whole.raw, whole.value) == (0.0, 5.0)
    assert cut.raw > 0.4 and cut.value < 1 and "right edge" in cut.detail


def test_a_soft_shadow_that_reaches_the_frame_is_no_crop() -> None:
    drawn = draw_product(shape="ball", fill=0.5, centre=(0.5, 0.7), backdrop="plain", size=200, seed=4)
    assert set(measure(drawn.data).edge_contact.values()) == {0.0}


@pytest.mark.parametrize("name", ["fill", "centring", "cropped"])
def test_where_the_outline_is_not_certain_size_and_place_are_not_guessed(name: str) -> None:
    scene = draw_product(backdrop="scene", seed=5)
    assert "outline is not certain enough" in reason(name, scene, background="scene")
    empty = png(np.full((90, 90, 3), 200, np.uint8))
    assert reason(name, empty) == "no product stands out from the background"


def test_a_change_of_the_colour_table_makes_another_cache_key(monkeypatch: pytest.MonkeyPatch) -> None:
    (scorer,) = scorers(["colour"])
    subject = replace(subject_of(b""), asked={"colour": "sage green"})
    before = scorer.reads(subject)
    monkeypatch.setattr("prodimg_lab.products.colour_hex", lambda name: "#010203")
    assert scorer.reads(subject) != before
