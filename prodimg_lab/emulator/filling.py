"""Which value fits a JSON schema and says what was measured?

Knows what schemas of forced tools use: objects, arrays, enums, const, numbers with bounds, texts with lengths,
booleans, `$ref` within the schema, `anyOf`, `oneOf`, `allOf`, `prefixItems`. Patterns and formats of texts are
not looked at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

Schema = Mapping[str, object]

YES, NO = ("yes", "true", "pass", "present"), ("no", "false", "fail", "absent")
UNSURE = ("unsure", "unknown", "cannot tell", "cannot_tell", "unclear", "not_sure", "n/a", "na")
TIE = ("tie", "equal", "same", "neither", "both", "draw")
PAIRS = (("a", "b"), ("first", "second"), ("left", "right"), ("1", "2"), ("image_1", "image_2"))
_QUESTION = re.compile(r"\s*(?:[-*•]\s*)?(?:\(?(?P<label>[A-Za-z]?\w{1,11})[.):]\s+)?(?P<text>\S.*\?)\s*")
DEEPEST = 12
BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """`grade` 0..1 (no to yes, bad to good), None where nothing can tell; `words` say what was measured."""

    grade: float | None
    words: str


class Opinions(Protocol):
    """What can be asked of pictures."""

    def on(self, text: str) -> Opinion:
        """About what a text asks."""
        ...

    def overall(self) -> float:
        """How good the picture is, 0..1."""
        ...

    def better(self) -> int | None:
        """Which of the first two pictures is better, 0 or 1; None for a tie."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question found in the texts; `label` is its number or key, "" where it has none."""

    label: str
    text: str


def questions_in(texts: Sequence[str]) -> list[Asked]:
    """The lines that end in a question mark, with the number or key before them."""
    lines = (line for text in texts for line in text.splitlines())
    found = (_QUESTION.fullmatch(line) for line in lines)
    return [Asked(label=each["label"] or "", text=each["text"]) for each in found if each]


def filled(schema: Schema, opinions: Opinions, *, texts: Sequence[str] = ()) -> object:
    """A value that fits `schema`: one item per question of `texts` where an array has objects or choices."""
    questions = questions_in(texts)
    only = questions[0] if questions and _type_of(schema) == "string" else None
    return _Filler(schema, opinions, questions).value(schema, hint="", asked=only, depth=0)


