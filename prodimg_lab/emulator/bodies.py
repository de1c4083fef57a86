"""Does a JSON body fit its model? Fields as data, complaints worded as Bedrock's own validator words them.

Known wordings: a missing key, an extraneous key, several joined. The others follow the open validator whose style these
are; they are unproven.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from prodimg_lab.emulator.wire import Refusal, invalid

Kind = Literal["String", "Integer", "Number", "Boolean", "JSONArray", "JSONObject"]
GENERIC = "Malformed input request, please reformat your input and try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a body. `low` and `high` are inclusive, `longest` counts characters (or items of an array)."""

    name: str
    kind: Kind
    required: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    longest: int | None = None


def read_object(body: bytes) -> dict[str, object]:
    """The body as a JSON object. Raises `Refusal` (400)."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise invalid(GENERIC) from None
    if not isinstance(value, dict):
        raise malformed([f"#: expected type: JSONObject, found: {kind_of(value)}"])
    return value


def malformed(violations: Sequence[str]) -> Refusal:
    """The error that holds several violations, each `#/field: what`."""
    return invalid(f"Malformed input request: {''.join(violations)}, please reformat your input and try again.")


def violations(body: Mapping[str, object], fields: Sequence[Field], *, at: str = "#") -> list[str]:
    """Missing keys first, then what is wrong with values, in the order of `fields`. `at` is where the body stands."""
    found = [
        f"{at}: required key [{field.name}] not found" for field in fields if field.required and field.name not in body
    ]
    for field in fields:
        if field.name in body:
            wrong = _fault_of(body[field.name], field)
            found += [f"{at}/{field.name}: {wrong}"] if wrong else []
    return found


def extraneous(body: Mapping[str, object], fields: Sequence[Field]) -> list[str]:
    """Keys that no field allows, in the body's order."""
    known = {field.name for field in fields}
    return [key for key in body if key not in known]


def kind_of(value: object) -> str:
    """The type's name as the validator says it."""
    names = {type(None): "Null", bool: "Boolean", str: "String", int: "Integer", float: "BigDecimal", list: "JSONArray"}
    return names.get(type(value), "JSONObject")


def _fault_of(value: object, field: Field) -> str:
    found = kind_of(value)
    if found != field.kind and not (field.kind == "Number" and found in ("Integer", "BigDecimal")):
        return f"expected type: {field.kind}, found: {found}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if field.high is not None and value > field.high:
            return f"{value} is not less or equal to {field.high:.12g}"
        if field.low is not None and value < field.low:
            return f"{value} is not greater or equal to {field.low:.12g}"
    if isinstance(value, str | list) and field.longest is not None and len(value) > field.longest:
        return f"expected max{'Length' if isinstance(value, str) else 'Items'}: {field.longest}, actual: {len(value)}"
    if field.choices and value not in field.choices:
        return f"{value} is not a valid enum value"
    return ""
