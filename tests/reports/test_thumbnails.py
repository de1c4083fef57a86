"""Small pictures, real ones."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from prodimg_lab.errors import CorruptObject
from prodimg_lab.reports.thumbnails import Thumbnails


def encoded(image: Image.Image, form: str = "PNG") -> bytes:
    buffer = BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def noise(edge: int) -> Image.Image:
    rng = np.random.default_rng(3)
    return Image.fromarray(rng.integers(0, 256, (edge, edge, 3), dtype="uint8"))


def test_a_noisy_picture_shrinks_until_its_bytes_fit() -> None:
    data = encoded(noise(512))
    small = Thumbnails().of(lambda _: data, "d", edge=384, max_bytes=12_000)
    assert len(small.data) <= 12_000
    assert 96 <= small.width < 384
    assert Image.open(BytesIO(small.data)).format == "WEBP"


def test_a_calm_picture_keeps_its_size_and_shape() -> None:
    data = encoded(Image.new("RGB", (800, 400), (10, 120, 200)), "JPEG")
    small = Thumbnails().of(lambda _: data, "d", edge=384, max_bytes=12_000)
    assert (small.width, small.height) == (384, 192)
    middle = Image.open(BytesIO(small.data)).convert("RGB").getpixel((100, 100))
    assert isinstance(middle, tuple)
    assert max(abs(a - b) for a, b in zip(middle, (10, 120, 200), strict=True)) < 8


def test_a_small_picture_is_not_blown_up() -> None:
    data = encoded(Image.new("RGB", (64, 64)))
    small = Thumbnails().of(lambda _: data, "d", edge=384, max_bytes=12_000)
    assert (small.width, small.height) == (64, 64)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_become_white(mode: str) -> None:
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0)).convert(mode)
    if mode == "P":
        image.info["transparency"] = 0
    data = encoded(image)
    small = Thumbnails().of(lambda _: data, "d", edge=64, max_bytes=12_000)
    pixel = Image.open(BytesIO(small.data)).convert("RGB").getpixel((32, 32))
    assert isinstance(pixel, tuple)
    assert min(pixel) >= 250


def test_each_picture_is_read_once() -> None:
    read: list[str] = []

    def picture(digest: str) -> bytes:
        read.append(digest)
        return encoded(Image.new("RGB", (32, 32)))

    thumbnails = Thumbnails()
    for digest in ("a", "b", "a", "a"):
        thumbnails.of(picture, digest, edge=32, max_bytes=5_000)
    assert read == ["a", "b"]
    thumbnails.of(picture, "a", edge=16, max_bytes=5_000)
    assert read == ["a", "b", "a"]


def corrupt(_: str) -> bytes:
    raise CorruptObject("object ab12 does not match its digest")


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (corrupt, "does not match its digest"),
        (lambda _: b"no picture at all", "do not decode to a picture"),
        (lambda _: encoded(noise(64))[:2000], ""),
    ],
)
def test_an_unreadable_picture_is_a_problem_to_show_not_an_error(picture: object, words: str) -> None:
    small = Thumbnails().of(picture, "d", edge=64, max_bytes=5_000)  # type: ignore[arg-type]
    assert small.data == b""
    assert small.uri == ""
    assert small.problem.startswith("the picture could not be read: ")
    assert words in small.problem
