"""Can this model take this request? Asked again at the door, whatever the plan said."""

from __future__ import annotations

from prodimg_lab.errors import UnsupportedParameter
from prodimg_lab.records import Capabilities, ImageRequest


def checked(request: ImageRequest, card: Capabilities) -> None:
    """Raise `UnsupportedParameter`, naming value, bound and model, unless `card` allows every field of `request`."""
    model = card.model
    if request.model != model:
        raise UnsupportedParameter(
            f"the request is for {request.model!r}, this model is {model!r}; ask models.load_model for it"
        )
    if request.operation not in card.operations:
        raise UnsupportedParameter(f"operation {request.operation!r} is not one of {list(card.operations)} for {model}")
    if len(request.prompt) > card.prompt_limit:
        raise UnsupportedParameter(
            f"a prompt of {len(request.prompt)} characters is over {card.prompt_limit} for {model}"
        )
    if request.negative_prompt and not card.negative_prompt:
        raise UnsupportedParameter(f"{model} takes no negative prompt")
    _within("seed", request.seed, card.seed, model)
    _within("steps", request.steps, card.steps, model)
    _within("cfg_scale", request.cfg_scale, card.cfg_scale, model)
    _within("strength", request.strength, card.strength, model)
    _among("style_preset", request.style_preset, card.style_presets, model)
    _among("aspect_ratio", request.aspect_ratio, card.aspect_ratios, model)
    _among("output_format", request.output_format, card.output_formats, model)
    _sized(request, card)
    if request.inputs:
        raise UnsupportedParameter(f"{model} draws from text alone; leave out inputs")


def _within(name: str, value: float | None, bounds: tuple[float, float] | None, model: str) -> None:
    if value is None:
        return
    if bounds is None:
        raise UnsupportedParameter(f"{model} has no {name}; leave out {name} {value:g}")
    if not bounds[0] <= value <= bounds[1]:
        raise UnsupportedParameter(f"{name} {value:g} is outside {bounds[0]:g}-{bounds[1]:g} for {model}")


def _among(name: str, value: str | None, known: tuple[str, ...], model: str) -> None:
    if value is None:
        return
    if not known:
        raise UnsupportedParameter(f"{model} has no {name}; leave out {name} {value!r}")
    if value not in known:
        raise UnsupportedParameter(f"{name} {value!r} is not one of {', '.join(known)} for {model}")


def _sized(request: ImageRequest, card: Capabilities) -> None:
    if request.width is None and request.height is None:
        return
    if (request.width is None) != (request.height is None):
        raise UnsupportedParameter(f"width {request.width} and height {request.height} go together for {card.model}")
    _within("width", request.width, card.sizes, card.model)
    _within("height", request.height, card.sizes, card.model)
