"""How does an author of a model adapter test it, and how does everybody else test without a model?

`ModelContract` is what every `ImageModel` must pass. `FakeModel` answers what it was told to, else a tiny real PNG made
from the request. `counting_model` is a fake for other processes: it counts its calls in a file.
"""

from __future__ import annotations

import os
import struct
import threading
import time
import zlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from prodimg_lab.errors import UnsupportedParameter
from prodimg_lab.records import Block, Capabilities, GeneratedImage, ImageRequest, Prompt, Trial, digest_of
from prodimg_lab.sweeps.fit import misfits

if TYPE_CHECKING:
    from prodimg_lab.models._base import ImageModel

FREE = Capabilities(model="fake", title="Fake", source="simulated", price_micro=0, deterministic=True, seconds=0.0)
"""A free, simulated model that is called in threads."""

PAID = Capabilities(model="fake-paid", title="Paid fake", source="aws", price_micro=40_000, seconds=0.0)
"""A model whose pictures cost real money: $0.04 each."""

MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF"}

Answer = bytes | GeneratedImage | Exception


def tiny_png(seed: str, *, side: int = 8) -> bytes:
    """A valid RGB PNG of `side` × `side` pixels in one colour from `seed`: equal seeds give equal bytes."""
    colour = bytes.fromhex(digest_of(seed.encode())[:6])
    rows = (b"\0" + colour * side) * side
    note = b"seed\0" + digest_of(seed.encode()).encode()
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"tEXt", note),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return MAGIC["png"] + b"".join(_chunk(name, body) for name, body in chunks)


def plain_request(capabilities: Capabilities, **fields: object) -> ImageRequest:
    """A request that `capabilities` allow: a prompt, a seed, nothing else but `fields`."""
    request = ImageRequest(
        model=capabilities.model,
        prompt="Professional product photograph of a ceramic mug",
        seed=max(7, capabilities.seed[0]),
        source=capabilities.source,
        revision=capabilities.revision,
    )
    return replace(request, **fields)  # type: ignore[arg-type]  # the caller names fields of ImageRequest


def plain_trials(capabilities: Capabilities, count: int, *, block_size: int = 4, first: int = 0) -> list[Trial]:
    """A plan of `count` trials with requests of their own, from number `first` on, in blocks of `block_size`."""
    return [
        Trial(
            index=index,
            variant=f"plain/{index % block_size}",
            block=Block(sku="mug", index=index // block_size),
            levels={},
            prompt=Prompt(text=f"mug number {first + index}", template="plain", template_version="1.0.0"),
            request=plain_request(capabilities, prompt=f"mug number {first + index}"),
        )
        for index in range(count)
    ]


class FakeModel:
    """A model under the test's control: answers queued with `enqueue` come first, in order; then pictures.

    `history` has every request in order of arrival. `seconds` is how long a call takes. Safe to use from several
    threads.
    """

    def __init__(self, capabilities: Capabilities = FREE, *, seconds: float = 0.0) -> None:
        self._capabilities = capabilities
        self._seconds = seconds
        self._answers: deque[Answer] = deque()
        self._guard = threading.Lock()
        self._in_flight = 0
        self.most_in_flight = 0
        self.history: list[ImageRequest] = []

    @property
    def capabilities(self) -> Capabilities:
        """What it was made with."""
        return self._capabilities

    def enqueue(self, *answers: Answer) -> None:
        """Give these answers next: bytes, a `GeneratedImage`, or an exception that is raised."""
        with self._guard:
            self._answers.extend(answers)

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """The next queued answer, else a tiny PNG. Raises `UnsupportedParameter` for what its capabilities exclude."""
        with self._guard:
            self.history.append(request)
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
            answer = self._answers.popleft() if self._answers else None
        try:
            time.sleep(self._seconds)
            return self._answer(request, answer)
        finally:
            with self._guard:
                self._in_flight -= 1

    def _answer(self, request: ImageRequest, answer: Answer | None) -> GeneratedImage:
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, GeneratedImage):
            return answer
        return _drawn(request, self._capabilities, answer)


class CountingModel:
    """A fake for other processes: appends `fingerprint pid` to `<folder>/calls.log` at the start of every call.

    How often it was made stands in `<folder>/made.log`, one pid a line.

    The first `deaths` calls for a prompt that ends in `deadly` end their process, as a crash or a want of memory does.
    """

    def __init__(self, folder: Path, capabilities: Capabilities, *, seconds: float, deaths: int = 0) -> None:
        self._folder = folder
        self._file = folder / "calls.log"
        self._seconds = seconds
        self._deaths = deaths
        self._capabilities = capabilities
        _append(folder / "made.log", f"{os.getpid()}\n")

    @property
    def capabilities(self) -> Capabilities:
        """What it was made with."""
        return self._capabilities

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """A tiny PNG after `seconds`, the call counted before."""
        _append(self._file, f"{request.fingerprint} {os.getpid()}\n")
        if request.prompt.endswith("deadly") and self._deaths >= counted_calls(self._folder).count(request.fingerprint):
            os._exit(9)
        time.sleep(self._seconds)
        return _drawn(request, self._capabilities, None)


