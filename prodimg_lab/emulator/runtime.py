"""What does a call to a model do, once it is let through?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from prodimg_lab.emulator import sdxl, stability
from prodimg_lab.emulator.addresses import Operation
from prodimg_lab.emulator.faults import Effect, Fault
from prodimg_lab.emulator.judge import Judge
from prodimg_lab.emulator.pictures import Order, Pictures, blurred
from prodimg_lab.emulator.served import Dialect, Served
from prodimg_lab.emulator.wire import Refusal, Reply, invalid, not_simulated
from prodimg_lab.errors import ContentFiltered, FatalForTrial

TEXT_MODELS_ONLY = (
    "This action doesn't support the model that you provided. Try again with a supported text or chat model."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """A call that passed every gate. `identifier` is as sent; `fault` has an effect on the answer, or none."""

    operation: Operation
    identifier: str
    model: Served
    body: bytes
    region: str
    fault: Fault | None = None

    @property
    def filters(self) -> str:
        """The finish reason that a fault asks for, or ""."""
        return self.fault.message if self.fault and self.fault.effect is Effect.FILTERED else ""


async def run(call: ModelCall, *, pictures: Pictures, judge: Judge | None) -> Reply:
    """The model's answer. Raises `Refusal`."""
    begun = time.monotonic()
    if call.operation is Operation.CONVERSE:
        from prodimg_lab.emulator.converse import conversed

        if call.model.dialect is not Dialect.CONVERSE:
            raise invalid(TEXT_MODELS_ONLY)
        return await asyncio.to_thread(conversed, call.body, call.model.model, judge)
    if call.operation is Operation.INVOKE_ENDPOINT:
        reply = await _endpoint(call, pictures)
    elif call.model.dialect is Dialect.STABILITY:
        reply = await _stability(call, pictures)
    elif call.model.dialect is Dialect.EMBEDDING:
        from prodimg_lab.emulator.embeddings import embedded

        reply = await asyncio.to_thread(embedded, call.body)
    else:
        raise not_simulated(f"{call.identifier} is called as it should be, but {_absence(call.model.dialect)}")
    elapsed = str(round((time.monotonic() - begun) * 1000))
    return replace(reply, headers={**reply.headers, "x-amzn-bedrock-invocation-latency": elapsed})


def _absence(dialect: Dialect) -> str:
    if dialect is Dialect.CONVERSE:
        return "this emulator answers for language models on Converse only"
    return "this emulator does not simulate editing services; it draws for the generators of Stability AI"


async def _stability(call: ModelCall, pictures: Pictures) -> Reply:
    order = stability.order_of(call.model.model, call.body)
    if order.refused:
        return stability.filtered(stability.FILTERED_PROMPT)
    try:
        picture = b"" if call.filters else await pictures.base64_of(order)
    except ContentFiltered:
        return stability.filtered(stability.FILTERED_PROMPT)
    except FatalForTrial:
        return stability.filtered(stability.INFERENCE_ERROR)
    return stability.answer(order.seed, picture, call.fault)


async def _endpoint(call: ModelCall, pictures: Pictures) -> Reply:
    try:
        order = sdxl.order_of(call.body)
    except Refusal as refusal:
        raise sdxl.from_endpoint(refusal, endpoint=call.identifier, region=call.region) from None
    filters = call.filters or (stability.FILTERED_PROMPT if order.refused else "")
    return sdxl.answer(order.seed, await _blurred_or_drawn(order, pictures, filters), call.fault, filters=filters)


async def _blurred_or_drawn(order: Order, pictures: Pictures, filters: str) -> bytes:
    return blurred(order.request) if filters else await pictures.base64_of(order)
