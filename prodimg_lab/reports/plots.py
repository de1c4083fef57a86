"""The effect of each factor as a figure for notebooks and papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prodimg_lab.errors import MissingExtra
from prodimg_lab.experiment.view import RunView
from prodimg_lab.reports.charts import effects_axis
from prodimg_lab.reports.tables import quality_effects
from prodimg_lab.verdict.effects import FactorEffect

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GOOD, BAD, GREY = "#0b7a4b", "#b3231c", "#596273"


def effects_figure(view: RunView) -> Figure:
    """One panel per factor, widest spread first: change in quality of each level with its 95 % interval.

    Paired by block, as in `verdict.effects`. The figure is bound to no window: a notebook shows it, `savefig` writes
    it. Raises `MissingExtra` without matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("a figure needs matplotlib: pip install 'prodimg-lab[lab]'") from error
    effects = sorted(quality_effects(view), key=lambda effect: -effect.spread)
    tall = sum(0.42 * len(effect.levels) + 0.9 for effect in effects) or 1.5
    figure = Figure(figsize=(7.0, tall), layout="constrained")
    if not effects:
        figure.text(0.5, 0.5, "no factor has two levels", ha="center", va="center", color=GREY)
        return figure
    heights = [len(effect.levels) for effect in effects]
    panels = figure.subplots(len(effects), 1, squeeze=False, sharex=True, height_ratios=heights)
    for panel, effect in zip(panels[:, 0], effects, strict=True):
        _draw(panel, effect)
    axis = effects_axis(effects)
    panels[-1, 0].set_xlim(-1.05 * axis, 1.05 * axis)
    panels[-1, 0].set_xlabel("change in quality (0 = mean of the factor's levels), 95 % interval")
    figure.suptitle(f"{view.experiment} {view.run_id}{' (simulated)' if view.simulated else ''}", fontsize=10)
    return figure


def _draw(panel: Axes, effect: FactorEffect) -> None:
    panel.axvline(0, color=GREY, linewidth=0.8, linestyle=":")
    for place, level in enumerate(effect.levels):
        if level.effect is None:
            continue
        colour = GREY
        if level.interval is not None:
            if level.interval.excludes_zero:
                colour = GOOD if level.effect > 0 else BAD
            panel.plot([level.interval.low, level.interval.high], [place, place], color=colour, linewidth=2)
        panel.plot([level.effect], [place], "o", color=colour)
    panel.set_yticks(range(len(effect.levels)), [f"{level.level} (n {level.pictures})" for level in effect.levels])
    panel.set_ylim(len(effect.levels) - 0.5, -0.5)
    panel.set_title(f"{effect.factor}, {effect.blocks} blocks", loc="left", fontsize=10)
    panel.spines[["top", "right"]].set_visible(False)
