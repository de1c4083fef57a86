"""The bench: write a template, try it, sweep it, watch the grid fill. `Bench("mug-hero")` in a notebook cell."""

from __future__ import annotations

import html
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from prodimg_lab.errors import UsageError
from prodimg_lab.experiment import RunView, plan_experiment, run_experiment
from prodimg_lab.lab import Lab
from prodimg_lab.reports.live import live_audience
from prodimg_lab.widgets.bench.drafting import Draft, plan_tries
from prodimg_lab.widgets.bench.shown import offer_html, prompt_html
from prodimg_lab.widgets.bench.sweeping import choice_of, offer
from prodimg_lab.widgets.surroundings import is_headless, user_name

if TYPE_CHECKING:
    from prodimg_lab.widgets.bench.sweep import SweepPane
    from prodimg_lab.widgets.bench.write import WritePane


class Bench:
    """One experiment on the bench: the tabs Write and Sweep, and the same from a cell.

    `rater` is the name under which ratings and votes are kept. Raises `UsageError` for an experiment that is not there
    or can't be planned, with every problem.
    """

    def __init__(self, experiment: str | Path = "mug-hero", *, lab: Lab | None = None, rater: str = "") -> None:
        self.planned = plan_experiment(experiment, lab=lab)
        self.rater = rater or user_name()
        self._mark = token_hex(6)

    def try_prompt(
        self,
        text: str,
        *,
        negative: str | None = None,
        template: str = "",
        products: int = 4,
        seeds: int = 1,
        model: str = "",
    ) -> RunView:
        """Draw a prompt for the first `products` of the experiment: an idea becomes pictures without a file.

        Slots are those of `template` (default: the experiment's first). It is a run under `experiments/<name>-tries`,
        at draft size on the studio, else on the experiment's model or `model`, within the experiment's budget. Raises
        `UsageError` for what is wrong with the text.
        """
        if isinstance(products, bool) or not isinstance(products, int) or products < 1:
            raise UsageError(f"products={products!r}: draw 1 or more")
        saved = Draft.of(self.planned, template or self.planned.templates[0].name)
        draft = replace(saved, text=text, negative=saved.negative if negative is None else negative)
        known = [each.sku for each in self.planned.products]
        reading = draft.read(self.planned.products[0])
        if not reading.is_sound:
            wrong = [each.message for each in reading.findings if each.severity == "error"]
            raise UsageError(f"this prompt can't be drawn: {'; '.join(wrong)}")
        tries = plan_tries(draft, products=known[:products], seeds=seeds, model=model)
        return run_experiment(tries, audience=live_audience())

    @cached_property
    def write(self) -> WritePane:
        """The Write tab."""
        from prodimg_lab.widgets.bench.write import WritePane

        return WritePane(self.planned, rater=self.rater, on_saved=self._saved, on_kept=self._kept)

    @cached_property
    def sweep(self) -> SweepPane:
        """The Sweep tab."""
        from prodimg_lab.widgets.bench.sweep import SweepPane

        return SweepPane(self.planned, rater=self.rater)

    @cached_property
    def widget(self) -> Any:
        """Both tabs, to put into another widget."""
        import ipywidgets

        from prodimg_lab.widgets.drawn import TwinHider

        tabs = ipywidgets.Tab(children=[self.write.box, self.sweep.box], titles=("Write", "Sweep"))
        return ipywidgets.VBox([TwinHider(twin=self._mark), tabs])

    def html(self) -> str:
        """The plan and the first template's prompt, for readers without a kernel."""
        made = offer(self.planned, choice_of(self.planned))
        draft = Draft.of(self.planned, self.planned.templates[0].name)
        reading = draft.read(self.planned.products[0])
        prompt = prompt_html(reading.prompt, self.planned.sweep.factors) if reading.prompt else ""
        file = self.planned.experiment.file
        title = f"<p><b>{html.escape(file.name)}</b>: {html.escape(file.summary)}</p>"
        return f'<div data-prodimg-twin="{self._mark}">{title}{offer_html(made)}{prompt}</div>'

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        if not is_headless():
            display(self.widget)
        display(HTML(self.html()))

    def _saved(self, name: str) -> None:
        """A template was written: both tabs read it anew."""
        self.planned = plan_experiment(self.planned.experiment.folder, lab=self.planned.lab)
        self.write.replan(self.planned, name)

    def _kept(self, name: str) -> None:
        self._saved(name)
        self.sweep.add_template(self.planned, name)
