"""Where do tests of scorers and rules get pictures whose every fault is known?

A product is cut out of a studio picture by the mask that the studio drew it with (or is one of the drawn solids of
`pictures`), and laid on a background of a stated level, at a stated size and place. Then it is degraded in stated
steps. What a marketplace's check has to say of each is known: `Known.truth`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from prodimg_lab.testing.pictures import Picture, draw_product, png

Truth = Literal["pass", "fixable", "fail"]

PRODUCTS: Mapping[str, str] = {
    "white-mug": "a white ceramic mug",
    "gray-lamp": "a light grey metal table lamp",
    "white-box": "a white cardboard gift box",
    "gray-bowl": "a grey ceramic bowl",
    "cream-candle": "a cream candle in a ceramic jar",
    "black-bottle": "a black plastic bottle",
    "blue-mug": "a cobalt blue ceramic mug",
    "brown-bag": "a brown leather handbag",
    "red-box": "a burgundy cardboard gift box",
    "green-vase": "a sage green ceramic vase",
    "oak-stool": "a light oak wooden stool",
    "steel-watch": "a polished steel watch",
    "yellow-pouch": "a mustard paper pouch",
    "pink-tube": "a blush pink plastic tube",
    "silver-can": "a polished aluminium can",
    "navy-headphones": "navy plastic headphones",
}
"""What the studio is asked to draw, by name; a third of them white, gray or cream. The rules were shaped on these."""
UNSEEN: Mapping[str, str] = {
    "white-vase": "a white ceramic vase",
    "gray-can": "a light grey metal can",
    "white-tube": "a white plastic tube",
    "white-headphones": "white plastic headphones",
    "ivory-soap": "an ivory soap bar",
    "gray-pouch": "a pale grey paper pouch",
    "glass-tumbler": "a clear glass tumbler",
    "black-watch": "a matte black watch",
    "red-mug": "a coral red ceramic mug",
    "green-bottle": "a bottle green glass bottle",
    "walnut-chair": "a walnut wooden chair",
    "tan-bag": "a tan leather handbag",
    "teal-lamp": "a teal metal table lamp",
    "orange-box": "an orange cardboard gift box",
    "brass-candle": "a candle in a brass tin",
    "gold-sunglasses": "gold metal sunglasses",
}
"""Others, drawn when the rules stood; docs/marketplaces.md has the figures of both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutout:
    """A product without its background: `picture` BGR and its coverage 0..1, cropped to the product."""

    name: str
    picture: Picture
    cover: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A picture file and what `amazon-main` has to say of it; `kind` groups them in tables."""

    name: str
    kind: str
    data: bytes
    truth: Truth


def studio_cutout(name: str, *, size: int = 1024, seed: int = 11) -> Cutout:
    """One of `PRODUCTS` or `UNSEEN`, drawn at `size` px and cut out by its mask. Needs the extra `lab`."""
    from prodimg_lab import studio
    from prodimg_lab.records import ImageRequest

    what = {**PRODUCTS, **UNSEEN}[name]
    prompt = f"Professional product photograph of {what}, on a seamless light grey studio sweep, softbox lighting"
    request = ImageRequest(
        model=f"studio:sd35@{size}",
        prompt=f"{prompt}, front view",
        negative_prompt="text, watermark, border, clutter",
        seed=seed,
    )
    data, truth = studio.draw(request)
    picture = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    return _cut(name, picture, truth.mask)


def drawn_cutout(colour: str, shape: Literal["mug", "bottle", "box", "ball"], *, size: int = 512) -> Cutout:
    """A drawn solid of that colour, cut out."""
    drawn = draw_product(colour=colour, shape=shape, backdrop="plain", size=size, fill=0.7)
    return _cut(f"{shape}-{colour.removeprefix('#')}", drawn.picture, drawn.mask)


def _cut(name: str, picture: Picture, mask: NDArray[np.bool_]) -> Cutout:
    cover = cv2.GaussianBlur(
        cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 0.7
    )
    left, top, width, height = cv2.boundingRect((cover > 0.02).astype(np.uint8))
    window = (slice(top, top + height), slice(left, left + width))
    return Cutout(name=name, picture=picture[window], cover=np.asarray(cover[window], np.float32))


def on_level(
    cutout: Cutout,
    *,
    size: int = 1024,
    level: float = 255,
    fill: float = 0.9,
    shift: tuple[float, float] = (0.0, 0.0),
    shadow: float = 0.0,
) -> Picture:
    """The product on a background of gray `level`, its longest side at `fill` of the frame, `shift`ed by shares.

    `shadow` 0..1 darkens a soft pool under it.
    """
    height, width = cutout.cover.shape
    scale = fill * size / max(height, width)
    to = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = cv2.resize(cutout.picture, to, interpolation=way).astype(np.float32)
    cover = np.clip(cv2.resize(cutout.cover, to, interpolation=way), 0, 1)[..., None]
    frame = np.full((size, size, 3), level, np.float32)
    left, top = round((size - to[0]) / 2 + shift[0] * size), round((size - to[1]) / 2 + shift[1] * size)
    if shadow:
        pool = np.zeros((size, size), np.float32)
        foot = (left + to[0] // 2, min(size - 1, top + to[1] - max(2, to[1] // 50)))
        cv2.ellipse(pool, foot, (max(2, to[0] // 2), max(2, size // 60)), 0, 0, 360, 1.0, -1)
        frame *= (1 - shadow * cv2.GaussianBlur(pool, (0, 0), size / 60))[..., None]
    at = slice(max(0, top), min(size, top + to[1])), slice(max(0, left), min(size, left + to[0]))
    inner = slice(at[0].start - top, at[0].stop - top), slice(at[1].start - left, at[1].stop - left)
    frame[at] = frame[at] * (1 - cover[inner]) + picture[inner] * cover[inner]
    return np.asarray(np.clip(np.rint(frame), 0, 255), np.uint8)


def jpeg(picture: Picture, quality: int) -> bytes:
    """Encoded as JPEG, 4:2:0."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def framed(picture: Picture, *, width: int, gray: int) -> Picture:
    """With a drawn border."""
    done = picture.copy()
    side = picture.shape[0]
    for at in (slice(0, width), slice(side - width, side)):
        done[at], done[:, at] = gray, gray
    return done


