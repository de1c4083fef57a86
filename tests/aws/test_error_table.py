"""Every fault that the emulator knows, over a socket, through our client and adapter: the table in docs/bedrock.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from prodimg_lab.aws import clients
from prodimg_lab.emulator import FAULTS, Emulator
from prodimg_lab.errors import ContentFiltered, ModelError, Throttled, Transient, Uncertain
from prodimg_lab.models import ImageModel, load_model
from prodimg_lab.records import ImageRequest
from prodimg_lab.testing.models import tiny_png

GUIDE = Path(__file__).parents[2] / "docs" / "bedrock.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"

EXPECTED = {
    "throttled": "Throttled",
    "access-denied": "AccessDenied",
    "expired-token": "BadCredentials",
    "unknown-key": "BadCredentials",
    "wrong-signature": "BadCredentials",
    "incomplete-signature": "BadCredentials",
    "needs-profile": "FatalForRun",
    "unknown-model": "WrongRegion",
    "end-of-life": "ModelRetired",
    "legacy-idle": "ModelRetired",
    "missing-prompt": "FatalForTrial",
    "unknown-field": "FatalForTrial",
    "not-ready": "Transient",
    "internal-error": "Transient",
    "unavailable": "Transient",
    "bad-gateway": "Transient",
    "gateway-timeout": "Transient",
    "model-timeout": "Transient",
    "model-error": "Transient",
    "reset-before": "Uncertain",
    "reset-midway": "Uncertain",
    "truncated": "Uncertain",
    "stall": "Uncertain",
    "half-json": "Uncertain",
    "bad-base64": "Uncertain",
    "empty-image": "Uncertain",
    "inference-error": "Uncertain",
    "refused-prompt": "ContentFiltered",
    "refused-output": "ContentFiltered",
    "refused-input": "ContentFiltered",
}
"""What design and facts ask of each; faults that are not listed are looked at in the table alone."""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    file = tmp_path_factory.mktemp("prepared") / "table.png"
    file.write_bytes(tiny_png("table"))
    with Emulator(prepared=file) as running:
        yield running


@pytest.fixture
def model(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImageModel]:
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clients, "READ_TIMEOUT_S", 1)
    clients.forget_clients()
    yield load_model("bedrock:sd35")
    clients.forget_clients()


def asked(model: ImageModel, seed: int = 7) -> ImageRequest:
    card = model.capabilities
    return ImageRequest(model=card.model, source=card.source, prompt="a mug", seed=seed)


def raised(model: ImageModel, emulator: Emulator, name: str) -> ModelError:
    """What the call raises that meets the fault; it is sent once."""
    emulator.reset()
    emulator.fault(name)
    with pytest.raises(ModelError) as caught:
        model.generate(asked(model))
    assert emulator.log.sends == 1, "one call was sent more than once"
    return caught.value


def row(name: str, error: ModelError) -> str:
    again = "yes" if error.retryable else "on demand" if isinstance(error, Uncertain) else "no"
    spent = isinstance(error, Uncertain | ContentFiltered)
    step = re.sub(r"\(request [0-9a-f-]{36}\)", "(request …)", str(error).partition("Next: ")[2] or str(error))
    return f"| {FAULTS[name].summary} | `{type(error).__name__}` | {again} | {'yes' if spent else 'no'} | {step} |"


def test_the_guide_has_a_row_for_every_error_as_our_client_tells_it(
    model: ImageModel, emulator: Emulator, request: pytest.FixtureRequest
) -> None:
    errors = {name: raised(model, emulator, name) for name in FAULTS}
    assert {name: type(errors[name]).__name__ for name in EXPECTED} == EXPECTED
    lines = ["| what happens | class | sent again | counted as spent | next step |", "|---|---|---|---|---|"]
    table = "\n".join([*lines, *(row(name, error) for name, error in errors.items())]) + "\n"
    text = GUIDE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = f"{before}{BEGIN}{table}{END}{after}"
    if request.config.getoption("--update-golden"):
        GUIDE.write_text(wanted, encoding="utf-8", newline="\n")
    assert GUIDE.read_text("utf-8") == wanted, "the table is old; renew it with pytest --update-golden"


def test_only_errors_that_cost_nothing_are_sent_again(model: ImageModel, emulator: Emulator) -> None:
    for name in FAULTS:
        error = raised(model, emulator, name)
        if isinstance(error, Transient | Throttled):
            assert emulator.log.billed == 0, name


def test_after_the_faults_a_picture_comes_with_its_seed_and_request_id(model: ImageModel, emulator: Emulator) -> None:
    emulator.reset()
    image = model.generate(asked(model, seed=41))
    assert (image.data, image.seed) == (tiny_png("table"), 41)
    assert image.request_id
    assert emulator.log.billed == 1
