"""Where do textures rest between processes?

Painting a marble takes longer than drawing a picture with it, so painted arrays are kept under the user's cache
folder (`$XDG_CACHE_HOME`, else `~/.cache`), keyed by the version of the painting code. Several processes may write at
once: each writes its own file and renames it into place. Where nothing can be written, they live in memory only.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_memory: dict[str, NDArray[Any]] = {}


def folder() -> Path:
    """The folder of this version's arrays; it may not exist, and may not be writable."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    return root / "prodimg-lab" / f"studio-{version()}"


@lru_cache(maxsize=1)
def version() -> str:
    """The version of the painting code: a hash of the studio's own sources, so that no edit meets stale arrays."""
    found = hashlib.sha256(np.__version__.encode())
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()[:12]


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