class _Filler:
    def __init__(self, root: Schema, opinions: Opinions, questions: list[Asked]) -> None:
        self._root = root
        self._opinions = opinions
        self._questions = questions

    def value(self, given: Schema, *, hint: str, asked: Asked | None, depth: int) -> object:
        """`hint` is what names and descriptions on the way here say; `asked` the question of this item."""
        schema = self._plain(given)
        told = f"{hint} {schema.get('title', '')} {schema.get('description', '')}"
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list):
            return self._choice(cast("list[object]", schema["enum"]), told)
        match _type_of(schema):
            case "object" if depth < DEEPEST:
                return self._object(schema, told, asked, depth)
            case "array":
                return self._array(schema, told, asked, depth)
            case "number" | "integer" as kind:
                return _number(schema, self._grade(told), whole=kind == "integer")
            case "boolean":
                return self._grade(told) >= 0.5
            case "null":
                return None
            case "object":
                return {}
        return self._text(schema, told, asked)

    def _object(self, schema: Schema, told: str, asked: Asked | None, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, each in _schemas(schema.get("properties")).items():
            named = next((one for one in self._questions if one.label and one.label.lower() == name.lower()), None)
            mine = named or asked
            hint = f"{name.replace('_', ' ')} {mine.text}" if mine else f"{told} {name.replace('_', ' ')}"
            found[name] = self._echo(name, each, mine) or self.value(each, hint=hint, asked=mine, depth=depth + 1)
        for name in cast("Sequence[str]", schema.get("required", ())):
            found.setdefault(name, f"simulated: {name}")
        return found

    def _echo(self, name: str, given: Schema, asked: Asked | None) -> object:
        """A property that repeats the question or its number; None for any other."""
        schema = self._plain(given)
        kind = _type_of(schema)
        if asked is None or "enum" in schema or "const" in schema:
            return None
        if name.lower() in ("question", "criterion", "item") and kind == "string":
            return _sized(asked.text, schema)
        if name.lower() in ("id", "key", "number", "index", "label", "question_id", "name"):
            if kind == "string":
                return _sized(asked.label or str(self._questions.index(asked) + 1), schema)
            if kind == "integer" and asked.label.isdecimal() and not BOUNDS & set(schema):
                return int(asked.label)
        return None

    def _array(self, schema: Schema, told: str, asked: Asked | None, depth: int) -> list[object]:
        if isinstance(schema.get("prefixItems"), list):
            parts = cast("list[Schema]", schema["prefixItems"])
            return [self.value(part, hint=told, asked=asked, depth=depth + 1) for part in parts]
        items = cast("Schema", schema.get("items") or {"type": "string"})
        least, most = _whole(schema.get("minItems"), 0), _whole(schema.get("maxItems"), 10_000)
        plain = self._plain(items)
        per_question = asked is None and (
            "enum" in plain or _type_of(plain) in ("object", "boolean", "integer", "number")
        )
        wanted: list[Asked | None] = [*self._questions] if per_question and not schema.get("uniqueItems") else []
        count = max(least, min(most, len(wanted) or least))
        if "enum" in plain and schema.get("uniqueItems"):
            return list(cast("list[object]", plain["enum"]))[:count]
        padded = [*wanted, *([asked] * count)][:count]
        return [
            self.value(items, hint=f"{told} {one.text}" if one else told, asked=one, depth=depth + 1) for one in padded
        ]

    def _choice(self, options: list[object], told: str) -> object:
        by_word = {str(option).lower(): option for option in options}
        for first, second in PAIRS:
            if first in by_word and second in by_word:
                best = self._opinions.better()
                ties = [by_word[word] for word in TIE if word in by_word]
                return ties[0] if best is None and ties else by_word[(first, second)[best or 0]]
        opinion = self._opinions.on(told)
        if opinion.grade is None:
            unsure = [by_word[word] for word in UNSURE if word in by_word]
            if unsure:
                return unsure[0]
        grade = self._opinions.overall() if opinion.grade is None else opinion.grade
        said = [by_word[word] for word in (YES if grade >= 0.5 else NO) if word in by_word]
        if said:
            return said[0]
        return options[min(len(options) - 1, math.floor(grade * len(options)))]

    def _grade(self, told: str) -> float:
        grade = self._opinions.on(told).grade
        return self._opinions.overall() if grade is None else grade

    def _text(self, schema: Schema, told: str, asked: Asked | None) -> str:
        opinion = self._opinions.on(asked.text if asked else told)
        text = f"simulated: {opinion.words}; overall {5 * self._opinions.overall():.1f} of 5"
        return _sized(text, schema)

    def _plain(self, schema: Schema) -> Schema:
        """The schema without references and alternatives: the first alternative that is not null."""
        for _ in range(DEEPEST):
            if isinstance(schema.get("$ref"), str):
                schema = _pointed(self._root, str(schema["$ref"]))
            elif isinstance(schema.get("anyOf") or schema.get("oneOf"), list):
                ways = cast("list[Schema]", schema.get("anyOf") or schema.get("oneOf"))
                chosen = next((way for way in ways if way.get("type") != "null"), ways[0])
                rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
                schema = {**rest, **chosen}
            elif isinstance(schema.get("allOf"), list):
                rest = {key: value for key, value in schema.items() if key != "allOf"}
                for part in cast("list[Schema]", schema["allOf"]):
                    rest = {**rest, **self._plain(part)}
                schema = rest
            else:
                break
        return schema


def _type_of(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return str(next((each for each in kind if each != "null"), "null"))
    if kind is None:
        return "object" if "properties" in schema else "array" if "items" in schema else "string"
    return str(kind)


def _number(schema: Schema, grade: float, *, whole: bool) -> float | int:
    step = float(cast("float", schema.get("multipleOf") or (1 if whole else 0.01)))
    low = _bound(schema, "minimum", "exclusiveMinimum", step, 0.0)
    high = _bound(schema, "maximum", "exclusiveMaximum", -step, max(5.0, low + 5 * step))
    steps = math.floor((low + grade * (high - low)) / step + 0.5)
    steps = max(math.ceil(low / step - 1e-9), min(math.floor(high / step + 1e-9), steps))
    value = round(steps * step, 10)
    if "multipleOf" not in schema:  # the step is only ours, and rounding must not pass a bound
        value = min(max(value, low), high)
    return int(value) if whole else value


def _bound(schema: Schema, closed: str, opened: str, step: float, default: float) -> float:
    """An inclusive bound; an exclusive one moves by `step`."""
    if isinstance(schema.get(closed), int | float):
        return float(cast("float", schema[closed]))
    if isinstance(schema.get(opened), int | float):
        return float(cast("float", schema[opened])) + step
    return default


def _pointed(root: Schema, pointer: str) -> Schema:
    found: object = root
    for part in pointer.removeprefix("#").strip("/").split("/"):
        found = found.get(part, {}) if isinstance(found, Mapping) and part else found
    return found if isinstance(found, Mapping) else {}


def _schemas(value: object) -> Mapping[str, Schema]:
    return cast("Mapping[str, Schema]", value) if isinstance(value, Mapping) else {}


def _sized(text: str, schema: Schema) -> str:
    """The text cut to `maxLength`, or filled with dots to `minLength`."""
    return text[: _whole(schema.get("maxLength"), len(text))].ljust(_whole(schema.get("minLength"), 0), ".")


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) else default
