from __future__ import annotations

from typing import Any

import pytest

from prodimg_lab.errors import ParameterError, Problems
from prodimg_lab.notebook.parameters import is_headless, parameters

KINDS: dict[str, Any] = {"sku": str, "count": int, "usd": float, "fresh": bool, "changes": dict, "names": list}
GOOD: dict[str, Any] = {"sku": "00123", "count": 3, "usd": 0.5, "fresh": False, "changes": {}, "names": []}


def test_values_of_the_right_type_arrive_as_they_are() -> None:
    assert vars(parameters(GOOD, **KINDS)) == GOOD


@pytest.mark.parametrize(
    ("name", "value", "arrives"), [("usd", 3, 3.0), ("fresh", "true", True), ("fresh", "False", False)]
)
def test_what_papermill_spells_otherwise_arrives_as_meant(name: str, value: object, arrives: object) -> None:
    got = getattr(parameters({**GOOD, name: value}, **KINDS), name)
    assert got == arrives and type(got) is type(arrives)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("sku", 123, "sku must be text, and 123 is a whole number; with papermill: -r sku TEXT"),
        ("sku", None, "and None is null"),
        ("count", True, "count must be a whole number, and True is true or false"),
        ("count", 1.5, "count must be a whole number, and 1.5 is a number"),
        ("usd", "much", "usd must be a number, and 'much' is text"),
        ("fresh", 1, "fresh must be true or false, and 1 is a whole number; with papermill: -p fresh True"),
        ("changes", "a=1", "changes must be a mapping, and 'a=1' is text; with papermill: -y"),
        ("names", (1,), "names must be a list, and"),
    ],
)
def test_a_wrong_type_is_refused_with_the_line_to_paste(name: str, value: object, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parameters({**GOOD, name: value}, **KINDS)
    assert message in str(caught.value)


def test_all_wrong_parameters_are_told_at_once() -> None:
    with pytest.raises(Problems) as caught:
        parameters({**GOOD, "sku": 1, "count": "x"}, **KINDS)
    assert len(caught.value.problems) == 2


def test_headless_a_misspelt_parameter_is_refused_and_by_hand_it_is_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    namespace = {**GOOD, "budgt": 3, "_private": 1, "In": ["x"]}
    monkeypatch.setenv("PRODIMG_HEADLESS", "1")
    with pytest.raises(ParameterError, match="unknown parameter 'budgt'"):
        parameters(namespace, **KINDS)
    monkeypatch.setenv("PRODIMG_HEADLESS", "0")
    parameters(namespace, **KINDS)


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(ParameterError, match="parameter sku is missing"):
        parameters({key: value for key, value in GOOD.items() if key != "sku"}, **KINDS)


def test_headless_is_the_default_and_a_front_end_shows_itself() -> None:
    assert is_headless({})
    assert not is_headless({"JPY_SESSION_NAME": "x"})
    assert is_headless({"JPY_SESSION_NAME": "x", "PRODIMG_HEADLESS": "1"})
    assert not is_headless({"PRODIMG_HEADLESS": "0"})
