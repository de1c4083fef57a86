"""What do the bodies of Stable Image Core, Ultra and Stable Diffusion 3 allow, and what do their answers look like?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from prodimg_lab.emulator.bodies import Field, extraneous, malformed, read_object, violations
from prodimg_lab.emulator.faults import Effect, Fault
from prodimg_lab.emulator.inputs import picture_from_base64
from prodimg_lab.emulator.pictures import Order, is_refused
from prodimg_lab.emulator.wire import Reply, invalid, not_simulated
from prodimg_lab.records import ImageRequest

RATIOS = ("16:9", "1:1", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21")
LARGEST_SEED = 4294967295
LEAST_SIDE = 64
IMAGE_TO_IMAGE = "image-to-image"
FILTERED_PROMPT = "Filter reason: prompt"
INFERENCE_ERROR = "Inference error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One model's allow-list. `family` names the studio model that draws; fields of pictures are checked, not drawn."""

    family: str
    fields: tuple[Field, ...]


_PROMPT = Field(name="prompt", kind="String", required=True, longest=10_000)
_NEGATIVE = Field(name="negative_prompt", kind="String", longest=10_000)
_RATIO = Field(name="aspect_ratio", kind="String", choices=RATIOS)
_SEED = Field(name="seed", kind="Integer", low=0, high=LARGEST_SEED)
_IMAGE = Field(name="image", kind="String")
_STRENGTH = Field(name="strength", kind="Number", low=0, high=1)
_TEXT_ONLY = Field(name="mode", kind="String", choices=("text-to-image",))
_MODES = Field(name="mode", kind="String", choices=("text-to-image", IMAGE_TO_IMAGE))


def _format(*formats: str) -> Field:
    return Field(name="output_format", kind="String", choices=formats)


_CORE = Rules(family="core", fields=(_PROMPT, _NEGATIVE, _RATIO, _SEED, _format("jpeg", "png")))
_ULTRA = Rules(
    family="ultra",
    fields=(_PROMPT, _NEGATIVE, _TEXT_ONLY, _STRENGTH, _SEED, _format("jpeg", "png"), _IMAGE, _RATIO),
)
_SD3_SEED = Field(name="seed", kind="Integer", low=0, high=LARGEST_SEED - 1)
_SD35 = Rules(
    family="sd35",
    fields=(_PROMPT, _NEGATIVE, _MODES, _STRENGTH, _SD3_SEED, _format("jpeg", "png", "webp"), _IMAGE, _RATIO),
)
_SD3 = Rules(
    family="sd35", fields=(_PROMPT, _NEGATIVE, _MODES, _STRENGTH, _SD3_SEED, _format("jpeg", "png"), _IMAGE, _RATIO)
)
RULES: Mapping[str, Rules] = {
    "stability.stable-image-core-v1:1": _CORE,
    "stability.stable-image-core-v1:0": _CORE,
    "stability.sd3-5-large-v1:0": _SD35,
    "stability.sd3-large-v1:0": _SD3,
    "stability.stable-image-ultra-v1:1": _ULTRA,
    "stability.stable-image-ultra-v1:0": _ULTRA,
}
"""What each model takes. Unproven: whether Core takes `style_preset`, and Core and Ultra `webp`; here they don't."""


def order_of(model: str, body: bytes) -> Order:
    """The picture that is asked for. Raises `Refusal` (400) for a body that the model does not take.

    A seed that is absent or 0 is drawn at random.
    """
    rules = RULES[model]
    given = read_object(body)
    if found := violations(given, rules.fields):
        raise malformed(found)
    if extraneous(given, rules.fields):
        names = [field.name for field in rules.fields]
        raise invalid(f'{{"detail":"Invalid field in request. Available fields: {names}"}}')
    _check_pictures(given)
    seed = given.get("seed") or random.randint(1, LARGEST_SEED - 1)
    assert isinstance(seed, int)
    prompt, negative = str(given["prompt"]), str(given.get("negative_prompt", ""))
    output_format = str(given.get("output_format", "png"))
    request = ImageRequest(
        model=model,
        prompt=prompt if prompt.strip() else "product",  # the wire allows an empty prompt, the studio does not
        negative_prompt=negative or None,
        seed=min(seed, LARGEST_SEED - 1),
        aspect_ratio=str(given.get("aspect_ratio", "1:1")),
        output_format=output_format,
    )
    return Order(family=rules.family, request=request, seed=seed, refused=is_refused(prompt))


def _check_pictures(given: Mapping[str, object]) -> None:
    """Nothing for text-to-image. Raises `Refusal` for what is wrong, and for what is right but not drawn here."""
    mode = given.get("mode")
    asks = mode == IMAGE_TO_IMAGE or "image" in given
    if not asks and "strength" not in given:
        return
    if "image" not in given:
        raise malformed(["#: required key [image] not found"])
    if "strength" not in given and mode == IMAGE_TO_IMAGE:
        raise malformed(["#: required key [strength] not found"])
    if "aspect_ratio" in given:
        raise invalid('{"detail":"aspect_ratio cannot be combined with image: the picture gives the size"}')
    picture = picture_from_base64(str(given["image"]))
    if isinstance(picture, str):
        raise malformed([f"#/image: {picture}"])
    if min(picture.width, picture.height) < LEAST_SIDE:
        raise malformed([f"#/image: {picture.width} × {picture.height} px; each side must have at least {LEAST_SIDE}"])
    raise not_simulated(
        "the image-to-image request is in order, but this emulator draws from text only; leave out image, strength "
        "and mode"
    )


def answer(seed: int, picture: bytes, fault: Fault | None) -> Reply:
    """The answer with one picture (`picture` is its base64), bent as `fault` says."""
    if fault is not None and fault.effect is Effect.FILTERED:
        return filtered(fault.message)
    if fault is not None and fault.effect is Effect.BAD_BASE64:
        picture = b"*** this is not base64 ***"
    if fault is not None and fault.effect is Effect.EMPTY_IMAGE:
        picture = b""
    head = orjson.dumps({"seeds": [seed], "finish_reasons": [None]})[:-1]
    return Reply(body=b"".join((head, b',"images":["', picture, b'"]}')), billed=True)


def filtered(reason: str) -> Reply:
    """What a refusal looks like: 200, and nothing but the reason. Counted as billed: no source says that it is not."""
    return Reply(body=orjson.dumps({"finish_reasons": [reason]}), billed=True)
