"""What is there to see of a run?

`RunView` is everything that a report, a grid or `prodimg show` needs, read from the run folder and the store. It can be
made at any moment of a run's life: trials that have no outcome yet are `planned`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prodimg_lab.experiment.ratings import Rating
from prodimg_lab.records import Capabilities, Level, Outcome, Product, Score, Trial, TrialState, Unscored, Variant
from prodimg_lab.runner import RunState
from prodimg_lab.scoring.rubric import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """One trial with what became of it. `scores` by scorer; `quality` is the rubric's 0..5, or why there is none.

    `parts` say how the quality came about, `failed_gates` which gates made it 0. `ratings` are what people said of the
    picture, by rater.
    """

    trial: Trial
    outcome: Outcome
    scores: Mapping[str, Score | Unscored] = field(default_factory=dict)
    quality: float | None = None
    unscored_reason: str = ""
    parts: tuple[Part, ...] = ()
    failed_gates: tuple[str, ...] = ()
    ratings: Mapping[str, Rating] = field(default_factory=dict)

    @property
    def stars(self) -> float | None:
        """The mean of people's ratings, 1 to 5; None when nobody rated."""
        given = [rating.stars for rating in self.ratings.values() if rating.stars is not None]
        return sum(given) / len(given) if given else None

    @property
    def choice(self) -> str:
        """What people chose: `drop` where anybody did, else `keep`, "" where nobody chose."""
        said = {rating.choice for rating in self.ratings.values()}
        return "drop" if "drop" in said else "keep" if "keep" in said else ""

    @property
    def is_drawn(self) -> bool:
        """Whether there is a picture."""
        return self.outcome.state is TrialState.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the run is held against: seconds and USD a picture, quality 0..5, and USD that a photograph would cost."""

    seconds: float | None = None
    usd: float | None = None
    quality: float | None = None
    photo_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as it stands. Money in micro-dollars, times in seconds, moments as UTC ISO 8601 text.

    `rows` are in plan order. `factors` has every factor with its levels, `variants` all variants in plan order.
    `picture(digest)` reads the provider's bytes from the store (raises `CorruptObject`).
    """

    run_id: str
    experiment: str
    folder: Path
    state: RunState
    started_at: str
    finished_at: str = ""
    note: str = ""
    simulated: bool
    models: Mapping[str, Capabilities]
    products: Mapping[str, Product]
    factors: Mapping[str, tuple[Level, ...]]
    variants: tuple[Variant, ...]
    baseline: str = ""
    rubric: str = "product-default"
    targets: Targets = field(default_factory=Targets)
    rows: tuple[TrialRow, ...]
    wall_seconds: float = 0.0
    real_cost_micro: int = 0
    simulated_cost_micro: int = 0
    platform: Mapping[str, str] = field(default_factory=dict)
    picture: Callable[[str], bytes]

    @property
    def drawn(self) -> tuple[TrialRow, ...]:
        """The rows that have a picture."""
        return tuple(row for row in self.rows if row.is_drawn)

    def count(self, state: TrialState) -> int:
        """How many trials are in `state`."""
        return sum(row.outcome.state is state for row in self.rows)
