"""How does a YAML file become a checked record, with every fault named by file and line?

YAML 1.2 through ruamel.yaml (YAML 1.1 would read `1:1` as 61 and the market `no` as False). Used by templates, packs,
experiments and rubrics.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from prodimg_lab.errors import Problems, UsageError
from prodimg_lab.suggest import nearest

Path_ = tuple[str | int, ...]

MOST_BYTES = 256 * 1024
MOST_SHOWN = 60
ALIAS = re.compile(r"(?:^|[\s\[{,:-])\*([\w-]+)(?=[\s,\]}]|$)", re.MULTILINE)
DEEP = re.compile(r"(?:[\[{]\s*){32}")
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Plain content of a YAML file and the line (1-based) on which each key or item stands."""

    content: dict[str, Any]
    file: Path
    lines: Mapping[Path_, int] = field(default_factory=dict)

    def line(self, where: Sequence[str | int]) -> int | None:
        """The line of the path of keys `where`, or of its nearest known parent."""
        path = tuple(where)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read_yaml(file: Path, kind: type[UsageError]) -> Marked:
    """Read a file of at most 256 KiB that holds one mapping. Raises `kind` with the line for anything else."""
    try:
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise kind("there is no such file", file=file) from error
    except OSError as error:
        raise kind(f"cannot be read ({error.strerror}); check its rights", file=file) from error
    if len(data) > MOST_BYTES:
        raise kind(f"{len(data)} bytes are over {MOST_BYTES}; split the file", file=file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise kind("is not UTF-8; save the file as UTF-8", file=file, line=line) from error
    return parse_yaml(text, file, kind)


def parse_yaml(text: str, file: Path, kind: type[UsageError]) -> Marked:
    """`text` of `file` as one mapping with its lines. Raises `kind`, for aliases and deep nesting too."""
    _refuse_aliases(text, file, kind)
    if DEEP.search(text):
        raise kind("is nested too deep; write plain keys and lists", file=file)
    try:
        loaded = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        said = f"not valid YAML: {error.problem or error.context}; mend the line or quote its text"
        raise kind(said, file=file, line=line) from error
    except (YAMLError, ValueError) as error:
        raise kind(f"not valid YAML: {_short(error)}; mend it or quote its text", file=file) from error
    except RecursionError as error:
        raise kind("is nested too deep; write plain keys and lists", file=file) from error
    if not isinstance(loaded, CommentedMap):
        raise kind("must hold keys and values (`name: …`)", file=file, line=1)
    lines: dict[Path_, int] = {}
    try:
        content = _plain(loaded, (), lines)
    except TypeError as error:
        raise kind("uses a tag (!!…) or a merge key (<<), which is not read; write the value out", file=file) from error
    return Marked(content=content, file=file, lines=lines)


def _refuse_aliases(text: str, file: Path, kind: type[UsageError]) -> None:
    """A few aliases of aliases can stand for gigabytes, and nothing here needs them."""
    for match in ALIAS.finditer(text):
        if re.search(rf"(?:^|[\s\[{{,:-])&{re.escape(match[1])}(?=[\s,\]}}]|$)", text, re.MULTILINE):
            line = text.count("\n", 0, match.start(1)) + 1
            raise kind(f"alias *{match[1]} is not read; write the value out", file=file, line=line)


def _short(value: object) -> str:
    """What was wrong, short enough for one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"


def value_from_text(text: str) -> Any:
    """One YAML 1.2 value from the command line: `3`, `1.5`, `true`, `[a, b]`, text. Raises `UsageError`."""
    try:
        return _plain(YAML(typ="rt", pure=True).load(text), (), {})
    except (YAMLError, ValueError) as error:
        raise UsageError(f"{text!r} is not a YAML value; quote it") from error


def to_yaml(content: Mapping[str, Any]) -> str:
    """Plain content as YAML text, keys in their order, that reads back equal."""
    out = StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # annotated by its default only
    writer.width = 120
    writer.dump(dict(content), out)
    return out.getvalue()


REMOVED = object()
"""In place of a value: take the key out."""


def rewrite_yaml(file: Path, changes: Mapping[str, Any]) -> str:
    """The text of a YAML file with top-level keys changed; comments, order and everything else stay as they are.

    Text of several lines becomes a block (`|`); a key whose value is `REMOVED` goes.
    """
    from ruamel.yaml.scalarstring import LiteralScalarString

    editor = YAML(typ="rt")
    editor.width = 120
    editor.preserve_quotes = True
    content = editor.load(file.read_text(encoding="utf-8"))
    for key, value in changes.items():
        if value is REMOVED:
            content.pop(key, None)
            continue
        is_long = isinstance(value, str) and ("\n" in value or len(value) > 100)
        content[key] = LiteralScalarString(value.rstrip() + "\n") if is_long else value
    out = StringIO()
    editor.dump(content, out)
    return out.getvalue()


def checked(model: type[Model], marked: Marked, kind: type[UsageError]) -> Model:
    """The content as `model`. Raises `Problems` with one `kind` per fault, each with file and line."""
    try:
        return model.model_validate(marked.content)
    except ValidationError as error:
        problems = [_translated(each, model, marked, kind) for each in error.errors(include_url=False)]
        unique = {str(problem): problem for problem in problems}
        raise Problems(list(unique.values())) from error


def _plain(node: Any, path: Path_, lines: dict[Path_, int]) -> Any:
    if isinstance(node, CommentedMap):
        result = {}
        for key, value in node.items():
            here = (*path, key)
            lines[here] = node.lc.key(key)[0] + 1
            result[key] = _plain(value, here, lines)
        return result
    if isinstance(node, CommentedSeq):
        for index in range(len(node)):
            lines[(*path, index)] = node.lc.item(index)[0] + 1
        return [_plain(value, (*path, index), lines) for index, value in enumerate(node)]
    if isinstance(node, bool):
        return node
    plain = next((base for base in (str, int, float) if isinstance(node, base)), None)
    return node if plain is None else plain(node)


def _translated(error: Any, model: type[BaseModel], marked: Marked, kind: type[UsageError]) -> UsageError:
    keys = tuple(part for part in error["loc"] if _is_real(part, error["loc"], marked.content))
    name = ".".join(map(str, keys))
    value = error.get("input")
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, keys[:-1])
        message = f"unknown key {str(keys[-1])!r}; {nearest(str(keys[-1]), known)}"
    elif error["type"] == "missing":
        keys = tuple(error["loc"])
        message = f"{'.'.join(map(str, keys))} is missing"
        keys = keys[:-1]
    elif error["type"] == "string_type" and not isinstance(value, dict | list) and value is not None:
        message = f"{name} must be text, and {_short(repr(value))} is not: write it in quotes"
    else:
        said = error["msg"].removeprefix("Value error, ")
        message = f"{name}: {said}" + ("" if isinstance(value, dict | list) else f", not {_short(repr(value))}")
    return kind(message, file=marked.file, line=marked.line(keys) or (1 if not keys else None))


def _is_real(part: str | int, loc: Sequence[str | int], content: object) -> bool:
    """Whether `part` of a pydantic location is a key of the file (pydantic adds the names of union members)."""
    here = content
    for each in loc:
        inside = isinstance(here, Mapping) and each in here
        inside = inside or (isinstance(here, list) and isinstance(each, int) and each < len(here))
        if each == part and loc.index(part) == loc.index(each):
            return inside
        if inside:
            here = here[each]  # type: ignore[index]  # it is a mapping or a list, as just seen
    return False


def _known_keys(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    here: type[BaseModel] | None = model
    for part in path:
        if here is None:
            return []
        if isinstance(part, int) or part not in here.model_fields:
            continue
        here = _model_in(here.model_fields[part].annotation)
    if here is None:
        return []
    return [info.alias or name for name, info in here.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)
