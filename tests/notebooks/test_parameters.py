from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.errors import ParameterError, Problems
from prodimg_lab.notebook.typed import is_headless, parameters

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


def annotated(**more: Any) -> dict[str, Any]:
    kinds = {"sku": str, "count": "int", "since": date, "file": "Path", "limit": int | None, "names": list[str]}
    values = {"sku": "00123", "count": 3, "since": "2026-01-31", "file": "a/b.csv", "limit": None, "names": []}
    return {"__annotations__": kinds, **values, **more}


def test_annotations_of_the_cell_are_the_types() -> None:
    given = parameters(annotated())
    assert given.since == date(2026, 1, 31)
    assert given.file == Path("a/b.csv")
    assert given.limit is None
    assert parameters(annotated(limit=5)).limit == 5


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("sku", 123, "with papermill: -r sku TEXT"),
        ("since", "31.1.2026", "since must be a date, and '31.1.2026' is text; with papermill: -r since 2026-01-31"),
        ("limit", "5", "limit must be a whole number, and '5' is text"),
        ("file", 7, "with papermill: -r file folder/file"),
    ],
)
def test_what_papermill_made_a_number_is_refused_with_the_r_line(name: str, value: object, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parameters(annotated(**{name: value}))
    assert message in str(caught.value)


def test_a_value_that_is_computed_in_the_cell_is_refused() -> None:
    cells = ["count: int = 3\nsku: str = f'x{count}'", "%matplotlib inline"]
    with pytest.raises(ParameterError, match="sku is computed .* compute in a later cell"):
        parameters(annotated(In=cells))
    parameters(annotated(In=["sku: str = '00123'"]))


def test_a_notebook_without_types_is_told_how_to_write_them() -> None:
    with pytest.raises(ParameterError, match="write `sku: str"):
        parameters({"sku": "1"})
    with pytest.raises(ParameterError, match="is no type for a parameter"):
        parameters({"__annotations__": {"sku": set}, "sku": "1"})


def test_a_cell_that_was_mended_and_run_again_counts_as_it_stands() -> None:
    cells = ["n: int = f(3)", "n: int = 5"]
    assert parameters({"n": 5, "In": cells, "__annotations__": {"n": "int"}}).n == 5
    with pytest.raises(ParameterError, match="n is computed"):
        parameters({"n": 5, "In": cells[::-1], "__annotations__": {"n": "int"}})


@pytest.mark.parametrize("kind", ["int | str", "str | int", "complex"])
def test_a_text_annotation_that_names_no_one_kind_is_refused(kind: str) -> None:
    with pytest.raises(ParameterError, match="is no type for a parameter"):
        parameters({"n": 3, "__annotations__": {"n": kind}})


@pytest.mark.parametrize(("kind", "value"), [("list[str]", ["a"]), ("datetime.date", date(2026, 1, 31))])
def test_text_annotations_may_be_dotted_or_hold_a_part(kind: str, value: object) -> None:
    assert parameters({"n": value, "__annotations__": {"n": kind}}).n == value


@pytest.mark.parametrize(("kind", "value"), [(date, "20260131"), (date, datetime(2026, 1, 31)), (float, 10**400)])
def test_values_that_only_look_right_are_refused(kind: type, value: object) -> None:
    with pytest.raises(ParameterError):
        parameters({"n": value}, n=kind)
