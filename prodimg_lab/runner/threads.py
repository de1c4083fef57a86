"""Why not `ThreadPoolExecutor`? Its threads hold the interpreter back at exit until the last call has answered.

These are daemons: after a second Ctrl-C the process leaves at once, and what is not in the store yet counts as never
answered, as after a kill.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonThreads(Executor):
    """At most `size` daemon threads, started when there is work. Worker processes that they start don't hear Ctrl-C."""

    def __init__(self, size: int, *, name: str) -> None:
        self._size = size
        self._name = name
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn` in a thread."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001  # an executor hands every error to whoever asked
                future.set_exception(error)
            else:
                future.set_result(result)

        self._work.put(work)
        if len(self._threads) < self._size:
            thread = threading.Thread(target=self._serve, name=f"{self._name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the threads end after the work that is queued; `wait` for that."""
        for _ in self._threads:
            self._work.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _serve(self) -> None:
        if hasattr(signal, "pthread_sigmask"):  # inherited by processes that this thread starts
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while (work := self._work.get()) is not None:
            work()
