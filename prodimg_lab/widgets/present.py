"""What does the grid show of every trial? Plain columns and plain text, made without a kernel."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sys import byteorder
from typing import Any

from prodimg_lab.experiment import RunView, TrialRow
from prodimg_lab.marked_yaml import to_yaml
from prodimg_lab.records import Product, Score, TrialState
from prodimg_lab.reports.cards import marks, page_data
from prodimg_lab.reports.facts import STATES as STATE_TEXTS
from prodimg_lab.reports.facts import progress_text

STATES = tuple(state.value for state in TrialState)
CHOICES = ("", "keep", "drop")
QUALITY = "quality"
NO_LEVEL = "none"
"""The level of a factor that a trial does not have."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of the grid: its run and its trial."""

    view: RunView
    row: TrialRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A factor with the names of its levels, and for each picture the place of its level."""

    name: str
    levels: tuple[str, ...]
    places: tuple[int, ...]

    @property
    def varies(self) -> bool:
        """Whether pictures differ in it."""
        return len(set(self.places)) > 1


def factors_of(shown: Sequence[Shown]) -> list[Factor]:
    """Run (where there are several), the sweep's factors, product, seed, repeat; each with its levels in plan order."""
    names = dict.fromkeys(name for each in _views(shown) for name in each.factors)
    names = {"template": None} | names
    made = [_factor(name, [_level(each.row, name) for each in shown], _planned(shown, name)) for name in names]
    titles = _titles(shown)
    own = [
        _factor("run", [each.view.run_id for each in shown]),
        _factor("product", [titles[each.row.trial.block.sku] for each in shown]),
        _factor("seed", [f"#{each.row.trial.block.index + 1}" for each in shown]),
        _factor("repeat", [f"#{each.row.trial.request.repeat + 1}" for each in shown]),
    ]
    run, *rest = own
    if len(run.levels) > 1:
        made.insert(0, run)
    return made + [each for each in rest if each.name != "repeat" or each.varies]


def table_of(shown: Sequence[Shown]) -> tuple[dict[str, Any], list[bytes]]:
    """The grid's table: a JSON header, then little-endian columns.

    They are places (uint16, factor by factor), states, stars, choices (uint8 each) and values (float32, by scorer).
    """
    factors, names = factors_of(shown), scorers_of(shown)
    places = _packed("H", [place for factor in factors for place in factor.places])
    values = _packed("f", [_number(value_of(each.row, name)) for name in names for each in shown])
    header = {
        "count": len(shown),
        "runs": runs_of(shown),
        "factors": [{"name": each.name, "levels": each.levels} for each in factors],
        "scorers": names,
        "marks": marks_of(shown),
    }
    rows = [each.row for each in shown]
    return header, [
        places,
        bytes(state_place(row) for row in rows),
        bytes(stars_of(row) for row in rows),
        bytes(choice_place(row) for row in rows),
        values,
    ]


def changes_of(shown: Sequence[Shown], places: Sequence[int], names: Sequence[str]) -> dict[str, Any]:
    """What is to be told of the pictures at `places`; `names` are the scorers of the table."""
    rows = [shown[place].row for place in places]
    return {
        "kind": "changes",
        "rows": list(places),
        "states": [state_place(row) for row in rows],
        "stars": [stars_of(row) for row in rows],
        "choices": [choice_place(row) for row in rows],
        "values": [[value_of(row, name) for name in names] for row in rows],
    }


def runs_of(shown: Sequence[Shown]) -> list[dict[str, Any]]:
    """Each run with its state in words; a run that goes on says how far it is."""
    return [
        {
            "id": view.run_id,
            "experiment": view.experiment,
            "state": view.state,
            "simulated": view.simulated,
            "text": progress_text(view) if view.state == "running" else STATE_TEXTS[view.state],
        }
        for view in _views(shown)
    ]


def scorers_of(shown: Sequence[Shown]) -> list[str]:
    """`quality`, then every scorer of the runs' rubrics or of what was scored so far."""
    found = dict.fromkeys(name for each in shown for name in each.row.scores)
    return [QUALITY, *found]


def marks_of(shown: Sequence[Shown]) -> list[str]:
    """The names of the colours in prompts: factors and slots, then the product."""
    views = _views(shown)
    return list(dict.fromkeys(mark.name for view in views for mark in marks(view, view.rows)))


