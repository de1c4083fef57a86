"""Which model places pictures and texts in one space, where does it run, and what does a call cost?

`bedrock:amazon.titan-embed-image-v1` is called on Bedrock and paid. `clip` or `clip:<name>/<weights>` runs here through
open-clip (extra `clip`), costs nothing, and fetches its weights from the internet at the first use (0.6 GB for the
default). With clip the real weights were never run by us: its code is tested with a stand-in.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from math import ceil
from threading import Lock
from typing import Any

from prodimg_lab.aws import Called, account_of, client, endpoint_url, is_aws
from prodimg_lab.aws.embeddings import TITAN, embed
from prodimg_lab.errors import FatalForRun, MissingExtra, UnknownName
from prodimg_lab.lab import Lab
from prodimg_lab.models.bedrock import SERVICE, split_name

PICTURE_MICRO = 60
TEXT_MICRO_PER_TOKEN = 0.8
"""Micro-dollars: $0.00006 a picture, $0.0008 a thousand tokens of text (Bedrock's pricing as read 2026-11-23)."""
MOST_TEXT_TOKENS, LETTERS_A_TOKEN = 128, 5
"""Titan takes 128 tokens of text. Counted here on the high side: a token for each sign and each five letters of a word,
one for each letter outside ASCII (unproven)."""
REGION = "us-west-2"
CLIP_MODEL, CLIP_WEIGHTS = "ViT-B-32", "laion2b_s34b_b79k"

Vector = tuple[float, ...]
_ONE_AT_A_TIME = Lock()
"""Weights are loaded once, whoever comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedder:
    """A model that embeds. `name` is what its scores carry; `paid`: calls are bought, at these prices at most.

    `picture` and `text` return vectors of equal length and raise `ModelError`. A simulated one is an emulator's.
    """

    name: str
    title: str
    paid: bool
    simulated: bool
    picture_micro: int
    text_micro: int
    picture: Callable[[bytes], Vector]
    text: Callable[[str], Vector]


def embedder(spec: str, lab: Lab) -> Embedder:
    """The embedder of a spec; opens no connection and loads no weights. Raises `UnknownName`, `MissingExtra`."""
    provider, _, name = spec.partition(":")
    if provider == "clip":
        return _clip(name or f"{CLIP_MODEL}/{CLIP_WEIGHTS}")
    if provider == "bedrock" and split_name(name)[1] == TITAN:
        return _titan(name, lab)
    raise UnknownName(f"no embedder {spec!r}; there are bedrock:{TITAN} and clip (or clip:<name>/<weights>)")


def cut(text: str) -> str:
    """The beginning of a prompt, as much as is sent; cut between words where it can be."""
    left, end = MOST_TEXT_TOKENS, 0
    for piece in re.finditer(r"\w+|[^\w\s]", text):
        word = piece.group()
        cost = ceil(len(word) / LETTERS_A_TOKEN) if word.isascii() else len(word)
        if cost > left:
            return text[: end or piece.start() + left]
        left, end = left - cost, piece.end()
    return text


def _titan(name: str, lab: Lab) -> Embedder:
    wire, bare, region = split_name(name)
    account = account_of(lab)
    where = account.regions.get(bare) or region or REGION
    url = endpoint_url(SERVICE, where, account)
    simulated = not is_aws(url, account)
    called = Called(service=SERVICE, region=where, model_id=bare, wire_id=wire)

    def vector(*, text: str = "", image: bytes = b"") -> Vector:
        found = embed(client(SERVICE, where, account), called=called, text=text, image=image, length=256)
        if found.emulated and not simulated:
            raise FatalForRun(f"an emulator answered for {bare}, though its address is AWS's", model_id=bare)
        return found.vector

    return Embedder(
        name=f"{bare} (emulated)" if simulated else bare,
        title=f"{bare} (emulated at {url})" if simulated else bare,
        paid=True,
        simulated=simulated,
        picture_micro=PICTURE_MICRO,
        text_micro=ceil(MOST_TEXT_TOKENS * TEXT_MICRO_PER_TOKEN),
        picture=lambda data: vector(image=data),
        text=lambda words: vector(text=cut(words)),
    )


def _clip(name: str) -> Embedder:
    model, _, weights = name.partition("/")
    if not model or not weights:
        raise UnknownName(f"clip:{name} names no weights, and would be ranks of noise; write clip:<name>/<weights>")

    def picture(data: bytes) -> Vector:
        from PIL import Image

        loaded, prepare, _, torch = _loaded(model, weights)
        with torch.no_grad(), Image.open(io.BytesIO(data)) as opened:
            found = loaded.encode_image(prepare(opened.convert("RGB")).unsqueeze(0))
        return tuple(float(each) for each in found[0])

    def text(words: str) -> Vector:
        loaded, _, tokens, torch = _loaded(model, weights)
        with torch.no_grad():
            found = loaded.encode_text(tokens([words]))
        return tuple(float(each) for each in found[0])

    return Embedder(
        name=f"clip:{model}/{weights}",
        title=f"open-clip {model}/{weights}",
        paid=False,
        simulated=False,
        picture_micro=0,
        text_micro=0,
        picture=picture,
        text=text,
    )


def _loaded(model: str, weights: str) -> tuple[Any, Any, Any, Any]:
    with _ONE_AT_A_TIME:
        return _load(model, weights)


@lru_cache(maxsize=1)
def _load(model: str, weights: str) -> tuple[Any, Any, Any, Any]:
    try:
        open_clip, torch = import_module("open_clip"), import_module("torch")
    except ModuleNotFoundError as error:
        raise MissingExtra(f"clip needs {error.name}: pip install 'prodimg-lab[clip]' (about 1 GB)") from error
    try:
        made, _, prepare = open_clip.create_model_and_transforms(model, pretrained=weights)
        made.eval()
        return made, prepare, open_clip.get_tokenizer(model), torch
    except Exception as error:  # open-clip raises what its downloaders raise
        text = f"open-clip can't load {model}/{weights}: {error}"
        raise FatalForRun(text.splitlines()[0], model_id=f"clip:{model}/{weights}") from error
