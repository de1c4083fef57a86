"""What is wrong with the templates and packs, before anything is paid?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prodimg_lab.errors import UsageError
from prodimg_lab.prompts._base import Finding, Library, StyleLevel, Template
from prodimg_lab.prompts.contradictions import contradictions, phrase_pattern
from prodimg_lab.prompts.filters import MOST_OUTPUT, MissingAttribute, TooLong
from prodimg_lab.prompts.rendering import compiled, negative, render, said, slots_of, worded
from prodimg_lab.prompts.text import cleaned
from prodimg_lab.records import Capabilities, Product

NEGATIONS = re.compile(
    r"\b(?:no|not|without|never|avoid(?:ing)?|free of|don't|do not|instead of)\b\s*(?P<what>[\w-]+(?: [\w-]+)?)?"
    r"|\b(?P<free>[\w]+)-free\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(r"\b(of|in|with|on|at|from|by|for|and|or|a|an|the|made of)(?= *(?:[,.;)]|$))", re.IGNORECASE)
_BARE = Product(sku="sample", title="product")


def lint(
    library: Library, *, capabilities: Sequence[Capabilities] = (), products: Sequence[Product] = ()
) -> list[Finding]:
    """Everything there is to say about the library, in the order of files and lines.

    Errors: what the loader found (load with `strict=False` to see it here: undefined slots and names, unknown levels,
    forbidden constructs), and prompts over the limit of one of `capabilities` for any of `products` at the longest
    levels. Warnings: unused slots, contradicting phrases, negative words in the positive prompt, negations, and words
    left dangling where an attribute is missing.
    """
    found = [*library.faults, *_of_packs(library)]
    for template in library.templates.values():
        found += _of_template(template, library)
        found += _too_long(template, library, capabilities, products or (_BARE,))
    once = dict.fromkeys(found)
    return sorted(once, key=lambda each: (str(each.file or ""), each.line or 0))


def _of_packs(library: Library) -> Iterator[Finding]:
    for pack in library.packs.values():
        for level in pack.levels.values():
            for text in (level.text, *level.props):
                yield from _negations(text, level.file, [level.line] * len(text))
            own = [phrase for phrase in (*level.avoid, *level.taboos) if _says(phrase, level.text, *level.props)]
            for phrase in own:
                text = f"{pack.kind} {level.name} asks for {phrase!r} and avoids it; change its text or its avoid"
                yield _warning("negative-in-positive", text, level.file, level.line)


def _of_template(template: Template, library: Library) -> Iterator[Finding]:
    slots = slots_of(template)
    for slot in template.slots:
        if slot not in slots:
            text = f"slot {slot!r} is declared but never used; write {{{{ {slot} }}}} into the prompt or drop the slot"
            yield _warning("unused-slot", text, template.file, _declared(template, slot))
    levels = {slot: _levels(template, slot, library) for slot in slots}
    fixed = _fixed(template)
    yield from _negations(fixed.text, template.file, fixed.lines)
    yield from _contradicting(template, fixed, levels)
    yield from _negative_words(template, fixed, levels)
    yield from _dangling(template, library)


def _levels(template: Template, slot: str, library: Library) -> Sequence[StyleLevel]:
    if slot in template.slots:
        return template.slots[slot]
    pack = library.packs.get(slot)
    return tuple(pack.levels.values()) if pack else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fixed:
    """The prompt's own text, with a comma for a hole so that phrases end there; `lines[i]` is the line of `text[i]`."""

    text: str
    lines: Sequence[int]

    def place_of(self, phrase: str) -> int:
        """Where a phrase begins in `text`, -1 if nowhere."""
        match = phrase_pattern(phrase).search(self.text)
        return match.start() if match else -1

    def line_of(self, phrase: str) -> int | None:
        """The line on which a phrase begins, if the text has it."""
        place = self.place_of(phrase)
        return None if place < 0 else self.lines[place]


def _fixed(template: Template) -> _Fixed:
    text: list[str] = []
    lines: list[int] = []
    for start, data in compiled(template).fixed:
        line = template.line + start - 1
        for char in f"{data} , ":
            text.append(char)
            lines.append(line)
            line += char == "\n"
    return _Fixed(text="".join(text), lines=lines)


def _declared(template: Template, slot: str) -> int | None:
    """The line on which a slot stands in the template's file."""
    if template.file is None or not template.file.is_file():
        return None
    lines = template.file.read_text(encoding="utf-8").splitlines()
    wanted = re.compile(rf"^\s+[\"']?{re.escape(slot)}[\"']?\s*:")
    return next((number for number, line in enumerate(lines, 1) if wanted.match(line)), None)


def _negations(text: str, file: Path | None, lines: Sequence[int]) -> Iterator[Finding]:
    for match in NEGATIONS.finditer(text):
        what = (match["what"] or match["free"] or "").strip()
        said = f"{match[0].strip()!r} is a negation, which image models tend to draw rather than leave out"
        step = f"move {what!r} to negative_prompt or to a level's `avoid`" if what else "say what there is instead"
        yield _warning("negation", f"{said}; {step}", file, lines[match.start()])


