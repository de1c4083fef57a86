"""Did the parameters arrive as they were meant?

papermill reads `-p sku 00123` as the number 123, `-p fresh true` as the text "true", and only warns of a name that no
cell uses; a value that is computed from another in the parameters' cell keeps its old result. A sweep that silently
runs with the wrong value costs money, so every parameter is checked by type here, and a wrong one is refused with the
line to paste.
"""

from __future__ import annotations

import ast
import re
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from prodimg_lab.errors import ParameterError, Problems
from prodimg_lab.suggest import nearest
from prodimg_lab.widgets.surroundings import is_headless

KINDS = (str, int, float, bool, dict, list, date, Path)
"""What a parameter may be; each may be `| None` too."""

Kind = Any
"""One of `KINDS`, or one of them `| None`."""

_WORDS = {"true": True, "True": True, "false": False, "False": False}
_OWN = {"In", "Out", "exit", "quit", "open", "get_ipython"}


def parameters(namespace: Mapping[str, Any], **kinds: Kind) -> types.SimpleNamespace:
    """Check the notebook's parameters and give them; a notebook hands in its `globals()`.

    Their types are the annotations of the parameters' cell (`sku: str = "00123"`), or `kinds` where they are given.
    They may be str, int, float, bool, dict, list, `datetime.date`, `Path`, and any of these `| None`. A whole number is
    taken for a float, `true` and `false` for a bool, text for a path and, written 2026-01-31, for a date; nothing else
    is converted. One that is computed in its cell is refused (papermill would leave it as it was), and so is, headless,
    any further plain value in the notebook (papermill would have ignored it). Raises `ParameterError`, or `Problems`
    with several.
    """
    wanted = dict(kinds) or _annotated(namespace)
    problems = [_fault(name, kind, namespace) for name, kind in wanted.items()]
    problems += [_derived(name, namespace) for name in wanted]
    if is_headless():
        problems += [_unknown(name, wanted) for name, value in namespace.items() if _is_stray(name, value, wanted)]
    found = [problem for problem in problems if problem is not None]
    if len(found) == 1:
        raise found[0]
    if found:
        raise Problems(found)
    return types.SimpleNamespace(**{name: _value(namespace[name], kind) for name, kind in wanted.items()})


def _annotated(namespace: Mapping[str, Any]) -> dict[str, Kind]:
    """The annotated names of the notebook; annotations may be text."""
    found: dict[str, Kind] = {}
    for name, given in dict(namespace.get("__annotations__", {})).items():
        kind = _named(given) if isinstance(given, str) else given
        if _plain(kind) not in KINDS:
            raise ParameterError(f"{name}: {given} is no type for a parameter; use str, int, float, bool, dict or list")
        found[name] = kind
    if not found:
        raise ParameterError('no parameter has a type: write `sku: str = "00123"` into the cell tagged `parameters`')
    return found


def _named(text: str) -> Kind:
    names = {kind.__name__: kind for kind in KINDS} | {"None": None}
    bare = (part.partition("[")[0].strip().rpartition(".")[2] for part in text.split("|"))
    parts = [names.get(part, object) for part in bare]
    real = [part for part in parts if part is not None]
    first = real[0] if len(real) == 1 else object  # of `int | str` nobody knows which is meant
    return typing.Optional[first] if None in parts else first  # noqa: UP045  # made at run time


def _plain(kind: Kind) -> type:
    """The kind without `| None` and without `[…]`."""
    inside = [each for each in typing.get_args(kind) if each is not type(None)]
    is_union = str(typing.get_origin(kind)) in (str(typing.Union), str(types.UnionType))
    bare = inside[0] if is_union and len(inside) == 1 else kind
    found = typing.get_origin(bare) or bare
    return found if isinstance(found, type) else object


def _may_be_none(kind: Kind) -> bool:
    return type(None) in typing.get_args(kind)


def _fault(name: str, kind: Kind, namespace: Mapping[str, Any]) -> ParameterError | None:
    if name not in namespace:
        return ParameterError(f"parameter {name} is missing; the cell tagged `parameters` must set it")
    value, plain = namespace[name], _plain(kind)
    if value is None and _may_be_none(kind):
        return None
    fits = isinstance(_value(value, kind), plain) and not (plain is date and isinstance(value, datetime))
    if fits and not (plain in (int, float) and isinstance(value, bool)):
        return None
    return ParameterError(
        f"{name} must be {_spoken(plain)}, and {value!r} is {_spoken(type(value))}; {_paste(name, plain)}"
    )


def _value(value: Any, kind: Kind) -> Any:
    plain = _plain(kind)
    if plain is bool and isinstance(value, str):
        return _WORDS.get(value, value)
    if plain is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return value
    if plain is Path and isinstance(value, str):
        return Path(value)
    if plain is date and isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _spoken(kind: type) -> str:
    names = {
        str: "text",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        dict: "a mapping",
        date: "a date",
        Path: "a path",
        type(None): "null",
    }
    return names.get(kind, f"a {kind.__name__}")


def _paste(name: str, kind: type) -> str:
    examples = {
        str: f"with papermill: -r {name} TEXT (-r keeps 00123 and true as text)",
        bool: f"with papermill: -p {name} True",
        dict: f"with papermill: -y '{{{name}: {{sweep.seeds: 2}}}}'",
        list: f"with papermill: -y '{{{name}: [a, b]}}'",
        date: f"with papermill: -r {name} 2026-01-31",
        Path: f"with papermill: -r {name} folder/file",
    }
    return examples.get(kind, f"with papermill: -p {name} 3")


def _derived(name: str, namespace: Mapping[str, Any]) -> ParameterError | None:
    """A complaint where the cell that annotates `name` computes its value instead of stating it."""
    stated: ast.expr | None = None
    for assignment in _assignments(namespace):  # the last one counts: a cell may have been mended and run again
        if isinstance(assignment.target, ast.Name) and assignment.target.id == name and assignment.value is not None:
            stated = assignment.value
    if stated is None:
        return None
    try:
        ast.literal_eval(stated)
    except ValueError:
        return ParameterError(
            f"{name} is computed ({ast.unparse(stated)}) in the cell of the parameters, where papermill would leave it "
            "as it was; state a plain value there, and compute in a later cell"
        )
    return None


def _assignments(namespace: Mapping[str, Any]) -> Iterator[ast.AnnAssign]:
    for cell in namespace.get("In", ()):
        try:
            body = ast.parse(str(cell)).body
        except SyntaxError:
            continue  # a cell with magics
        yield from (node for node in body if isinstance(node, ast.AnnAssign))


def _is_stray(name: str, value: Any, kinds: Mapping[str, Kind]) -> bool:
    if name in kinds or name in _OWN or name.startswith("_"):
        return False
    return value is None or isinstance(value, str | int | float | bool | list | dict)


def _unknown(name: str, kinds: Mapping[str, Kind]) -> ParameterError:
    return ParameterError(f"unknown parameter {name!r}; {nearest(name, kinds)}")
