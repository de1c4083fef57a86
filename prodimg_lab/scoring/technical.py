"""Is the picture sharp, clean, well exposed, contrasty and not garish? From pixels alone, whatever was asked.

The curves are not validated on people. Raw values depend on the content and the resolution: compare pictures of one
product at one size, not a mug with a landscape.
"""

from __future__ import annotations

from math import hypot

import cv2
import numpy as np
from numpy.typing import NDArray

from prodimg_lab.scoring._base import ScorerCard, Subject
from prodimg_lab.scoring.curves import Curve
from prodimg_lab.scoring.measures import COLOUR_FROM, Measures
from prodimg_lab.scoring.pixels import CannotJudge, PixelScorer, Reading

SHARPNESS_CURVE = Curve(((0.30, 5.0), (0.45, 4.0), (0.58, 2.5), (0.72, 1.0), (0.88, 0.0)))
NOISE_CURVE = Curve(((1.0, 5.0), (3.0, 3.5), (6.0, 1.5), (12.0, 0.0)))
CLIPPED_CURVE = Curve(((0.03, 5.0), (0.12, 4.2), (0.35, 2.0), (0.70, 0.0)))
DARK_CURVE = Curve(((6.0, 0.0), (20.0, 2.0), (34.0, 4.5), (42.0, 5.0)))
CONTRAST_CURVE = Curve(((0.01, 0.0), (0.05, 2.0), (0.10, 3.5), (0.18, 5.0)))
COLOURFULNESS_CURVE = Curve(((109.0, 5.0), (150.0, 3.0), (220.0, 0.0)))
BLOWN = 254
"""Value of the largest channel from which a pixel counts as clipped."""


def _subject_window(measures: Measures) -> tuple[slice, slice]:
    """Rows and columns of the product's box, a little wider; the whole frame where there is no outline."""
    if not measures.has_outline:
        return slice(None), slice(None)
    height, width = measures.gray.shape
    box, rim = measures.box, 0.03
    rows = slice(max(0, int((box.top - rim) * height)), min(height, int((box.bottom + rim) * height) + 1))
    columns = slice(max(0, int((box.left - rim) * width)), min(width, int((box.right + rim) * width) + 1))
    return rows, columns


def blur_of(gray: NDArray[np.uint8], *, noise: float = 0.0) -> float:
    """A no-reference blur after Crete, Dolmiere, Ladret and Nicolas (SPIE 6492, 2007): 0 sharp … 1 blurred.

    How much of the difference between neighbours survives a 9-tap blur, in the worse of the two directions. Two changes
    to theirs: steps count by their own size, so that edges outweigh soft shading, and only above 8-bit rounding and the
    picture's `noise` (a deviation in gray levels), which would pass for sharpness. 1 where hardly any step is left.
    Raises `CannotJudge` for one flat colour.
    """
    plane = gray.astype(np.float32)
    least = max(2.0, 7 * noise)
    worst, differs = 0.0, False
    for across in (True, False):
        if plane.shape[int(across)] < 2:
            continue
        soft = cv2.blur(plane, (9, 1) if across else (1, 9), borderType=cv2.BORDER_REPLICATE)
        before, after = _steps(plane, across), _steps(np.asarray(soft, np.float32), across)
        differs = differs or cv2.countNonZero(before) > 0
        below = float(np.nextafter(np.float32(least), np.float32(0)))
        _, counted = cv2.threshold(before, below, 0, cv2.THRESH_TOZERO)
        if cv2.countNonZero(counted) > 2e-4 * counted.size:
            kept = cv2.sumElems(cv2.multiply(counted, cv2.min(before, after)))[0]
            worst = max(worst, kept / cv2.sumElems(cv2.multiply(counted, counted))[0])
    if not differs:
        raise CannotJudge("the picture is one flat colour")
    return worst or 1.0


def _steps(plane: NDArray[np.float32], across: bool) -> NDArray[np.float32]:
    if across:
        return np.asarray(cv2.absdiff(plane[:, 1:], plane[:, :-1]), np.float32)
    return np.asarray(cv2.absdiff(plane[1:], plane[:-1]), np.float32)


