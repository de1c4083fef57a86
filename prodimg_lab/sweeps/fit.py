"""Can this model draw this request? Asked by the plan before anything is paid, and by adapters before they send."""

from __future__ import annotations

from prodimg_lab.records import Capabilities, ImageRequest


def misfits(request: ImageRequest, capabilities: Capabilities) -> list[str]:
    """Why the model cannot draw this request, one sentence each with value, bound and model; empty when it can."""
    model = capabilities.model
    found = [
        _range("seed", request.seed, capabilities.seed, model),
        _range("steps", request.steps, capabilities.steps, model),
        _range("cfg_scale", request.cfg_scale, capabilities.cfg_scale, model),
        _range("strength", request.strength, capabilities.strength, model),
        _range("width", request.width, capabilities.sizes, model),
        _range("height", request.height, capabilities.sizes, model),
        _member("sampler", request.sampler, capabilities.samplers, model),
        _member("aspect_ratio", request.aspect_ratio, capabilities.aspect_ratios, model),
        _member("style_preset", request.style_preset, capabilities.style_presets, model),
        _member("output_format", request.output_format, capabilities.output_formats, model),
        _member("operation", request.operation, capabilities.operations, model),
    ]
    if request.negative_prompt and not capabilities.negative_prompt:
        found.append(f"{model} takes no negative_prompt")
    for name, text in (("prompt", request.prompt), ("negative_prompt", request.negative_prompt or "")):
        if len(text) > capabilities.prompt_limit:
            found.append(f"{name} of {len(text)} characters is over the {capabilities.prompt_limit} of {model}")
    if not request.prompt.strip():
        found.append("the prompt is empty")
    return [each for each in found if each]


def takes(capabilities: Capabilities, parameter: str) -> bool:
    """Whether the model has the knob `parameter` at all."""
    knobs: dict[str, object] = {
        "steps": capabilities.steps,
        "cfg_scale": capabilities.cfg_scale,
        "strength": capabilities.strength,
        "sampler": capabilities.samplers,
        "width": capabilities.sizes,
        "height": capabilities.sizes,
        "aspect_ratio": capabilities.aspect_ratios,
        "style_preset": capabilities.style_presets,
        "output_format": capabilities.output_formats,
    }
    return bool(knobs.get(parameter))


def _range(name: str, value: float | None, bounds: tuple[float, float] | None, model: str) -> str:
    if value is None:
        return ""
    if bounds is None:
        return f"{model} takes no {name}"
    low, high = bounds
    return "" if low <= value <= high else f"{name} {value:g} is outside {low:g}-{high:g} for {model}"


def _member(name: str, value: str | None, allowed: tuple[str, ...], model: str) -> str:
    if value is None:
        return ""
    if not allowed:
        return f"{model} takes no {name}"
    return "" if value in allowed else f"{name} {value!r} is none of {', '.join(allowed)} for {model}"
