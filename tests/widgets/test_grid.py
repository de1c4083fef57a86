from __future__ import annotations

import gc
import json
import re
import threading
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.errors import UnknownName, UsageError
from prodimg_lab.experiment import RunFolder, RunOptions, RunView, open_run, plan_experiment, run_experiment
from prodimg_lab.experiment.folder import make_run_folder
from prodimg_lab.experiment.ratings import read_ratings
from prodimg_lab.lab import Lab
from prodimg_lab.store import Journal
from prodimg_lab.widgets import Grid, present
from prodimg_lab.widgets.drawn import GridWidget
from prodimg_lab.widgets.source import GridSource

SCRIPTS = Path(__file__).parents[2] / "prodimg_lab" / "widgets" / "js"
FrontEnd = Callable[[Grid], Any]


def test_the_table_holds_every_trial_with_its_levels_and_scores(run: RunFolder, front_end: FrontEnd) -> None:
    answer, parts = front_end(Grid(run)).ask("table")
    table, view = answer["table"], open_run(run)
    assert table["count"] == 16
    assert [each["name"] for each in table["factors"]] == ["template", "lighting", "angle", "product", "seed"]
    places = array("H", parts[0])
    for number, factor in enumerate(table["factors"][1:3], 1):
        got = [factor["levels"][place] for place in places[16 * number : 16 * number + 16]]
        assert got == [row.trial.levels[factor["name"]] for row in view.rows]
    json.dumps(answer)  # what goes over the wire is plain


def test_scores_are_packed_one_scorer_after_the_other_and_a_missing_one_is_no_number(
    make_view: Callable[..., RunView],
) -> None:
    view = make_view(unscored_every=3)
    header, parts = present.table_of([present.Shown(view, row) for row in view.rows])
    count, values = len(view.rows), array("f", parts[4])
    for number, name in enumerate(header["scorers"]):
        wanted = [present.value_of(row, name) for row in view.rows]
        got = [None if value != value else value for value in values[count * number : count * number + count]]
        assert got == pytest.approx(wanted)
    assert None in [present.value_of(row, "quality") for row in view.rows]


def test_thumbnails_come_with_the_prompt_and_are_kept(run: RunFolder, lab: Lab, front_end: FrontEnd) -> None:
    answer, parts = front_end(Grid(run)).ask("tiles", rows=[0, 3])
    assert all(part[:4] == b"RIFF" for part in parts)
    assert answer["alts"] == [open_run(run).rows[place].trial.prompt.text for place in (0, 3)]
    assert len(list(lab.thumbnails_folder.glob("*/*.webp"))) == 2
    digest = open_run(run).rows[0].outcome.digest
    (lab.thumbnails_folder / digest[:2] / f"{digest}.webp").write_bytes(b"kept")
    assert front_end(Grid(run)).ask("tiles", rows=[0])[1] == [b"kept"]


def test_a_full_picture_is_the_providers_own_bytes(run: RunFolder, front_end: FrontEnd) -> None:
    answer, (data,) = front_end(Grid(run)).ask("picture", row=5)
    view = open_run(run)
    assert data == view.picture(view.rows[5].outcome.digest)
    assert answer["mime"] == "image/png"


def test_ratings_are_in_the_journal_at_once_and_show_when_the_run_is_opened(
    run: RunFolder, front_end: FrontEnd
) -> None:
    end = front_end(Grid(run, rater="anna"))
    end.ask("rate", rows=[2, 3], stars=4)
    end.ask("rate", rows=[2], choice="keep")
    front_end(Grid(run, rater="ben")).ask("rate", rows=[2], stars=1)
    row = open_run(run).rows[2]
    assert row.stars == 2.5
    assert row.ratings["anna"].choice == "keep"
    end.ask("rate", rows=[2], stars=0)
    assert open_run(run).rows[2].stars == 1.0
    assert open_run(run).rows[3].stars == 4.0


def test_what_is_wrong_is_answered_in_words(run: RunFolder, front_end: FrontEnd) -> None:
    end = front_end(Grid(run))
    assert "9 is no rating" in end.ask("rate", rows=[0], stars=9)[0]["error"]
    assert "error" in end.ask("picture", row=99)[0]
    assert "error" in end.ask("dance")[0]


def test_search_finds_words_of_prompt_product_and_state(run: RunFolder, front_end: FrontEnd) -> None:
    end = front_end(Grid(run))
    assert len(end.ask("search", text="red hard")[0]["rows"]) == 4
    assert len(end.ask("search", text="00123")[0]["rows"]) == 8
    assert end.ask("search", text="nothing like it")[0]["rows"] == []


def test_the_card_has_the_prompt_by_factor_and_the_exact_request(run: RunFolder, front_end: FrontEnd) -> None:
    end = front_end(Grid(run))
    card, row = end.ask("card", row=1)[0]["card"], open_run(run).rows[1]
    marks = end.ask("table")[0]["table"]["marks"]
    assert "".join(part[0] for part in card["cut"]) == row.trial.prompt.text
    named = {part[2]: marks[part[1]] for part in card["cut"] if len(part) > 1}
    assert named["lighting"] == "lighting"
    assert named["product.colour"] == "product"
    assert f"seed: {row.trial.request.seed}" in card["yaml"]


def test_an_experiment_around_a_picture_plans(run: RunFolder, lab: Lab) -> None:
    file = Grid(run).around(3, name="near")
    planned = plan_experiment(Path(file).parent, lab=lab)
    trial = open_run(run).rows[3].trial
    assert planned.baseline == trial.variant
    assert {each.block.sku for each in planned.sweep.trials} == {trial.block.sku}
    assert not {each.request.seed for each in planned.sweep.trials} & {trial.request.seed}
    with pytest.raises(UsageError, match="is there already"):
        Grid(run).around(3, name="near")


