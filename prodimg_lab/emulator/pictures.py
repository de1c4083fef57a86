"""Where do the pictures come from? The studio, in worker processes of its own, or files that were prepared.

Equal orders give equal bytes. Every picture that is drawn says in its file that it is simulated.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pybase64

from prodimg_lab.errors import SettingError
from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest
from prodimg_lab.runner.workers import Workers
from prodimg_lab.studio import tables
from prodimg_lab.studio.names import StudioName, capabilities_of

if TYPE_CHECKING:
    from prodimg_lab.models._base import ImageModel

FAMILIES = ("core", "sd35", "ultra", "sdxl")
DRAFT_SIDE, FULL_SIDE = 384, 1024
PIXELS: Mapping[str, tuple[int, int]] = {
    "1:1": (1024, 1024),
    "16:9": (1344, 768),
    "9:16": (768, 1344),
    "21:9": (1536, 640),
    "9:21": (640, 1536),
    "3:2": (1216, 832),
    "2:3": (832, 1216),
    "5:4": (1088, 896),
    "4:5": (896, 1088),
}
"""Width and height by aspect ratio (unproven: the documentation gives a range of pixels only)."""
KEPT = 64
"""How many drawn pictures are kept, so that an equal request costs nothing."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A picture that a body asks for. `seed` is the one to report; `refused`: the prompt has a word for practice."""

    family: str
    request: ImageRequest
    seed: int
    refused: bool = False


class Pictures(Protocol):
    """Where pictures come from."""

    async def base64_of(self, order: Order) -> bytes:
        """The picture's file as base64. Raises `ModelError` when it can't be drawn."""
        ...

    def close(self) -> None:
        """Let go of processes."""
        ...


def is_refused(prompt: str) -> bool:
    """Whether the prompt holds a word that the studio refuses for practice."""
    return re.search(tables.REFUSED, prompt, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Darkroom:
    """Draws with the studio at `side`² pixels, then crops and resizes to the size that was asked for."""

    family: str
    side: int

    @property
    def capabilities(self) -> Capabilities:
        """Those of the studio model that draws."""
        return capabilities_of(StudioName(family=self.family, side=self.side))

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """Draw. Raises what the studio raises."""
        import numpy as np
        from PIL import Image, ImageOps

        from prodimg_lab.models import load_model
        from prodimg_lab.studio.encode import encoded

        name = self.capabilities.model
        drawn = _studios.get(name) or _studios.setdefault(name, load_model(name))
        plate = drawn.generate(replace(request, model=name, output_format="png"))
        with Image.open(io.BytesIO(plate.data)) as opened:
            sized = ImageOps.fit(opened.convert("RGB"), size_of(request), Image.Resampling.BICUBIC)
        output_format = request.output_format or "png"
        return replace(
            plate, data=encoded(np.asarray(sized), output_format, model=request.model), output_format=output_format
        )


_studios: dict[str, ImageModel] = {}
"""The studios of this (worker) process, each started once."""


def size_of(request: ImageRequest) -> tuple[int, int]:
    """Width and height of the answer's picture."""
    if request.width and request.height:
        return request.width, request.height
    return PIXELS[request.aspect_ratio or "1:1"]


def blurred(request: ImageRequest) -> bytes:
    """The base64 of an even grey picture: what is left of a picture that was filtered."""
    import numpy as np

    from prodimg_lab.studio.encode import encoded

    width, height = size_of(request)
    grey = np.full((height, width, 3), 127, dtype=np.uint8)
    return pybase64.b64encode(encoded(grey, "png", model=request.model))


class StudioPictures:
    """Draws in worker processes, one a core, started at the first picture; keeps the last pictures."""

    def __init__(self, *, draft: bool) -> None:
        side = DRAFT_SIDE if draft else FULL_SIDE
        self._workers = Workers({family: Darkroom(family=family, side=side) for family in FAMILIES})
        self._threads = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="emulated-studio")
        self._kept: OrderedDict[str, asyncio.Future[bytes]] = OrderedDict()

    async def base64_of(self, order: Order) -> bytes:
        """The picture's file as base64; equal orders on their way share one drawing."""
        key = f"{order.family}/{order.request.fingerprint}"
        if key not in self._kept:
            loop = asyncio.get_running_loop()
            self._kept[key] = asyncio.ensure_future(loop.run_in_executor(self._threads, self._draw, order))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        drawing = self._kept[key]
        try:
            return await asyncio.shield(drawing)
        except BaseException:
            if self._kept.get(key) is drawing and drawing.done():
                del self._kept[key]
            raise

    def close(self) -> None:
        """End the workers, whatever they draw. Called in the loop that asked for the pictures."""
        for drawing in self._kept.values():
            drawing.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._workers.kill()
        self._workers.close()
        self._threads.shutdown()

    def _draw(self, order: Order) -> bytes:
        return pybase64.b64encode(self._workers.draw(order.family, order.request).data)


class PreparedPictures:
    """Gives stored files as they are, whatever size or format was asked for; one order always gets the same one."""

    def __init__(self, path: Path) -> None:
        self._encoded = [pybase64.b64encode(each) for each in prepared(path)]

    async def base64_of(self, order: Order) -> bytes:
        """One of the files as base64."""
        if len(self._encoded) == 1:
            return self._encoded[0]
        return self._encoded[int(order.request.fingerprint[:8], 16) % len(self._encoded)]

    def close(self) -> None:
        """Nothing to let go of."""


def prepared(path: Path) -> list[bytes]:
    """The picture file at `path`, or those in the folder, by name. Raises `SettingError`."""
    try:
        files = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        found = [file.read_bytes() for file in files]
    except OSError as error:
        raise SettingError(f"prepared pictures {path}: {error.strerror}; name a picture or a folder of them") from error
    if not found:
        raise SettingError(f"prepared pictures {path}: the folder has none of {', '.join(SUFFIXES)}")
    for file, data in zip(files, found, strict=True):
        if not data.startswith(BEGINNINGS):
            raise SettingError(f"prepared picture {file} is no PNG, JPEG or WebP; it begins with {data[:4].hex(' ')}")
    return found


if TYPE_CHECKING:
    _: ImageModel = Darkroom(family="sd35", side=DRAFT_SIDE)
    __: tuple[Pictures, ...] = (StudioPictures(draft=True), PreparedPictures(Path()))