def _sharpness(subject: Subject) -> Reading:
    measures = subject.measures
    window = _subject_window(measures)
    raw = blur_of(measures.gray[window], noise=measures.noise)
    where = "around the product" if measures.has_outline else "of the whole frame"
    return Reading(raw=raw, value=SHARPNESS_CURVE(raw), detail=f"blur {raw:.2f} {where}")


def _noise(subject: Subject) -> Reading:
    measures = subject.measures
    if min(measures.gray.shape) < 3:
        raise CannotJudge(f"{measures.gray.shape[1]} × {measures.gray.shape[0]} px are too few")
    raw = measures.noise
    where = "on the product" if measures.has_outline else "over the whole frame"
    return Reading(raw=raw, value=NOISE_CURVE(raw), detail=f"noise of {raw:.1f} gray levels {where}")


def _exposure(subject: Subject) -> Reading:
    measures = subject.measures
    lightness, product = measures.lab[..., 0], measures.confidence >= COLOUR_FROM
    region = measures.mask if product else np.ones_like(measures.mask)
    # the lighter of both: a product before black is not too dark, nor is a black one before white
    raw = max(float(lightness.mean()), float(lightness[region].mean()))
    clipped = float((measures.small.max(axis=2) >= BLOWN)[region].mean())
    value = min(CLIPPED_CURVE(clipped), DARK_CURVE(raw))
    where = "product" if product else "frame"
    return Reading(raw=raw, value=value, detail=f"L* {raw:.0f}, {clipped:.1%} of the {where} clipped")


def _contrast(subject: Subject) -> Reading:
    _, deviation = cv2.meanStdDev(subject.measures.gray)
    raw = float(deviation[0, 0]) / 255
    return Reading(raw=raw, value=CONTRAST_CURVE(raw), detail=f"RMS contrast {raw:.2f}")


def colourfulness_of(bgr: NDArray[np.uint8]) -> float:
    """Hasler and Süsstrunk (SPIE 5007, 2003): 0 gray, 33 moderate, 59 quite, 109 extremely colourful."""
    blue, green, red = (bgr[..., channel].astype(np.float32) for channel in range(3))
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = hypot(float(red_green.std()), float(yellow_blue.std()))
    return spread + 0.3 * hypot(float(red_green.mean()), float(yellow_blue.mean()))


def _colourfulness(subject: Subject) -> Reading:
    raw = colourfulness_of(subject.measures.small)
    return Reading(raw=raw, value=COLOURFULNESS_CURVE(raw), detail=f"colourfulness {raw:.0f}")


SHARPNESS = PixelScorer(
    name="sharpness",
    version="1",
    card=ScorerCard(
        unit="blur",
        direction="lower",
        raw_range="0..1",
        cost="free",
        formula="after Crete et al. 2007: blur of the edges around the product, on steps above the noise",
    ),
    judge=_sharpness,
)
NOISE = PixelScorer(
    name="noise",
    version="1",
    card=ScorerCard(
        unit="gray levels",
        direction="lower",
        raw_range="0..255",
        cost="free",
        formula="Immerkaer 1996 in blocks of 16 px inside the product, their 20th percentile",
    ),
    judge=_noise,
)
EXPOSURE = PixelScorer(
    name="exposure",
    version="1",
    card=ScorerCard(
        unit="L*",
        direction="target",
        raw_range="0..100",
        cost="free",
        formula="worse of: mean L* of frame or product, the lighter; share of the product with a channel at 254-255",
    ),
    judge=_exposure,
)
CONTRAST = PixelScorer(
    name="contrast",
    version="1",
    card=ScorerCard(
        unit="RMS",
        direction="higher",
        raw_range="0..0.5",
        cost="free",
        formula="Peli 1990, deviation of luma / 255 over the frame",
    ),
    judge=_contrast,
)
COLOURFULNESS = PixelScorer(
    name="colourfulness",
    version="1",
    card=ScorerCard(
        unit="M",
        direction="target",
        raw_range="0..about 250",
        cost="free",
        formula="Hasler and Süsstrunk 2003; only garishness costs points, gray products are fine",
    ),
    judge=_colourfulness,
)