def test_the_text_around_a_picture_plans_where_it_is_pasted(run: RunFolder, lab: Lab) -> None:
    folder = lab.experiments / "pasted"
    folder.mkdir()
    (folder / "experiment.yaml").write_text(str(Grid(run).around(3)), encoding="utf-8")
    assert plan_experiment("pasted", lab=lab).baseline == open_run(run).rows[3].trial.variant


def test_the_grid_makes_the_experiment_around_a_picture_once(run: RunFolder, lab: Lab, front_end: FrontEnd) -> None:
    end = front_end(Grid(run))
    told = end.ask("make_around", row=3)[0]
    assert (told["file"], told["next"]) == (
        "experiments/tiny-around-3/experiment.yaml",
        "prodimg plan tiny-around-3",
    )
    assert plan_experiment("tiny-around-3", lab=lab)
    assert "is there already" in end.ask("make_around", row=3)[0]["error"]


def test_numbers_get_a_lower_and_a_higher_neighbour(lab: Lab, edit: Callable[[str, str], None]) -> None:
    edit("angle: [front, side]}", "cfg_scale: [4, 6, 10]}")
    edit("baseline: {lighting: softbox, angle: front}", "baseline: {lighting: softbox, cfg_scale: 4}")
    edit("python:", "studio:sdxl #")
    folder = make_run_folder(plan_experiment("tiny", lab=lab), RunOptions())
    text = str(Grid(folder).around(1))
    assert re.search(r"cfg_scale:\n +- 5\n +- 6\n +- 7", text), text


def test_two_runs_make_the_run_a_factor(run: RunFolder, lab: Lab, front_end: FrontEnd) -> None:
    again = run_experiment("tiny", lab=lab)
    table = front_end(Grid(run, again, rows="run")).ask("table")[0]["table"]
    assert table["count"] == 32
    assert table["factors"][0] == {"name": "run", "levels": (run.run_id, again.run_id)}


def test_a_grid_follows_a_run_that_others_draw_and_rate(run: RunFolder) -> None:
    source = Grid(run).source
    assert source.refresh() == []
    journal = Journal(run.path)
    journal.append({"event": "rating", "trial": 7, "rater": "zoe", "stars": 5})
    journal.append({"event": "trial", "trial": 9, "state": "refused", "fingerprint": "f", "reason": "content filter"})
    journal.close()
    assert source.refresh() == [7, 9]
    change = present.changes_of(source.shown, [7, 9], ["quality"])
    assert change["stars"] == [50, 0]
    assert present.STATES[change["states"][1]] == "refused"


@pytest.mark.parametrize(
    ("look", "message"),
    [
        ({"rows": "lightning"}, "rows='lightning': did you mean 'lighting'"),
        ({"score": "sharpnes"}, "did you mean 'sharpness'"),
        ({"columns": "angle", "size": 20}, "size 20 is outside 64 to 320"),
        ({"hide": {"angel": ["front"]}}, "did you mean 'angle'"),
        ({"colour": "red"}, "a grid has no 'colour'"),
    ],
)
def test_a_wrong_look_is_refused_with_the_nearest_name(run: RunFolder, look: Any, message: str) -> None:
    with pytest.raises((UnknownName, UsageError)) as caught:
        Grid(run, **look)
    assert message in str(caught.value)


def test_the_traits_are_those_that_the_script_reads() -> None:
    read = set(re.findall(r"model\.(?:get|set)\(\"(\w+)\"", (SCRIPTS / "grid.js").read_text()))
    own = {
        name
        for name, trait in GridWidget.class_traits().items()
        if trait.metadata.get("sync") and name in vars(GridWidget)
    }
    assert read == own


def test_the_kinds_of_messages_are_those_that_the_scripts_send() -> None:
    from prodimg_lab.widgets.grid import ANSWERS

    text = "".join(file.read_text() for file in SCRIPTS.glob("*.js"))
    assert set(re.findall(r"\.ask\(\"(\w+)\"", text)) == set(ANSWERS)


def test_nobody_follows_a_run_for_a_grid_that_is_gone(run: RunFolder) -> None:
    source: GridSource | None = GridSource([run])
    assert source is not None
    others = set(threading.enumerate())  # grids of other tests may not have been collected yet
    source.follow(lambda places: None, every_s=0.01)
    (thread,) = [each for each in set(threading.enumerate()) - others if each.name == "grid"]
    del source
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        ("rate", {"rows": [-1], "stars": 5}, "no picture -1; this grid has 0 to"),
        ("rate", {"rows": [0], "stars": -0.5}, "-0.5 is no rating"),
        ("rate", {"rows": [0], "stars": 3.9}, "3.9 is no rating"),
        ("rate", {"rows": [0], "stars": True}, "True is no rating"),
        ("rate", {"rows": [0], "choice": "bogus"}, "'bogus' is no choice"),
        ("rate", {"rows": None, "stars": 3}, "None is no list of pictures"),
        ("picture", {"row": 10**6}, "no picture 1000000"),
        ("card", {"row": None}, "no picture None"),
        ("around", {"row": -1}, "no picture -1"),
        ("tiles", {"rows": [[]]}, "no picture []"),
    ],
)
def test_a_wrong_message_is_answered_in_one_line_and_changes_nothing(
    run: RunFolder, front_end: FrontEnd, kind: str, content: dict[str, Any], told: str
) -> None:
    answer, _ = front_end(Grid(run, rater="anna")).ask(kind, **content)
    assert told in answer["error"]
    assert read_ratings(run.path) == {}


def test_a_picture_that_a_grid_does_not_have_is_named(run: RunFolder) -> None:
    with pytest.raises(UsageError, match="no picture 99; this grid has 0 to"):
        Grid(run).around(99)
