"""Where do textures rest between processes?

Painting a marble takes longer than drawing a picture with it, so painted arrays are kept under the user's cache
folder (`$XDG_CACHE_HOME`, else `~/.cache`), keyed by the version of the painting code. Several processes may write at
once: each writes its own file and renames it into place. Where nothing can be written, they live in memory only.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1
"""Raise it when a texture or a backdrop is painted in another way."""

_memory: dict[str, NDArray[Any]] = {}


def folder() -> Path:
    """The folder of this version's arrays; it may not exist, and may not be writable."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    return root / "prodimg-lab" / f"studio-{VERSION}"


def kept(name: str, paint: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """The array called `name` (a plain file name): from memory, from disk, or painted now and kept. Read only."""
    if name not in _memory:
        array = _read(name)
        if array is None:
            array = np.ascontiguousarray(paint())
            _write(name, array)
        array.flags.writeable = False
        _memory[name] = array
    return _memory[name]


def _read(name: str) -> NDArray[Any] | None:
    try:
        with (folder() / f"{name}.npy").open("rb") as file:
            return np.asarray(np.load(file, allow_pickle=False))
    except (OSError, ValueError, EOFError):
        return None  # absent, or cut short by a full disk: painted again


def _write(name: str, array: NDArray[Any]) -> None:
    try:
        home = folder()
        home.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=home, suffix=".part")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, array, allow_pickle=False)
        os.replace(part, home / f"{name}.npy")
    except OSError:
        Path(part).unlink(missing_ok=True)