def card_of(each: Shown, names: Sequence[str]) -> dict[str, Any]:
    """Everything about one picture; `names` are the marks of the table."""
    view, row = each.view, each.row
    found: dict[str, Any] = page_data(view, [row], marks(view, [row]))
    data, prompt, own = found["rows"][0], found["prompts"][0], found["marks"]
    place = {name: number for number, name in enumerate(names)}
    cut = [part if len(part) == 1 else [part[0], place[own[part[1]]["name"]], *part[2:]] for part in prompt["cut"]]
    return {
        **data,
        "cut": cut,
        "negative": prompt["negative"],
        "run": view.run_id,
        "yaml": to_yaml(row.trial.request.fields()),
    }


def value_of(row: TrialRow, name: str) -> float | None:
    """A score of 0 to 5; None without one."""
    if name == QUALITY:
        return row.quality
    score = row.scores.get(name)
    return score.value if isinstance(score, Score) else None


def state_place(row: TrialRow) -> int:
    """The place of the row's state in `STATES`."""
    return STATES.index(row.outcome.state.value)


def stars_of(row: TrialRow) -> int:
    """People's rating in tenths of a star, 10 to 50; 0 without one."""
    return 0 if row.stars is None else round(10 * row.stars)


def choice_place(row: TrialRow) -> int:
    """What people chose, as a place in `CHOICES`."""
    return CHOICES.index(row.choice)


def _views(shown: Sequence[Shown]) -> list[RunView]:
    return list({each.view.run_id: each.view for each in shown}.values())


def _level(row: TrialRow, name: str) -> str:
    return str(row.trial.levels.get(name, NO_LEVEL))


def _planned(shown: Sequence[Shown], name: str) -> list[str]:
    return [str(level) for view in _views(shown) for level in view.factors.get(name, ())]


def _factor(name: str, met: Sequence[str], planned: Sequence[str] = ()) -> Factor:
    wanted = set(met)
    levels = dict.fromkeys([*(level for level in planned if level in wanted), *met])
    place = {level: number for number, level in enumerate(levels)}
    return Factor(name=name, levels=tuple(levels), places=tuple(place[level] for level in met))


def _titles(shown: Sequence[Shown]) -> dict[str, str]:
    """Products by title; by title and SKU where two have the same."""
    products: dict[str, Product | None] = {}
    for each in shown:
        sku = each.row.trial.block.sku
        products.setdefault(sku, each.view.products.get(sku))
    titles = {sku: product.title if product and product.title else sku for sku, product in products.items()}
    met = list(titles.values())
    return {sku: title if met.count(title) == 1 else f"{title} ({sku})" for sku, title in titles.items()}


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _packed(code: str, numbers: Sequence[float]) -> bytes:
    packed = array(code, numbers) if code == "f" else array(code, [int(number) for number in numbers])
    if byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def arranged(shown: Sequence[Shown], look: Mapping[str, Any]) -> list[int]:
    """The places that a look shows, in its order: `hide`, `sort` and `descending` as the grid's script does it."""
    factors = {factor.name: factor for factor in factors_of(shown)}
    hidden = {name: set(levels) for name, levels in look.get("hide", {}).items()}
    places = [place for place in range(len(shown)) if not _is_hidden(shown, place, factors, hidden)]
    key, falls = look.get("sort", "plan"), bool(look.get("descending"))
    if key == "plan":
        return places[::-1] if falls else places
    values = {place: _sort_value(shown[place].row, factors.get(key), key, place) for place in places}
    known = [place for place in places if values[place] is not None]
    known.sort(key=lambda place: (-values[place] if falls else values[place], place))  # type: ignore[operator]
    return known + [place for place in places if values[place] is None]


def _is_hidden(
    shown: Sequence[Shown], place: int, factors: Mapping[str, Factor], hidden: Mapping[str, set[str]]
) -> bool:
    if shown[place].row.outcome.state.value in hidden.get("state", ()):
        return True
    return any(
        factors[name].levels[factors[name].places[place]] in levels
        for name, levels in hidden.items()
        if name in factors
    )


def _sort_value(row: TrialRow, factor: Factor | None, key: str, place: int) -> float | None:
    if key == "stars":
        return row.stars
    return float(factor.places[place]) if factor else value_of(row, key)
