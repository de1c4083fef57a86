"""How does a person, a scheduler or a button end a run early, with nothing lost?"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """A request to stop: no new calls, those in flight end and are kept. May be made from any thread."""

    def __init__(self) -> None:
        self._requested = False
        self._wake: Callable[[], None] | None = None

    @property
    def requested(self) -> bool:
        """Whether somebody asked."""
        return self._requested

    def request(self) -> None:
        """Ask."""
        self._requested = True
        if self._wake is not None:
            self._wake()

    @contextmanager
    def listening(self, wake: Callable[[], None]) -> Iterator[None]:
        """While inside, Ctrl-C and SIGTERM ask to stop; the second one leaves at once, by KeyboardInterrupt.

        `wake` is called when somebody asks; it runs inside a signal handler, so it must take no lock. Outside the main
        thread, where Python delivers no signals, only `request` is heard.
        """
        self._wake = wake
        before = _install(self._heard) if threading.current_thread() is threading.main_thread() else {}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._wake = None

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self._requested:
            raise KeyboardInterrupt
        self.request()


Handler = Callable[[int, FrameType | None], object] | int | signal.Handlers | None


def _install(handler: Callable[[int, FrameType | None], None]) -> dict[int, Handler]:
    """Listen to both signals, save where they are ignored (a run under nohup stays deaf); returns what was there."""
    before: dict[int, Handler] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        standing = signal.getsignal(number)
        if standing not in (signal.SIG_IGN, None):
            before[number] = standing
            signal.signal(number, handler)
    return before
