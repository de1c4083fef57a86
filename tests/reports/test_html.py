"""The page of a run: whole, small, and nothing but text from outside."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from prodimg_lab.errors import CorruptObject, StoreError
from prodimg_lab.experiment.view import RunView, Targets
from prodimg_lab.records import Outcome, TrialState
from prodimg_lab.reports import html
from prodimg_lab.reports.html import limit_bytes, render_report, write_report
from prodimg_lab.reports.thumbnails import Thumbnails

MakeView = Callable[..., RunView]
VOID = {"meta", "link", "img", "input", "wbr", "br"}


class Page(HTMLParser):
    """Every element with its attributes and the text by element; complains of elements that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        return [
            found
            for name, found in self.found
            if name == tag and all(found.get(key.rstrip("_")) == value for key, value in attributes.items())
        ]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def data_of(text: str) -> dict[str, list[dict[str, object]]]:
    found = re.search(r'<script type="application/json" id="run-data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    made: dict[str, list[dict[str, object]]] = json.loads(found.group(1))
    return made


def tiles(page: Page) -> list[dict[str, str]]:
    return page.all("li", class_="shot")


def test_the_verdict_stands_on_the_page_with_its_paragraph_and_every_difference(make_view: MakeView) -> None:
    view = make_view(products=4, seeds=2)
    text = render_report(view)
    page = Page(text)
    assert "Verdict: " in page.words and "This is about these 4 products, 8 blocks, and no others." in page.words
    assert "has not been held against people here" in page.words
    forest = text[text.index('id="verdict"') : text.index('id="effects"')]
    assert forest.count("<circle") == len(view.variants) - 1, "one for each variant but the baseline"
    assert 'id="verdict"' not in render_report(replace(view, baseline="")), "nothing to hold anything against"
    assert 'id="verdict"' not in render_report(make_view(state="running", ended=12)), "a look is no verdict"


def test_the_page_has_every_section_and_every_picture(make_view: MakeView) -> None:
    view = make_view(refuse_every=7)
    page = Page(render_report(view))
    ids = {found["id"] for found in page.all("section") if "id" in found}
    always = {"variants", "effects", "ends", "sheet", "tables", "alike", "cost", "troubles", "rerun", "run"}
    assert ids == always | {"verdict"}
    assert len(tiles(page)) == 20
    shown = [found for found in page.all("img") if found["src"].startswith("data:image/webp;base64,")]
    assert len(shown) >= len(view.drawn)
    links = {found["href"] for found in page.all("a")}
    assert all(link[1:] in {*ids, "main"} for link in links)


def test_the_first_line_holds_the_figures_against_their_targets(make_view: MakeView) -> None:
    view = make_view(source="aws", model="stability.stable-image-core-v1:1", price_micro=40_000)
    page = Page(render_report(view))
    words = page.words[page.words.index("mug-hero done") : page.words.index("Best variants")]
    for label in ("Seconds a picture", "USD a picture", "USD a kept picture", "Mean quality", "Saving a kept picture"):
        assert label in words
    assert "95 % within" in words
    assert "met target ≤ $0.04" in words
    assert "of the $100.00 of a photograph" in words


def test_every_picture_has_its_prompt_as_alternative_text(make_view: MakeView) -> None:
    view = make_view()
    shown = {found["alt"] for found in Page(render_report(view)).all("img")}
    assert {row.trial.prompt.text for row in view.drawn} <= shown


def test_nothing_is_loaded_from_elsewhere(make_view: MakeView) -> None:
    text = render_report(make_view())
    page = Page(text)
    for _, attributes in page.found:
        for name in ("src", "href", "action", "srcset", "poster"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    own = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert own is not None
    assert "url(" not in own.group(1)
    assert "@import" not in own.group(1)
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy


EVIL = "</script></style><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}<!--"


def test_whatever_comes_from_outside_stays_text(make_view: MakeView) -> None:
    view = make_view(prefix=EVIL, note=EVIL, sku=EVIL, model=EVIL, refuse_every=5)
    view = replace(view, experiment=EVIL, run_id=EVIL, baseline=EVIL, platform={EVIL: EVIL}, rubric=EVIL)
    rows = tuple(replace(row, outcome=replace(row.outcome, reason=EVIL)) for row in view.rows)
    text = render_report(replace(view, rows=rows))
    page = Page(text)
    assert len(page.all("script")) == 2
    assert not [found for _, found in page.found if any(name.startswith("on") for name in found)]
    assert not page.all("img", src="x")
    assert EVIL in {found["alt"][: len(EVIL)] for found in page.all("img")}
    assert all(str(prompt["cut"][0][0]).startswith(EVIL) for prompt in data_of(text)["prompts"])  # type: ignore[index]


def test_the_data_of_the_script_says_what_the_run_says(make_view: MakeView) -> None:
    view = make_view(unscored_every=6)
    rows = {row["id"]: row for row in data_of(render_report(view))["rows"]}
    assert set(rows) == {row.trial.index for row in view.rows}
    for row in view.rows:
        assert rows[row.trial.index]["quality"] == row.quality
        assert rows[row.trial.index]["fingerprint"] == row.trial.request.fingerprint
        assert rows[row.trial.index]["digest"] == row.outcome.digest
    unscored = next(row for row in view.rows if row.unscored_reason)
    assert rows[unscored.trial.index]["scores"] == [
        ["sharpness", None, "–", "not scored", "no subject found in the picture", ""]
    ]


def test_factors_mark_their_words_in_the_best_and_worst_prompts(make_view: MakeView) -> None:
    page = Page(render_report(make_view()))
    titles = {found["title"] for found in page.all("mark") if "title" in found}
    assert "lighting: golden-hour" in titles
    assert "product.subject: glass bottle" in titles
    assert len(page.all("article")) == 12


def test_best_and_worst_never_share_a_picture(make_view: MakeView) -> None:
    view = make_view(products=1, seeds=1)
    page = Page(render_report(view))
    large = [found["data-large"] for found in page.all("button") if "data-large" in found]
    assert len(large) == len(set(large)) == 4


def test_simulated_pictures_are_said_to_be_simulated(make_view: MakeView) -> None:
    assert "Simulated. These pictures were drawn by a simulation (studio)" in Page(render_report(make_view())).words
    real = make_view(source="aws", model="stability.stable-image-core-v1:1", price_micro=40_000)
    assert "Simulated." not in Page(render_report(real)).words


def test_refusals_failures_and_uncertain_trials_are_listed_with_their_cost(make_view: MakeView) -> None:
    view = make_view(source="aws", model="m", price_micro=80_000, refuse_every=5, fail_every=7)
    lost = Outcome(state=TrialState.UNCERTAIN, cost_micro=80_000, sends=1, reason="no answer within 300 s")
    rows = (replace(view.rows[0], outcome=lost, quality=None, scores={}), *view.rows[1:])
    words = Page(render_report(replace(view, rows=rows))).words
    words = words[words.index("Refusals and failures") : words.index("Run it again")]
    assert "refused the model's filter: prompt blocked 4 $0.32" in words
    assert "failed ServiceUnavailable after 4 sends 2 $0.00" in words
    assert "uncertain no answer within 300 s 1 $0.08" in words


def test_the_baseline_is_marked_and_a_mean_is_called_no_verdict(make_view: MakeView) -> None:
    words = Page(render_report(make_view())).words
    assert "plain-white baseline" in words
    assert "A mean is no verdict" in words


def test_the_way_to_rerun_is_quoted_for_a_shell(make_view: MakeView) -> None:
    view = replace(make_view(source="aws", model="m", price_micro=80_000), experiment="mugs & more", state="incomplete")
    commands = [found["data-copy"] for found in Page(render_report(view)).all("button") if "data-copy" in found]
    assert commands[0] == "prodimg resume 20261123-081312-4f2a"
    assert "prodimg rerun 20261123-081312-4f2a --fresh --budget 1.60" in commands
    assert (
        "papermill notebooks/run_experiment.ipynb rerun.ipynb -r experiment 'mugs & more' "
        "-r rerun_of 20261123-081312-4f2a" in commands
    )


@pytest.mark.parametrize(
    ("live", "state", "reloads"),
    [(True, "running", True), (True, "done", False), (False, "running", False), (True, "stopped", False)],
)
def test_only_the_live_page_of_a_running_run_reloads(
    make_view: MakeView, live: bool, state: str, reloads: bool
) -> None:
    page = Page(render_report(make_view(state=state, ended=9), live=live))
    assert bool(page.all("meta", **{"http-equiv": "refresh"})) == reloads
    assert bool(page.all("body")[0].get("data-reload")) == reloads


def test_a_run_without_any_picture_has_a_page(make_view: MakeView) -> None:
    page = Page(render_report(make_view(state="running", ended=0, wall_seconds=0.0), live=True))
    assert "0 of 20 trials ended" in page.words
    assert "The first pictures appear here as soon as they are drawn." in page.words
    assert tiles(page) == []


def test_a_run_where_everything_was_refused_has_a_page(make_view: MakeView) -> None:
    page = Page(render_report(make_view(refuse_every=1)))
    assert "100.0 %" in page.words
    assert len(tiles(page)) == 20
    assert "No picture has a quality yet." in page.words


def test_a_run_without_factors_targets_or_scores_has_a_page(make_view: MakeView) -> None:
    view = make_view(lightings=["softbox"], angles=["front"], plain=False, unscored_every=1, targets=Targets())
    words = Page(render_report(view)).words
    assert "No factor has two levels." in words
    assert "no picture could be scored" in words


def test_one_block_has_effects_without_intervals(make_view: MakeView) -> None:
    assert "no interval: one block" in Page(render_report(make_view(products=1, seeds=1))).words


def test_a_picture_that_cannot_be_read_leaves_the_page_whole(make_view: MakeView) -> None:
    view = make_view()
    broken = view.drawn[3].outcome.digest

    def picture(digest: str) -> bytes:
        if digest == broken:
            raise CorruptObject(f"object {digest[:8]} does not match its digest; prodimg fsck mends it")
        return view.picture(digest)

    page = Page(render_report(replace(view, picture=picture)))
    assert "does not match its digest; prodimg fsck mends it" in page.words
    assert len(tiles(page)) == 20


def noisy_pictures(count: int) -> Callable[[str], bytes]:
    """Camera-like pictures of 512 × 512 with strong noise: close to the worst that a codec meets."""
    made = []
    for i in range(count):
        rng = np.random.default_rng(i)
        pixels = np.linspace(60, 200, 512)[:, None, None] + rng.normal(0, 25, (512, 512, 3))
        buffer = BytesIO()
        Image.fromarray(np.clip(pixels, 0, 255).astype("uint8")).save(buffer, "PNG", compress_level=1)
        made.append(buffer.getvalue())
    return lambda digest: made[int(digest[:8], 16) % count]


def test_two_hundred_noisy_pictures_stay_within_eight_megabytes(make_view: MakeView, tmp_path: Path) -> None:
    view = make_view(products=10, seeds=4, picture=noisy_pictures(5))
    twenty = [row.outcome.digest for row in view.rows[:20]]  # equal digests are made small once, and inlined 200 times
    rows = [
        replace(row, outcome=replace(row.outcome, digest=twenty[i % len(twenty)])) for i, row in enumerate(view.rows)
    ]
    view = replace(view, rows=tuple(rows))
    path = write_report(view, tmp_path / "report.html")
    assert len(view.drawn) == 200
    assert 2_000_000 < path.stat().st_size <= 8_000_000
    assert len(tiles(Page(path.read_text(encoding="utf-8")))) == 200


def test_the_limit_grows_evenly_from_eight_to_twenty_megabytes() -> None:
    assert [limit_bytes(count) for count in (1, 200, 350, 500, 100_000)] == [
        8_000_000,
        8_000_000,
        14_000_000,
        20_000_000,
        20_000_000,
    ]


def test_a_large_run_shows_five_hundred_pictures_and_says_so(make_view: MakeView) -> None:
    one = make_view(products=1, seeds=1)
    same = one.picture(one.drawn[0].outcome.digest)
    view = make_view(products=60, seeds=2, picture=lambda _: same)
    page = Page(render_report(view))
    assert len(tiles(page)) == 500
    assert "500 of 600 pictures: the best 50, the worst 50, and 400 at even steps of the plan." in page.words


def test_pictures_get_smaller_and_then_fewer_until_the_page_fits(
    make_view: MakeView, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make_view(products=1, seeds=4, angles=["front"], picture=noisy_pictures(2))
    sizes, thumbnails = {}, Thumbnails()
    for limit in (8_000_000, 400_000, 210_000):
        monkeypatch.setattr(html, "limit_bytes", lambda _, limit=limit: limit)
        text = render_report(view, thumbnails=thumbnails)
        assert len(text.encode()) <= limit
        sizes[limit] = len([found for found in Page(text).all("img") if found.get("decoding")])
    assert sizes[8_000_000] == sizes[400_000] == 24
    assert sizes[210_000] < 24


def test_a_rewrite_reads_only_new_pictures(make_view: MakeView, tmp_path: Path) -> None:
    first, second = make_view(state="running", ended=8), make_view(state="running", ended=12)
    read: list[str] = []

    def watched(view: RunView) -> RunView:
        def picture(digest: str) -> bytes:
            read.append(digest)
            return view.picture(digest)

        return replace(view, picture=picture)

    thumbnails = Thumbnails()
    path = tmp_path / "report.html"
    write_report(watched(first), path, live=True, thumbnails=thumbnails)
    early = set(read)
    read.clear()
    write_report(watched(first), path, live=True, thumbnails=thumbnails)
    assert read == []
    write_report(watched(second), path, live=True, thumbnails=thumbnails)
    new = {row.outcome.digest for row in second.drawn} - early
    assert new <= set(read)
    assert len(new) == 4


def test_a_report_is_replaced_in_one_step_and_leaves_nothing_beside_it(make_view: MakeView, tmp_path: Path) -> None:
    path = tmp_path / "runs" / "report.html"
    write_report(make_view(state="running", ended=3), path)
    before = path.read_text(encoding="utf-8")
    write_report(make_view(), path)
    assert path.read_text(encoding="utf-8") != before
    assert [found.name for found in path.parent.iterdir()] == ["report.html"]


def test_a_report_that_cannot_be_written_names_its_path(make_view: MakeView, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"report\.html could not be written"):
        write_report(make_view(products=1, seeds=1), tmp_path / "file" / "report.html")
