from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, StrictStr

from prodimg_lab.errors import ExperimentError, Problems
from prodimg_lab.marked_yaml import checked, parse_yaml, to_yaml, value_from_text

FILE = Path("x.yaml")


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    colour: StrictStr
    count: int = 1


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: StrictStr
    inner: Inner | None = None
    items: list[Inner] = []


def faults(text: str) -> str:
    with pytest.raises(Problems) as caught:
        checked(Outer, parse_yaml(text, FILE, ExperimentError), ExperimentError)
    return str(caught.value)


def test_yaml_one_point_two_reads_ratios_and_no_as_text() -> None:
    marked = parse_yaml("ratio: 1:1\nmarket: no\nversion: 010\n", FILE, ExperimentError)
    assert marked.content["ratio"] == "1:1"
    assert marked.content["market"] == "no"


def test_each_fault_has_its_line_and_the_nearest_name() -> None:
    text = "name: a\ninner:\n  color: red\nitems:\n  - colour: x\n    cuont: 2\n"
    assert faults(text).splitlines() == [
        "x.yaml:2: inner.colour is missing",
        "x.yaml:3: unknown key 'color'; did you mean 'colour'?",
        "x.yaml:6: unknown key 'cuont'; did you mean 'count'?",
    ]


def test_a_number_where_text_belongs_is_told_to_be_quoted() -> None:
    assert faults("name: 1.0\n") == "x.yaml:1: name must be text, and 1.0 is not: write it in quotes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\nb: 2\n", "x.yaml:2: not valid YAML"),
        ("- a\n", "x.yaml:1: must hold keys and values"),
        ("", "must hold keys and values"),
        ("a: 1\na: 2\n", "x.yaml:2: not valid YAML: found duplicate key"),
        ("a: &x [1, 1]\nb: [*x, *x]\n", "x.yaml:2: alias \\*x is not read; write the value out"),
        ("a: !!python/object/apply:os.system ['id']\n", "uses a tag"),
        ("t: !!omap [a: 1]\n", "uses a tag"),
        ("a: " + "[" * 40 + "]" * 40, "is nested too deep"),
    ],
)
def test_text_that_is_no_mapping_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        parse_yaml(text, FILE, ExperimentError)


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("1.5", 1.5), ("[a, b]", ["a", "b"]), ("x y", "x y"), ("", None)]
)
def test_values_from_the_command_line_are_yaml(text: str, value: object) -> None:
    assert value_from_text(text) == value


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdef", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abcdef", min_size=1), json, min_size=1, max_size=4))
def test_what_is_written_reads_back_equal(content: dict[str, Any]) -> None:
    assert parse_yaml(to_yaml(content), FILE, ExperimentError).content == content