def counting_model(
    folder: str,
    *,
    runs_on: str = "network",
    seconds: str = "0.05",
    price_micro: str = "0",
    concurrency: str = "8",
    deaths: str = "0",
) -> CountingModel:
    """A `CountingModel` from text values, for the spec `python:prodimg_lab.testing.models:counting_model?folder=…`."""
    where: Literal["network", "cpu"] = "cpu" if runs_on == "cpu" else "network"
    price = int(price_micro)
    capabilities = replace(
        PAID if price else FREE, runs_on=where, price_micro=price, concurrency=int(concurrency), model="counting"
    )
    return CountingModel(Path(folder), capabilities, seconds=float(seconds), deaths=int(deaths))


def counted_calls(folder: Path) -> list[str]:
    """The fingerprints that a `CountingModel` of `folder` was asked for, in order, over all processes."""
    file = folder / "calls.log"
    return [line.split()[0] for line in file.read_text("utf-8").splitlines()] if file.exists() else []


class ModelContract:
    """What every `ImageModel` must do. Subclass it, and give it a fixture `model`.

    Draws about ten pictures. Override `image_request` when the plain one does not fit.
    """

    def image_request(self, model: ImageModel, **fields: object) -> ImageRequest:
        """A request that the model can draw."""
        return plain_request(model.capabilities, **fields)

    def test_its_capabilities_say_what_a_plan_needs(self, model: ImageModel) -> None:
        """Named, priced or known to be unpriced, at least one call at a time, at least one output format."""
        can = model.capabilities
        assert can.model
        assert can.title
        assert can.price_micro is None or can.price_micro >= 0
        assert can.concurrency >= 1
        assert can.output_formats
        assert misfits(self.image_request(model), can) == []

    def test_it_draws_one_picture_in_a_format_that_it_names(self, model: ImageModel) -> None:
        """Bytes that begin as the format says."""
        image = model.generate(self.image_request(model))
        assert image.output_format in model.capabilities.output_formats
        assert image.data.startswith(MAGIC[image.output_format])
        assert image.seconds >= 0

    def test_it_gives_every_output_format_that_it_offers(self, model: ImageModel) -> None:
        """Asked for jpeg, it gives jpeg."""
        for output_format in model.capabilities.output_formats:
            image = model.generate(self.image_request(model, output_format=output_format))
            assert image.output_format == output_format
            assert image.data.startswith(MAGIC[output_format])

    def test_equal_requests_give_equal_bytes_if_it_says_so(self, model: ImageModel) -> None:
        """And another seed gives another picture."""
        if model.capabilities.deterministic:
            request = self.image_request(model)
            first = model.generate(request).data
            assert model.generate(request).data == first
            assert model.generate(replace(request, seed=request.seed + 1)).data != first

    def test_what_it_does_not_take_is_refused_and_never_dropped(self, model: ImageModel) -> None:
        """A field outside its capabilities raises `UnsupportedParameter` that names the field."""
        import pytest

        can = model.capabilities
        wrong: dict[str, object] = {
            "steps": 10_000_000 if can.steps else 20,
            "cfg_scale": 1e9 if can.cfg_scale else 7.0,
            "style_preset": "no-such-style",
            "aspect_ratio": "999:1",
            "output_format": "no-such-format",
        }
        if not can.negative_prompt:
            wrong["negative_prompt"] = "clutter"
        for name, value in wrong.items():
            with pytest.raises(UnsupportedParameter, match=name):
                model.generate(self.image_request(model, **{name: value}))

    def test_a_network_model_bears_several_threads(self, model: ImageModel) -> None:
        """Eight calls at a time, each answered with its own picture."""
        if model.capabilities.runs_on == "network":
            requests = [self.image_request(model, repeat=number) for number in range(8)]
            with ThreadPoolExecutor(8) as pool:
                images = list(pool.map(model.generate, requests))
            assert all(image.data.startswith(MAGIC[image.output_format]) for image in images)


def _append(file: Path, line: str) -> None:
    """One write of a whole line, which no other process's can split."""
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(fd, line.encode())
    finally:
        os.close(fd)


def _drawn(request: ImageRequest, capabilities: Capabilities, data: bytes | None) -> GeneratedImage:
    problems = misfits(request, capabilities)
    if problems:
        raise UnsupportedParameter("; ".join(problems))
    return GeneratedImage(data=tiny_png(request.fingerprint) if data is None else data, output_format="png")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


if TYPE_CHECKING:
    _fake: ImageModel = FakeModel()
    _counting: ImageModel = counting_model(".")
