from __future__ import annotations

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from prodimg_lab.cli.app import app
from prodimg_lab.errors import UsageError
from prodimg_lab.experiment import RunFolder, open_run
from prodimg_lab.experiment.votes import Vote as Cast
from prodimg_lab.experiment.votes import cast_vote, import_votes, new_vote_id, read_votes, undo_vote, votes_file
from prodimg_lab.widgets import Vote
from prodimg_lab.widgets.pairs import balanced_pair, tally
from prodimg_lab.widgets.vote import without_texts


class FrontEnd:
    def __init__(self, vote: Vote) -> None:
        self.vote = vote
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.sent.append((content, buffers or []))

    def ask(self, kind: str, **content: Any) -> tuple[dict[str, Any], list[bytes]]:
        self.vote._answer(self, {"kind": kind, "id": "1", **content})
        return self.sent[-1]


def cast(left: int, right: int, choice: Any, rater: str = "anna") -> Cast:
    return Cast(vote_id=new_vote_id(), rater=rater, left=left, right=right, choice=choice)


def test_a_pair_is_two_variants_of_one_block_and_what_is_told_of_it_names_neither(run: RunFolder) -> None:
    end = FrontEnd(Vote(run, rater="anna", seed=1))
    view = open_run(run)
    for _ in range(10):
        told, data = end.ask("pair")
        pair = end.vote._open[told["pair"]]
        one, other = view.rows[pair.left].trial, view.rows[pair.right].trial
        assert one.block == other.block and one.variant != other.variant
        pictures = [view.picture(view.rows[place].outcome.digest) for place in (pair.left, pair.right)]
        assert data == [without_texts(each) for each in pictures]
        text = json.dumps(told)
        assert not any(word in text for word in ("softbox", "hard", "front", "side", one.variant))
        end.ask("vote", pair=told["pair"], choice="left")


def test_votes_are_in_the_store_at_once_with_the_sides_as_shown(run: RunFolder) -> None:
    end = FrontEnd(Vote(run, rater="anna", seed=3))
    told, _ = end.ask("pair")
    pair = end.vote._open[told["pair"]]
    after, _ = end.ask("vote", pair=told["pair"], choice="right", seconds=1.5)
    (vote,) = read_votes(run.path)
    assert (vote.left, vote.right) == (pair.left, pair.right)
    assert (vote.choice, vote.rater, vote.seconds) == ("right", "anna", 1.5)
    assert after["progress"]["mine"] == 1
    end.ask("vote", pair=told["pair"], choice="left")  # a key pressed twice: the pair is answered already
    assert len(read_votes(run.path)) == 1


def test_undo_takes_the_last_vote_back_and_shows_the_same_pair_again(run: RunFolder) -> None:
    end = FrontEnd(Vote(run, rater="anna", seed=3))
    told, data = end.ask("pair")
    end.ask("vote", pair=told["pair"], choice="bad")
    again, same = end.ask("undo")
    assert read_votes(run.path) == []
    assert same == data
    end.ask("vote", pair=again["pair"], choice="tie")
    assert [vote.choice for vote in read_votes(run.path)] == ["tie"]


def test_another_rater_is_asked_everything_and_nobody_twice(run: RunFolder) -> None:
    end = FrontEnd(Vote(run, rater="anna", seed=3))
    told, _ = end.ask("pair")
    seen = []
    while told["pair"]:
        pair = end.vote._open[told["pair"]]
        seen.append(frozenset((pair.left, pair.right)))
        told, _ = end.ask("vote", pair=told["pair"], choice="tie")
    assert len(seen) == len(set(seen)) == 6 * 4
    told, _ = end.ask("rater", name="ben")
    assert told["pair"] and told["progress"]["mine"] == 0


