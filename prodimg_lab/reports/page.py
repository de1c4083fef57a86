"""What stands on the page of a run? Everything as plain text and numbers; the template only sets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prodimg_lab.experiment.calibration import Calibration, calibration_of, pairs_of
from prodimg_lab.experiment.figures import headline, kept_rows
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.judge_runs import VariantTally, bias_of, read_judged_pairs, tally
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.records import TrialState
from prodimg_lab.reports import cards, charts, facts, tables
from prodimg_lab.reports.alike import Alike, alike
from prodimg_lab.reports.forest import forest_of
from prodimg_lab.reports.pick import best, pick, worst
from prodimg_lab.reports.thumbnails import Thumbnail
from prodimg_lab.scoring.pairwise import PositionBias

ENDS = 6
"""How many best and how many worst pictures get a card."""

TOP_VARIANTS = 5
MINIS = 5
"""Variants in the first table, and small pictures beside each."""

MAX_LINES = 300
"""Rows of a table; more are counted, not shown (`export.write_csv` has all)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many pictures and trials without one the sheet shows; edges in pixels, bytes before base64."""

    pictures: int
    edge: int
    max_bytes: int
    undrawn: int = 300
    card_edge: int = 512
    card_bytes: int = 60_000
    mini_edge: int = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantCard:
    """A line of the first table with its small pictures."""

    place: int
    line: tables.Line
    minis: tuple[tuple[Thumbnail, str], ...]


Thumb = Callable[[TrialRow, int, int], Thumbnail]
"""Row, edge in pixels, bytes -> its thumbnail."""


def page_context(view: RunView, thumb: Thumb, sizes: Sizes, *, live: bool) -> dict[str, object]:
    """Everything the template reads, by name."""
    figures = headline(view)
    return {
        "view": view,
        "headline": figures,
        "is_live": live and view.state == "running",
        "progress": facts.progress_text(view) if view.state == "running" else "",
        "shares": _shares(view),
        "figures": facts.headline_tiles(figures),
        "facts": facts.run_facts(view),
        "money": facts.money(view, figures),
        "commands": facts.commands(view),
        "people": () if live else _people(view),
        "judges": () if live else _judges(view),
        "verdict": None if view.state == "running" else forest_of(view),
        "alike": None if view.state == "running" else _alike(view, thumb, sizes),
        **_plots(view),
        **_tables(view, thumb, sizes),
        **_pictures(view, thumb, sizes),
    }


def _people(view: RunView) -> Sequence[Calibration]:
    """The scores of the run held against its votes and ratings; none where nobody said anything."""
    folder = RunFolder(path=view.folder)
    pairs = list(pairs_of(folder, view)) if folder.journal.is_file() else []
    return calibration_of({view.run_id: view}, pairs) if pairs else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeTable:
    """What one judge said of pairs: how the variants fared, and whether it keeps to a place."""

    judge: str
    pairs: int
    lines: Sequence[VariantTally]
    bias: PositionBias


def _judges(view: RunView) -> Sequence[JudgeTable]:
    """The pairs that judges have compared in the run, by judge."""
    folder = RunFolder(path=view.folder)
    found = read_judged_pairs(folder) if folder.journal.is_file() else []
    tables_of = []
    for judge in dict.fromkeys(pair.judge for pair in found):
        own = [pair for pair in found if pair.judge == judge]
        tables_of.append(JudgeTable(judge=judge, pairs=len(own), lines=tally(view, own), bias=bias_of(own)))
    return tables_of


def _alike(view: RunView, thumb: Thumb, sizes: Sizes) -> Alike | None:
    """Of the pictures in the sheet, whose thumbnails are made anyway."""
    return alike(
        view,
        pick(view.drawn, sizes.pictures).rows,
        looked_at=lambda row: thumb(row, sizes.edge, sizes.max_bytes),
        shown=lambda row: thumb(row, sizes.mini_edge, sizes.max_bytes),
    )


def _plots(view: RunView) -> dict[str, object]:
    effects = tables.quality_effects(view)
    times = [row.outcome.seconds for row in view.drawn if not row.outcome.cached]
    time_end = charts.round_end(max(times, default=0.0))
    return {
        "effects": charts.factor_plots(effects),
        "axis": f"{charts.effects_axis(effects):g}",
        "histogram": charts.histogram([row.quality for row in view.drawn if row.quality is not None], 5.0, unit=""),
        "times": charts.histogram(times, time_end, unit=" s"),
        "time_end": time_end,
    }


def _tables(view: RunView, thumb: Thumb, sizes: Sizes) -> dict[str, object]:
    variants, products = tables.by_variant(view), tables.by_product(view)
    return {
        "top": [_variant_card(i, line, thumb, sizes) for i, line in enumerate(variants[:TOP_VARIANTS], 1)],
        "more_variants": max(0, len(variants) - TOP_VARIANTS),
        "variants": variants[:MAX_LINES],
        "variants_left_out": max(0, len(variants) - MAX_LINES),
        "products": products[:MAX_LINES],
        "products_left_out": max(0, len(products) - MAX_LINES),
        "titles": {sku: product.title for sku, product in view.products.items()},
        "models": tables.by_model(view),
        "troubles": tables.troubles(view),
    }


def _pictures(view: RunView, thumb: Thumb, sizes: Sizes) -> dict[str, object]:
    kept = {row.trial.index for row in kept_rows(view)}
    picked = pick(view.drawn, sizes.pictures)
    undrawn = [row for trouble in tables.troubles(view) for row in trouble.rows][: sizes.undrawn]
    shown = sorted((*picked.rows, *undrawn), key=lambda row: row.trial.index)
    scored = len({row.outcome.digest for row in view.drawn if row.quality is not None})
    ends = min(ENDS, scored // 2)
    top, low = best(view.drawn, ends or 1), worst(view.drawn, ends)
    names = cards.marks(view, (*shown, *top, *low))
    known = {row.trial.index: row for row in (*shown, *top, *low)}

    def tile_of(row: TrialRow, edge: int, max_bytes: int) -> cards.Tile:
        small = thumb(row, edge, max_bytes) if row.is_drawn else None
        return cards.tile(row, small, kept=row.trial.index in kept)

    def cards_of(rows: Sequence[TrialRow]) -> list[cards.Card]:
        return [cards.card(row, tile_of(row, sizes.card_edge, sizes.card_bytes)) for row in rows]

    return {
        "marks": names,
        "mark_styles": {mark.name: mark.style for mark in names},
        "best": cards_of(top),
        "worst": cards_of(low),
        "sheet": [tile_of(row, sizes.edge, sizes.max_bytes) for row in shown],
        "sheet_note": picked.note,
        "filters": _filters(shown, view),
        "scorers": tables.scorers_of(view),
        "states": sorted({row.outcome.state.value for row in shown}),
        "data": cards.page_data(view, list(known.values()), names),
    }


def _shares(view: RunView) -> list[tuple[str, float, float]]:
    """State, left edge and width in percent, for the bar of progress."""
    made, left = [], 0.0
    for state in TrialState:
        width = 100 * view.count(state) / (len(view.rows) or 1)
        if width and state is not TrialState.PLANNED:
            made.append((state.value, round(left, 3), round(width, 3)))
            left += width
    return made


def _variant_card(place: int, line: tables.Line, thumb: Thumb, sizes: Sizes) -> VariantCard:
    drawn = [row for row in line.rows if row.is_drawn]
    first_of: dict[str, TrialRow] = {}
    for row in drawn:
        first_of.setdefault(row.trial.block.sku, row)
    firsts = {row.trial.index for row in first_of.values()}
    pool = sorted(drawn, key=lambda row: row.trial.index not in firsts)[: max(len(firsts), MINIS)]
    few = min(MINIS, len(pool))
    chosen = [pool[i * len(pool) // few] for i in range(few)]
    minis = [(thumb(row, sizes.mini_edge, sizes.max_bytes), row.trial.block.name) for row in chosen]
    return VariantCard(place=place, line=line, minis=tuple((small, name) for small, name in minis if small.data))


def _filters(rows: Sequence[TrialRow], view: RunView) -> list[tuple[str, list[str]]]:
    """Each factor with the levels that occur among `rows`, in the factor's order, if there are two."""
    made = []
    for name, levels in view.factors.items():
        met = {str(row.trial.levels[name]) for row in rows if name in row.trial.levels}
        known = [str(level) for level in levels if str(level) in met]
        every = known + sorted(met - set(known))
        if len(every) > 1:
            made.append((name, every))
    return made
