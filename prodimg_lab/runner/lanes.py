"""Which calls share a limit, and where do they run?

One lane for each network model (its account's quota in its region), one for all models that compute (the machine's
cores). A lane has threads that ask the store and call, and heaps in plan order: trials that nobody has looked up yet,
those that the store does not have, and those that wait to be sent again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush

from prodimg_lab.errors import UnknownName, UsageError
from prodimg_lab.models._base import ImageModel
from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest, Trial
from prodimg_lab.runner._base import RunContext
from prodimg_lab.runner.pace import Pace
from prodimg_lab.runner.sharing import Sharing, part_of, whole_of, with_larger_burst
from prodimg_lab.runner.task import Task
from prodimg_lab.runner.threads import DaemonThreads
from prodimg_lab.runner.workers import Elsewhere, Spec, Workers

STORE_AHEAD = 4
"""Pictures that may wait to be stored at least, where few are drawn at a time."""

Draw = Callable[[ImageRequest], GeneratedImage]


@dataclass(slots=True, kw_only=True)
class Lane:
    """Where the trials of one model, or of all that compute, queue. `quota` names what they share, "" for the latter.

    `sharers` runs of this lab draw on the quota, this one included. `in_flight` counts calls, `looking` trials that the
    store is asked for.
    """

    quota: str
    pace: Pace
    threads: Executor
    sharers: int = 1
    in_flight: int = 0
    looking: int = 0
    fresh: list[tuple[int, Task]] = field(default_factory=list)
    ready: list[tuple[int, Task]] = field(default_factory=list)
    again: list[tuple[int, Task]] = field(default_factory=list)

    def add(self, order: int, task: Task) -> None:
        """Queue a task by its order in the plan."""
        heappush(self.again if task.claim else self.fresh, (order, task))

    def next_to_look(self) -> tuple[int, Task] | None:
        """The task to look up now: as many as may soon be sent are looked up ahead."""
        if not self.fresh or self.looking + len(self.ready) >= 2 * self.pace.most:
            return None
        return heappop(self.fresh)

    def next_to_send(self, *, now: float, only_claimed: bool) -> tuple[int, Task] | None:
        """The task to send now, if the pace allows one; those that hold a claim come first."""
        if not (self.again or (self.ready and not only_claimed)) or not self.pace.allows(self.in_flight, now=now):
            return None
        return heappop(self.again or self.ready)

    def has_work(self, *, only_claimed: bool) -> bool:
        """Whether a task is queued."""
        return bool(self.again or (not only_claimed and (self.fresh or self.ready)))


class Lanes:
    """The lanes of one run, by model. Loading fails here, before anything is sent."""

    def __init__(self, models: Mapping[str, Spec], context: RunContext) -> None:
        """Raises `UsageError` for a model without a known price, and whatever loading a model raises."""
        self.capabilities = {name: _capabilities(spec) for name, spec in models.items()}
        for name, can in self.capabilities.items():
            if can.price_micro is None:
                raise UsageError(f"the price of {name} is not known, so no budget can hold it; name its price first")
        self._index = context.index
        self._sharing = Sharing(context.index, context.folder)
        self._draw: dict[str, Draw] = {}
        self._lane_of: dict[str, Lane] = {}
        self.all: list[Lane] = []
        self.storers = DaemonThreads(cores(), name="prodimg-store")
        on_cpu = {name: spec for name, spec in models.items() if self.capabilities[name].runs_on == "cpu"}
        self._open_network({name: spec for name, spec in models.items() if name not in on_cpu}, context)
        self._workers = self._open_cpu(on_cpu, context)

    def of(self, trial: Trial) -> Lane:
        """Where a trial queues. Raises `UnknownName` when the run was not given its model."""
        model = trial.request.model
        if model not in self._lane_of:
            known = ", ".join(self._lane_of) or "none"
            raise UnknownName(f"trial {trial.index} asks for {model}, which this run was not given; it has {known}")
        return self._lane_of[model]

    def draw(self, trial: Trial) -> Draw:
        """How to call the model of a trial that has a lane."""
        return self._draw[trial.request.model]

    @property
    def size(self) -> int:
        """The most calls at a time, over all lanes."""
        return sum(lane.pace.most for lane in self.all)

    @property
    def store_ahead(self) -> int:
        """So many pictures may wait to be stored before no further call leaves: memory stays bounded."""
        return max(STORE_AHEAD, self.size)

    @property
    def paid_size(self) -> int:
        """The most pictures on their way at a time that cost money, real or simulated: being drawn or stored."""
        paid = {id(self._lane_of[name]) for name, can in self.capabilities.items() if can.price_micro}
        calls = sum(lane.pace.most for lane in self.all if id(lane) in paid)
        return calls + self.store_ahead if calls else 0

    def look_around(self, now: float) -> None:
        """Once a second: who else of this lab draws on the same quotas?"""
        for lane in self.all if self._sharing.is_due(now) else ():
            sharers = self._sharing.count(lane.quota) if lane.quota else 1
            if sharers != lane.sharers:
                lane.pace.share(lane.sharers / sharers, now=now)
                lane.sharers = sharers

    def close(self) -> None:
        """End threads and workers when nothing is in flight, and remember what throttles have taught."""
        for lane in self.all:
            lane.threads.shutdown()
            learnt = whole_of(lane.pace.learnt, lane.sharers)
            if lane.pace.was_throttled and learnt is not None:
                self._index.put_rate(lane.quota, with_larger_burst(learnt, self._index.rate(lane.quota)))
            if lane.quota:
                self._sharing.leave(lane.quota)
        self.storers.shutdown()
        if self._workers is not None:
            self._workers.close()

    def abandon(self) -> None:
        """Leave at once, whatever is in flight."""
        for lane in self.all:
            lane.threads.shutdown(wait=False)
        self.storers.shutdown(wait=False)
        if self._workers is not None:
            self._workers.kill()

    def _open_cpu(self, models: Mapping[str, Spec], context: RunContext) -> Workers | Elsewhere | None:
        if not models:
            return None
        size = context.concurrency or cores()
        workers: Workers | Elsewhere
        if context.executor is None:
            workers, size = Workers(models), min(size, cores())
        else:
            workers, size = Elsewhere(models, context.executor), context.places or size
        lane = self._open("", size)
        for name in models:
            self._draw[name] = partial(workers.draw, name)
            self._lane_of[name] = lane
        return workers

    def _open_network(self, models: Mapping[str, Spec], context: RunContext) -> None:
        for name, spec in models.items():
            can = self.capabilities[name]
            self._draw[name] = _loaded(spec).generate
            quota = f"{name}@{can.region}" if can.region else name
            self._lane_of[name] = self._open(quota, context.concurrency or can.concurrency)

    def _open(self, quota: str, size: int) -> Lane:
        sharers = self._sharing.join(quota) if quota else 1
        pace = Pace.start(size, learnt=part_of(self._index.rate(quota), sharers) if quota else None)
        threads = DaemonThreads(2 * size, name=f"prodimg-{quota or 'cpu'}")
        lane = Lane(quota=quota, pace=pace, threads=threads, sharers=sharers)
        self.all.append(lane)
        return lane


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _capabilities(spec: Spec) -> Capabilities:
    if not isinstance(spec, str):
        return spec.capabilities
    from prodimg_lab.models import capabilities

    return capabilities(spec)


def _loaded(spec: Spec) -> ImageModel:
    if not isinstance(spec, str):
        return spec
    from prodimg_lab.models import load_model

    return load_model(spec)
