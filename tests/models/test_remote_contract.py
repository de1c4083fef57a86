"""The contract of every model, held by those behind a wire, against the emulator with the studio's pictures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.emulator import Emulator
from prodimg_lab.lab import find_lab
from prodimg_lab.models import ImageModel, load_model
from prodimg_lab.testing.models import ModelContract

pytestmark = pytest.mark.xdist_group("emulated studio")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(draft=True) as running:
        yield running


class Remote(ModelContract):
    spec: str

    @pytest.fixture
    def model(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImageModel]:
        for name, value in emulator.environment().items():
            monkeypatch.setenv(name, value)
        forget_clients()
        lab = find_lab().with_settings({"prices": {"sagemaker:mine": 0.02}}, "command line")
        yield load_model(self.spec, lab)
        forget_clients()


class TestCore(Remote):
    spec = "bedrock:core"


class TestSD35(Remote):
    spec = "bedrock:sd35"


class TestUltra(Remote):
    spec = "bedrock:ultra"


class TestSageMaker(Remote):
    spec = "sagemaker:mine"
