"""Which templates and packs are there?

Folders are read in the order of their authority: experiment, lab, wheel. A template of an earlier folder hides one of
the same file name; of packs the levels are joined, an earlier folder's level hiding one of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from prodimg_lab.errors import Problems, TemplateError, UsageError
from prodimg_lab.marked_yaml import Marked, checked, read_yaml
from prodimg_lab.prompts._base import Finding, Library, Pack, StyleLevel, Template
from prodimg_lab.prompts.grammar import GrammarFault, compile_prompt
from prodimg_lab.prompts.schema import ALL, LevelEntry, MarketEntry, MarketFile, PackFile, TemplateFile
from prodimg_lab.records import canonical_json, digest_of
from prodimg_lab.suggest import nearest

BLOCK = re.compile(r":\s*[|>][+-]?\d?[+-]?\s*(?:#.*)?$")


def load_library(folders: Sequence[Path], *, strict: bool = True) -> Library:
    """Read `<folder>/*.yaml` as templates and `<folder>/styles/*.yaml` as packs; earlier folders win by name.

    A folder that is not there counts as empty. Raises Problems with every fault of every file, each with file, line and
    the next step; with `strict=False` they stand in `Library.faults` instead, and what could be read is there.
    """
    reader = _Reader()
    for folder in folders:
        reader.read_packs(folder / "styles")
    reader.check_markets()
    for folder in folders:
        reader.read_templates(folder)
    order = sorted(reader.faults, key=lambda fault: (str(fault.file or ""), fault.line or 0))
    if order and strict:
        raise Problems([TemplateError(fault.message, file=fault.file, line=fault.line) for fault in order])
    packs = {kind: Pack(kind=kind, levels=levels, file=reader.first[kind]) for kind, levels in reader.levels.items()}
    return Library(templates=dict(sorted(reader.templates.items())), packs=packs, faults=tuple(order))


@dataclass
class _Reader:
    """Collects what the folders hold, and what is wrong with it."""

    templates: dict[str, Template] = field(default_factory=dict)
    levels: dict[str, dict[str, StyleLevel]] = field(default_factory=dict)
    first: dict[str, Path] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)
    read: set[str] = field(default_factory=set)

    def fault(self, rule: str, error: UsageError) -> None:
        for each in error.problems if isinstance(error, Problems) else (error,):
            self.faults.append(
                Finding(severity="error", rule=rule, message=each.message, file=each.file, line=each.line)
            )

    def read_packs(self, folder: Path) -> None:
        here: dict[str, dict[str, StyleLevel]] = {}
        for file in _files(folder):
            pack: PackFile | MarketFile
            try:
                marked = read_yaml(file, TemplateError)
                if marked.content.get("kind") == "market":
                    pack = checked(MarketFile, marked, TemplateError)
                else:
                    pack = checked(PackFile, marked, TemplateError)
            except UsageError as exc:
                self.fault("pack", exc)
                continue
            self.first.setdefault(pack.kind, file)
            levels = here.setdefault(pack.kind, {})
            for name, entry in pack.levels.items():
                line = marked.line(("levels", name)) or 0
                if name in levels:
                    other = f"{levels[name].file}:{levels[name].line}"
                    text = f"{pack.kind} {name!r} stands in {other} too; remove one"
                    self.fault("pack", TemplateError(text, file=file, line=line))
                else:
                    levels[name] = _level(name, entry, file, line)
        for kind, levels in here.items():
            self.levels[kind] = {**self.levels.get(kind, {}), **_new(levels, self.levels.get(kind, {}))}

    def check_markets(self) -> None:
        """What a market prefers must be there."""
        for market in self.levels.get("market", {}).values():
            for kind, names in market.prefer.items():
                known = self.levels.get(kind, {})
                for name in names:
                    if name not in known:
                        text = (
                            f"market {market.name} prefers {kind} {name!r}, which no pack has; {nearest(name, known)}"
                        )
                        self.fault("unknown-level", TemplateError(text, file=market.file, line=market.line))

    def read_templates(self, folder: Path) -> None:
        for file in _files(folder):
            if file.stem in self.read:
                continue
            self.read.add(file.stem)
            try:
                marked = read_yaml(file, TemplateError)
                entry = checked(TemplateFile, marked, TemplateError)
            except UsageError as exc:
                self.fault("template", exc)
            else:
                self.add_template(entry, marked)

    def add_template(self, entry: TemplateFile, marked: Marked) -> None:
        before = len(self.faults)
        file = marked.file
        if entry.name != file.stem:
            text = f"name {entry.name!r} is not the file's; rename the file to {entry.name}.yaml or write {file.stem!r}"
            self.fault("template", TemplateError(text, file=file, line=marked.line(("name",))))
        slots = {slot: tuple(self.slot_levels(slot, names, marked)) for slot, names in entry.slots.items()}
        for fault in compile_prompt(entry.prompt, tuple(slots)).faults:
            self.fault(fault.rule, TemplateError(fault.message, file=file, line=prompt_line(entry, marked, fault)))
        if len(self.faults) > before:
            return
        made = Template(
            name=entry.name,
            version=entry.version,
            summary=entry.summary,
            prompt=entry.prompt,
            negative_prompt=entry.negative_prompt,
            slots=slots,
            file=file,
            line=prompt_start(marked),
        )
        self.templates[made.name] = _with_digest(made)

    def slot_levels(self, slot: str, names: Sequence[str], marked: Marked) -> Iterator[StyleLevel]:
        pack = self.levels.get(slot)
        for index, name in enumerate(names):
            line = marked.line(("slots", slot, index)) or 0
            if name == ALL and len(names) == 1:
                if pack is None:
                    text = (
                        f"slot {slot} takes all levels of a pack, but there is no pack of kind {slot!r}; list phrases"
                    )
                    self.fault("unknown-level", TemplateError(text, file=marked.file, line=line))
                yield from (pack or {}).values()
            elif pack is None or " " in name:
                yield StyleLevel(name=name, text=name, file=marked.file, line=line)
            elif name in pack:
                yield pack[name]
            else:
                text = f"unknown {slot} {name!r}; {nearest(name, pack)} (a phrase of your own needs a space)"
                self.fault("unknown-level", TemplateError(text, file=marked.file, line=line))


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.yaml") if file.is_file()) if folder.is_dir() else []


def _new(levels: Mapping[str, StyleLevel], known: Mapping[str, StyleLevel]) -> dict[str, StyleLevel]:
    return {name: level for name, level in levels.items() if name not in known}


def _level(name: str, entry: LevelEntry, file: Path, line: int) -> StyleLevel:
    level = StyleLevel(
        name=name,
        text=entry.text,
        avoid=tuple(entry.avoid),
        tags=tuple(entry.tags),
        expect=dict(entry.expect),
        file=file,
        line=line,
    )
    if not isinstance(entry, MarketEntry):
        return level
    prefer = {kind: tuple(names) for kind, names in entry.prefer.items()}
    return replace(level, locale=entry.locale, prefer=prefer, props=tuple(entry.props), taboos=tuple(entry.taboos))


def _with_digest(template: Template) -> Template:
    content = asdict(template)
    for key in ("file", "line", "digest"):
        del content[key]
    for levels in content["slots"].values():
        for level in levels:
            del level["file"], level["line"]
    return replace(template, digest=digest_of(canonical_json(content)))


def prompt_start(marked: Marked) -> int:
    """The line on which the text of the prompt starts: the next one where `prompt:` opens a block."""
    line = marked.line(("prompt",)) or 1
    return line + bool(BLOCK.search(_lines(marked)[line - 1]))


def prompt_line(entry: TemplateFile, marked: Marked, fault: GrammarFault) -> int:
    """The line of the file on which a fault of the prompt stands.

    Exact for a literal block (`|`); where YAML folds lines it is the first line of the prompt that has the words.
    """
    start, lines = prompt_start(marked), _lines(marked)
    guess = start + min(fault.line, entry.prompt.count("\n") + 1) - 1
    if guess <= len(lines) and fault.words in lines[guess - 1]:
        return guess
    near = (number for number in range(start, len(lines) + 1) if fault.words in lines[number - 1])
    return next(near, min(guess, len(lines)))


def _lines(marked: Marked) -> list[str]:
    return marked.file.read_text(encoding="utf-8-sig").splitlines()