def _contradicting(template: Template, fixed: _Fixed, levels: Mapping[str, Sequence[StyleLevel]]) -> Iterator[Finding]:
    for one, other in contradictions(fixed.text, fixed.text):
        if fixed.place_of(one) < fixed.place_of(other):
            text = f"{one!r} and {other!r} contradict each other; keep one of them"
            yield _warning("contradiction", text, template.file, fixed.line_of(other))
    for slot, choices in levels.items():
        for level in choices:
            for one, other in contradictions(fixed.text, ", ".join((level.text, *level.props))):
                text = f"{one!r} contradicts {slot} {level.name} ({other!r}); change the text or drop the level"
                yield _warning("contradiction", text, template.file, fixed.line_of(one))


def _negative_words(template: Template, fixed: _Fixed, levels: Mapping[str, Sequence[StyleLevel]]) -> Iterator[Finding]:
    own = [phrase.strip() for phrase in cleaned(template.negative_prompt).split(",") if phrase.strip()]
    against = [(phrase, "", "it stands in negative_prompt") for phrase in own]
    for slot, choices in levels.items():
        for level in choices:
            unwanted = (*level.avoid, *level.taboos)
            against += [(phrase, slot, f"{slot} {level.name} avoids it") for phrase in unwanted]
    for phrase, slot, where in against:
        line = fixed.line_of(phrase)
        if line is not None:
            message = f"the prompt asks for {phrase!r}, but {where}; keep one of them"
            yield _warning("negative-in-positive", message, template.file, line)
        for other, choices in levels.items():
            for level in choices:
                if other != slot and _says(phrase, level.text, *level.props):
                    message = f"{other} {level.name} asks for {phrase!r}, but {where}; drop one of them"
                    yield _warning("negative-in-positive", message, template.file, template.line)


def _dangling(template: Template, library: Library) -> Iterator[Finding]:
    """Words that lead nowhere when a product knows nothing but its title."""
    try:
        text = render(template, _BARE, {}, library).text
    except UsageError:
        return
    for match in _DANGLING.finditer(text):
        near = text[max(0, match.start() - 30) : match.end() + 1].strip()
        message = (
            f"where an attribute is missing the prompt reads {near!r}; put the words around the hole into "
            f"{{% if product.material %}} … {{% endif %}}"
        )
        yield _warning("dangling-word", message, template.file, template.line)


def _too_long(
    template: Template, library: Library, capabilities: Sequence[Capabilities], products: Sequence[Product]
) -> Iterator[Finding]:
    """Prompts and negative prompts over a model's limit, at the levels that make each longest."""
    choices = {slot: _levels(template, slot, library) for slot in slots_of(template)}
    if not capabilities or not all(choices.values()):
        return
    least = min(each.prompt_limit for each in capabilities)
    wordy = {slot: max(levels, key=_spoken) for slot, levels in choices.items()}
    fussy = {slot: max(levels, key=_unwanted) for slot, levels in choices.items()}
    sizes = {"negative_prompt": (len(negative(template, fussy.values())), "")}
    for product in products:
        size = _size(template, product, wordy, least)
        if size > sizes.get("prompt", (0, ""))[0]:
            sizes["prompt"] = (size, f"product {product.sku!r}, ")
    for name, (size, whose) in sizes.items():
        for model in capabilities:
            if size > model.prompt_limit:
                text = (
                    f"{name} can have {size} characters ({whose}longest levels), over the {model.prompt_limit} of "
                    f"{model.model}; shorten it or take another model"
                )
                yield Finding(severity="error", rule="too-long", message=text, file=template.file, line=template.line)


def _size(template: Template, product: Product, wordy: Mapping[str, StyleLevel], least: int) -> int:
    """Characters of the prompt at these levels; 0 where it surely has no more than `least`, or cannot be filled."""
    if not compiled(template).filtered and _bound(template, wordy, product) <= least:
        return 0
    try:
        return len(worded(template, product, wordy, _longest)[0])
    except TooLong:
        return MOST_OUTPUT + 1
    except (MissingAttribute, TypeError):  # this product has no prompt at all: `plan` says so
        return 0


def _longest(_name: str, options: Sequence[str]) -> str:
    return max(options, key=len)


def _spoken(level: StyleLevel) -> int:
    props = max((len(f", with {prop} beside it") for prop in level.props), default=0)
    return len(level.text) + props


def _unwanted(level: StyleLevel) -> int:
    return len(", ".join((*level.avoid, *level.taboos)))


def _bound(template: Template, wordy: Mapping[str, StyleLevel], product: Product) -> int:
    """More characters than a prompt without loops and filters can have: cheap, for catalogues of any size."""
    size = len(template.prompt)
    for name in compiled(template).names:
        head, _, rest = name.partition(".")
        longest = len(said(product, rest)) if head == "product" else _spoken(wordy[head])
        size += template.prompt.count(name) * longest
    return size


def _says(phrase: str, *texts: str) -> bool:
    return any(phrase_pattern(phrase).search(text) for text in texts)


def _warning(rule: str, message: str, file: Path | None, line: int | None) -> Finding:
    return Finding(severity="warning", rule=rule, message=message, file=file, line=line)
