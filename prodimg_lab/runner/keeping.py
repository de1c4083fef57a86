"""What if the disk is full when a picture comes back that is paid for?

Space is set aside before the first paid call. When the disk turns out to be full it is given up, so that what is in
flight finds its place; the run stops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from prodimg_lab.errors import StoreFull
from prodimg_lab.store import ObjectStore
from prodimg_lab.store._base import KeepsRoom, KeptRoom

PICTURE_BYTES = 3 << 20
"""Room for one picture on its way with its record and journal lines. A 1 megapixel PNG of a photograph is 1.5-2 MB, one
of pure noise 3.1 MB."""

T = TypeVar("T")


class Keeper:
    """Guards writes against a full disk. `full` is the first error of that kind, and the reason to stop."""

    def __init__(self, store: ObjectStore, *, pictures: int) -> None:
        """Set room for `pictures` aside, where the store can. Raises `StoreFull`: nothing has been sent yet."""
        self.full: StoreFull | None = None
        self._room: KeptRoom | None = None
        if pictures and isinstance(store, KeepsRoom):
            self._room = store.keep_room(pictures * PICTURE_BYTES)

    def keep(self, write: Callable[[], T]) -> T:
        """Do `write`, again in the room set aside if the disk is full. Raises `StoreFull` if that is full too."""
        try:
            return write()
        except StoreFull as error:
            self.full = self.full or error
            if self._room is None:
                raise
            self._room.give_up()
            return write()

    def close(self) -> None:
        """Return the room to the disk."""
        if self._room is not None:
            self._room.give_up()
