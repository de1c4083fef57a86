"""What does a template say about one product, and which words came from where?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import jinja2

from prodimg_lab.errors import TemplateError, UnknownName
from prodimg_lab.prompts._base import Library, StyleLevel, Template
from prodimg_lab.prompts.filters import MOST_OUTPUT, MissingAttribute, TooLong
from prodimg_lab.prompts.grammar import Compiled, compile_prompt
from prodimg_lab.prompts.text import Phrase, cleaned, unmarked
from prodimg_lab.records import ATTRIBUTES, Product, Prompt, Span, uniform_choice
from prodimg_lab.suggest import nearest

Choose = Callable[[str, Sequence[str]], str]
"""Picks one of the options for a name."""

DETAILS = tuple(name for name in ATTRIBUTES if name not in ("category", "subject"))
"""What `product.attributes` lists, as far as it is known."""


def compiled(template: Template) -> Compiled:
    """The template's prompt, checked. Raises TemplateError with file and line for the first thing it may not say."""
    made = compile_prompt(template.prompt, tuple(template.slots))
    if made.template is None:
        fault = made.faults[0]
        raise TemplateError(fault.message, file=template.file, line=template.line + fault.line - 1)
    return made


def slots_of(template: Template) -> tuple[str, ...]:
    """The slots that the prompt really names: declared ones in their order, then `season` and `market` if it has them.

    These are what a sweep crosses; a declared slot that the prompt never names changes no picture and is left out.
    """
    used = compiled(template).slots
    return (*(slot for slot in template.slots if slot in used), *_implicit(template, used))


def _implicit(template: Template, used: Iterable[str]) -> tuple[str, ...]:
    return tuple(slot for slot in ("season", "market") if slot in used and slot not in template.slots)


def missing_attributes(template: Template, product: Product) -> tuple[str, ...]:
    """The attributes (`colour`, `extra.care`, …) that the template names and that are empty for this product.

    Those inside a condition count too. `subject` is never missing, since the title stands in for it.
    """
    names = [name.removeprefix("product.") for name in compiled(template).names if name.startswith("product.")]
    return tuple(name for name in names if name != "attributes" and not said(product, name))


def render(
    template: Template, product: Product, levels: Mapping[str, str], library: Library, *, seed: int = 0
) -> Prompt:
    """Fill the template for one product.

    `levels` names a level for any of the template's slots, and a `market` for any template (its taboos and preferred
    levels count even where the prompt has no `{{ market }}`). A slot that is not named takes the market's first
    preferred level that it allows, else its first level. The market's prop is chosen from (`seed`, market). Raises
    UnknownName for a slot or level that there is not, TemplateError for a `required` attribute that the product lacks
    and for more than 20,000 characters.
    """
    chosen = chosen_levels(template, levels, library)
    words, spans = _worded(template, product, chosen, partial(uniform_choice, seed))
    expect: dict[str, str] = {}
    for level in chosen.values():
        expect |= level.expect
    return Prompt(
        text=words,
        negative=negative(template, chosen.values()),
        template=template.name,
        template_version=template.version,
        levels={slot: level.name for slot, level in chosen.items()},
        spans=spans,
        expect=expect,
    )


def negative(template: Template, levels: Iterable[StyleLevel]) -> str:
    """The template's negative prompt, then what the levels avoid and their taboos: each phrase once, in that order."""
    phrases = cleaned(template.negative_prompt).split(",")
    for level in levels:
        phrases += [*level.avoid, *level.taboos]
    once: dict[str, str] = {}
    for phrase in map(str.strip, phrases):
        if phrase:
            once.setdefault(phrase.casefold(), phrase)
    return ", ".join(once.values())


def chosen_levels(template: Template, levels: Mapping[str, str], library: Library) -> dict[str, StyleLevel]:
    """The level of every slot that the prompt names, in the order of `slots_of`, and the market if there is one."""
    slots = slots_of(template)
    for slot in levels:
        if slot not in slots and slot != "market":
            text = f"template {template.name} has no slot {slot!r}; {nearest(slot, slots)}"
            raise UnknownName(text, file=template.file)
    market = _market(template, levels, library)
    chosen: dict[str, StyleLevel] = {}
    for slot in slots:
        if slot == "market":
            continue
        allowed = template.slots.get(slot)
        if slot in levels:
            chosen[slot] = _level(template, slot, levels[slot], library)
        elif allowed is not None:
            chosen[slot] = _preferred(allowed, market.prefer.get(slot, ()) if market else ())
    if market:
        chosen["market"] = market
    return chosen


