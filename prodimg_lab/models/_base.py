"""What is an image model, seen from a sweep?"""

from __future__ import annotations

from typing import Protocol

from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest


class ImageModel(Protocol):
    """One model: `generate` draws one picture for one request.

    Raises the errors under `errors.ModelError`; the adapter classifies, the runner alone decides on sending again.
    Must be safe to call from several threads where `capabilities.runs_on` is `network`; where it is `cpu`, the runner
    builds one model per worker process (`models.load_model(spec)`) and calls it from one thread.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this model accepts and costs."""
        ...

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """Draw the picture of `request`: one call, one picture, no retry, no cache."""
        ...