def test_pairs_of_variants_come_in_balance_and_sides_by_lot(run: RunFolder) -> None:
    view, votes, lot = open_run(run), [], random.Random(5)
    names = [row.trial.variant for row in view.rows]
    sides = Counter[str]()
    for count in range(1, 13):
        pair = balanced_pair(view, votes, "anna", lot)
        assert pair is not None
        votes.append(cast(pair.left, pair.right, "tie"))
        sides[names[pair.left]] += 1
        asked = Counter(frozenset((names[vote.left], names[vote.right])) for vote in votes)
        assert max(asked.values()) - (min(asked.values()) if len(asked) == 6 else 0) <= 1 + (count > 6)
    assert len(sides) >= 3


def test_the_tally_counts_ties_half_and_measures_the_habit_of_a_side(run: RunFolder) -> None:
    view = open_run(run)
    a, b = view.rows[0].trial, view.rows[1].trial
    assert a.block == b.block
    found = tally(view, [cast(0, 1, "left"), cast(1, 0, "left"), cast(0, 1, "tie"), cast(0, 1, "left")])
    by_name = {each.variant: each for each in found.standings}
    assert (by_name[a.variant].won, by_name[a.variant].votes) == (2.5, 4)
    assert found.left_share == 1.0
    assert found.settled == 0
    clear = tally(view, [cast(0, 1, "left") if number % 2 else cast(1, 0, "right") for number in range(10)])
    assert clear.settled == 1
    assert clear.left_share == 0.5


