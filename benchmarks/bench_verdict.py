"""Do race and confirmation keep what they promise? Simulated experiments with the default scatter (docs/verdict.md).

Each run is a whole procedure with a fresh product for every block: a race over K variants, then the leader against the
incumbent on other products, with every planned look (or every pair, in the open way). Beside it the naive way: a paired
t-test after every block, stopped at the first p below 5 %. Truths: all equal; one better by 0.2. Scatters: the default;
and as found: heavier tails, skew, 10 % broken pictures. Writes benchmarks/results/verdict.json: shares with their
Monte-Carlo error, pictures.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from prodimg_lab.verdict.confirm import SCHEDULES, look
from prodimg_lab.verdict.race import RULES, Race

WITHIN, PRODUCT, INTERACTION, RHO, LEVEL = 0.45, 0.25, 0.15, 0.3, 3.5
GRID = 100
"""Pictures a variant of the full grid that costs are held against."""


class Scatter:
    """Draws whole blocks, each on a fresh product: K figures, clipped to 0..5."""

    def __init__(self, rng: np.random.Generator, effects: np.ndarray, kind: str) -> None:
        self.rng, self.effects, self.kind = rng, effects, kind

    def block(self, variants: np.ndarray) -> np.ndarray:
        """Figures of those variants."""
        rng, k = self.rng, len(variants)
        shared = rng.normal(0, PRODUCT) + rng.normal(0, WITHIN * sqrt(RHO))
        noise = rng.normal(0, INTERACTION, k)
        own = WITHIN * sqrt(1 - RHO)
        if self.kind == "heavy tails":
            noise = noise + rng.standard_t(3, k) / sqrt(3) * own
        elif self.kind == "skew":
            noise = noise + (1.0 - rng.exponential(1.0, k)) * own
        else:
            noise = noise + rng.normal(0, own, k)
        broken = rng.random(k) < {"10 % broken": 0.10}.get(self.kind, 0.02)
        return np.clip(LEVEL + self.effects[variants] + shared + noise - 1.2 * broken, 0, 5)


def procedure(seed: int, *, k: int, better: float, setting: str, way: str, kind: str) -> dict[str, Any]:
    """One whole procedure: whom it promoted (-1 nobody) and what it drew."""
    rng = np.random.default_rng(seed)
    effects = np.zeros(k)
    if better:
        effects[rng.integers(1, k)] = better  # variant 0 is the incumbent
    scatter, names = Scatter(rng, effects, kind), [str(at) for at in range(k)]
    race, pictures = Race(names, RULES[setting]), 0
    while not race.is_over:
        alive = np.array([int(name) for name in race.alive])
        figures = scatter.block(alive)
        pictures += len(alive)
        race.add(f"b{race.blocks}", dict(zip(race.alive, figures.tolist(), strict=True)))
    leader = int(race.leader)
    promoted, most = -1, SCHEDULES[120].most
    if leader:
        off: list[float] = []
        while len(off) < most:
            challenger, incumbent = scatter.block(np.array([leader, 0]))
            off.append(float(challenger - incumbent))
            pictures += 2
            if len(off) < 2 or (way == "planned" and len(off) not in SCHEDULES[120].at):
                continue
            state = look(off, way).state  # type: ignore[arg-type]
            if state == "promote":
                promoted = leader
            if state != "go on":
                break
    true = int(effects.argmax()) if better else -1
    return {"promoted": promoted, "right": promoted == true if better else promoted < 0, "pictures": pictures}


def naive(seed: int, *, k: int) -> bool:
    """All variants equal; a t-test of every variant after every block, from the fifth on: was anybody promoted?"""
    scatter = Scatter(np.random.default_rng(seed), np.zeros(k), "default")
    figures = np.array([scatter.block(np.arange(k)) for _ in range(GRID)])
    off = figures[:, 1:] - figures[:, :1]
    n = np.arange(1, GRID + 1)[:, None]
    mean = off.cumsum(0) / n
    spread = np.sqrt(np.maximum((off**2).cumsum(0) - n * mean**2, 0) / np.maximum(n - 1, 1))
    t = mean / (spread / np.sqrt(n) + 1e-12)
    return bool((t[4:] > stats.t.ppf(0.95, n[4:] - 1)).any())


CASES = [
    {"k": k, "better": better, "setting": setting, "way": way, "kind": "default"}
    for k in (8, 16)
    for better in (0.0, 0.2)
    for setting, way in (("strong", "planned"), ("strong", "open"), ("light", "planned"))
]
CASES += [
    {"k": 16, "better": better, "setting": "strong", "way": "planned", "kind": kind}
    for kind in ("heavy tails", "skew", "10 % broken")
    for better in (0.0, 0.2)
]


def main() -> None:
    """Simulate and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    rows = []
    with ProcessPoolExecutor(given.processes) as pool:
        for at, case in enumerate(CASES):
            seeds = range(at * 1_000_000, at * 1_000_000 + given.runs)
            found = list(pool.map(partial(procedure, **case), seeds, chunksize=25))
            promoted = sum(each["promoted"] >= 0 for each in found) / given.runs
            right = sum(each["right"] for each in found) / given.runs
            pictures = sum(each["pictures"] for each in found) / given.runs
            row = {**case, "promoted": promoted, "right": right, "pictures": round(pictures)}
            row["of_grid"] = round(pictures / (GRID * case["k"]), 3)
            row["error"] = round(sqrt(max(right * (1 - right), 1e-6) / given.runs), 4)
            rows.append(row)
            print(json.dumps(row), flush=True)
        peeking = sum(pool.map(partial(naive, k=8), range(given.runs), chunksize=25)) / given.runs
    result = {"runs": given.runs, "procedures": rows, "naive_peeking_k8": peeking}
    file = Path(__file__).parent / "results" / "verdict.json"
    file.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps({"naive_peeking_k8": peeking}))


if __name__ == "__main__":
    main()
