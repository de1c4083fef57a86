from __future__ import annotations

import io

import cv2
import numpy as np
import pytest

from prodimg_lab.errors import UsageError
from prodimg_lab.scoring import NotAPicture
from prodimg_lab.scoring.measures import OUTLINE_FROM, Measures, measure
from prodimg_lab.testing.pictures import SHAPES, Backdrop, Drawn, Shape, draw_product, png

COLOURS = ("#7a9e7e", "#b03a2e", "#1c1c1e", "#2e5fa3")


def overlap(measures: Measures, drawn: Drawn) -> float:
    """Intersection over union of the found mask and the drawn one (its holes filled, as the found one's are)."""
    height, width = measures.mask.shape
    truth = np.zeros(drawn.mask.shape, np.uint8)
    outlines, _ = cv2.findContours(drawn.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(truth, outlines, -1, 1, -1)
    truth = cv2.resize(truth, (width, height), interpolation=cv2.INTER_AREA) > 0
    return float((truth & measures.mask).sum() / (truth | measures.mask).sum())


def drawings(backdrop: Backdrop) -> list[Drawn]:
    return [
        draw_product(backdrop=backdrop, shape=shape, colour=colour, seed=seed, fill=0.5 + 0.08 * seed, size=256)
        for seed, (shape, colour) in enumerate(zip(SHAPES, COLOURS, strict=True))
    ]


@pytest.mark.parametrize("backdrop", ["white", "plain", "gradient"])
def test_on_a_plain_background_the_outline_is_found_and_believed(backdrop: Backdrop) -> None:
    overlaps = []
    for drawn in drawings(backdrop):
        measures = measure(drawn.data)
        assert measures.segmentation.way == "flood" and measures.confidence >= OUTLINE_FROM
        overlaps.append(overlap(measures, drawn))
    assert min(overlaps) > 0.93 and np.mean(overlaps) > 0.97, overlaps


def test_in_a_scene_most_of_a_central_product_is_found_and_its_outline_is_not_believed() -> None:
    overlaps = []
    for drawn in drawings("scene"):
        measures = measure(drawn.data)
        assert measures.segmentation.way == "cut" and measures.confidence < OUTLINE_FROM
        overlaps.append(overlap(measures, drawn))
    assert np.mean(overlaps) > 0.75, overlaps


def test_a_white_product_on_white_is_found_by_its_shading() -> None:
    drawn = draw_product(colour="#e9e6de", shape="box", size=256)
    assert overlap(measure(drawn.data), drawn) > 0.9


def test_a_soft_shadow_is_no_product() -> None:
    drawn = draw_product(shape="ball", backdrop="plain", seed=4, size=256)
    left, top, wide, high = drawn.box
    box = measure(drawn.data).box
    assert box.bottom == pytest.approx((top + high) / 256, abs=0.02)
    assert box.right - box.left == pytest.approx(wide / 256, abs=0.02)
    assert box.left == pytest.approx(left / 256, abs=0.02)


def on_a_ground(colour: float, size: int = 256) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.full((size, size, 3), colour) + rng.normal(0, 0.6, (size, size, 3))


def as_png(picture: np.ndarray) -> bytes:
    return png(np.clip(np.rint(picture), 0, 255).astype(np.uint8))


def share_found(picture: np.ndarray, truth: np.ndarray) -> tuple[float, Measures]:
    measures = measure(as_png(picture))
    return float((measures.mask & truth).sum() / (measures.mask | truth).sum()), measures


def orange_box() -> np.ndarray:
    truth = np.zeros((256, 256), np.bool_)
    truth[80:180, 90:170] = True
    return truth


@pytest.mark.parametrize("tint", [(0, 0, 0), (-14, -6, 10)])  # BGR: gray, and with what an orange box throws back
def test_a_dark_shadow_at_a_products_foot_is_no_product(tint: tuple[int, int, int]) -> None:
    picture, truth = on_a_ground(225), orange_box()
    across, down = np.meshgrid(np.arange(256), np.arange(256))
    away = np.hypot((across - 130) / 1.6, 2.2 * (down - 178))
    shadow = np.clip(1.15 - away / 60, 0, 1)[..., None]
    picture = picture * (1 - 0.75 * shadow) + shadow * np.array(tint)
    picture[truth] = (40, 120, 215)
    share, measures = share_found(picture, truth)
    assert share > 0.93 and measures.confidence >= OUTLINE_FROM


def test_the_bright_middle_of_a_backdrop_is_no_product() -> None:
    truth = orange_box()
    across, down = np.meshgrid(np.arange(256), np.arange(256))
    glow = np.exp(-(((across - 130) / 55) ** 2 + ((down - 90) / 50) ** 2))[..., None]
    picture = on_a_ground(90) + 60 * glow
    picture[truth] = (40, 120, 215)
    share, _ = share_found(picture, truth)
    assert share > 0.93


def test_a_shadow_that_leaves_the_frame_at_both_sides_is_no_horizon() -> None:
    picture, truth = on_a_ground(225), orange_box()
    picture[130:196] *= np.linspace(1.0, 0.84, 66)[:, None, None]  # and ends at once
    picture = cv2.GaussianBlur(picture, (0, 0), 2)
    picture[truth] = (40, 120, 215)
    share, measures = share_found(picture, truth)
    assert measures.segmentation.way == "flood" and share > 0.93


def test_a_product_that_is_found_by_its_print_alone_is_not_believed() -> None:
    picture, truth = on_a_ground(225), orange_box()
    picture[truth] += 3.0  # a white box on a light ground: less than its edges
    rim = truth & ~(cv2.erode(truth.astype(np.uint8), np.ones((5, 5))) > 0)
    picture[rim & (np.arange(256) % 24 > 5)[:, None]] -= 45  # which have gaps
    picture[118:134, 118:142] = (40, 60, 60)
    share, measures = share_found(picture, truth)
    assert share < 0.3 and 0 < measures.confidence < OUTLINE_FROM


def test_an_outline_that_lies_on_no_edge_is_not_believed() -> None:
    picture = on_a_ground(225)
    across, down = np.meshgrid(np.arange(256), np.arange(256))
    blot = np.exp(-(((across - 130) / 40) ** 2 + ((down - 130) / 40) ** 2))[..., None]
    picture = picture - blot * np.array([90, 30, 0])
    assert measure(as_png(picture)).confidence < OUTLINE_FROM


@pytest.mark.parametrize("shape", ["box", "ball"])
def test_a_gray_product_on_white_is_not_taken_for_a_shadow(shape: Shape) -> None:
    drawn = draw_product(colour="#a5a5a5", shape=shape, size=256)
    assert overlap(measure(drawn.data), drawn) > 0.93


def test_a_gray_box_that_runs_into_its_shadow_at_one_corner_is_still_a_box() -> None:
    picture = np.full((256, 256, 3), 255, np.uint8)
    picture[70:190, 80:170] = 165
    picture[190:220, 80:110] = np.linspace(165, 255, 30)[:, None, None]
    measures = measure(png(picture))
    box = np.zeros((256, 256), np.bool_)
    box[70:190, 80:170] = True
    assert (box & measures.mask).sum() > 0.9 * box.sum()
    assert (measures.mask & ~box).sum() < 0.15 * box.sum()


def test_the_thin_dark_line_of_a_hard_shadow_is_no_product_and_a_thin_dark_handle_is() -> None:
    drawn = draw_product(shape="box", fill=0.5, size=256)
    left, top, wide, high = drawn.box
    lined = drawn.picture.copy()
    lined[top + high - 5 : top + high, left + wide : left + wide + 40] = 190
    assert measure(png(lined)).box.right == pytest.approx((left + wide) / 256, abs=0.02)
    handled = drawn.picture.copy()
    cv2.ellipse(handled, (left + wide // 2, top), (30, 40), 0, 180, 360, (40, 60, 70), 5)
    assert measure(png(handled)).box.top == pytest.approx((top - 42) / 256, abs=0.02)


def test_a_pale_room_with_a_horizon_is_a_scene_although_its_colours_are_close() -> None:
    drawn = draw_product(size=256, shape="box", colour="#2b2d42")
    picture = drawn.picture.copy()
    wall, table = ~drawn.mask & (np.arange(256)[:, None] < 130), ~drawn.mask & (np.arange(256)[:, None] >= 130)
    picture[wall], picture[table] = (196, 200, 204), (236, 238, 238)
    measures = measure(png(picture))
    assert measures.segmentation.way == "cut" and measures.segmentation.plain < 0.75
    assert overlap(measures, drawn) > 0.85


def test_a_plain_wall_is_no_longer_plain_with_tiles() -> None:
    drawn = draw_product(size=256)
    picture = drawn.picture.copy()
    seams = np.zeros((256, 256), np.bool_)
    seams[::32] = seams[:, ::32] = True
    picture[seams & ~drawn.mask] = 205
    assert measure(drawn.data).segmentation.plain > 0.95 > 0.6 > measure(png(picture)).segmentation.plain


def test_a_prop_at_the_edge_of_the_frame_is_not_part_of_the_product() -> None:
    drawn = draw_product(shape="box", fill=0.5, size=256)
    picture = drawn.picture.copy()
    cv2.circle(picture, (250, 60), 26, (40, 60, 190), -1)
    measures = measure(png(picture))
    assert overlap(measures, drawn) > 0.93 and measures.box.right < 0.85


def test_two_parts_of_a_product_are_both_found() -> None:
    drawn = draw_product(shape="box", fill=0.5, centre=(0.4, 0.5), size=256)
    picture = drawn.picture.copy()
    cv2.circle(picture, (215, 150), 24, (40, 60, 190), -1)
    assert measure(png(picture)).box.right == pytest.approx(239 / 256, abs=0.02)


def test_a_product_that_leaves_the_frame_is_still_told_from_its_background() -> None:
    drawn = draw_product(shape="box", fill=0.6, centre=(0.9, 0.5), size=256)
    measures = measure(drawn.data)
    assert measures.segmentation.way == "flood"
    assert measures.box.right == 1.0 and overlap(measures, drawn) > 0.93


def test_a_dark_picture_gives_the_mask_of_the_bright_one() -> None:
    for drawn in drawings("scene") + drawings("gradient"):
        bright, dark = measure(drawn.data), measure(png((drawn.picture * 0.1).astype(np.uint8)))
        assert bright.segmentation.way == dark.segmentation.way
        assert (bright.mask & dark.mask).sum() > 0.85 * (bright.mask | dark.mask).sum()


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_picture_has_no_product(level: int) -> None:
    measures = measure(png(np.full((120, 120, 3), level, np.uint8)))
    assert measures.confidence == 0 and not measures.mask.any()


def test_the_same_bytes_give_the_same_mask_whatever_chance_was_used_before() -> None:
    data = draw_product(backdrop="scene", seed=7, size=200).data
    cv2.setRNGSeed(11)
    first = measure(data).mask
    cv2.setRNGSeed(99)
    np.testing.assert_array_equal(first, measure(data).mask)


def test_the_reduced_copy_has_256_px_at_most_and_is_never_enlarged() -> None:
    assert measure(png(np.zeros((300, 700, 3), np.uint8))).small.shape == (110, 256, 3)
    assert measure(png(np.zeros((30, 70, 3), np.uint8))).small.shape == (30, 70, 3)


def test_what_was_measured_once_is_kept() -> None:
    measures = measure(draw_product(size=64).data)
    assert measures.lab is measures.lab and measures.segmentation is measures.segmentation


@pytest.mark.parametrize("extension", [".png", ".jpg", ".webp", ".bmp", ".tiff"])
def test_the_usual_formats_are_read(extension: str) -> None:
    picture = draw_product(size=96).picture
    data = cv2.imencode(extension, picture)[1].tobytes()
    assert np.abs(measure(data).bgr.astype(int) - picture).mean() < 3


def test_transparent_pixels_lie_on_white() -> None:
    picture = np.zeros((8, 8, 4), np.uint8)
    picture[:, 4:] = (10, 20, 30, 255)
    picture[0, 0, 3] = 128
    bgr = measure(png(picture)).bgr
    assert bgr[4, 0].tolist() == [255, 255, 255] and bgr[4, 6].tolist() == [10, 20, 30]
    assert bgr[0, 0].tolist() == [127, 127, 127]


def test_a_palette_with_a_transparent_colour_lies_on_white_too() -> None:
    image = pytest.importorskip("PIL.Image")
    picture = image.new("P", (8, 8), 3)
    picture.putpalette([200, 10, 10] * 256)
    file = io.BytesIO()
    picture.save(file, "PNG", transparency=3)
    assert measure(file.getvalue()).bgr[0, 0].tolist() == [255, 255, 255]


def test_gray_and_16_bit_pictures_become_8_bit_colour() -> None:
    gray = measure(png(np.full((8, 8), 77, np.uint8))).bgr
    assert gray.shape == (8, 8, 3) and gray[0, 0].tolist() == [77, 77, 77]
    deep = np.full((8, 8, 4), 65535, np.uint16)
    deep[..., 0] = 0
    assert measure(cv2.imencode(".png", deep)[1].tobytes()).bgr[0, 0].tolist() == [0, 255, 255]


@pytest.mark.parametrize("data", [b"", b"no picture", draw_product(size=64).data[:900]])
def test_bytes_that_do_not_decode_are_a_typed_error_that_shows_how_they_begin(data: bytes) -> None:
    with pytest.raises(
        NotAPicture, match=f"{len(data)} bytes that begin with {data[:8].hex(' ') or 'nothing'}"
    ) as raised:
        measure(data)
    assert isinstance(raised.value, UsageError)
