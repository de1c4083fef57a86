"""Which variants does a design make of templates and factors? Pure: names in, variants out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

from prodimg_lab.errors import MissingExtra
from prodimg_lab.records import Block, Level, Variant, block_seed, uniform_choice
from prodimg_lab.sweeps._spec import NONE, SweepSpec

TRIES_PER_SAMPLE = 50
DOUBLINGS = 7
"""How often a Sobol sequence is made twice as long to find more distinct cells."""


def full_size(templates: Sequence[str], applies: Mapping[str, Sequence[str]], spec: SweepSpec) -> int:
    """How many variants the full design has. `applies` gives, by template, the factors that it takes, in order."""
    return sum(prod(len(spec.factors[name]) for name in applies[template]) for template in templates)


def variants_of(templates: Sequence[str], applies: Mapping[str, Sequence[str]], spec: SweepSpec) -> tuple[Variant, ...]:
    """All variants of the design, templates outermost, then factors in their order.

    A `random` design gives at most `spec.samples` distinct variants; each choice derives from (base seed, sample,
    factor) alone, so that reordering factors or levels changes nothing. Of `sobol` see `variants_by_block`.
    """
    if spec.design == "random":
        return _random(templates, applies, spec)
    made = [
        _variant(template, dict(zip(applies[template], levels, strict=True)), spec)
        for template in templates
        for levels in product(*(spec.factors[name] for name in applies[template]))
    ]
    return tuple(made)


def variants_by_block(
    templates: Sequence[str], applies: Mapping[str, Sequence[str]], spec: SweepSpec, blocks: Sequence[Block]
) -> list[tuple[Variant, ...]]:
    """The variants of every block. All blocks have the same, but in a `sobol` design.

    There each block has `spec.samples` cells of its own, that cover the factors evenly, and pairs of them: what the
    effects of single levels need, since with the same few cells everywhere interactions would pass for them. The cells
    derive from base seed and block, so that later blocks change no earlier one; the order of factors and levels
    matters. Raises `MissingExtra` without scipy.
    """
    if spec.design != "sobol":
        return [variants_of(templates, applies, spec)] * len(blocks)
    return [_sobol(templates, applies, spec, block_seed(spec.base_seed, each.sku, each.index)) for each in blocks]


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


def _sobol(
    templates: Sequence[str], applies: Mapping[str, Sequence[str]], spec: SweepSpec, seed: int
) -> tuple[Variant, ...]:
    """The first distinct cells that the points of a scrambled Sobol sequence fall into (Owen, 1998; scipy's `qmc`).

    A coordinate for each factor, then one for the template where there are several; a level is the part of 0..1 that
    the coordinate lies in.
    """
    try:
        from scipy.stats import qmc
    except ModuleNotFoundError as error:
        raise MissingExtra(f"design: sobol needs {error.name}: pip install 'prodimg-lab[lab]'") from error

    names = [name for name in spec.factors if name != "template"]
    wanted = spec.samples or 0
    points = qmc.Sobol(max(1, len(names) + (len(templates) > 1)), scramble=True, rng=seed)
    made: dict[str, Variant] = {}
    drawn = max(3, (wanted - 1).bit_length())
    batches = [
        drawn,
        *range(drawn, drawn + DOUBLINGS),
    ]  # each but the first doubles what was drawn: a Sobol net stays one
    for point in (point for batch in batches for point in points.random_base2(batch)):
        cell = dict(zip(names, point, strict=False))
        template = templates[int(point[-1] * len(templates))]
        levels = {name: spec.factors[name][int(cell[name] * len(spec.factors[name]))] for name in applies[template]}
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
