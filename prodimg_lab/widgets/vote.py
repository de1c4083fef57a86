"""Blind votes in a notebook: two pictures of the same product and seed, nobody knows which variant is which."""

from __future__ import annotations

import html
import random
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any

import pybase64

from prodimg_lab.errors import ProdimgError, UsageError
from prodimg_lab.experiment import RunView, open_run
from prodimg_lab.experiment.votes import LONGEST_S, cast_vote, new_vote_id, read_votes, undo_vote
from prodimg_lab.experiment.votes import Vote as Cast
from prodimg_lab.widgets.grid import Answer, mime_of
from prodimg_lab.widgets.pairs import NextPair, Pair, Standing, Tally, balanced_pair, tally
from prodimg_lab.widgets.source import Run, folder_of_run
from prodimg_lab.widgets.surroundings import is_headless, needs_base64, user_name
from prodimg_lab.widgets.votepage import write_page

_PNG = b"\x89PNG\r\n\x1a\n"
CHOICES = ("left", "right", "tie", "bad")


class Vote:
    """Pairs of a run's pictures to choose from, with the keyboard; every vote is in the store at once.

    `rater` is who votes (default: the system's user). `next_pair` chooses what is asked; `seed` draws sides and ties.
    Raises `UnknownName` for a run that is not there, `UsageError` for one without two variants to compare.
    """

    def __init__(
        self, run: Run = "last", *, rater: str = "", next_pair: NextPair = balanced_pair, seed: int | None = None
    ) -> None:
        self.folder = folder_of_run(run)
        self.rater = rater or user_name()
        self._view = open_run(self.folder)
        self._next_pair = next_pair
        self._lot = random.Random(seed)
        self._guard = threading.RLock()
        self._open: dict[str, Pair] = {}
        self._mine: list[Cast] = []
        self._mark = token_hex(6)
        if len({row.trial.variant for row in self._view.drawn}) < 2:
            raise UsageError(f"run {self._view.run_id} has fewer than two variants with pictures: nothing to vote on")

    @property
    def tally(self) -> Tally:
        """What all votes of the run say so far."""
        return tally(self._view, read_votes(self.folder.path))

    def page(self, file: str | Path, *, pairs: int = 40) -> Path:
        """Write a page for colleagues without Jupyter: pictures and script are in it, names of variants are not.

        It saves a file of votes that `prodimg votes import FILE` brings in. Raises `UsageError` when there is nothing
        to ask, `StoreError` when it can't be written.
        """
        return write_page(self._view, Path(file), self._pairs(pairs))

    def _pairs(self, count: int) -> list[Pair]:
        """The next pairs for somebody who has not voted yet, as if each were answered with a tie."""
        votes = read_votes(self.folder.path)
        found: list[Pair] = []
        while len(found) < count:
            pair = self._next_pair(self._view, votes, "", self._lot)
            if pair is None:
                break
            found.append(pair)
            votes.append(Cast(vote_id=str(len(found)), rater="", left=pair.left, right=pair.right, choice="tie"))
        return found

    @cached_property
    def widget(self) -> Any:
        """The widget, to put into another one."""
        from prodimg_lab.widgets.drawn import VoteWidget

        widget = VoteWidget(twin=self._mark)
        widget.on_msg(lambda _, content, __: self._answer(widget, content))
        return widget

    def html(self) -> str:
        """The standings as a table, for readers without a kernel."""
        return f'<div data-prodimg-twin="{self._mark}">{standings_html(self._view, self.tally)}</div>'

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        if not is_headless():
            display(self.widget)
        display(HTML(self.html()))

    def _answer(self, widget: Any, asked: Mapping[str, Any]) -> None:
        kind = str(asked.get("kind"))
        try:
            with self._guard:
                content, parts = ANSWERS[kind](self, asked)
        except (ProdimgError, LookupError, ValueError, TypeError) as error:
            content, parts = {"error": str(error)}, []
        if needs_base64() and parts:
            content, parts = {**content, "base64": [pybase64.b64encode_as_string(part) for part in parts]}, []
        widget.send({"kind": kind, "id": asked.get("id"), **content}, buffers=parts)

    def _shown(self, pair: Pair | None, key: str = "") -> Answer:
        """What the page learns of a pair: two pictures and the product's name, never a variant."""
        told = {"progress": self._progress(), "rater": self.rater}
        if pair is None:
            return {"pair": None, **told}, []
        key = key or token_hex(6)
        self._open[key] = pair
        rows = [self._view.rows[place] for place in (pair.left, pair.right)]
        data = [without_texts(self._view.picture(row.outcome.digest)) for row in rows]
        product = self._view.products.get(rows[0].trial.block.sku)
        title = product.title if product else rows[0].trial.block.sku
        return {"pair": key, "title": title, "mimes": [mime_of(each) for each in data], **told}, data

    def _progress(self) -> dict[str, Any]:
        known = self.tally
        mine = sum(vote.rater == self.rater for vote in read_votes(self.folder.path))
        return {"votes": known.votes, "mine": mine, "settled": known.settled, "pairs": known.pairs}


