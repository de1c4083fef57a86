"""Which variants are still worth a picture? A race on shared blocks: after each step the clearly worse ones drop out.

Screening only: it chooses whom to confirm and claims nothing. After `first` blocks, and then every `step` blocks, the
leader L is the alive variant with the largest mean, and every other alive v drops when

    T = mean(d) / sqrt(var(d) / n) > t(1 - level; n - 1),        d_j = y_Lj - y_vj over their n common blocks

With more than `halve_above` variants, halving comes first: after each `first` blocks the better half stays. The
incumbent races too; where it leads at the end nobody is confirmed. Defaults from simulations (facts/statistics 5):
`STRONG` drops a best variant rarely, `LIGHT` needs two thirds of the pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, fsum, sqrt

from scipy.special import stdtrit


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a race drops and when it ends. `level` one-sided; the rest are blocks, `halve_above` variants."""

    level: float
    first: int
    stop: int
    step: int = 2
    halve_above: int = 24


STRONG = Rule(level=0.025, first=12, stop=60)
LIGHT = Rule(level=0.05, first=8, stop=40)
RULES: Mapping[str, Rule] = {"strong": STRONG, "light": LIGHT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A variant that left the race after `blocks` blocks, `behind` points behind the leader; `why` in words."""

    variant: str
    blocks: int
    leader: str
    behind: float
    why: str


@dataclass
class Race:
    """The state of a race. Blocks are added in order; what was decided is never taken back.

    `figures` are by variant, then block, without those that have none (refused, unscored).
    """

    variants: Sequence[str]
    rule: Rule = STRONG
    alive: list[str] = field(default_factory=list)
    drops: list[Drop] = field(default_factory=list)
    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    blocks: int = 0

    def __post_init__(self) -> None:
        if len(set(self.variants)) != len(self.variants) or not self.variants:
            raise ValueError("a race needs variants, each once")
        self.alive = list(self.variants)
        self.figures = {name: {} for name in self.variants}

    @property
    def is_over(self) -> bool:
        """Whether one is left, or all blocks are used."""
        return len(self.alive) == 1 or self.blocks >= self.rule.stop

    @property
    def next_blocks(self) -> int:
        """How many blocks are drawn before the next look, for all that are alive; 0 when it is over."""
        if self.is_over:
            return 0
        if self.blocks < self.rule.first:
            return self.rule.first - self.blocks
        if len(self.alive) > self.rule.halve_above:
            return min(self.rule.first, self.rule.stop - self.blocks)
        return min(self.rule.step, self.rule.stop - self.blocks)

    def mean(self, variant: str) -> float:
        """The mean figure of a variant; minus infinity without any."""
        own = self.figures[variant]
        return fsum(own.values()) / len(own) if own else float("-inf")

    @property
    def leader(self) -> str:
        """The alive variant with the largest mean; the earlier one of equals."""
        return max(self.alive, key=lambda name: (self.mean(name), -self.variants.index(name)))

    def add(self, block: str, figures: Mapping[str, float | None]) -> list[Drop]:
        """Take in a block that all alive variants were drawn on; who dropped out by it, if it was one to look at."""
        for name in self.alive:
            value = figures.get(name)
            if value is not None:
                self.figures[name][block] = value
        self.blocks += 1
        return self._look() if self._is_look() else []

    def _is_look(self) -> bool:
        past = self.blocks - self.rule.first
        if past < 0:
            return False
        step = self.rule.first if len(self.alive) > self.rule.halve_above else self.rule.step
        return past % step == 0

    def _look(self) -> list[Drop]:
        found = self._halve() if len(self.alive) > self.rule.halve_above else self._drop()
        for each in found:
            self.alive.remove(each.variant)
        self.drops += found
        return found

    def _halve(self) -> list[Drop]:
        leader = self.leader
        ordered = sorted(self.alive, key=lambda name: (-self.mean(name), self.variants.index(name)))
        return [
            Drop(
                variant=name,
                blocks=self.blocks,
                leader=leader,
                behind=self.mean(leader) - self.mean(name),
                why=f"in the worse half of {len(ordered)} after {self.blocks} blocks",
            )
            for name in ordered[ceil(len(ordered) / 2) :]
        ]

    def _drop(self) -> list[Drop]:
        leader, found = self.leader, []
        for name in self.alive:
            if name == leader:
                continue
            common = [block for block in self.figures[leader] if block in self.figures[name]]
            if len(common) < 3:
                continue
            off = [self.figures[leader][block] - self.figures[name][block] for block in common]
            behind, error = mean_and_error(off)
            bound = float(stdtrit(len(off) - 1, 1 - self.rule.level))
            t = behind / error if error else (float("inf") if behind > 0 else 0.0)
            if t > bound:
                why = f"{behind:.2f} behind {leader} on {len(off)} blocks (t {t:.1f} over {bound:.1f})"
                found.append(Drop(variant=name, blocks=self.blocks, leader=leader, behind=behind, why=why))
        return found


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """The mean of two or more values and its standard error."""
    mean = fsum(values) / len(values)
    return mean, sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))
