"""What a studio model is called, what it takes, and that asking costs nothing."""

import subprocess
import sys

import pytest

from prodimg_lab import studio
from prodimg_lab.errors import UnknownName, UnsupportedParameter
from prodimg_lab.models.catalogue import row
from prodimg_lab.records import ImageRequest
from prodimg_lab.studio.names import FAMILIES, parsed, size_of


def request(**fields: object) -> ImageRequest:
    return ImageRequest(model="studio:sd35@512", prompt="a mug", seed=1, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("", "studio:sd35@512"),
        ("sd35", "studio:sd35@512"),
        ("core@384", "studio:core@384"),
        ("studio:ultra@96", "studio:ultra@96"),
        ("@1536", "studio:sd35@1536"),
    ],
)
def test_every_spelling_leads_to_one_canonical_id(name: str, model: str) -> None:
    assert parsed(name).model == model
    assert parsed(parsed(name).model).model == model


def test_an_unknown_family_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'ultra'"):
        studio.capabilities("ultr")


@pytest.mark.parametrize("name", ["sd35@95", "sd35@1537"])
def test_a_size_out_of_range_names_the_range(name: str) -> None:
    with pytest.raises(UnsupportedParameter, match="96-1536"):
        parsed(name)


def test_a_size_that_is_no_number_is_refused() -> None:
    with pytest.raises(UnknownName, match="@384"):
        parsed("sd35@big")


@pytest.mark.parametrize("family", list(FAMILIES))
def test_a_family_takes_exactly_what_its_model_takes(family: str) -> None:
    real, ours = row(FAMILIES[family].catalogue_id), studio.capabilities(family)
    knobs = ("steps", "cfg_scale", "strength", "style_presets", "aspect_ratios", "sizes", "output_formats", "seed")
    assert all(getattr(ours, knob) == getattr(real, knob) for knob in (*knobs, "negative_prompt", "prompt_limit"))
    assert ours.simulated
    assert ours.price_micro == 0
    assert ours.runs_on == "cpu"
    assert ours.deterministic
    assert "simulated" in ours.title
    assert ours.status == "active"


def test_other_proportions_keep_the_area_in_multiples_of_sixteen() -> None:
    for ratio in ("16:9", "21:9", "2:3", "9:21", "5:4"):
        wide, high = size_of(request(aspect_ratio=ratio), 512)
        first, second = map(int, ratio.split(":"))
        assert wide % 16 == high % 16 == 0
        assert abs(wide * high / 512**2 - 1) < 0.06
        assert abs(wide / high / (first / second) - 1) < 0.08
    assert size_of(request(width=1024, height=1024), 384) == (384, 384)
    assert size_of(request(), 500) == (500, 500)


def test_asking_for_capabilities_starts_no_renderer() -> None:
    code = (
        "import sys; from prodimg_lab import studio; studio.capabilities('core@384');"
        "print([m for m in ('numpy', 'mitsuba', 'PIL', 'cv2', 'drjit') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