def _pair(vote: Vote, _: Mapping[str, Any]) -> Answer:
    votes = read_votes(vote.folder.path)
    return vote._shown(vote._next_pair(vote._view, votes, vote.rater, vote._lot))


def _cast(vote: Vote, asked: Mapping[str, Any]) -> Answer:
    if asked["choice"] not in CHOICES:
        raise UsageError(f"{asked['choice']!r} is no choice; say {', '.join(CHOICES)}")
    seconds = asked.get("seconds", 0.0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < LONGEST_S:
        raise UsageError(f"{seconds!r} is no number of seconds from 0 to {LONGEST_S}")
    pair = vote._open.pop(str(asked["pair"]), None)
    if pair is not None:
        made = Cast(
            vote_id=new_vote_id(),
            rater=vote.rater,
            left=pair.left,
            right=pair.right,
            choice=asked["choice"],
            seconds=float(seconds),
        )
        try:
            cast_vote(vote.folder.path, made)
        except BaseException:
            vote._open[str(asked["pair"])] = pair
            raise
        vote._mine.append(made)
    return _pair(vote, asked)


def _undo(vote: Vote, asked: Mapping[str, Any]) -> Answer:
    if not vote._mine:
        return _pair(vote, asked)
    last = vote._mine[-1]
    undo_vote(vote.folder.path, last.vote_id)
    vote._mine.pop()
    return vote._shown(Pair(left=last.left, right=last.right))


def _rater(vote: Vote, asked: Mapping[str, Any]) -> Answer:
    name = str(asked["name"]).strip()
    if not name:
        raise UsageError("say who votes")
    vote.rater, vote._mine = name, []
    return _pair(vote, asked)


ANSWERS: Mapping[str, Callable[[Vote, Mapping[str, Any]], Answer]] = {
    "pair": _pair,
    "vote": _cast,
    "undo": _undo,
    "rater": _rater,
}


def without_texts(data: bytes) -> bytes:
    """A PNG without its text chunks, which may name the model or the prompt; other files as they are."""
    if not data.startswith(_PNG):
        return data
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] not in (b"tEXt", b"iTXt", b"zTXt", b"eXIf"):
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def standings_html(view: RunView, found: Tally) -> str:
    """Who won how often, how much is settled, and whether a side was preferred."""
    rows = "".join(_standing_row(each) for each in found.standings)
    raters = html.escape(", ".join(found.raters)) or "nobody yet"
    simulated = " Pictures are simulated." if view.simulated else ""
    return (
        f"<p>{html.escape(view.experiment)} {html.escape(view.run_id)}: {found.votes} blind votes by {raters}; "
        f"{found.settled} of {found.pairs} pairs of variants are settled. {found.sides_text}{simulated}</p>"
        "<table><thead><tr><th>variant</th><th>won</th><th>share</th><th>95 %</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _standing_row(each: Standing) -> str:
    share = "–" if each.share is None else f"{100 * each.share:.0f} %"
    between = "" if each.interval is None else f"{100 * each.interval.low:.0f} to {100 * each.interval.high:.0f} %"
    cells = (each.variant, f"{each.won:g} of {each.votes}", share, between)
    return f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"
