"""A model behind a wire: check the request, build the body, call once, read the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from prodimg_lab.aws import Reply
from prodimg_lab.errors import FatalForRun, UnsupportedParameter
from prodimg_lab.models._adapter import Adapter
from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest
from prodimg_lab.sweeps.fit import misfits

if TYPE_CHECKING:
    from prodimg_lab.models._base import ImageModel

Send = Callable[[Mapping[str, object]], Reply]


class RemoteModel:
    """One model of a provider, safe to call from several threads. `send` makes one call."""

    def __init__(self, capabilities: Capabilities, *, adapter: Adapter, always: Mapping[str, str], send: Send) -> None:
        self._capabilities = capabilities
        self._adapter = adapter
        self._always = dict(always)
        self._send = send

    @property
    def capabilities(self) -> Capabilities:
        """What it accepts and costs."""
        return self._capabilities

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """Draw the picture of `request` with one call. Raises `UnsupportedParameter` before, `ModelError` after it."""
        card = self._capabilities
        problems = misfits(request, card)
        if request.model != card.model:
            problems.insert(0, f"the request is for {request.model!r}, this model is {card.model!r}")
        if problems:
            raise UnsupportedParameter("; ".join(problems))
        reply = self._send(self._adapter.build_body(request, self._always))
        if reply.emulated and card.source == "aws":
            raise FatalForRun(
                f"an emulator answered for {card.model}, though its address is AWS's: nothing is kept as AWS's. "
                "Set AWS_ENDPOINT_URL_BEDROCK_RUNTIME to the emulator's address and plan again",
                model_id=card.model,
            )
        parsed = self._adapter.parse_body(reply.payload, card.model)
        return GeneratedImage(
            data=parsed.data,
            output_format=request.output_format or "png",
            seed=parsed.seed,
            seconds=reply.seconds,
            request_id=reply.request_id,
        )


if TYPE_CHECKING:

    def _fits(model: RemoteModel) -> ImageModel:
        return model
