"""What does the body of Stable Diffusion XL 1.0 allow, as SageMaker endpoints still speak it?

Bedrock has retired the model; a SageMaker endpoint wraps what its container answers.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

import orjson

from prodimg_lab.emulator.bodies import Field, extraneous, malformed, read_object, violations
from prodimg_lab.emulator.faults import Effect, Fault
from prodimg_lab.emulator.pictures import Order, is_refused
from prodimg_lab.emulator.wire import Refusal, Reply, not_simulated
from prodimg_lab.records import ImageRequest

MODEL = "stability.stable-diffusion-xl-v1"
LARGEST_SEED = 4294967295
SIZES = (
    (1024, 1024),
    (1152, 896),
    (1216, 832),
    (1344, 768),
    (1536, 640),
    (640, 1536),
    (768, 1344),
    (832, 1216),
    (896, 1152),
)
SAMPLERS = (
    "DDIM",
    "DDPM",
    "K_DPMPP_2M",
    "K_DPMPP_2S_ANCESTRAL",
    "K_DPM_2",
    "K_DPM_2_ANCESTRAL",
    "K_EULER",
    "K_EULER_ANCESTRAL",
    "K_HEUN",
    "K_LMS",
)
CLIP_PRESETS = ("FAST_BLUE", "FAST_GREEN", "NONE", "SIMPLE", "SLOW", "SLOWER", "SLOWEST")
STYLES = (
    "3d-model",
    "analog-film",
    "anime",
    "cinematic",
    "comic-book",
    "digital-art",
    "enhance",
    "fantasy-art",
    "isometric",
    "line-art",
    "low-poly",
    "modeling-compound",
    "neon-punk",
    "origami",
    "photographic",
    "pixel-art",
    "tile-texture",
)
FIELDS = (
    Field(name="text_prompts", kind="JSONArray", required=True),
    Field(name="cfg_scale", kind="Number", low=0, high=35),
    Field(name="width", kind="Integer"),
    Field(name="height", kind="Integer"),
    Field(name="steps", kind="Integer", low=10, high=50),
    Field(name="seed", kind="Integer", low=0, high=LARGEST_SEED),
    Field(name="samples", kind="Integer", low=1, high=1),
    Field(name="clip_guidance_preset", kind="String", choices=CLIP_PRESETS),
    Field(name="sampler", kind="String", choices=SAMPLERS),
    Field(name="style_preset", kind="String", choices=STYLES),
)
PICTURE_FIELDS = ("init_image", "init_image_mode", "image_strength", "mask_source", "mask_image")
TEXT_PROMPT = (
    Field(name="text", kind="String", required=True, longest=2000),
    Field(name="weight", kind="Number"),
)
STUDIO_LIMIT = 2000
FINISH: Mapping[str, str] = {"Inference error": "ERROR"}
"""Finish reasons of the newer models that have a word of their own here; any other is CONTENT_FILTERED."""


def order_of(body: bytes) -> Order:
    """The picture that is asked for. Raises `Refusal` (400) with the container's complaint."""
    given = read_object(body)
    found = violations(given, FIELDS)
    prompts = given.get("text_prompts")
    for at, prompt in enumerate(prompts if isinstance(prompts, list) else []):
        if isinstance(prompt, dict):
            found += violations(prompt, TEXT_PROMPT, at=f"#/text_prompts/{at}")
        else:
            found.append(f"#/text_prompts/{at}: expected type: JSONObject")
    if prompts == []:
        found.append("#/text_prompts: expected minItems: 1, actual: 0")
    unknown = extraneous(given, FIELDS)
    found += [f"#: extraneous key [{key}] is not permitted" for key in unknown if key not in PICTURE_FIELDS]
    size = (given.get("width", 1024), given.get("height", 1024))
    if not found and size not in SIZES:
        found.append(f"#: {size[0]}x{size[1]} is none of {', '.join(f'{wide}x{high}' for wide, high in SIZES)}")
    if found:
        raise malformed(found)
    if unknown:
        raise not_simulated(f"this emulator draws from text only; leave out {', '.join(unknown)}")
    return _order(given)


def _order(given: Mapping[str, object]) -> Order:
    prompts = given["text_prompts"]
    assert isinstance(prompts, list)
    wanted = ", ".join(str(each["text"]) for each in prompts if each.get("weight", 1) >= 0)
    unwanted = ", ".join(str(each["text"]) for each in prompts if each.get("weight", 1) < 0)
    seed = given.get("seed") or random.randint(1, LARGEST_SEED - 1)
    assert isinstance(seed, int)
    steps, cfg_scale, style = given.get("steps", 30), given.get("cfg_scale", 7), given.get("style_preset")
    width, height = given.get("width", 1024), given.get("height", 1024)
    assert isinstance(steps, int) and isinstance(cfg_scale, int | float)
    assert isinstance(width, int) and isinstance(height, int)
    request = ImageRequest(
        model=MODEL,
        prompt=wanted[:STUDIO_LIMIT] if wanted.strip() else "product",
        negative_prompt=unwanted[:STUDIO_LIMIT] or None,
        seed=min(seed, LARGEST_SEED - 1),
        steps=steps,
        cfg_scale=cfg_scale,
        style_preset=None if style is None else str(style),
        width=width,
        height=height,
        output_format="png",
    )
    return Order(family="sdxl", request=request, seed=seed, refused=is_refused(wanted))


def answer(seed: int, picture: bytes, fault: Fault | None, *, filters: str = "") -> Reply:
    """The answer with one picture (`picture` is its base64), bent as `fault` says. Billed by the hour, not a picture.

    `filters` is the finish reason of a refusal, in the words of the newer models; the picture is blurred then.
    """
    finish = FINISH.get(filters, "CONTENT_FILTERED") if filters else "SUCCESS"
    if fault is not None and fault.effect is Effect.BAD_BASE64:
        picture = b"*** this is not base64 ***"
    if finish == "ERROR" or (fault is not None and fault.effect is Effect.EMPTY_IMAGE):
        picture = b""
    head = orjson.dumps({"seed": seed, "finishReason": finish})[:-1]
    body = b"".join((b'{"result":"success","artifacts":[', head, b',"base64":"', picture, b'"}]}'))
    return Reply(body=body, headers={"x-amzn-invoked-production-variant": "AllTraffic"})


def from_endpoint(refusal: Refusal, *, endpoint: str, region: str) -> Refusal:
    """The container's 400 as SageMaker passes it on: `ModelError` (424) with the original status and text."""
    log = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group=/aws/sagemaker/Endpoints/{endpoint}"
    told = f'{{"message": "{refusal.message}"}}'
    return Refusal(
        "ModelError",
        f'Received client error ({refusal.status}) from primary with message "{told}". See {log} in account '
        "123456789012 for more information.",
        status=424,
        members={
            "OriginalStatusCode": refusal.status,
            "OriginalMessage": told,
            "LogStreamArn": f"arn:aws:logs:{region}:123456789012:log-group:/aws/sagemaker/Endpoints/{endpoint}",
        },
    )
