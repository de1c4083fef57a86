"""The Write tab: a template beside what it says for a product, and four pictures of it a click away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as w

from prodimg_lab.errors import ProdimgError
from prodimg_lab.experiment import Planned, RunView, run_experiment
from prodimg_lab.records import usd_text
from prodimg_lab.reports.live import live_audience
from prodimg_lab.runner import Event, Progress
from prodimg_lab.widgets.bench import shown
from prodimg_lab.widgets.bench.drafting import (
    Draft,
    draft_model,
    free_name,
    home_of,
    plan_tries,
    price_of_tries,
    save_template,
)
from prodimg_lab.widgets.bench.sweeping import levels_of
from prodimg_lab.widgets.grid import Grid

TRIES = 4


class WritePane:
    """Template and negative prompt in an editor; the rendered prompt follows as one types.

    `on_saved(name)` is told of every template that was written, `on_kept(name)` of those that join the sweep.
    """

    def __init__(
        self, planned: Planned, *, rater: str, on_saved: Callable[[str], None], on_kept: Callable[[str], None]
    ) -> None:
        self.planned = planned
        self.rater = rater
        self._on_saved, self._on_kept = on_saved, on_kept
        self.draft = Draft.of(planned, planned.templates[0].name)
        self._levels: dict[str, Any] = {}
        self._build()
        self.choose(self.draft.saved.name)

    def _build(self) -> None:
        templates = sorted(self.planned.library.templates)
        products = [(f"{each.title} ({each.sku})", each.sku) for each in self.planned.products]
        wide = w.Layout(width="auto")
        self.template = w.Dropdown(options=templates, value=self.draft.saved.name, description="Template", layout=wide)
        self.product = w.Dropdown(options=products, description="Product", layout=wide)
        self.text = w.Textarea(layout=w.Layout(width="100%", height="150px"), continuous_update=True)
        self.negative = w.Textarea(layout=w.Layout(width="100%", height="56px"), continuous_update=True)
        self.levels = w.HBox(layout=w.Layout(flex_flow="row wrap"))
        self.rendered, self.notes, self.diff = w.HTML(), w.HTML(), w.HTML()
        self.subject = w.ToggleButtons(options=[("4 products", "products"), ("4 seeds", "seeds")])
        self.try_button = w.Button(button_style="primary", icon="magic", layout=w.Layout(width="auto"))
        self.name = w.Text(description="Name", continuous_update=False, layout=w.Layout(width="18em"))
        self.keep_button = w.Button(description="Keep as variant", tooltip="save under this name and add to the sweep")
        self.save_button = w.Button(description="Save template", layout=w.Layout(width="auto"))
        self.told, self.tries = w.HTML(), w.VBox()
        self.template.observe(lambda change: self.choose(change["new"]), "value")
        for each in (self.text, self.negative, self.product):
            each.observe(lambda _: self.refresh(), "value")
        self.try_button.on_click(lambda _: self.start_try())
        self.keep_button.on_click(lambda _: self.keep())
        self.save_button.on_click(lambda _: self.save())
        editor = w.VBox(
            [self.template, w.Label("Prompt"), self.text, w.Label("Negative prompt"), self.negative, self.levels],
            layout=w.Layout(width="50%", min_width="320px"),
        )
        beside = w.VBox(
            [self.product, self.rendered, self.notes, self.diff], layout=w.Layout(width="50%", padding="0 0 0 16px")
        )
        doing = w.HBox(
            [self.try_button, self.subject, self.name, self.keep_button, self.save_button],
            layout=w.Layout(flex_flow="row wrap"),
        )
        self.box = w.VBox([w.HBox([editor, beside]), doing, self.told, self.tries])

    def choose(self, name: str) -> None:
        """Take up another template, as it is saved."""
        self.draft = Draft.of(self.planned, name)
        slots = levels_of(self.planned, [name])
        self._levels = {
            slot: w.Dropdown(options=[str(level) for level in levels], description=slot, layout=w.Layout(width="16em"))
            for slot, levels in slots.items()
        }
        for each in self._levels.values():
            each.observe(lambda _: self.refresh(), "value")
        self.levels.children = tuple(self._levels.values())
        self.text.value, self.negative.value = self.draft.text, self.draft.negative
        self.name.value = free_name(self.draft)
        self.refresh()

    def refresh(self) -> None:
        """Show what the draft says now."""
        chosen = {slot: each.value for slot, each in self._levels.items()}
        self.draft = replace(self.draft, text=self.text.value, negative=self.negative.value, levels=chosen)
        product = next(each for each in self.planned.products if each.sku == self.product.value)
        reading = self.draft.read(product)
        factors = self.planned.sweep.factors
        self.rendered.value = shown.prompt_html(reading.prompt, factors) if reading.prompt else ""
        self.notes.value = shown.reading_html(reading)
        self.diff.value = shown.draft_diff_html(self.draft)
        self.try_button.disabled = self.keep_button.disabled = not reading.is_sound
        self.save_button.disabled = not reading.is_sound or not self.draft.is_changed
        self.save_button.tooltip = f"write {home_of(self.draft)}"
        micro, is_simulated = price_of_tries(self.planned, TRIES)
        price = "$0.00, simulated" if is_simulated else usd_text(micro)
        self.try_button.description = f"Try {TRIES} · {price}"

    def start_try(self) -> None:
        """Draw four pictures in the background; the grid below fills as they come."""
        self.try_button.disabled = True
        self.told.value = f"drawing {TRIES} with {draft_model(self.planned)} …"
        skus = [each.sku for each in self.planned.products]
        start = skus.index(self.product.value)
        ordered = skus[start:] + skus[:start]
        count = min(TRIES, len(ordered)) if self.subject.value == "products" else 1
        draft = self.draft

        def work() -> None:
            try:
                run = self.draw(draft, products=ordered[:count], seeds=-(-TRIES // count))
                self.show(run)
            except ProdimgError as error:
                self.tell(str(error))
            finally:
                self.try_button.disabled = False

        threading.Thread(target=work, daemon=True, name="try").start()

    def draw(self, draft: Draft, *, products: list[str], seeds: int, model: str = "") -> RunView:
        """Draw a draft for these products; returns its run. Raises `UsageError`."""
        planned = plan_tries(draft, products=products, seeds=seeds, model=model)

        def listen(event: Event) -> None:
            if isinstance(event, Progress):
                self.told.value = shown.progress_html(event)

        return run_experiment(planned, audience=live_audience(listen))

    def show(self, run: RunView) -> None:
        """Put a try's pictures below, the newest on top."""
        size = 200
        grid = Grid(run, rater=self.rater, height=size + 90, size=size)
        self.told.value = f"{len(run.drawn)} of {len(run.rows)} drawn, run {run.run_id}"
        self.tries.children = (grid.widget, *self.tries.children[:2])

    def keep(self) -> None:
        """Save the draft under its name in the experiment's own templates, and add it to the sweep."""
        folder = self.planned.experiment.folder / "templates"
        try:
            file = save_template(self.draft, name=self.name.value.strip(), folder=folder)
            self.told.value = f"kept as {file.stem}: it is in the sweep now"
            self._on_kept(file.stem)
        except (ProdimgError, OSError) as error:
            self.tell(str(error))

    def save(self) -> None:
        """Write the draft over its template."""
        try:
            file = save_template(self.draft)
            self.told.value = f"saved: {file}"
            self._on_saved(self.draft.saved.name)
        except (ProdimgError, OSError) as error:
            self.tell(str(error))

    def replan(self, planned: Planned, name: str) -> None:
        """Templates have changed on the disk."""
        self.planned = planned
        self.template.options = sorted(planned.library.templates)
        self.template.value = name
        self.choose(name)

    def tell(self, text: str) -> None:
        """Say what went wrong."""
        self.told.value = shown.table_html({"not done": text})
