"""Which product, place, light and angle does this request get?

The reading says what was asked; the response decides what is followed; what is not, or was never asked, comes from
priors that the seed chooses. Identity never depends on the seed, except where the product itself was missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prodimg_lab.records import ImageRequest
from prodimg_lab.studio import reading, response
from prodimg_lab.studio.identity import Identity, share_of
from prodimg_lab.studio.names import FAMILIES, StudioName, size_of
from prodimg_lab.studio.reading import Reading
from prodimg_lab.studio.stage import Shot
from prodimg_lab.studio.things import RGB, linear, mixed

PRIORS: Mapping[str, Sequence[str]] = {
    "background": ("grey-sweep", "white-sweep", "oak-table", "gradient-studio", "kitchen-counter", "concrete"),
    "lighting": ("softbox", "window-light", "overcast", "low-key", "high-key"),
    "angle": ("three-quarter", "front", "front", "high-angle"),
    "season": ("",),
    "product": ("mug", "bottle", "box"),
}
"""What the simulated model draws of its own accord."""

HABITS: Mapping[str, str] = {
    "mug": "#e9e2d3",
    "bottle": "#c98a3c",
    "box": "#2f4a5c",
    "tumbler": "#b9bdc1",
    "can": "#2f6f73",
    "candle": "#efe6d6",
    "jar": "#e3a93c",
    "handbag": "#8a4b2a",
    "lamp": "#e8dcc4",
    "watch": "#23262b",
    "headphones": "#26282c",
    "vase": "#d9d0c2",
    "bowl": "#dfe3df",
    "tube": "#f2efe9",
    "pouch": "#3b2a22",
    "book": "#2f3f4f",
    "soap": "#d8c7a6",
    "cushion": "#c7b299",
    "speaker": "#4b4f55",
    "pump": "#e8e2d4",
    "perfume": "#dfa98c",
    "dropper": "#8a4312",
    "wine": "#24401f",
    "cream": "#f2efe9",
    "tote": "#e6dcc4",
}
"""The colour of a product whose words name none, by shape or archetype."""

OWN: Mapping[str, str] = {
    "terracotta": "#b9633f",
    "earthenware": "#b0714e",
    "concrete": "#a5a4a0",
    "wood": "#a87b4f",
    "oak": "#b98a5a",
    "walnut": "#5a3b26",
    "bamboo": "#c9a66b",
    "cork": "#c19a6b",
    "cardboard": "#b58f65",
    "jute": "#b59a6c",
    "linen": "#d9ccb4",
    "enamel": "#f0eee8",
    "porcelain": "#f1efea",
    "marble": "#eceae6",
    "slate": "#4a4f54",
}
"""The colour that a material has by itself."""

STRAY: Sequence[str] = ("#b8432f", "#2f5d8a", "#3f6b4a", "#d9a441", "#6a4a7a", "#e8e4dc", "#2b2b2e", "#c98aa0")
"""Colours that a missed colour turns into."""

DEFAULT_ARCHETYPE = "box"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """A shot with the record of how it came about."""

    shot: Shot
    asked: Mapping[str, str]
    drawn: Mapping[str, str]
    kept: tuple[str, ...]
    lost: tuple[str, ...]
    artefacts: tuple[str, ...]
    steps: int
    cfg_scale: float
    notes: tuple[str, ...] = field(default=())


def cast(request: ImageRequest, name: StudioName) -> Cast:
    """Decide everything about the picture of `request`."""
    family = FAMILIES[name.family]
    steps = family.steps if request.steps is None else request.steps
    cfg_scale = family.cfg_scale if request.cfg_scale is None else request.cfg_scale
    seed = request.seed + 7919 * request.repeat
    text = reading.read(request.prompt)
    asked = {kind: wish.value for kind, wish in text.wishes.items()}
    kept = tuple(kind for kind in asked if _followed(kind, text, seed, cfg_scale))
    lost = tuple(kind for kind in asked if kind not in kept)
    drawn = {kind: _level(kind, asked, kept, seed) for kind in ("background", "lighting", "angle", "season")}
    extras = response.artefacts(seed=seed, cfg_scale=cfg_scale, steps=steps, negative=request.negative_prompt or "")
    identity = _identity(text, asked, kept, seed=seed, cfg_scale=cfg_scale)
    size = size_of(request, name.side)
    shot = Shot(
        identity=identity,
        background=drawn["background"],
        lighting=drawn["lighting"],
        angle=drawn["angle"],
        season=drawn["season"],
        ground=_ground(text, drawn["background"], kept),
        props=tuple(text.props) if "background" in kept or not text.wishes else (),
        clutter="clutter" in extras,
        seed=seed,
        width=size[0],
        height=size[1],
    )
    drawn |= {
        "product": identity.archetype,
        "colour": asked.get("colour", "") if "colour" in kept else "",
        "material": identity.material,
        "finish": identity.finish,
    }
    return Cast(
        shot=shot,
        asked=asked,
        drawn=drawn,
        kept=kept,
        lost=lost,
        artefacts=extras,
        steps=steps,
        cfg_scale=cfg_scale,
        notes=tuple(text.notes),
    )


def _followed(kind: str, text: Reading, seed: int, cfg_scale: float) -> bool:
    wish = text.wishes[kind]
    chance = response.adherence(kind, position=wish.position, tokens=text.tokens, cfg_scale=cfg_scale)
    return response.uniform(kind, wish.value, seed) < chance


def _prior(kind: str, seed: int) -> str:
    options = PRIORS[kind]
    return options[int(share_of("prior", kind, seed) * len(options))]


def _level(kind: str, asked: Mapping[str, str], kept: Sequence[str], seed: int) -> str:
    return asked[kind] if kind in kept else _prior(kind, seed)


def _identity(text: Reading, asked: Mapping[str, str], kept: Sequence[str], *, seed: int, cfg_scale: float) -> Identity:
    """The product as it will be built."""
    missed = "product" in asked and "product" not in kept
    archetype = _prior("product", seed) if missed else asked.get("product", DEFAULT_ARCHETYPE)
    key = f"{text.key}/{seed}" if missed else text.key
    shape = "" if missed else text.shape
    named = reading.hex_of_word(asked["colour"]) if "colour" in asked else ""
    if named and "colour" in kept:
        colour, coloured = linear(named), True
    elif named:
        colour, coloured = linear(STRAY[int(share_of("stray", seed) * len(STRAY))]), True
    elif asked.get("material", "") in OWN and "material" in kept:
        colour, coloured = linear(OWN[asked["material"]]), True
    else:
        colour, coloured = linear(HABITS.get(shape) or HABITS.get(archetype, "#c9c2b5")), False
    return Identity(
        key=key or "product",
        archetype=archetype,
        shape=shape,
        colour=response.bound(colour, cfg_scale) if coloured else colour,
        coloured=coloured,
        material=asked.get("material", "") if "material" in kept else "",
        finish=asked.get("finish", "") if "finish" in kept else "",
        brand=text.brand,
        line=_line(text),
    )


def _line(text: Reading) -> str:
    """The second line of the label: what the product is, in its own words."""
    brand = text.brand.lower().split()
    return " ".join(word for word in text.key.split("/")[0].split() if word not in brand)[:28].strip()


def _ground(text: Reading, background: str, kept: Sequence[str]) -> RGB | None:
    """The colour of a plain ground where the prompt names one."""
    if (
        not text.ground
        or "background" not in kept
        or background not in ("pastel-sweep", "gradient-studio", "stone-plinth")
    ):
        return None
    colour = linear(text.ground)
    return mixed(colour, (0.88, 0.86, 0.84), 0.35) if background == "pastel-sweep" else colour
