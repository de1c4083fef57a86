"""The Sweep tab: choose, see the price at once, run, and watch the grid fill."""

from __future__ import annotations

import html
from io import BytesIO
from typing import Any

import ipywidgets as w

from prodimg_lab.errors import ProdimgError, UsageError
from prodimg_lab.experiment import Planned, RunView, open_run
from prodimg_lab.models.catalogue import rows as catalogue_rows
from prodimg_lab.records import Level
from prodimg_lab.runner import Event, Progress, RunStarted
from prodimg_lab.widgets.bench import shown
from prodimg_lab.widgets.bench.sweeping import (
    BackgroundRun,
    Choice,
    Offer,
    as_it_stands,
    choice_of,
    further_factor,
    headless_command,
    levels_of,
    offer,
    overrides_of,
    products_of,
    save_experiment,
)
from prodimg_lab.widgets.grid import Grid
from prodimg_lab.widgets.vote import Vote

STUDIO = ("studio:sd35@256", "studio:sd35@384", "studio:sd35", "studio:core", "studio:ultra", "studio:sdxl")
CHIPS = w.Layout(flex_flow="row wrap")


class SweepPane:
    """Products, templates, factors with their levels, seeds, design, model and budget; the plan follows each change."""

    def __init__(self, planned: Planned, *, rater: str) -> None:
        self.planned = planned
        self.rater = rater
        self.run: BackgroundRun | None = None
        self.offer = Offer()
        self._own = choice_of(planned)
        self._is_quiet = True
        self._added: dict[str, tuple[Level, ...]] = {}
        self._build_choices()
        self._build_actions()
        self._build_factors()
        self._set_out()
        self._is_quiet = False
        self.refresh()

    def _build_choices(self) -> None:
        own, wide = self._own, w.Layout(width="auto")
        self.products = w.SelectMultiple(
            options=[(f"{each.title} ({each.sku})", each.sku) for each in products_of(self.planned)],
            value=tuple(each.sku for each in self.planned.products),
            rows=6,
            layout=w.Layout(width="26em"),
        )
        self.templates = w.SelectMultiple(
            options=sorted(self.planned.library.templates), value=own.templates, rows=6, layout=w.Layout(width="16em")
        )
        self.seeds = w.BoundedIntText(own.seeds, min=1, max=1000, description="Seeds", layout=w.Layout(width="11em"))
        self.design = w.Dropdown(options=["full", "random"], value=own.design, description="Design", layout=wide)
        self.samples = w.BoundedIntText(own.samples or 8, min=1, max=100_000, description="Samples", layout=wide)
        models = [own.model, *(f"bedrock:{row.model}" for row in catalogue_rows() if row.status == "active"), *STUDIO]
        self.model = w.Combobox(options=list(dict.fromkeys(models)), value=own.model, description="Model", layout=wide)
        self.budget = w.FloatText(own.budget_usd or 0.0, description="Budget $", layout=w.Layout(width="12em"))
        self.factors = w.VBox()
        self.further = w.Text(
            placeholder="cfg_scale: 4, 7, 10",
            description="Further",
            continuous_update=False,
            layout=w.Layout(width="22em"),
        )
        self.further.observe(lambda _: self._add_factor(), "value")
        for each in (self.products, self.seeds, self.design, self.samples, self.model, self.budget):
            each.observe(lambda _: self.refresh(), "value")
        self.templates.observe(lambda _: self._templates_changed(), "value")

    def _build_actions(self) -> None:
        wide = w.Layout(width="auto")
        self.plan, self.progress, self.told = w.HTML(), w.HTML(), w.HTML()
        self.run_button = w.Button(button_style="primary", icon="play", layout=wide)
        self.pause_button = w.Button(description="Pause", icon="pause", disabled=True)
        self.stop_button = w.Button(description="Stop", icon="stop", disabled=True)
        self.name = w.Text(self.planned.experiment.name, description="Name", layout=w.Layout(width="18em"))
        self.save_button = w.Button(description="Save as experiment.yaml", layout=wide)
        self.command_button = w.Button(description="Headless command", layout=wide)
        self.command = w.Textarea(layout=w.Layout(width="100%", height="60px", display="none"))
        self.tabs = w.Tab(layout=w.Layout(display="none"))
        self.run_button.on_click(lambda _: self.start())
        self.pause_button.on_click(lambda _: self.pause())
        self.stop_button.on_click(lambda _: self.stop())
        self.save_button.on_click(lambda _: self.save())
        self.command_button.on_click(lambda _: self.show_command())

    def _set_out(self) -> None:
        """What stands where."""
        chosen = w.HBox([_titled("Products", self.products), _titled("Templates", self.templates)], layout=CHIPS)
        numbers = w.HBox([self.seeds, self.design, self.samples, self.model, self.budget], layout=CHIPS)
        doing = w.HBox(
            [self.run_button, self.pause_button, self.stop_button, self.name, self.save_button, self.command_button],
            layout=CHIPS,
        )
        parts = [
            chosen,
            _titled("Factors", self.factors),
            self.further,
            numbers,
            self.plan,
            doing,
            self.command,
            self.progress,
        ]
        self.box = w.VBox([*parts, self.told, self.tabs])

    def _build_factors(self) -> None:
        """A row of chips for each slot of the chosen templates; a slot without a chip is no factor."""
        before: dict[str, tuple[Level, ...]] = (
            self._chosen_levels() if self.factors.children else dict(self._own.factors)
        )
        known: dict[str, list[Level]] = levels_of(self.planned, self.templates.value)
        for name, own in {**self._own.factors, **self._added}.items():  # request parameters, models, markets
            known.setdefault(name, list(own))
        self._chips: dict[str, dict[Level, Any]] = {}
        rows = []
        for name, levels in known.items():
            on = before.get(name, self._added.get(name, ()))
            chips = {
                level: w.ToggleButton(value=level in on, description=str(level), layout=w.Layout(width="auto"))
                for level in levels
            }
            for chip in chips.values():
                chip.observe(lambda _: self.refresh(), "value")
            self._chips[name] = chips
            label = w.HTML(f"<b>{html.escape(name)}</b>", layout=w.Layout(width="7em"))
            rows.append(w.HBox([label, w.HBox(list(chips.values()), layout=CHIPS)]))
        self.factors.children = tuple(rows)

    def _add_factor(self) -> None:
        """Take up a factor that no template has as a slot: a request parameter, `model`, `market`, `season`."""
        added = further_factor(self.further.value)
        if added is None:
            return
        self._added |= dict([added])
        self.further.value = ""
        self._templates_changed()

    def _chosen_levels(self) -> dict[str, tuple[Level, ...]]:
        found = {name: tuple(level for level, chip in row.items() if chip.value) for name, row in self._chips.items()}
        return {name: levels for name, levels in found.items() if levels}

    def _templates_changed(self) -> None:
        self._is_quiet = True
        self._build_factors()
        self._is_quiet = False
        self.refresh()

    @property
    def choice(self) -> Choice:
        """What is chosen now."""
        own_products = tuple(each.sku for each in self.planned.products)
        is_random = self.design.value == "random"
        factors = self._chosen_levels()
        ordered = {name: factors[name] for name in [*self._own.factors, *factors] if name in factors}
        return Choice(
            templates=tuple(name for name in self._ordered_templates()),
            factors=ordered,
            skus=None if set(self.products.value) == set(own_products) else tuple(self.products.value),
            seeds=self.seeds.value,
            design=self.design.value,
            samples=self.samples.value if is_random else self._own.samples,
            model=self.model.value,
            baseline=self._own.baseline,
            budget_usd=None if self._own.budget_usd is None and not self.budget.value else self.budget.value,
        )

    def _ordered_templates(self) -> list[str]:
        chosen = set(self.templates.value)
        own = [name for name in self._own.templates if name in chosen]
        return own + [name for name in self.templates.value if name not in own]

    def refresh(self) -> None:
        """Plan and price what is chosen now."""
        if self._is_quiet:
            return
        self.samples.disabled = self.design.value != "random"
        self.offer = offer(self.planned, self.choice)
        self.plan.value = shown.offer_html(self.offer)
        is_running = self.run is not None and self.run.is_running
        self.run_button.disabled = self.offer.planned is None or is_running
        count = self.offer.estimate.to_draw if self.offer.estimate else 0
        self.run_button.description = f"Run · {count} to draw" if self.offer.planned else "Run"

    def add_template(self, planned: Planned, name: str) -> None:
        """A template was written: offer it, and choose it when `name` is new to the sweep."""
        self._is_quiet = True
        self.planned = planned
        chosen = (*self.templates.value, name) if name not in self.templates.value else self.templates.value
        self.templates.options = sorted(planned.library.templates)
        self.templates.value = chosen
        self._is_quiet = False
        self._templates_changed()

    def start(self) -> None:
        """Run what is planned, in the background."""
        self.refresh()  # the files may have changed since the last click
        made, choice = self.offer.planned, self.offer.choice
        if made is None or choice is None or (self.run is not None and self.run.is_running):
            return
        self.run = BackgroundRun(self.planned.lab, on_event=self._listen, on_end=self._ended)
        self.told.value = ""
        self._running(True)
        self.run.start(made, overrides_of(self.planned, choice), note="from the bench")

    def pause(self) -> None:
        """Stop sending; a second click goes on."""
        if self.run is None:
            return
        if self.run.is_running:
            self.pause_button.disabled = True
            self.run.pause()
        else:
            self._running(True)
            self.run.go_on()

    def stop(self) -> None:
        """Stop sending for good; the run can still be resumed from the command line."""
        if self.run is not None:
            self.run.pause()
            self.stop_button.disabled = True

    def save(self) -> None:
        """Write the choice as experiment.yaml; a baseline that fits no variant of it is left out, as on the screen."""
        try:
            file = save_experiment(self.planned, self.offer.choice or self.choice, self.name.value.strip())
            self.planned = as_it_stands(self.planned)
            self._own = choice_of(self.planned)
            self.told.value = f"saved: {html.escape(str(file))}"
        except (ProdimgError, OSError) as error:
            self.told.value = shown.table_html({"not saved": str(error)})
        self.refresh()

    def show_command(self) -> None:
        """Show the papermill line that repeats what is on the screen."""
        try:
            self.command.value = headless_command(self.planned, self.offer.choice or self.choice)
        except UsageError as error:
            self.command.value = str(error)
        self.command.layout.display = ""

    def _running(self, is_running: bool) -> None:
        self.run_button.disabled = is_running or self.offer.planned is None
        self.pause_button.disabled = self.stop_button.disabled = not is_running
        self.pause_button.description = "Pause"

    def _listen(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._show_run()
        elif isinstance(event, Progress):
            self.progress.value = shown.progress_html(event)

    def _show_run(self) -> None:
        """The grid that fills, and tabs for what comes of it."""
        assert self.run is not None  # a run has started
        folder = self.run.folder
        self.variants, self.effects, self.votes = w.HTML("when the run has ended"), w.VBox(), w.VBox()
        grid = Grid(folder, rater=self.rater)
        self.tabs.children = (grid.widget, self.variants, self.effects, self.votes)
        self.tabs.titles = ("Grid", "Table", "Effects", "Votes")
        self.tabs.layout.display = ""

    def _ended(self, ended: RunView | ProdimgError) -> None:
        assert self.run is not None  # it has ended
        self._running(False)
        self.stop_button.disabled = True
        if isinstance(ended, ProdimgError):
            self.told.value = shown.table_html({"not run": str(ended)})
            return
        if ended.state == "interrupted":
            self.pause_button.disabled = False
            self.pause_button.description = "Go on"
        view = open_run(self.run.folder)
        self.told.value = (
            f"run {html.escape(ended.run_id)}: {ended.state}, report {html.escape(str(view.folder / 'report.html'))}"
        )
        self.variants.value = shown.variants_html(view)
        self.effects.children = (w.Image(value=effects_png(view), format="png"),)
        self.votes.children = (Vote(self.run.folder, rater=self.rater).widget,)
        self.refresh()


def effects_png(view: RunView) -> bytes:
    """What each factor's levels do to quality, as a picture."""
    from prodimg_lab.reports.plots import effects_figure

    drawn = BytesIO()
    effects_figure(view).savefig(drawn, format="png", dpi=100, bbox_inches="tight")
    return drawn.getvalue()


def _titled(title: str, widget: Any) -> Any:
    return w.VBox([w.HTML(f"<b>{html.escape(title)}</b>"), widget])
