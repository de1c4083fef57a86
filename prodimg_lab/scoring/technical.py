"""Is the picture sharp, clean, well exposed, contrasty and not garish? From pixels alone, whatever was asked.

The curves are not validated on people. Raw values depend on the content and the resolution: compare pictures of one
product at one size, not a mug with a landscape.
"""

from __future__ import annotations

from math import hypot
from typing import Any

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
BLOCKINESS_CURVE = Curve(((1.08, 5.0), (1.25, 4.0), (1.5, 3.0), (2.0, 1.5), (3.0, 0.0)))
CONTRAST_CURVE = Curve(((0.01, 0.0), (0.05, 2.0), (0.10, 3.5), (0.18, 5.0)))
COLOURFULNESS_CURVE = Curve(((109.0, 5.0), (150.0, 3.0), (220.0, 0.0)))
TAPS = 9
"""Pixels over which the blur's own blur averages."""
ENOUGH = 250_000
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
    Of large pictures only every second or third line is looked at: `ENOUGH` pixels a direction.
    Raises `CannotJudge` for one flat colour.
    """
    least, skip = max(2.0, 7 * noise), 1 + gray.size // ENOUGH
    worst, differs = 0.0, False
    for across in (True, False):
        if gray.shape[int(across)] < 2:
            continue
        lines = gray[::skip] if across else np.ascontiguousarray(gray[:, ::skip])
        before = _steps(lines, across)
        differs = differs or cv2.countNonZero(before) > 0
        _, counted = cv2.threshold(before, float(np.ceil(least)) - 1, 0, cv2.THRESH_TOZERO)
        if cv2.countNonZero(counted) > 2e-4 * counted.size:
            window = (TAPS, 1) if across else (1, TAPS)
            sums = cv2.boxFilter(lines, cv2.CV_16S, window, normalize=False, borderType=cv2.BORDER_REPLICATE)
            after = _steps(np.asarray(sums, np.int16), across)
            wide = np.asarray(counted, np.int16)
            kept = cv2.min(wide * np.int16(TAPS), after)
            worst = max(worst, _dot(wide, kept) / (TAPS * cv2.norm(counted, cv2.NORM_L2SQR)))
    if not differs:
        raise CannotJudge("the picture is one flat colour")
    return worst or 1.0


def _dot(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Sum of the products: a quarter of the difference of the squared lengths of sum and difference, which is fast."""
    longer, shorter = cv2.add(first, second), cv2.subtract(first, second)
    return (cv2.norm(longer, cv2.NORM_L2SQR) - cv2.norm(shorter, cv2.NORM_L2SQR)) / 4


def _steps(plane: NDArray[Any], across: bool) -> NDArray[Any]:
    """Differences of neighbours, as whole numbers."""
    if across:
        return np.asarray(cv2.absdiff(plane[:, 1:], plane[:, :-1]))
    return np.asarray(cv2.absdiff(plane[1:], plane[:-1]))


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
    blue, green, red = cv2.split(measures.small)
    clipped = float((np.asarray(cv2.max(cv2.max(blue, green), red)) >= BLOWN)[region].mean())
    value = min(CLIPPED_CURVE(clipped), DARK_CURVE(raw))
    where = "product" if product else "frame"
    return Reading(raw=raw, value=value, detail=f"L* {raw:.0f}, {clipped:.1%} of the {where} clipped")


def blockiness_of(gray: NDArray[np.uint8]) -> float:
    """How much steeper it is across the borders of JPEG's 8 px blocks than elsewhere: 1 no blocks, 2 and more heavy.

    After the idea of Wang, Sheikh and Bovik (ICIP 2002); the larger of the two directions. Blind where the picture was
    scaled or cropped after compression, which moves the grid. Raises `CannotJudge` where there are too few steps.
    """
    worst = 0.0
    for across in (True, False):
        length = gray.shape[int(across)] // 8 * 8
        if length < 32:
            continue
        skip = 1 + gray.size // ENOUGH
        lines = gray[::skip, :length] if across else np.ascontiguousarray(gray[:length, ::skip])
        profile = cv2.reduce(_steps(lines, across), 0 if across else 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel()
        grid = profile[7::8].mean()
        # beside the grid on either side, so that slopes of the picture itself cancel out
        beside = np.concatenate([profile[5::8], profile[6::8], profile[8::8], profile[9::8]]).mean()
        if beside > 0:
            worst = max(worst, float(grid / beside))
    if not worst:
        raise CannotJudge("the picture is too small, or has no steps to compare")
    return worst


def _blockiness(subject: Subject) -> Reading:
    raw = blockiness_of(subject.measures.gray)
    return Reading(raw=raw, value=BLOCKINESS_CURVE(raw), detail=f"{raw:.2f} × as steep across the 8 px grid")


def _contrast(subject: Subject) -> Reading:
    _, deviation = cv2.meanStdDev(subject.measures.gray)
    raw = float(deviation[0, 0]) / 255
    return Reading(raw=raw, value=CONTRAST_CURVE(raw), detail=f"RMS contrast {raw:.2f}")


def colourfulness_of(bgr: NDArray[np.uint8]) -> float:
    """Hasler and Süsstrunk (SPIE 5007, 2003): 0 gray, 33 moderate, 59 quite, 109 extremely colourful."""
    opponents = np.array([[0, -1, 1], [-1, 0.5, 0.5]], np.float32)  # red - green, yellow - blue
    means, deviations = cv2.meanStdDev(cv2.transform(bgr.astype(np.float32), opponents))
    return hypot(*deviations.ravel()) + 0.3 * hypot(*means.ravel())


def _colourfulness(subject: Subject) -> Reading:
    raw = colourfulness_of(subject.measures.small)
    return Reading(raw=raw, value=COLOURFULNESS_CURVE(raw), detail=f"colourfulness {raw:.0f}")


SHARPNESS = PixelScorer(
    name="sharpness",
    version="3",
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
    version="3",
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
    version="3",
    card=ScorerCard(
        unit="L*",
        direction="target",
        raw_range="0..100",
        cost="free",
        formula="worse of: mean L* of frame or product, the lighter; share of the product with a channel at 254-255",
    ),
    judge=_exposure,
)
BLOCKINESS = PixelScorer(
    name="blockiness",
    version="1",
    card=ScorerCard(
        unit="ratio",
        direction="lower",
        raw_range="0..",
        cost="free",
        formula="after Wang, Sheikh and Bovik 2002: steps across JPEG's 8 px grid to those beside it",
    ),
    judge=_blockiness,
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
    version="2",
    card=ScorerCard(
        unit="M",
        direction="target",
        raw_range="0..about 250",
        cost="free",
        formula="Hasler and Süsstrunk 2003; only garishness costs points, gray products are fine",
    ),
    judge=_colourfulness,
)
