"""Are the drawn pictures the right ones, and always the same?"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from prodimg_lab.emulator import Emulator
from prodimg_lab.emulator.pictures import PIXELS, Order, PreparedPictures, prepared, size_of
from prodimg_lab.errors import SettingError
from prodimg_lab.records import ImageRequest

SD35 = "/model/stability.sd3-5-large-v1:0/invoke"
PROMPT = "photo of a red ceramic mug, on a white background, softbox lighting"


def drawn(answer: Any) -> Image.Image:
    assert answer.status == 200, answer.body
    found = answer.json
    text = found["images"][0] if "images" in found else found["artifacts"][0]["base64"]
    return Image.open(io.BytesIO(base64.b64decode(text, validate=True)))


def test_a_draft_has_the_full_size_and_says_that_it_is_simulated(emulator: Emulator, call: Any) -> None:
    picture = drawn(call(emulator, SD35, {"prompt": PROMPT, "seed": 5}))
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (1024, 1024))
    assert "Simulated picture" in picture.info["Description"]
    assert picture.info["Source"] == "stability.sd3-5-large-v1:0"


@pytest.mark.parametrize(
    ("model", "more", "form", "size"),
    [
        ("stability.sd3-5-large-v1:0", {"aspect_ratio": "16:9", "output_format": "webp"}, "WEBP", (1344, 768)),
        ("stability.stable-image-core-v1:1", {"aspect_ratio": "9:21", "output_format": "jpeg"}, "JPEG", (640, 1536)),
        ("stability.stable-image-ultra-v1:1", {"aspect_ratio": "4:5"}, "PNG", (896, 1088)),
    ],
)
def test_size_and_format_are_as_asked(
    emulator: Emulator, call: Any, model: str, more: dict[str, str], form: str, size: tuple[int, int]
) -> None:
    picture = drawn(call(emulator, f"/model/{model}/invoke", {"prompt": PROMPT, "seed": 5, **more}))
    assert (picture.format, picture.size) == (form, size)


def test_an_endpoint_draws_the_width_and_height_of_the_body(emulator: Emulator, call: Any, signer: Any) -> None:
    body = {"text_prompts": [{"text": PROMPT}], "seed": 5, "width": 1216, "height": 832, "steps": 20}
    answer = call(emulator, "/endpoints/sdxl/invocations", body, signer=signer(service="sagemaker"))
    assert drawn(answer).size == (1216, 832)


def test_the_prompt_is_what_is_drawn(emulator: Emulator, call: Any) -> None:
    picture = drawn(call(emulator, SD35, {"prompt": PROMPT, "seed": 5}))
    red, green, blue = picture.resize((64, 64)).crop((26, 26, 38, 38)).resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    assert red > 1.3 * green and red > 1.3 * blue


def test_equal_bodies_give_equal_bytes_and_another_seed_gives_others(emulator: Emulator, call: Any) -> None:
    body = {"prompt": PROMPT, "seed": 5}
    first, again = (call(emulator, SD35, body).json["images"] for _ in range(2))
    other_seed = call(emulator, SD35, {**body, "seed": 6}).json["images"]
    assert first == again
    assert first != other_seed


def test_another_model_draws_another_picture_of_the_same_body(emulator: Emulator, call: Any) -> None:
    body = {"prompt": PROMPT, "seed": 5}
    models = ("stability.sd3-5-large-v1:0", "stability.stable-image-ultra-v1:1")
    assert len({call(emulator, f"/model/{model}/invoke", body).json["images"][0] for model in models}) == 2


def test_every_aspect_ratio_has_a_size_of_about_a_megapixel() -> None:
    for ratio, (width, height) in PIXELS.items():
        across, down = map(int, ratio.split(":"))
        assert abs(width / height / (across / down) - 1) < 0.08, ratio
        assert 0.9e6 < width * height < 1.1e6 and width % 64 == 0 and height % 64 == 0
        assert size_of(ImageRequest(model="m", prompt="p", seed=1, aspect_ratio=ratio)) == (width, height)


class TestPrepared:
    def test_files_are_given_as_they_are(self, quick: Emulator, call: Any, prepared_file: Path) -> None:
        answer = call(quick, SD35, {"prompt": "anything", "aspect_ratio": "16:9", "output_format": "jpeg"})
        assert base64.b64decode(answer.json["images"][0]) == prepared_file.read_bytes()

    async def _chosen(self, pictures: PreparedPictures, seed: int) -> bytes:
        request = ImageRequest(model="m", prompt="p", seed=seed)
        return await pictures.base64_of(Order(family="sd35", request=request, seed=seed))

    def test_one_order_always_gets_the_same_file_of_a_folder(self, tmp_path: Path, picture: Any) -> None:
        import asyncio

        for at in range(4):
            (tmp_path / f"{at}.png").write_bytes(picture(8 + at, 8))
        (tmp_path / "notes.txt").write_text("not a picture")
        pictures = PreparedPictures(tmp_path)
        first = [asyncio.run(self._chosen(pictures, seed)) for seed in range(1, 30)]
        assert first == [asyncio.run(self._chosen(PreparedPictures(tmp_path), seed)) for seed in range(1, 30)]
        assert len(set(first)) == 4

    def test_a_path_without_pictures_is_refused_by_name(self, tmp_path: Path) -> None:
        with pytest.raises(SettingError, match=r"missing\.png: No such file"):
            prepared(tmp_path / "missing.png")
        with pytest.raises(SettingError, match=r"the folder has none of \.png"):
            prepared(tmp_path)
        (tmp_path / "a.png").write_text("hello")
        with pytest.raises(SettingError, match=r"a\.png is no PNG, JPEG or WebP; it begins with 68 65"):
            prepared(tmp_path)
