"""Which facts do all rooms share?

Frozen records, checked when they are made. Money is integer micro-dollars (1 USD = 1_000_000), time is seconds,
digests are lower-case hexadecimal SHA-256, positions in text count characters.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

Level = str | int | float
"""A level of a factor, as written in the experiment: text (a pack level, a template, a model) or a number."""

Source = Literal["aws", "simulated"]
Operation = Literal["text-to-image"]

EMPTY: Mapping[str, str] = MappingProxyType({})


def digest_of(data: bytes) -> str:
    """SHA-256 of `data` as 64 lower-case hexadecimal characters."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: object) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: equal values give equal bytes.

    Integral floats are written as integers (`7.0` and `7` are one level, so they must be one request).
    """
    return _CANONICAL.encode(_plain(value)).encode()


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One attribute of a product and where it came from.

    `value` is the canonical form (`sage green`), `words` the very words it was read from (`Sage-Green`), `field`
    where they stood: `title`, `description`, `column` (given by the catalogue) or `correction` (the attributes file).
    """

    value: str
    words: str
    field: Literal["title", "description", "column", "correction"]


ATTRIBUTES = ("category", "colour", "material", "finish", "size", "quantity", "brand", "subject")
"""The known attributes of a product, in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One line of a catalogue, understood. `found` holds the attributes that are known; absent ones are not in it.

    `extra` keeps the other columns of the catalogue as text; `image` is a path, https or s3 address, or "".
    """

    sku: str
    title: str
    description: str = ""
    found: Mapping[str, Found] = field(default_factory=dict)
    image: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.sku:
            raise ValueError("a product needs a SKU")
        unknown = set(self.found) - set(ATTRIBUTES)
        if unknown:
            raise ValueError(f"unknown attributes {sorted(unknown)}; known are {list(ATTRIBUTES)}")

    def value(self, attribute: str) -> str:
        """The attribute's value, or "" when it was neither given nor found."""
        known = self.found.get(attribute)
        return known.value if known else ""

    @property
    def subject(self) -> str:
        """The clean noun phrase that names the product in a prompt; the title when nothing better was found."""
        return self.value("subject") or self.title

    @property
    def missing(self) -> tuple[str, ...]:
        """The known attributes that this product lacks."""
        return tuple(name for name in ATTRIBUTES if name not in self.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters `start` to `stop` (exclusive) of a prompt's text, written by factor or attribute `name`.

    `name` is a slot (`lighting`; `level` is then the level's name) or a product attribute (`product.colour`; `level` is
    then its value).
    """

    start: int
    stop: int
    name: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A rendered prompt: the text that is sent, and which words came from which factor.

    `levels` has the level of every slot of the template; `expect` what those levels promise of the picture
    (`{"background": "scene"}`), for the scorers.
    """

    text: str
    negative: str = ""
    template: str
    template_version: str
    levels: Mapping[str, str] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    expect: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One picture, asked of one model. A field that is None was not asked for and is not sent.

    `seed` is 1..4294967294; `cfg_scale` and `steps` as the model takes them; `width` and `height` in pixels;
    `strength` 0..1; `inputs` are digests of pictures that go in; `repeat` counts from 0 and makes a repeated request a
    request of its own. `model` is the catalogue id, never a profile, ARN or region. `source` and `revision` come from
    the model's `Capabilities`.
    """

    model: str
    operation: Operation = "text-to-image"
    prompt: str
    negative_prompt: str | None = None
    seed: int
    steps: int | None = None
    cfg_scale: float | None = None
    sampler: str | None = None
    style_preset: str | None = None
    aspect_ratio: str | None = None
    width: int | None = None
    height: int | None = None
    output_format: str | None = None
    strength: float | None = None
    inputs: tuple[str, ...] = ()
    repeat: int = 0
    source: Source = "simulated"
    revision: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.seed <= 4294967294:
            raise ValueError(f"seed {self.seed} is outside 1-4294967294 (0 means random at Stability)")
        if self.repeat < 0:
            raise ValueError(f"repeat {self.repeat} is below 0")

    def fields(self) -> dict[str, object]:
        """Every field that was asked for, by name; absent ones are left out."""
        named = ((name, getattr(self, name)) for name in _REQUEST_FIELDS)
        return {name: value for name, value in named if value is not None and value != ()}

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the canonical JSON of `fields()`: the key under which the picture is cached."""
        return digest_of(canonical_json(self.fields()))


_REQUEST_FIELDS = tuple(each.name for each in fields(ImageRequest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a model accepts, costs and promises, as data, so that a plan and a widget can ask before paying.

    Ranges are inclusive; None means that the model has no such knob. `price_micro` is micro-dollars per picture, or
    None when the price is not known (such a model is refused, not counted as free). `regions` serve it, `region` is the
    one that is called; `profile` is the inference profile that it must be called by, "" where its own id does.
    """

    model: str
    title: str
    source: Source
    revision: int = 1
    runs_on: Literal["network", "cpu"] = "network"
    deterministic: bool = False
    price_micro: int | None
    price_source: str = ""
    refusal_billed: bool = True
    prompt_limit: int = 10_000
    negative_prompt: bool = True
    seed: tuple[int, int] = (0, 4294967294)
    steps: tuple[int, int] | None = None
    cfg_scale: tuple[float, float] | None = None
    strength: tuple[float, float] | None = None
    samplers: tuple[str, ...] = ()
    style_presets: tuple[str, ...] = ()
    aspect_ratios: tuple[str, ...] = ()
    sizes: tuple[int, int] | None = None
    output_formats: tuple[str, ...] = ("png",)
    operations: tuple[str, ...] = ("text-to-image",)
    concurrency: int = 8
    seconds: float = 10.0
    status: Literal["active", "legacy", "retired"] = "active"
    end_of_life: str = ""
    replacement: str = ""
    regions: tuple[str, ...] = ()
    region: str = ""
    profile: str = ""

    @property
    def simulated(self) -> bool:
        """Whether pictures come from a simulation rather than from AWS."""
        return self.source == "simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedImage:
    """What a model gave back: the provider's bytes, untouched.

    `seed` is the one the model reports (None: it reports none); `seconds` the time of the call on the wall.
    """

    data: bytes
    output_format: str
    seed: int | None = None
    seconds: float = 0.0
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A whole assignment of template and levels: what can win. `name` is `template/level,level…` in factor order."""

    name: str
    template: str
    levels: Mapping[str, Level] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One product × one seed, shared by all variants. `index` is the seed's place (0-based) within the product."""

    sku: str
    index: int

    @property
    def name(self) -> str:
        """`sku#index`, unique within a run."""
        return f"{self.sku}#{self.index}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Variant × block × repeat: one request of the plan. `index` is its 0-based place in the plan.

    `asked` is what scorers may hold the picture against: product attributes that the prompt really names (`colour`,
    `material`, `category`, …) and what the levels promise (`background`: white, plain or scene).
    """

    index: int
    variant: str
    block: Block
    levels: Mapping[str, Level]
    prompt: Prompt
    request: ImageRequest
    asked: Mapping[str, str] = field(default_factory=dict)


class TrialState(StrEnum):
    """Where a trial stands. `uncertain`: a billed send without an answer. `skipped`: a design or a cap left it out."""

    PLANNED = "planned"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"

    @property
    def is_final(self) -> bool:
        """Whether a plain `resume` leaves the trial as it is."""
        return self in (TrialState.DONE, TrialState.REFUSED, TrialState.UNCERTAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a trial. `digest` is "" unless a picture is in the store; `reason` says why there is none.

    `cost_micro` is what this run spent on it: 0 for a picture that the store had already (`cached`). `sends` counts
    calls.
    """

    state: TrialState
    digest: str = ""
    output_format: str = ""
    cached: bool = False
    cost_micro: int = 0
    seconds: float = 0.0
    sends: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One scorer's word on one picture: `value` 0..5 (5 is best), `raw` in `unit`, `detail` for people."""

    scorer: str
    version: str
    value: float
    raw: float
    unit: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        if not 0.0 <= self.value <= 5.0:
            raise ValueError(f"{self.scorer} gave {self.value}, outside 0-5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscored:
    """A scorer could not judge this picture; `reason` says why. Never a number."""

    scorer: str
    version: str
    reason: str


def micro_from_usd(usd: float | str) -> int:
    """Dollars to whole micro-dollars, rounded half to even."""
    return round(float(usd) * 1_000_000)


def usd_text(micro: int) -> str:
    """Micro-dollars for people: `$0.08`, `$12.00`; four places where two would hide something (`$0.0025`)."""
    usd = micro / 1_000_000
    return f"${usd:,.2f}" if micro % 10_000 == 0 else f"${usd:,.4f}"


def block_seed(base_seed: int, sku: str, index: int) -> int:
    """The seed of block (sku, index): 1 + SHA-256("{base_seed}/{sku}/{index}") mod 2147483646.

    Valid for every model, never 0, unchanged when products or seeds are added.
    """
    text = f"{base_seed}/{sku}/{index}".encode()
    return 1 + int.from_bytes(hashlib.sha256(text).digest(), "big") % 2147483646


def uniform_choice(seed: int, name: str, options: Sequence[str]) -> str:
    """Pick one option from (seed, name) alone: neither draw order nor the order of the options matters.

    Every option gets a weight, SHA-256("{seed}/{name}/{option}"), and the highest wins (rendezvous hashing, Thaler and
    Ravishankar 1998), so a further option takes over its share of the choices and leaves the others as they were.
    Raises ValueError when there is nothing to choose from.
    """
    if not options:
        raise ValueError(f"{name} has no options to choose from")
    return max(options, key=lambda option: hashlib.sha256(f"{seed}/{name}/{option}".encode()).digest())