def lettered(picture: Picture, text: str, *, at: tuple[float, float], scale: float, gray: int = 60) -> Picture:
    """With text beside the product; `at` is its lower left corner as shares."""
    done = picture.copy()
    side = picture.shape[0]
    place = (round(at[0] * side), round(at[1] * side))
    cv2.putText(done, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale * side / 512, (gray,) * 3, 2, cv2.LINE_AA)
    return done


def watermarked(picture: Picture, text: str = "SAMPLE", *, strength: float = 0.35) -> Picture:
    """With half-transparent text in three places, white with a dark rim as stock libraries lay it over previews."""
    side = picture.shape[0]
    ink = np.zeros(picture.shape[:2], np.uint8)
    for x, y in ((0.08, 0.25), (0.4, 0.55), (0.1, 0.85)):
        place = (round(x * side), round(y * side))
        cv2.putText(ink, text, place, cv2.FONT_HERSHEY_DUPLEX, side / 260, 255, max(1, side // 200), cv2.LINE_AA)
    inner = strength * ink.astype(np.float32)[..., None] / 255
    around = cv2.dilate(ink, np.ones((max(3, side // 250),) * 2, np.uint8)).astype(np.float32)[..., None] / 255
    rim = strength * (around - inner / strength).clip(0, 1)
    mixed = picture * (1 - inner - rim) + 255 * inner + 40 * rim
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)


Make = Callable[[Cutout], bytes]


def _laid(cutout: Cutout, **how: Any) -> bytes:
    return png(on_level(cutout, **how))


def _pressed(cutout: Cutout, quality: int) -> bytes:
    return jpeg(on_level(cutout), quality)


def _cut_right(cutout: Cutout) -> bytes:
    return _laid(cutout, shift=(_past_edge(cutout), 0.0))


def _framed(cutout: Cutout, *, fill: float, width: int, gray: int) -> bytes:
    return png(framed(on_level(cutout, fill=fill), width=width, gray=gray))


def _lettered(cutout: Cutout, *, text: str, at: tuple[float, float], scale: float) -> bytes:
    return png(lettered(on_level(cutout, fill=0.86), text, at=at, scale=scale))


def _marked(cutout: Cutout, strength: float) -> bytes:
    return png(watermarked(on_level(cutout), strength=strength))


AMAZON_MAIN: Sequence[tuple[str, str, Truth, Make]] = (
    *(("clean", f"fill {fill}", "pass", partial(_laid, fill=fill)) for fill in (0.87, 0.9, 0.95)),
    *(("level", f"{level}", "fixable", partial(_laid, level=level)) for level in (254, 252, 250)),
    *(("level", f"{level}", "fail", partial(_laid, level=level)) for level in (248, 245, 240)),
    *(("jpeg", f"q{quality}", "fixable", partial(_pressed, quality=quality)) for quality in (98, 95, 90)),
    ("shadow", "soft", "fixable", partial(_laid, shadow=0.25)),
    *(("fill", f"{fill}", "fixable", partial(_laid, fill=fill)) for fill in (0.5, 0.65, 0.75, 0.82)),
    ("cropped", "right", "fail", _cut_right),
    ("cropped", "bottom", "fail", partial(_laid, fill=1.15, shift=(0.0, 0.12))),
    ("border", "thin", "fail", partial(_framed, fill=0.9, width=3, gray=120)),
    ("border", "wide black", "fail", partial(_framed, fill=0.86, width=14, gray=0)),
    ("text", "corner", "fail", partial(_lettered, text="SALE", at=(0.02, 0.06), scale=0.7)),
    ("text", "small", "fail", partial(_lettered, text="new 2026", at=(0.74, 0.985), scale=0.4)),
    ("gray sweep", "sweep", "fail", partial(_laid, level=225, shadow=0.2)),
)
"""Kind, step, what `amazon-main` has to say, and how it is made. JPEG of a clean one may also pass, see `is_miss`."""

WATERMARKS: Sequence[tuple[str, str, Truth, Make]] = (
    ("watermark", "across", "fail", partial(_marked, strength=0.35)),
    ("watermark", "faint", "fail", partial(_marked, strength=0.2)),
)
"""What only OCR can find."""


def _past_edge(cutout: Cutout) -> float:
    """A shift that leaves a tenth of the product's width outside on the right."""
    height, width = cutout.cover.shape
    wide = 0.9 * width / max(height, width)
    return float((1 - wide) / 2 + 0.1 * wide)


def known_pictures(
    cutouts: Sequence[Cutout], steps: Sequence[tuple[str, str, Truth, Make]] = AMAZON_MAIN
) -> Iterator[Known]:
    """Every step of every product."""
    for cutout in cutouts:
        for kind, step, truth, make in steps:
            yield Known(name=f"{cutout.name} {kind} {step}", kind=kind, data=make(cutout), truth=truth)


_RANK = {"pass": 0, "fixable": 1, "fail": 2}


def is_miss(truth: Truth, outcome: str, kind: str = "") -> bool:
    """Whether the check was too kind. JPEG keeps flat white at 255 often enough: then `pass` is right."""
    if kind == "jpeg" and outcome == "pass":
        return False
    return outcome in _RANK and _RANK[outcome] < _RANK[truth]


def is_false_alarm(truth: Truth, outcome: str) -> bool:
    """Whether the check was too strict."""
    return outcome in _RANK and _RANK[outcome] > _RANK[truth]
