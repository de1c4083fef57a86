"""What Bedrock lists today, held against the dated catalogue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.aws.listings import Listed
from prodimg_lab.emulator import Emulator
from prodimg_lab.models import catalogue
from prodimg_lab.models.live import _of_region, differences, emulated_at

CORE = "stability.stable-image-core-v1:1"
SERVICE = "stability.stable-outpaint-v1:0"


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with Emulator() as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        forget_clients()
        yield running
    forget_clients()


def test_an_emulator_made_from_the_catalogue_does_not_differ_and_is_named(emulator: Emulator) -> None:
    assert differences() == []
    assert emulated_at() == emulator.url
    assert {call.region for call in emulator.log.calls} == {"us-west-2", "us-east-1", "us-east-2"}


def listed(model: str, **changed: object) -> Listed:
    standing: dict[str, object] = {"title": "T", "status": "active", "end_of_life": "", "on_demand": True}
    return Listed(model=model, **{**standing, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("there", "says"),
    [
        ([], "is in the catalogue and not listed there"),
        ([listed(CORE), listed("stability.new-v1:0")], "new: T is not in the catalogue"),
        ([listed(CORE, status="legacy")], "is legacy there, active in the catalogue"),
        ([listed(CORE, end_of_life="2027-01-01")], "its end of life is 2027-01-01"),
    ],
)
def test_each_difference_is_told_once(there: list[Listed], says: str) -> None:
    found = list(_of_region("us-west-2", [catalogue.row(CORE)], {each.model: each for each in there}, frozenset()))
    assert [each.says for each in found] == [says]


def test_a_missing_profile_and_one_that_is_not_needed_any_more_are_told() -> None:
    found = _of_region("us-west-2", [catalogue.row(SERVICE)], {SERVICE: listed(SERVICE)}, frozenset())
    assert [each.says for each in found] == [
        "can be called by its own id, not us.stability.stable-outpaint-v1:0 alone",
        "its profile us.stability.stable-outpaint-v1:0 is not listed there",
    ]
