"""How do many threads write durably without waiting for one another's disk?

One thread writes. What is handed in while it is writing waits, and goes out together in the next turn: one transaction
and one forced write for all of it, as databases do it (group commit).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from prodimg_lab.store.claims import Bought, Claim, Doubtful, Order, Taken
from prodimg_lab.store.journal import Line

MOST_JOBS = 256
"""Written in one turn."""


@dataclass(slots=True, kw_only=True, eq=False)
class Ask:
    """A claim that somebody wants, and the answer. `error` is raised where it was asked."""

    order: Order
    despite_doubt: bool
    answer: Claim | Taken | Bought | Doubtful | None = None
    error: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True, kw_only=True, eq=False)
class Note:
    """A line for journal and index; `durable`: forced to the disk."""

    line: Line
    durable: bool
    error: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)


Job = Ask | Note


class Scribe:
    """Hands jobs to `write` in the order of arrival, as many as have come together, in a thread of its own.

    `write` sets the `error` of jobs that failed, and may set `done` of some before it returns; what it raises becomes
    the error of all.
    """

    def __init__(self, write: Callable[[Sequence[Job]], None], *, name: str) -> None:
        self._write = write
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, job: Job) -> None:
        """Have `job` written, and wait for it. Raises its error."""
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                self._thread.start()
            self._jobs.put(job)
        job.done.wait()
        if job.error is not None:
            raise job.error

    def close(self) -> None:
        """Write what was handed in and end the thread; `do` starts a new one."""
        with self._guard:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._jobs.put(None)
                thread.join()

    def _serve(self) -> None:
        is_open = True
        while is_open:
            jobs, is_open = self._gathered()
            try:
                if jobs:
                    self._write(jobs)
            except Exception as error:  # noqa: BLE001  # it is raised where the jobs came from
                for job in jobs:
                    job.error = job.error or error
            for job in jobs:
                job.done.set()

    def _gathered(self) -> tuple[list[Job], bool]:
        """The next job and those that have come with it; False when no more will come."""
        jobs: list[Job] = []
        job = self._jobs.get()
        try:
            while job is not None:
                jobs.append(job)
                if len(jobs) == MOST_JOBS:
                    return jobs, True
                job = self._jobs.get_nowait()
        except Empty:
            return jobs, True
        return jobs, False
