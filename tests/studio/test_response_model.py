"""How the simulated model answers to its knobs. The model is invented; its directions are promised."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodimg_lab.records import ImageRequest
from prodimg_lab.studio import response
from prodimg_lab.studio.casting import Cast, cast
from prodimg_lab.studio.names import parsed

NAME = parsed("sdxl@96")
PLAIN = "photo of a navy stoneware mug, on a light oak table, golden hour sunlight, three-quarter view"


def planned(prompt: str = PLAIN, **fields: object) -> Cast:
    fields.setdefault("seed", 1)
    return cast(ImageRequest(model=NAME.model, prompt=prompt, **fields), NAME)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(sorted(response.EASE)),
    position=st.integers(0, 200),
    tokens=st.integers(1, 300),
    scale=st.floats(0, 34),
)
def test_a_higher_cfg_scale_never_follows_less(kind: str, position: int, tokens: int, scale: float) -> None:
    def chance(value: float) -> float:
        return response.adherence(kind, position=position, tokens=tokens, cfg_scale=value)

    assert 0 <= chance(scale) <= chance(scale + 1) <= 1
    assert response.adherence(kind, position=position + 5, tokens=tokens, cfg_scale=scale) <= chance(scale)
    assert response.adherence(kind, position=position, tokens=tokens + 20, cfg_scale=scale) <= chance(scale)


def test_along_a_sweep_of_cfg_what_was_kept_stays_kept() -> None:
    for seed in range(1, 40):
        before: set[str] = set()
        for scale in (0.5, 2.0, 3.0, 4.0, 5.5, 7.0, 9.0):
            kept = set(planned(seed=seed, cfg_scale=scale).kept)
            assert before <= kept
            before = kept


def test_low_cfg_loses_most_and_middling_cfg_keeps_most() -> None:
    def share(scale: float) -> float:
        plans = [planned(seed=seed, cfg_scale=scale) for seed in range(1, 120)]
        return sum(len(plan.kept) for plan in plans) / sum(len(plan.asked) for plan in plans)

    assert share(0.5) < 0.3
    assert share(7.0) > 0.88


def test_a_long_prompt_loses_attributes_but_seldom_the_product() -> None:
    filler = ", ".join(["highly detailed crisp realistic commercial picture"] * 12)
    long = PLAIN.replace(", golden", f", {filler}, golden")
    plans = [planned(long, seed=seed, cfg_scale=7.0) for seed in range(1, 200)]
    lost = {kind: sum(kind in plan.lost for plan in plans) / len(plans) for kind in ("product", "lighting", "angle")}
    assert lost["product"] < 0.2
    assert lost["lighting"] > 0.3
    assert lost["angle"] > 0.3


def test_identity_does_not_depend_on_the_seed() -> None:
    identities = {
        planned(seed=seed, cfg_scale=9.0).shot.identity
        for seed in range(1, 30)
        if not planned(seed=seed, cfg_scale=9.0).lost
    }
    assert len(identities) == 1


def test_two_products_differ_in_brand_or_design() -> None:
    words = ("navy stoneware mug", "sage green stoneware mug", "white porcelain mug", "terracotta clay mug")
    labels = [planned(f"photo of a {each}", seed=3).shot.identity.label() for each in words]
    assert len({(label.brand, label.design % 5, label.mark % 6) for label in labels}) == len(words)


def test_a_missed_product_is_another_one_and_says_so() -> None:
    plans = [planned(seed=seed, cfg_scale=0.5) for seed in range(1, 60)]
    missed = [plan for plan in plans if "product" in plan.lost]
    assert missed
    assert any(plan.drawn["product"] != "mug" for plan in missed)


def test_a_negative_prompt_keeps_extras_away_and_brings_none() -> None:
    def found(negative: str) -> list[set[str]]:
        return [
            set(response.artefacts(seed=seed, cfg_scale=7.0, steps=30, negative=negative)) for seed in range(1, 600)
        ]

    plain, wary = found(""), found("text, watermark, border, clutter")
    assert all(after <= before for before, after in zip(plain, wary, strict=True))
    assert sum(map(len, wary)) < 0.2 * sum(map(len, plain))
    only = found("watermark")
    assert [each - {"watermark"} for each in only] == [each - {"watermark"} for each in plain]


def test_noise_left_falls_with_every_step() -> None:
    left = [response.residue(steps) for steps in range(1, 51)]
    assert left == sorted(left, reverse=True)
    assert left[7] == pytest.approx(0.45, abs=0.03)
    assert left[29] < 0.004


def test_few_steps_leave_noise_and_enough_leave_the_picture_alone() -> None:
    picture = np.full((64, 64, 3), 0.5, dtype=np.float32)
    assert response.unfinished(picture, steps=30, seed=1) is picture
    assert response.unfinished(picture, steps=10, seed=1).std() > response.unfinished(picture, steps=16, seed=1).std()
    again = response.unfinished(picture, steps=10, seed=1)
    assert np.array_equal(again, response.unfinished(picture, steps=10, seed=1))


def test_too_high_a_cfg_scale_burns_and_too_low_a_one_pales() -> None:
    ramp = np.linspace(0.1, 0.9, 64, dtype=np.float32)
    picture = np.stack(
        [np.tile(ramp, (64, 1)), np.tile(ramp[::-1], (64, 1)), np.full((64, 64), 0.4, np.float32)], axis=-1
    )

    def strength(scale: float) -> float:
        shown = response.burnt(picture, response.grip(scale))
        return float((shown.max(axis=2) - shown.min(axis=2)).mean())

    assert strength(1.0) < strength(7.0) < strength(14.0) < strength(24.0)


def test_a_colour_is_bound_more_loosely_at_a_low_cfg_scale() -> None:
    red = (0.6, 0.05, 0.05)
    spreads = [max(response.bound(red, scale)) - min(response.bound(red, scale)) for scale in (0.5, 2.0, 4.0, 7.0)]
    assert spreads == sorted(spreads)
    assert response.bound(red, 7.0) == pytest.approx(red)