def test_a_page_for_colleagues_is_whole_blind_and_its_votes_come_in_once(run: RunFolder, tmp_path: Path) -> None:
    file = Vote(run, seed=1).page(tmp_path / "vote.html", pairs=6)
    page = file.read_text()
    assert not re.search(r"(src|href)=\"(https?:|/)", page)
    data = json.loads(re.findall(r'id="vote-data">(.*?)</script>', page)[0])
    assert len(data["pairs"]) == 6
    text = json.dumps(data["pairs"]) + json.dumps(sorted(data["pictures"]))
    assert not any(word in text for word in ("softbox", "hard", "front", "side"))
    votes = [cast(pair["left"], pair["right"], "left", "zoe") for pair in data["pairs"]]
    back = tmp_path / "votes.json"
    back.write_text(votes_file(run.run_id, "zoe", votes))
    assert (import_votes(back).added, import_votes(back).known) == (6, 6)
    assert {vote.rater for vote in read_votes(run.path)} == {"zoe"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.update(kind="cats"), "is no file of votes"),
        (lambda content: content.update(rater=" "), "names no rater"),
        (lambda content: content["votes"][0].update(choice="mine"), "choice 'mine' is none of left, right, tie, bad"),
        (lambda content: content["votes"][0].update(left=99), "names trial 99; the run has 0 to 15"),
        (lambda content: content["votes"][0].update(right=4), "which are not two variants of one block"),
        (lambda content: content.update(run_id="nope"), "votes on run 'nope'"),
        (lambda content: content.update(run_id="last"), "votes on run 'last'"),
        (lambda content: content.pop("run_id"), "names no run"),
        (lambda content: content.update(version=True), "is no file of votes"),
        (lambda content: content.update(rater=None), "names no rater"),
        (lambda content: content["votes"][0].update(vote_id=""), "has no id"),
        (lambda content: content["votes"][0].update(seconds=-5), "took -5.0 seconds"),
        (lambda content: content["votes"][0].update(seconds=float("nan")), "took nan seconds"),
        (lambda content: content["votes"][0].update(seconds="9" * 400), "seconds"),
    ],
)
def test_a_file_that_is_not_right_brings_nothing_in(
    run: RunFolder, tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    content = json.loads(votes_file(run.run_id, "zoe", [cast(0, 1, "left"), cast(2, 3, "left")]))
    change(content)
    file = tmp_path / "votes.json"
    file.write_text(json.dumps(content))
    with pytest.raises(UsageError) as caught:
        import_votes(file)
    assert message in str(caught.value)
    assert read_votes(run.path) == []


def test_the_command_brings_votes_in_and_says_how_many(run: RunFolder, tmp_path: Path) -> None:
    file = tmp_path / "votes.json"
    file.write_text(votes_file(run.run_id, "zoe", [cast(0, 1, "left")]))
    done = CliRunner().invoke(app, ["votes", "import", str(file), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"run": run.run_id, "added": 1, "known": 0}


def test_a_run_without_two_variants_has_nothing_to_vote_on(lab: Any, edit: Callable[[str, str], None]) -> None:
    from prodimg_lab.experiment import run_experiment

    edit("lighting: [softbox, hard], angle: [front, side]", "lighting: [softbox], angle: [front]")
    with pytest.raises(UsageError, match="nothing to vote on"):
        Vote(run_experiment("tiny", lab=lab))


def test_the_still_page_has_the_standings(run: RunFolder) -> None:
    end = FrontEnd(Vote(run, rater="<b>anna</b>", seed=3))
    told, _ = end.ask("pair")
    end.ask("vote", pair=told["pair"], choice="left")
    page = end.vote.html()
    assert "1 blind votes by &lt;b&gt;anna" in page
    assert "simulated" in page
    assert page.count("<tr>") == 1 + 4


def test_a_vote_taken_back_does_not_come_back_with_its_file(run: RunFolder, tmp_path: Path) -> None:
    vote = cast(0, 1, "left", "zoe")
    file = tmp_path / "votes.json"
    file.write_text(votes_file(run.run_id, "zoe", [vote]))
    import_votes(file)
    undo_vote(run.path, vote.vote_id)
    assert import_votes(file).added == 0
    assert read_votes(run.path) == []


def test_an_id_that_another_rater_used_is_refused_and_nothing_is_added(run: RunFolder, tmp_path: Path) -> None:
    mine = cast(0, 1, "left", "anna")
    cast_vote(run.path, mine)
    file = tmp_path / "votes.json"
    file.write_text(votes_file(run.run_id, "zoe", [cast(2, 3, "left"), mine]))
    with pytest.raises(UsageError, match="has the id of a vote by 'anna'"):
        import_votes(file)
    assert len(read_votes(run.path)) == 1


def test_a_second_colleague_gets_pairs_and_the_least_voted_come_first(run: RunFolder, tmp_path: Path) -> None:
    view = open_run(run)
    lot = random.Random(3)
    votes: list[Cast] = []
    while (pair := balanced_pair(view, votes, "anna", lot)) is not None:
        votes.append(cast(pair.left, pair.right, "tie", "anna"))
    assert balanced_pair(view, votes[:-1], "ben", lot) is not None
    for vote in votes:
        cast_vote(run.path, vote)
    assert Vote(run, seed=1).page(tmp_path / "vote.html", pairs=4).is_file()


def test_wrong_seconds_leave_the_pair_open(run: RunFolder) -> None:
    end = FrontEnd(Vote(run, rater="anna", seed=1))
    told, _ = end.ask("pair")
    refused, _ = end.ask("vote", pair=told["pair"], choice="left", seconds="abc")
    assert "'abc' is no number of seconds" in refused["error"]
    end.ask("vote", pair=told["pair"], choice="left", seconds=1.5)
    assert len(read_votes(run.path)) == 1


def test_a_vote_on_a_run_that_is_gone_is_refused_and_makes_no_folder(run: RunFolder) -> None:
    end = FrontEnd(Vote(run, rater="anna", seed=1))
    told, _ = end.ask("pair")
    shutil.rmtree(run.path)
    refused, _ = end.ask("vote", pair=told["pair"], choice="left", seconds=1)
    assert "is no run any more" in refused["error"]
    assert not run.path.exists()


def test_a_picture_goes_to_the_voter_without_the_texts_in_its_file() -> None:
    from io import BytesIO

    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Source", "studio:core@256")
    told.add_itxt("Description", "golden hour")
    out = BytesIO()
    picture = Image.effect_noise((40, 30), 50).convert("RGB")
    picture.save(out, "PNG", pnginfo=told)
    bare = without_texts(out.getvalue())
    assert b"studio" not in bare and b"golden" not in bare
    with Image.open(BytesIO(bare)) as again:
        assert again.convert("RGB").tobytes() == picture.tobytes()
    assert without_texts(b"\xff\xd8\xff jpeg") == b"\xff\xd8\xff jpeg"