def _market(template: Template, levels: Mapping[str, str], library: Library) -> StyleLevel | None:
    if "market" in levels:
        return _level(template, "market", levels["market"], library)
    allowed = template.slots.get("market")
    return allowed[0] if allowed and "market" in slots_of(template) else None


def _level(template: Template, slot: str, name: str, library: Library) -> StyleLevel:
    allowed = template.slots.get(slot)
    if allowed is None:
        return library.level(slot, name)
    for level in allowed:
        if level.name == name:
            return level
    known = nearest(name, [level.name for level in allowed])
    raise UnknownName(f"{slot} {name!r} is no level of template {template.name}; {known}", file=template.file)


def _preferred(allowed: Sequence[StyleLevel], wanted: Sequence[str]) -> StyleLevel:
    by_name = {level.name: level for level in allowed}
    return next((by_name[name] for name in wanted if name in by_name), allowed[0])


def _values(made: Compiled, product: Product, chosen: Mapping[str, StyleLevel], choose: Choose) -> dict[str, object]:
    """What every variable of the compiled prompt stands for."""
    found: dict[str, object] = {}
    for index, name in enumerate(made.names):
        head, _, rest = name.partition(".")
        if head == "product":
            found[f"v{index}"] = _of_product(product, rest)
        else:
            found[f"v{index}"] = _of_slot(head, rest, chosen.get(head), choose)
    return found


def _of_product(product: Product, name: str) -> object:
    if name == "attributes":
        values = [(f"product.{each}", said(product, each)) for each in DETAILS]
        return [Phrase.of(value, each, value) for each, value in values if value]
    value = said(product, name)
    return Phrase.of(value, f"product.{name}", value)


def said(product: Product, name: str) -> str:
    """A product's own words, cleaned, and cut where no prompt could hold them."""
    if name.startswith("extra."):
        text = product.extra.get(name.removeprefix("extra."), "")
    elif name == "subject":
        text = product.subject
    elif name in ATTRIBUTES:
        text = product.value(name)
    else:
        text = {"title": product.title, "description": product.description, "sku": product.sku}[name]
    return cleaned(text[: 4 * MOST_OUTPUT])[: MOST_OUTPUT + 1]


def _of_slot(slot: str, part: str, level: StyleLevel | None, choose: Choose) -> object:
    if level is None:
        return [] if part == "props" else ""
    if part in ("level", "locale"):
        return level.name if part == "level" else level.locale
    props = [Phrase.of(prop, slot, level.name) for prop in level.props]
    if part == "props":
        return props
    prop = choose(f"market/{level.name}", level.props) if level.props else ""
    whole = f"{level.text}, with {prop} beside it" if prop else level.text
    words = {"": whole, "text": level.text, "prop": prop}[part] if slot == "market" else level.text
    return Phrase.of(words, slot, level.name)


def worded(
    template: Template, product: Product, chosen: Mapping[str, StyleLevel], choose: Choose
) -> tuple[str, tuple[Span, ...]]:
    """The words of the prompt and their spans. Raises MissingAttribute and TooLong as they come."""
    made = compiled(template)
    assert made.template is not None
    seen: list[Phrase] = []
    parts: list[str] = []
    length = 0
    for chunk in made.template.generate(seen=seen, **_values(made, product, chosen, choose)):
        parts.append(chunk)
        length += len(chunk)
        if length > MOST_OUTPUT + 3 * len(seen):
            raise TooLong
    return unmarked("".join(parts), seen)


def _worded(
    template: Template, product: Product, chosen: Mapping[str, StyleLevel], choose: Choose
) -> tuple[str, tuple[Span, ...]]:
    """`worded`, with a message for people."""
    where = f"template {template.name}"
    try:
        return worded(template, product, chosen, choose)
    except MissingAttribute as exc:
        name = exc.name.removeprefix("product.")
        text = (
            f"product {product.sku!r} has no {name}, which {where} requires; add it to the attributes file of the "
            f"experiment (products: {{file: …, attributes: attributes.csv}}) or drop `| required`"
        )
        raise TemplateError(text, file=template.file, line=template.line + exc.line - 1) from None
    except TooLong:
        text = f"{where} gives more than {MOST_OUTPUT} characters for product {product.sku!r}; shorten the prompt"
        raise TemplateError(text, file=template.file, line=template.line) from None
    except (TypeError, ValueError, jinja2.TemplateError) as exc:
        text = f"{where} cannot be filled for product {product.sku!r}: {exc}; compare texts with texts only"
        raise TemplateError(text, file=template.file, line=template.line) from exc
