"""The fakes that we ship pass the contract that we ship."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from prodimg_lab.errors import Throttled
from prodimg_lab.testing.models import (
    FREE,
    PAID,
    CountingModel,
    FakeModel,
    ModelContract,
    counted_calls,
    counting_model,
    plain_request,
    tiny_png,
)


class TestFakeModel(ModelContract):
    @pytest.fixture
    def model(self) -> FakeModel:
        return FakeModel(replace(FREE, negative_prompt=False, steps=(1, 50)))


class TestCountingModel(ModelContract):
    @pytest.fixture
    def model(self, tmp_path: Path) -> CountingModel:
        return counting_model(str(tmp_path), seconds="0")


def test_a_fake_answers_what_it_was_told_and_keeps_the_history() -> None:
    model = FakeModel(PAID)
    model.enqueue(Throttled("slow down"), b"bytes")
    requests = [plain_request(PAID, seed=seed) for seed in (1, 2, 3)]
    with pytest.raises(Throttled):
        model.generate(requests[0])
    assert model.generate(requests[1]).data == b"bytes"
    assert model.generate(requests[2]).data == tiny_png(requests[2].fingerprint)
    assert model.history == requests


def test_calls_are_counted_in_a_file(tmp_path: Path) -> None:
    request = plain_request(FREE)
    assert counted_calls(tmp_path) == []
    for _ in range(3):
        counting_model(str(tmp_path), seconds="0").generate(request)
    assert counted_calls(tmp_path) == [request.fingerprint] * 3


def test_a_tiny_png_is_a_real_one(tmp_path: Path) -> None:
    data = tiny_png("seed", side=5)
    assert data[16:24] == (5).to_bytes(4, "big") * 2
    position, kinds = 8, []
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        kind, body = data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        assert int.from_bytes(data[position + 8 + length : position + 12 + length], "big") == zlib.crc32(kind + body)
        kinds.append(kind)
        position += 12 + length
    assert kinds == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]
    assert tiny_png("seed", side=5) == data
    assert tiny_png("other", side=5) != data


def test_a_tiny_png_is_decoded_by_pillow() -> None:
    pillow = pytest.importorskip("PIL.Image")
    import io

    picture = pillow.open(io.BytesIO(tiny_png("seed")))
    picture.load()
    assert (picture.size, picture.mode) == ((8, 8), "RGB")
