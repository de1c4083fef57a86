"""The grid of a run's pictures: `Grid("last")` in a notebook cell.

`Grid` is what a notebook holds; `GridWidget` is the thin thing with traits that a front end draws, made when it is
first shown. Where nobody looks there is no widget at all, so an executed notebook keeps no widget state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any, TypedDict, Unpack

import pybase64

from prodimg_lab.errors import ProdimgError, UnknownName, UsageError
from prodimg_lab.experiment import TrialRow, around, write_around
from prodimg_lab.experiment.ratings import Choice
from prodimg_lab.suggest import nearest
from prodimg_lab.widgets import present
from prodimg_lab.widgets.source import GridSource, Run
from prodimg_lab.widgets.surroundings import is_headless, needs_base64, user_name
from prodimg_lab.widgets.twin import still_page

OVERLAYS = ("numbers", "bars", "heat")


class Look(TypedDict, total=False):
    """How a grid is shown. `rows`, `columns`, `supers`: factors ("": none). `hide`: by factor or `state` the levels.

    `sort`: `plan`, `stars`, a scorer or a factor; `score`: the scorer that is shown, `overlay`: as numbers, bars or
    heat. `size`: edge of a tile, 64 to 320 pixels.
    """

    rows: str
    columns: str
    supers: str
    sort: str
    descending: bool
    score: str
    overlay: str
    size: int
    hide: Mapping[str, Sequence[str]]


class Grid:
    """The pictures of one run or several (run is a factor then), to look at, sort, compare and rate.

    `rater` is the name under which ratings are kept (default: the system's user); `height` in pixels. Raises
    `UnknownName` for a run, factor or scorer that is not there, with the nearest name.
    """

    def __init__(self, *runs: Run, rater: str = "", height: int = 560, **look: Unpack[Look]) -> None:
        self.source = GridSource(runs or ("last",))
        self.rater = rater or user_name()
        self.height = height
        self._names = present.scorers_of(self.source.shown)
        self._look = _checked(look, self.source.shown, self._names)
        self._mark = token_hex(6)

    @property
    def look(self) -> dict[str, Any]:
        """How the grid is shown now; what was clicked together can be written into the cell: `Grid(run, **look)`."""
        return dict(self.widget.look) if "widget" in self.__dict__ else dict(self._look)

    @property
    def selected(self) -> list[TrialRow]:
        """The trials that are selected."""
        places = self.widget.selected if "widget" in self.__dict__ else []
        return [self.source.shown[place].row for place in places]

    def around(self, trial: int, *, name: str = "") -> str | Path:
        """An experiment that starts from the picture at that place of the grid.

        With a `name` it is made under `experiments/` and its file returned, else its text. Raises `UsageError`.
        """
        shown = self.source.shown[_place(self, trial)]
        folder = self.source.folder_of(trial)
        place = shown.row.trial.index
        return write_around(folder, place, name) if name else around(folder, place)

    @cached_property
    def widget(self) -> Any:
        """The widget, to put into another one. Made when first asked for; it follows its runs from then on."""
        from prodimg_lab.widgets.drawn import GridWidget

        widget = GridWidget(look=self._look, height=self.height, twin=self._mark)
        widget.on_msg(lambda _, content, __: self._answer(widget, content))
        self.source.follow(lambda places: widget.send(self._changes(places)))
        return widget

    def html(self) -> str:
        """The still page that stands in for the grid where no kernel answers."""
        shown = self.source.shown
        places = present.arranged(shown, self.look)
        return still_page(shown, mark=self._mark, places=places, picture=self.source.small_picture)

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        if is_headless():
            display(HTML(self.html()))
            return
        display(self.widget)
        still = display(HTML(self.html()), display_id=True)
        if still is not None and self.source.is_running:
            self._renew(still)

    def _renew(self, still: Any) -> None:
        """Show the whole run on the still page once it has ended."""
        from IPython.display import HTML

        def tell(_: Sequence[int]) -> None:
            if not self.source.is_running:
                still.update(HTML(self.html()))

        self.source.when_changed(tell)

    def _changes(self, places: Sequence[int]) -> dict[str, Any]:
        shown = self.source.shown
        return present.changes_of(shown, places, self._names) | {"runs": present.runs_of(shown)}

    def _answer(self, widget: Any, asked: Mapping[str, Any]) -> None:
        """Answer one message of the front end; what is wrong is told there, in one line."""
        kind = str(asked.get("kind"))
        try:
            content, parts = ANSWERS[kind](self, asked)
        except (ProdimgError, LookupError, ValueError, TypeError) as error:
            content, parts = {"error": str(error)}, []
        if needs_base64() and parts:
            content, parts = {**content, "base64": [pybase64.b64encode_as_string(part) for part in parts]}, []
        widget.send({"kind": kind, "id": asked.get("id"), **content}, buffers=parts)


Answer = tuple[dict[str, Any], list[bytes]]


def _table(grid: Grid, _: Mapping[str, Any]) -> Answer:
    grid.source.refresh()
    header, parts = present.table_of(grid.source.shown)
    return {"table": header}, parts


def _tiles(grid: Grid, asked: Mapping[str, Any]) -> Answer:
    places = _places(grid, asked["rows"])
    made = grid.source.thumbnails(places)
    alts = [grid.source.shown[place].row.trial.prompt.text for place in places]
    return {"rows": places, "alts": alts, "problems": [each.problem for each in made]}, [each.data for each in made]


def _picture(grid: Grid, asked: Mapping[str, Any]) -> Answer:
    data = grid.source.picture(_place(grid, asked["row"]))
    return {"mime": mime_of(data)}, [data]


def _card(grid: Grid, asked: Mapping[str, Any]) -> Answer:
    shown = grid.source.shown
    return {"card": present.card_of(shown[_place(grid, asked["row"])], present.marks_of(shown))}, []


def _search(grid: Grid, asked: Mapping[str, Any]) -> Answer:
    return {"rows": grid.source.search(str(asked["text"]))}, []


def _rate(grid: Grid, asked: Mapping[str, Any]) -> Answer:
    places = _places(grid, asked["rows"])
    if "stars" in asked:
        stars = asked["stars"]
        if isinstance(stars, bool) or stars not in range(6):
            raise UsageError(f"{stars!r} is no rating; give 1 to 5 stars, or 0 to take them back")
        grid.source.rate(places, rater=grid.rater, stars=int(stars) or None)
        return {}, []
    said = {"keep": "keep", "drop": "drop", "": None, "none": None}
    if asked["choice"] not in said:
        raise UsageError(f"{asked['choice']!r} is no choice; say keep or drop, or nothing to take it back")
    choice: Choice | None = said[asked["choice"]]  # type: ignore[assignment]
    grid.source.choose(places, rater=grid.rater, choice=choice)
    return {}, []


def _places(grid: Grid, asked: Any) -> list[int]:
    if not isinstance(asked, list):
        raise UsageError(f"{asked!r} is no list of pictures")
    return [_place(grid, place) for place in asked]


def _place(grid: Grid, place: Any) -> int:
    """A picture's place in what is shown. Raises `UsageError` for one that the grid does not have."""
    most = len(grid.source.shown)
    if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < most:
        raise UsageError(f"no picture {place!r}; this grid has 0 to {most - 1}")
    return place


def _around(grid: Grid, asked: Mapping[str, Any]) -> Answer:
    place = _place(grid, asked["row"])
    return {"yaml": grid.around(place)}, []


def _make_around(grid: Grid, asked: Mapping[str, Any]) -> Answer:
    place = _place(grid, asked["row"])
    shown = grid.source.shown[place]
    file = Path(grid.around(place, name=f"{shown.view.experiment}-around-{shown.row.trial.index}"))
    return {"file": f"experiments/{file.parent.name}/{file.name}", "next": f"prodimg plan {file.parent.name}"}, []


ANSWERS: Mapping[str, Callable[[Grid, Mapping[str, Any]], Answer]] = {
    "table": _table,
    "tiles": _tiles,
    "picture": _picture,
    "card": _card,
    "search": _search,
    "rate": _rate,
    "around": _around,
    "make_around": _make_around,
}


def mime_of(data: bytes) -> str:
    """The media type of a picture's bytes."""
    return "image/png" if data[:4] == b"\x89PNG" else "image/webp" if data[:4] == b"RIFF" else "image/jpeg"


def _checked(look: Look, shown: Sequence[present.Shown], scorers: Sequence[str]) -> dict[str, Any]:
    factors = [factor.name for factor in present.factors_of(shown)]
    known: dict[str, Sequence[str]] = {
        **{key: ["", *factors] for key in ("rows", "columns", "supers")},
        "sort": ["plan", "stars", *scorers, *factors],
        "score": scorers,
        "overlay": OVERLAYS,
    }
    for name, value in look.items():
        if name not in Look.__annotations__:
            raise UsageError(f"a grid has no {name!r}; {nearest(name, Look.__annotations__)}")
        if name in known and value not in known[name]:
            raise UnknownName(f"{name}={value!r}: {nearest(str(value), [each for each in known[name] if each])}")
    for name in look.get("hide", {}):
        if name not in (*factors, "state"):
            raise UnknownName(f"hide={name!r}: {nearest(name, [*factors, 'state'])}")
    size = look.get("size", 168)
    if not 64 <= size <= 320:
        raise UsageError(f"size {size} is outside 64 to 320 pixels")
    return dict(look)
