from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.errors import Problems
from prodimg_lab.prompts import load_library

Write = Callable[..., Path]


def refused(folder: Path) -> str:
    with pytest.raises(Problems) as caught:
        load_library([folder])
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("{{ product.color }}", "sample.yaml:5: undefined name 'product.color'; did you mean 'product.colour'?"),
        ("Photo\nof {{ produck.colour }}", "sample.yaml:6: undefined name 'produck.colour'; did you mean"),
        (
            "{{ backdrround }}",
            "sample.yaml:5: undefined name 'backdrround'; write `backdrround: [level, level]` under `slots:`",
        ),
        ("{{ seasn }}", "undefined name 'seasn'; did you mean 'season'?"),
        ("{{ product }}", "undefined name 'product'"),
        ("{{ loop.index }}", "undefined name 'loop.index'"),
        ("{{ a b }}", "sample.yaml:5: the prompt cannot be read: expected token"),
        ("{% if product.colour %}x", "the prompt cannot be read: Unexpected end of template"),
        ("{{ product.colour | upperr }}", "no filter 'upperr'; did you mean 'upper'?"),
        ("{{ product.colour | default }}", "filter 'default' takes 1 plain values"),
        ("{{ market.props }}", "market.props is a list; {% for value in market.props %}"),
        ("a\ue000b", "sample.yaml:5: the prompt holds the invisible character U+E000; remove it"),
        ("x" * 20_001, "over 20000; shorten it"),
    ],
)
def test_each_mistake_has_one_message_with_file_line_and_next_step(write: Write, prompt: str, message: str) -> None:
    said = refused(write(prompt))
    assert message in said
    assert said.count("sample.yaml:") == 1


@pytest.mark.parametrize(
    "prompt",
    [
        "{{ 'a' * 400000000 }}",
        "{{ 2 ** 2 ** 30 }}",
        "{{ '%1000000000s' % product.title }}",
        "{{ 10 // 0 }}",
        "{% for i in range(1000000) %}{% for j in range(1000000) %}x{% endfor %}{% endfor %}",
        "{% for i in 'abc' %}x{% endfor %}",
        "{% for i in [1, 2] %}x{% endfor %}",
        "{% for a in market.props %}{% for b in market.props %}{% for c in market.props %}x" + "{% endfor %}" * 3,
        "{% for a in product.attributes recursive %}x{% endfor %}",
        "{% for a, b in product.attributes %}x{% endfor %}",
        "{% for product in market.props %}x{% endfor %}",
        "{{ product.title | center(100000000) }}",
        "{{ product.title | indent(100000000) }}",
        "{{ product.title | format(1) }}",
        "{{ product.title | attr('__class__') }}",
        "{{ product.title | _marked }}",
        "{{ product.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ product.extra.__class__ }}",
        "{{ product.colour.upper }}",
        "{{ product.colour.upper() }}",
        "{{ product['colour'] }}",
        "{{ product.found }}",
        "{{ product.title[0] }}",
        "{{ self }}",
        "{{ lipsum.__globals__ }}",
        "{{ cycler }}",
        "{{ seen }}",
        "{{ v0 }}",
        "{{ super() }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ product.colour is defined }}",
        "{% set x = 1 %}",
        "{% set x %}y{% endset %}",
        "{% macro f() %}{% endmacro %}",
        "{% call f() %}{% endcall %}",
        "{% import 'x' as y %}",
        "{% from 'x' import y %}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% block a %}{% endblock %}",
        "{% with a = 1 %}{% endwith %}",
        "{% filter upper %}a{% endfilter %}",
        "{% autoescape true %}a{% endautoescape %}",
        "{{ " + "(" * 9_000,
        "{{ " + "not " * 4_500 + "product.colour }}",
        "{{ " + " ~ ".join(["product.description"] * 200) + " }}",
        "{{ 1 }}" * 2_500,
        "{% if product.sku %}" * 12 + "x" + "{% endif %}" * 12,
    ],
)
def test_what_could_be_slow_huge_or_reach_python_is_refused_at_once(write: Write, prompt: str) -> None:
    folder = write(prompt)
    begun = time.process_time()
    said = refused(folder)
    assert time.process_time() - begun < 3
    assert said.startswith("sample.yaml:5: ")
    assert len(said.splitlines()) == 1
    assert len(said) < 400


def test_all_faults_of_a_prompt_are_told_in_one_go(write: Write) -> None:
    said = refused(write("{{ product.color }},\n{{ 'a' * 3 }},\n{{ nothing }}")).splitlines()
    assert [line.split(": ")[0] for line in said] == ["sample.yaml:5", "sample.yaml:6", "sample.yaml:7"]


def test_the_line_is_right_where_yaml_folds_the_prompt(write: Write) -> None:
    raw = "name: sample\nversion: 1.0.0\nsummary: s\nprompt: >-\n  Photo of\n  a mug in\n  {{ product.color }}\n"
    assert refused(write(raw=raw)).startswith("sample.yaml:7: undefined name")
    raw = "name: sample\nversion: 1.0.0\nsummary: s\nprompt: Photo of {{ product.color }}\n"
    assert refused(write(raw=raw)).startswith("sample.yaml:4: undefined name")
