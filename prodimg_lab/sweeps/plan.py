"""How do templates, products, factors and seeds become the ordered list of requests?

Pure: templates, products, capabilities come in, a `Plan` or a list of `Fault`s comes out; nothing is read or paid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from prodimg_lab.errors import UsageError
from prodimg_lab.prompts import Library, Template, missing_attributes, render, slots_of
from prodimg_lab.records import Block, Capabilities, ImageRequest, Level, Product, Prompt, Trial, Variant, block_seed
from prodimg_lab.suggest import nearest
from prodimg_lab.sweeps._spec import NONE, REQUEST_PARAMETERS, Fault, LeftOut, Plan, SweepSpec
from prodimg_lab.sweeps.designs import full_size, variants_by_block
from prodimg_lab.sweeps.fit import misfits, takes

IMPLICIT_SLOTS = ("market", "season")
MOST_TRIALS = 1_000_000
_LARGEST_SEED = 2147483646  # of `block_seed`: a model that takes it takes every seed of a plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """Everything a plan is made of. `models` by spec as the experiment writes it; `model` is the one without a factor.

    `parameters` are the fixed request fields.
    """

    templates: Sequence[Template]
    library: Library
    products: Sequence[Product]
    model: str
    models: Mapping[str, Capabilities]
    sweep: SweepSpec
    parameters: Mapping[str, Level] = field(default_factory=dict)


def make_plan(given: PlanInput) -> tuple[Plan | None, list[Fault]]:
    """The plan, or None when any fault was found; all faults at once, in the order of the experiment."""
    faults = [*_factor_faults(given), *_parameter_faults(given), *_design_faults(given)]
    if faults:
        return None, faults
    templates = {template.name: template for template in given.templates}
    applies = {name: _factors_of(template, given.sweep) for name, template in templates.items()}
    names = _template_levels(given)
    blocks = _blocks(given)
    cells = variants_by_block(names, applies, given.sweep, blocks)
    variants = list({variant.name: variant for own in cells for variant in own}.values())
    size = sum(map(len, cells)) * given.sweep.repeats
    if size > MOST_TRIALS:
        return None, [Fault(message=f"{size:,} trials are over {MOST_TRIALS:,}; take fewer levels, or design: sobol")]
    build = _Builder(given=given, templates=templates)
    trials, left_out, faults = build.trials(cells, blocks)
    if faults:
        return None, faults
    if not trials:
        reason = left_out[0].reason if left_out else "there are no products"
        return None, [Fault(message=f"nothing is left to draw: {reason}", where=("sweep",))]
    kept = {trial.variant for trial in trials}
    factors: dict[str, tuple[Level, ...]] = {"template": tuple(names), **given.sweep.factors}
    factors["template"] = tuple(names)
    missing = Counter(
        attribute
        for product in given.products
        for attribute in {each for template in given.templates for each in missing_attributes(template, product)}
    )
    plan = Plan(
        factors=factors,
        variants=tuple(variant for variant in variants if variant.name in kept),
        blocks=blocks,
        trials=tuple(trials),
        left_out=tuple(left_out),
        missing=dict(missing),
    )
    return plan, []


def _template_levels(given: PlanInput) -> list[str]:
    chosen = given.sweep.factors.get("template")
    return [str(level) for level in chosen] if chosen else [template.name for template in given.templates]


def _factors_of(template: Template, sweep: SweepSpec) -> list[str]:
    holes = set(slots_of(template))
    everywhere = {"model", *REQUEST_PARAMETERS}
    return [name for name in sweep.factors if name != "template" and (name in everywhere or name in holes)]


def _blocks(given: PlanInput) -> tuple[Block, ...]:
    return tuple(
        Block(sku=product.sku, index=index) for index in range(given.sweep.seeds) for product in given.products
    )


def _factor_faults(given: PlanInput) -> Iterator[Fault]:
    slots = {slot for template in given.templates for slot in slots_of(template)}
    known = {*slots, "template", "model", *IMPLICIT_SLOTS, *REQUEST_PARAMETERS}
    for name, levels in given.sweep.factors.items():
        where = ("sweep", "factors", name)
        if name not in known:
            yield Fault(message=f"no slot or parameter {name!r}; {nearest(name, known)}", where=where)
        elif len(set(map(str, levels))) != len(levels):
            yield Fault(message=f"factor {name} names a level twice", where=where)
        elif name == "template":
            loaded = [template.name for template in given.templates]
            for level in levels:
                if level not in loaded:
                    text = f"template {level!r} is not under `templates`; {nearest(str(level), loaded)}"
                    yield Fault(message=text, where=where)
        elif name in REQUEST_PARAMETERS:
            if not any(takes(capabilities, name) for capabilities in given.models.values()):
                models = ", ".join(sorted(each.model for each in given.models.values()))
                yield Fault(message=f"no chosen model takes {name} ({models})", where=where)
        elif name != "model":
            yield from _slot_faults(name, levels, given)


def _slot_faults(name: str, levels: Sequence[Level], given: PlanInput) -> Iterator[Fault]:
    where = ("sweep", "factors", name)
    having = [template for template in given.templates if name in slots_of(template)]
    if not having:
        names = ", ".join(template.name for template in given.templates)
        yield Fault(message=f"no chosen template has a slot {name!r} ({names})", where=where)
        return
    for level in levels:
        for template in having:
            allowed = _allowed(name, template, given.library)
            if str(level) not in allowed:
                text = f"{name} {level!r} is no level of template {template.name}; {nearest(str(level), allowed)}"
                text += f" (a level of your own goes into `slots` of {template.file})" if template.file else ""
                yield Fault(message=text, where=where)


def _allowed(name: str, template: Template, library: Library) -> list[str]:
    if name in template.slots:
        return [level.name for level in template.slots[name]]
    pack = library.packs.get(name)
    return list(pack.levels) if pack else []


def _parameter_faults(given: PlanInput) -> Iterator[Fault]:
    for name in given.parameters:
        where = ("parameters", name)
        if name not in REQUEST_PARAMETERS:
            yield Fault(message=f"unknown parameter {name!r}; {nearest(name, REQUEST_PARAMETERS)}", where=where)
        elif name in given.sweep.factors:
            yield Fault(message=f"{name} is fixed here and swept as a factor; keep one", where=where)
        elif not any(takes(capabilities, name) for capabilities in given.models.values()):
            models = ", ".join(sorted(each.model for each in given.models.values()))
            yield Fault(message=f"no chosen model takes {name} ({models})", where=where)


def _design_faults(given: PlanInput) -> Iterator[Fault]:
    sweep = given.sweep
    if sweep.design == "full":
        if sweep.samples is not None:
            yield Fault(message="samples is for the designs random and sobol only", where=("sweep", "samples"))
        return
    if sweep.samples is None or sweep.samples < 1:
        yield Fault(message=f"design: {sweep.design} needs samples, how many variants to draw", where=("sweep",))
        return
    names = {template.name for template in given.templates}
    levels = _template_levels(given)
    if names.issuperset(levels):
        applies = {template.name: _factors_of(template, sweep) for template in given.templates}
        size = full_size(levels, applies, sweep)
        if sweep.samples > size:
            text = f"samples {sweep.samples} is more than the {size} variants of the full design; use design: full"
            yield Fault(message=text, where=("sweep", "samples"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """What the trials of one variant and product share, whatever their seed."""

    prompt: Prompt
    fields: Mapping[str, object]
    levels: Mapping[str, Level]
    asked: Mapping[str, str]
    wrong: Sequence[str]


@dataclass
class _Builder:
    """Makes trials; keeps what it rendered, since a prompt is shared by all seeds of a block's product."""

    given: PlanInput
    templates: Mapping[str, Template]
    rendered: dict[tuple[str, str], _Cell] = field(default_factory=dict)

    def trials(
        self, cells: Sequence[Sequence[Variant]], blocks: Sequence[Block]
    ) -> tuple[list[Trial], list[LeftOut], list[Fault]]:
        made: list[Trial] = []
        left_out: dict[str, LeftOut] = {}
        faults: dict[str, Fault] = {}
        products = {product.sku: product for product in self.given.products}
        for block, variants in zip(blocks, cells, strict=True):
            for variant in variants:
                if variant.name in left_out:
                    continue
                try:
                    cell = self._cell(variant, products[block.sku])
                except UsageError as error:
                    faults.setdefault(str(error), Fault(message=str(error)))
                    continue
                long = [each for each in cell.wrong if each.startswith(("prompt of", "negative_prompt of"))]
                for each in long:
                    text = f"template {variant.template}, product {block.sku}: {each}"
                    faults.setdefault(text, Fault(message=text))
                if cell.wrong and not long:
                    left_out[variant.name] = LeftOut(variant=variant.name, reason=cell.wrong[0])
                    continue
                made.extend(self._repeats(len(made), variant, block, cell))
        return made, list(left_out.values()), list(faults.values())

    def _cell(self, variant: Variant, product: Product) -> _Cell:
        key = (variant.name, product.sku)
        if key not in self.rendered:
            prompt = self._prompt(variant, product)
            fields = self._fields(variant, prompt)
            named = {span.name.removeprefix("product."): span.level for span in prompt.spans if "." in span.name}
            self.rendered[key] = _Cell(
                prompt=prompt,
                fields=fields,
                levels={"template": variant.template, **variant.levels},
                asked={**named, **prompt.expect},
                wrong=misfits(_request(fields, seed=_LARGEST_SEED, repeat=0), self._capabilities(variant)),
            )
        return self.rendered[key]

    def _prompt(self, variant: Variant, product: Product) -> Prompt:
        template = self.templates[variant.template]
        holes = set(slots_of(template))
        levels = {name: str(level) for name, level in variant.levels.items() if name in holes and level != NONE}
        return render(template, product, levels, self.given.library, seed=self.given.sweep.base_seed)

    def _capabilities(self, variant: Variant) -> Capabilities:
        return self.given.models[str(variant.levels.get("model", self.given.model))]

    def _fields(self, variant: Variant, prompt: Prompt) -> dict[str, object]:
        capabilities = self._capabilities(variant)
        return {
            "model": capabilities.model,
            "source": capabilities.source,
            "revision": capabilities.revision,
            "prompt": prompt.text,
            "negative_prompt": prompt.negative or None,
            **self.given.parameters,
            **{name: level for name, level in variant.levels.items() if name in REQUEST_PARAMETERS},
        }

    def _seed(self, variant: Variant, block: Block) -> int:
        sweep = self.given.sweep
        owner = block.sku if sweep.seed_policy == "common" else f"{block.sku}/{variant.name}"
        return block_seed(sweep.base_seed, owner, block.index)

    def _repeats(self, first: int, variant: Variant, block: Block, cell: _Cell) -> Iterator[Trial]:
        seed = self._seed(variant, block)
        for repeat in range(self.given.sweep.repeats):
            yield Trial(
                index=first + repeat,
                variant=variant.name,
                block=block,
                levels=cell.levels,
                prompt=cell.prompt,
                request=_request(cell.fields, seed=seed, repeat=repeat),
                asked=cell.asked,
            )


def _request(fields: Mapping[str, object], *, seed: int, repeat: int) -> ImageRequest:
    make = cast(Callable[..., ImageRequest], ImageRequest)
    return make(**fields, seed=seed, repeat=repeat)
