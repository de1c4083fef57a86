"""How is a report put down so that a reader never meets half of one?"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from prodimg_lab.errors import StoreError, StoreFull


def write_atomically(path: Path, data: bytes) -> Path:
    """Write `data` beside `path`, then move it there in one step; folders are made as needed.

    Raises `StoreFull` or `StoreError`, and leaves the old file as it was.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)  # mkstemp makes it private; a report is to be served and shared
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        kind = StoreFull if error.errno == errno.ENOSPC else StoreError
        raise kind(f"{path} could not be written ({len(data)} bytes): {error.strerror}") from error
    return path
