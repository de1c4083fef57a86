"""What came of a run, as pictures that can be put on a slide. A mean is no verdict, and each of them says so."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prodimg_lab.errors import UnknownName
from prodimg_lab.experiment import RunView
from prodimg_lab.reports.plots import effects_figure
from prodimg_lab.reports.tables import by_variant, quality_effects
from prodimg_lab.suggest import nearest
from prodimg_lab.widgets.pairs import Tally

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Slide:
    """A figure that shows itself in a notebook, and can be saved for a slide. `alt` says in words what it is."""

    figure: Figure
    alt: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        drawn = BytesIO()
        self.figure.savefig(drawn, format="png", dpi=110, bbox_inches="tight")
        return {"image/png": drawn.getvalue(), "text/plain": self.alt}

    def save(self, file: str | Path, *, dpi: int = 200) -> Path:
        """Write it; the format follows the name (.png, .svg, .pdf)."""
        self.figure.savefig(file, dpi=dpi, bbox_inches="tight")
        return Path(file)


INK, GOOD, BAD, GREY = "#3550d6", "#0b7a4b", "#b3231c", "#596273"
MOST = 20
"""Variants on a plot; the table has all."""


def effects(run: RunView) -> Slide:
    """What each factor's levels do to quality, with 95 % intervals over blocks."""
    return Slide(effects_figure(run), "What each factor's levels do to quality, with 95 % intervals")


def variants_plot(run: RunView) -> Slide:
    """Mean quality of the best variants, every picture as a dot beside its mean."""
    lines = [line for line in by_variant(run) if line.quality is not None][:MOST]
    figure, axes = _canvas(7.5, 0.34 * max(2, len(lines)) + 1.2)
    for place, line in enumerate(lines):
        marks = [row.quality for row in line.rows if row.quality is not None]
        axes.plot(marks, [place] * len(marks), "o", color=INK, alpha=0.25, markersize=5)
        axes.plot([line.quality], [place], "D", color=INK, markersize=7)
    axes.set_yticks(range(len(lines)), [line.name for line in lines])
    axes.invert_yaxis()
    axes.set_xlabel("quality, 0 to 5 (diamond: mean; a mean is no verdict)")
    return _titled(figure, run, "Which variants score best")


def pivot(run: RunView, *, rows: str, columns: str) -> DataFrame:
    """Mean quality by two factors. Raises `UnknownName` for a factor that the run does not have."""
    from pandas import DataFrame

    for name in (rows, columns):
        if name not in run.factors:
            raise UnknownName(f"run {run.run_id} has no factor {name!r}; {nearest(name, run.factors)}")
    seen = [
        {rows: str(row.trial.levels.get(rows)), columns: str(row.trial.levels.get(columns)), "quality": row.quality}
        for row in run.drawn
        if row.quality is not None
    ]
    return DataFrame(seen).pivot_table(index=rows, columns=columns, values="quality", aggfunc="mean", sort=False)


def pivot_plot(run: RunView, *, rows: str, columns: str) -> Slide:
    """`pivot` as a heat map with the numbers in it."""
    table = pivot(run, rows=rows, columns=columns)
    figure, axes = _canvas(1.5 + 1.3 * len(table.columns), 1.4 + 0.6 * len(table.index))
    drawn = axes.imshow(table.to_numpy(), cmap="viridis", aspect="auto")
    axes.set_xticks(range(len(table.columns)), list(table.columns), rotation=20, ha="right")
    axes.set_yticks(range(len(table.index)), list(table.index))
    middle = float(drawn.norm.vmin + drawn.norm.vmax) / 2
    for y, line in enumerate(table.to_numpy()):
        for x, value in enumerate(line):
            axes.text(x, y, f"{value:.2f}", ha="center", va="center", color="black" if value > middle else "white")
    axes.spines[:].set_visible(False)
    return _titled(figure, run, f"Mean quality by {rows} and {columns}")


def advice(run: RunView) -> DataFrame:
    """Level by level: how much it moves quality, with its 95 % interval, and what follows from that.

    `keep` and `drop` only where the interval leaves no doubt about the sign; everything else is `open`.
    """
    from pandas import DataFrame

    rows = []
    for effect in quality_effects(run):
        for level in effect.levels:
            if level.effect is None:
                continue
            sure = level.interval is not None and level.interval.excludes_zero
            rows.append(
                {
                    "factor": effect.factor,
                    "level": str(level.level),
                    "effect": round(level.effect, 3),
                    "from": None if level.interval is None else round(level.interval.low, 3),
                    "to": None if level.interval is None else round(level.interval.high, 3),
                    "blocks": effect.blocks,
                    "advice": ("keep" if level.effect > 0 else "drop") if sure else "open",
                }
            )
    return DataFrame(rows).set_index(["factor", "level"]) if rows else DataFrame()


def standings_plot(tally: Tally, *, title: str = "What people prefer") -> Slide:
    """Share of blind votes that each variant won, with 95 % intervals; 50 % is a draw."""
    lines = [each for each in tally.standings if each.share is not None and each.interval is not None]
    figure, axes = _canvas(7.5, 0.4 * max(2, len(lines)) + 1.2)
    axes.axvline(50, color=GREY, linewidth=0.8, linestyle=":")
    for place, each in enumerate(lines):
        assert each.interval is not None and each.share is not None  # chosen above
        low, high = 100 * each.interval.low, 100 * each.interval.high
        colour = GOOD if low > 50 else BAD if high < 50 else GREY
        axes.plot([low, high], [place, place], color=colour, linewidth=2)
        axes.plot([100 * each.share], [place], "o", color=colour)
    axes.set_yticks(range(len(lines)), [f"{each.variant} ({each.votes})" for each in lines])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel(f"votes won, % ({tally.votes} votes, {tally.settled} of {tally.pairs} pairs settled)")
    figure.suptitle(title, fontsize=12, x=0.02, ha="left")
    return Slide(figure, f"{title}: share of votes won by variant, with 95 % intervals")


def _canvas(width: float, height: float) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=0)
    return figure, axes


def _titled(figure: Figure, run: RunView, title: str) -> Slide:
    simulated = ", simulated pictures" if run.simulated else ""
    figure.suptitle(f"{title} ({run.experiment}, {len(run.drawn)} pictures{simulated})", fontsize=12, x=0.02, ha="left")
    return Slide(figure, f"{title}: {run.experiment}, run {run.run_id}")
