"""Which variants does a design make of templates and factors? Pure: names in, variants out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

from prodimg_lab.records import Level, Variant, uniform_choice
from prodimg_lab.sweeps._spec import NONE, SweepSpec

TRIES_PER_SAMPLE = 50


def full_size(templates: Sequence[str], applies: Mapping[str, Sequence[str]], spec: SweepSpec) -> int:
    """How many variants the full design has. `applies` gives, by template, the factors that it takes, in order."""
    return sum(prod(len(spec.factors[name]) for name in applies[template]) for template in templates)


def variants_of(templates: Sequence[str], applies: Mapping[str, Sequence[str]], spec: SweepSpec) -> tuple[Variant, ...]:
    """All variants of the design, templates outermost, then factors in their order.

    A `random` design gives at most `spec.samples` distinct variants; each choice derives from (base seed, sample,
    factor) alone, so that reordering factors or levels changes nothing.
    """
    if spec.design == "random":
        return _random(templates, applies, spec)
    made = [
        _variant(template, dict(zip(applies[template], levels, strict=True)), spec)
        for template in templates
        for levels in product(*(spec.factors[name] for name in applies[template]))
    ]
    return tuple(made)


def _random(templates: Sequence[str], applies: Mapping[str, Sequence[str]], spec: SweepSpec) -> tuple[Variant, ...]:
    wanted = spec.samples or 0
    made: dict[str, Variant] = {}
    for sample in range(wanted * TRIES_PER_SAMPLE):
        template = uniform_choice(spec.base_seed, f"{sample}/template", templates)
        levels = {name: _choice(spec, f"{sample}/{name}", spec.factors[name]) for name in applies[template]}
        variant = _variant(template, levels, spec)
        made.setdefault(variant.name, variant)
        if len(made) == wanted:
            break
    return tuple(made.values())


def _choice(spec: SweepSpec, name: str, levels: Sequence[Level]) -> Level:
    by_text = {str(level): level for level in levels}
    return by_text[uniform_choice(spec.base_seed, name, list(by_text))]


def _variant(template: str, levels: Mapping[str, Level], spec: SweepSpec) -> Variant:
    named = {name: levels.get(name, NONE) for name in spec.factors if name != "template"}
    taken = [str(level) for name, level in named.items() if name in levels]
    return Variant(name="/".join(filter(None, [template, ",".join(taken)])), template=template, levels=named)
