"""Type-checked, never run: the annotations that users build on."""

from pathlib import Path

import prodimg_lab
from prodimg_lab import Audience, ImageModel, ImageRequest, RunOptions, RunView
from prodimg_lab.records import Capabilities, GeneratedImage
from prodimg_lab.runner import Event


class Mine:
    """An adapter of a user's own."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(model="mine", title="Mine", source="simulated", price_micro=0)

    def generate(self, request: ImageRequest) -> GeneratedImage:
        return GeneratedImage(data=b"", output_format="png")


model: ImageModel = Mine()


def listen(event: Event) -> None:
    """A listener of a user's own."""


run: RunView = prodimg_lab.run_experiment(
    "mug-hero", options=RunOptions(note="x", budget_usd=1.0), audience=Audience(on_event=listen)
)
best: float | None = run.rows[0].quality
again: RunView = prodimg_lab.open_run(prodimg_lab.find_run("last"))
names: list[str] = [product.subject for product in prodimg_lab.read_products(Path("products.csv"))]
