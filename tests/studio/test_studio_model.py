"""The studio as an image model: it passes the contract, tells the truth, and says that it is a simulation."""

import io
import multiprocessing
import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from prodimg_lab import studio
from prodimg_lab.errors import ContentFiltered, FatalForTrial, UnsupportedParameter
from prodimg_lab.models._base import ImageModel
from prodimg_lab.records import ImageRequest, digest_of
from prodimg_lab.studio import model as model_module
from prodimg_lab.studio.camera import ANGLES
from prodimg_lab.studio.casting import cast
from prodimg_lab.studio.lights import RIGS
from prodimg_lab.studio.model import Studio
from prodimg_lab.studio.names import parsed
from prodimg_lab.studio.outline import coverage
from prodimg_lab.studio.render import product_mask
from prodimg_lab.studio.sets import PLACES
from prodimg_lab.studio.sheet import PLACES as WORDS
from prodimg_lab.studio.sheet import main as sheet_main
from prodimg_lab.studio.stage import staged
from prodimg_lab.testing.models import ModelContract

PACKSHOT = "photo of a navy stoneware mug, on a pure white background, soft studio light, front view"
SCENE = "photo of a red tea box, on a light oak table, window light, three-quarter view"


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Textures of this module's pictures, in a folder of their own."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    os.environ.pop("XDG_CACHE_HOME") if before is None else os.environ.__setitem__("XDG_CACHE_HOME", before)


def asked(prompt: str = PACKSHOT, *, model: str = "studio:sdxl@96", seed: int = 3, **fields: object) -> ImageRequest:
    if model.startswith("studio:sdxl"):
        fields = {"cfg_scale": 9.0, "steps": 40, "negative_prompt": "text, watermark, border, clutter"} | fields
    return ImageRequest(model=model, prompt=prompt, seed=seed, **fields)  # type: ignore[arg-type]


def pixels(data: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))


def drawn(request: ImageRequest) -> np.ndarray:
    return pixels(Studio(parsed(request.model)).generate(request).data)


class TestStudio(ModelContract):
    @pytest.fixture
    def model(self) -> ImageModel:
        return studio.load("sd35@96")


class TestStudioSdxl(ModelContract):
    @pytest.fixture
    def model(self) -> ImageModel:
        return studio.load("sdxl@96")


def _digest_elsewhere(request: ImageRequest) -> str:
    return digest_of(studio.load(request.model).generate(request).data)


def test_the_same_request_gives_the_same_bytes_in_every_process_and_after_any_others() -> None:
    glass = asked("photo of an amber glass syrup bottle, on a white marble counter, golden hour", seed=8)
    wanted = [asked(), glass, asked(SCENE, seed=5)]
    model = Studio(parsed("sdxl@96"))
    here = [digest_of(model.generate(request).data) for request in wanted]
    shuffled = wanted[::-1]
    random.Random(1).shuffle(shuffled)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        there = dict(zip((r.fingerprint for r in shuffled), pool.map(_digest_elsewhere, shuffled), strict=True))
    assert here == [there[request.fingerprint] for request in wanted]
    assert here == [digest_of(model.generate(request).data) for request in wanted]


def test_a_repeat_and_another_seed_are_other_pictures() -> None:
    pictures = {drawn(asked()).tobytes(), drawn(asked(repeat=1)).tobytes(), drawn(asked(seed=4)).tobytes()}
    assert len(pictures) == 3


@pytest.mark.parametrize("lighting", ["soft studio light", "golden hour", "moody low-key light", "hard midday sun"])
def test_a_white_ground_is_white_in_every_light_and_the_product_casts_a_shadow(lighting: str) -> None:
    prompt = f"photo of a navy stoneware mug, on a pure white background, {lighting}, three-quarter view"
    request = asked(prompt, model="studio:sdxl@160")
    data, truth = studio.draw(request)
    picture = pixels(data)
    assert truth.background_kind == "white"
    x0, y0, x1, y1 = truth.bbox
    ground = np.ones(picture.shape[:2], dtype=bool)
    ground[max(0, y0 - 5) : y1 + 25, max(0, x0 - 25) : x1 + 25] = False
    assert np.median(picture[ground], axis=0).min() >= 250
    border = np.concatenate([picture[:8].reshape(-1, 3), picture[:, :8].reshape(-1, 3), picture[:, -8:].reshape(-1, 3)])
    assert np.median(border, axis=0).min() >= 250
    foot = picture[y1 : y1 + 3, x0:x1].mean(axis=2)
    assert foot.min() < 235, "a contact shadow under the product"


def test_what_is_drawn_is_what_the_truth_says() -> None:
    data, truth = studio.draw(asked(SCENE, seed=5))
    assert data == Studio(parsed("sdxl@96")).generate(asked(SCENE, seed=5)).data
    assert truth.archetype == "box"
    assert truth.asked["background"] == "oak-table"
    assert set(truth.kept) | set(truth.lost) == set(truth.asked)
    picture = pixels(data).astype(float)
    assert truth.mask.shape == picture.shape[:2]
    assert 0.12 < truth.mask.mean() < 0.6
    ys, xs = np.nonzero(truth.mask)
    assert truth.bbox == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    inside, outside = picture[truth.mask].mean(axis=0), picture[~truth.mask].mean(axis=0)
    assert inside[0] - inside[1] > outside[0] - outside[1] + 20, "a red box on oak"
    assert int(truth.colour[1:3], 16) > 2 * int(truth.colour[3:5], 16)


