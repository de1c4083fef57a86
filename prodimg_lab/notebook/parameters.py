"""Did the parameters arrive as they were meant?

papermill reads `-p sku 00123` as the number 123, `-p fresh true` as the text "true", and only warns of a name that no
cell uses. A sweep that silently runs with the wrong value costs money, so every parameter is checked by type here, and
a wrong one is refused with the line to paste.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from prodimg_lab.errors import ParameterError, Problems
from prodimg_lab.suggest import nearest
from prodimg_lab.widgets.surroundings import is_headless

Kind = type[str] | type[int] | type[float] | type[bool] | type[dict[str, Any]] | type[list[Any]]

_WORDS = {"true": True, "True": True, "false": False, "False": False}
_OWN = {"In", "Out", "exit", "quit", "open", "get_ipython"}


def parameters(namespace: Mapping[str, Any], **kinds: Kind) -> types.SimpleNamespace:
    """The parameters named by `kinds`, checked: `parameters(globals(), experiment=str, budget_usd=float)`.

    Types are str, int, float, bool, dict and list. A whole number is taken for a float, the texts `true` and `false`
    for a bool; nothing else is converted. Headless, any further plain value in the notebook is an unknown parameter
    (papermill would have ignored it). Raises `ParameterError`, or `Problems` with several.
    """
    problems = [_fault(name, kind, namespace) for name, kind in kinds.items()]
    if is_headless():
        problems += [_unknown(name, kinds) for name, value in namespace.items() if _is_stray(name, value, kinds)]
    found = [problem for problem in problems if problem is not None]
    if len(found) == 1:
        raise found[0]
    if found:
        raise Problems(found)
    return types.SimpleNamespace(**{name: _value(namespace[name], kind) for name, kind in kinds.items()})


def _fault(name: str, kind: Kind, namespace: Mapping[str, Any]) -> ParameterError | None:
    if name not in namespace:
        return ParameterError(f"parameter {name} is missing; the cell tagged `parameters` must set it")
    value = namespace[name]
    if isinstance(_value(value, kind), kind) and not (kind in (int, float) and isinstance(value, bool)):
        return None
    return ParameterError(
        f"{name} must be {_spoken(kind)}, and {value!r} is {_spoken(type(value))}; {_paste(name, kind)}"
    )


def _value(value: Any, kind: Kind) -> Any:
    if kind is bool and isinstance(value, str):
        return _WORDS.get(value, value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _spoken(kind: type) -> str:
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false", dict: "a mapping"}
    return names.get(kind, "null" if kind is type(None) else f"a {kind.__name__}")


def _paste(name: str, kind: Kind) -> str:
    examples = {
        str: f"with papermill: -r {name} TEXT (-r keeps 00123 and true as text)",
        bool: f"with papermill: -p {name} True",
        dict: f"with papermill: -y '{{{name}: {{sweep.seeds: 2}}}}'",
        list: f"with papermill: -y '{{{name}: [a, b]}}'",
    }
    return examples.get(kind, f"with papermill: -p {name} 3")


def _is_stray(name: str, value: Any, kinds: Mapping[str, Kind]) -> bool:
    if name in kinds or name in _OWN or name.startswith("_"):
        return False
    return value is None or isinstance(value, str | int | float | bool | list | dict)


def _unknown(name: str, kinds: Mapping[str, Kind]) -> ParameterError:
    return ParameterError(f"unknown parameter {name!r}; {nearest(name, kinds)}")