def test_the_rendered_mask_is_where_geometry_says_that_the_product_is() -> None:
    plan = cast(asked(SCENE, seed=5), parsed("sdxl@96"))
    for angle, background in (("three-quarter", "oak-table"), ("top-down", "linen-cloth"), ("low-angle", "concrete")):
        scene = staged(replace(plan.shot, angle=angle, background=background))
        outline, mask = coverage(scene.product, scene.camera) > 0.5, product_mask(scene)
        assert (outline & mask).sum() / (outline | mask).sum() > 0.95


def test_a_red_and_a_green_product_are_red_and_green() -> None:
    for word, channel in (("red", 0), ("green", 1), ("blue", 2)):
        prompt = f"photo of a {word} mug, on a light grey background, soft studio light, front view"
        data, truth = studio.draw(asked(prompt))
        mean = pixels(data)[truth.mask].mean(axis=0)
        assert int(mean.argmax()) == channel, word


def test_a_stand_in_is_noted() -> None:
    _, truth = studio.draw(asked("photo of a running shoe, on a pure white background"))
    assert any("clothing" in note for note in truth.notes)


@pytest.mark.parametrize(("size", "shape"), [("16:9", (9, 16)), ("2:3", (3, 2))])
def test_proportions_are_kept(size: str, shape: tuple[int, int]) -> None:
    picture = drawn(asked(model="studio:core@256", aspect_ratio=size))
    assert abs(picture.shape[1] / picture.shape[0] - shape[1] / shape[0]) < 0.15
    assert picture.shape[0] % 16 == picture.shape[1] % 16 == 0


def test_every_file_says_that_it_is_a_simulation() -> None:
    model = studio.load("sd35@96")
    for output_format in model.capabilities.output_formats:
        data = model.generate(asked(model="studio:sd35@96", output_format=output_format)).data
        image = Image.open(io.BytesIO(data))
        if output_format == "png":
            assert "imulat" in image.info["Description"]
            assert image.info["Source"] == "studio:sd35@96"
        else:
            exif = image.getexif()
            assert "imulat" in exif[0x010E]
            assert exif[0x0110] == "studio:sd35@96"


def test_a_word_of_the_practice_list_is_refused() -> None:
    with pytest.raises(ContentFiltered, match="nsfw"):
        drawn(asked("nsfw photo of a mug"))


def test_a_request_for_another_model_is_refused() -> None:
    with pytest.raises(UnsupportedParameter, match="studio:core@96"):
        studio.load("sdxl@96").generate(asked(model="studio:core@96"))


@pytest.mark.parametrize(("field", "value"), [("cfg_scale", 36.0), ("steps", 51), ("steps", 9), ("width", 4096)])
def test_a_value_out_of_range_names_value_bound_and_model(field: str, value: float) -> None:
    with pytest.raises(UnsupportedParameter, match=rf"{field} {value:g} is outside .* for studio:sdxl@96"):
        drawn(asked(**{field: value}))


def test_sd35_has_no_cfg_scale() -> None:
    with pytest.raises(UnsupportedParameter, match="cfg_scale"):
        drawn(asked(model="studio:sd35@96", cfg_scale=7.0))


def test_width_without_height_is_refused() -> None:
    with pytest.raises(UnsupportedParameter, match="go together"):
        drawn(asked(width=1024))


def test_a_scene_that_comes_out_empty_is_an_error_and_no_black_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "exposed", lambda *_, **__: np.zeros((96, 96, 3), dtype=np.float32))
    with pytest.raises(FatalForTrial, match="came out empty"):
        drawn(asked())


def test_few_steps_and_high_cfg_show_in_the_picture() -> None:
    plain = drawn(asked(SCENE)).astype(float)
    noisy = drawn(asked(SCENE, steps=10)).astype(float)
    burnt = drawn(asked(SCENE, cfg_scale=24.0)).astype(float)
    assert np.abs(noisy - plain).mean() > 6
    assert burnt.std() > plain.std() * 1.15


def test_a_style_preset_changes_the_picture_and_photographic_does_not() -> None:
    plain = drawn(asked(SCENE))
    assert np.array_equal(drawn(asked(SCENE, style_preset="photographic")), plain)
    line_art = drawn(asked(SCENE, style_preset="line-art")).astype(float)
    assert np.ptp(line_art, axis=2).mean() < 0.25 * np.ptp(plain.astype(float), axis=2).mean()
    assert not np.array_equal(drawn(asked(SCENE, style_preset="pixel-art")), plain)


def test_every_place_light_and_angle_gives_a_picture_that_shows_something() -> None:
    model = Studio(parsed("ultra@96"), effort=0.5)
    places, lights, angles = list(WORDS.values()), list(RIGS), list(ANGLES)
    assert set(WORDS) == set(PLACES)
    for index, place in enumerate(places):
        light, angle = lights[index % len(lights)], angles[index % len(angles)]
        prompt = f"photo of a teal mug, {place}, {light.replace('-', ' ')}, {angle.replace('-', ' ')} view"
        picture = pixels(model.generate(asked(prompt, model="studio:ultra@96", seed=50 + index)).data).astype(float)
        assert picture.std() > 6, prompt
        assert 4 < picture.mean() < 252, prompt


def test_the_contact_sheet_is_drawn(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    assert sheet_main(["--out", str(out), "--size", "96", "--show", "angles", "--columns", "4"]) == 0
    with Image.open(out) as page:
        assert page.size == (4 * 96, 2 * 96)


def test_requests_are_not_changed() -> None:
    request = asked()
    copy = replace(request)
    drawn(request)
    assert request == copy
