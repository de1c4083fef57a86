"""How does a test call the emulator as a user would, without the machine's own AWS settings?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prodimg_lab.emulator import Emulator


@contextmanager
def emulated(emulator: Emulator, folder: Path) -> Iterator[Emulator]:
    """The running emulator, found through the environment by whatever makes AWS clients inside the block.

    Every `AWS_` variable of the process is set aside meanwhile, and configuration and credentials files are empty
    ones in `folder`, so that no real account can be reached.
    """
    config, credentials = folder / "aws-config", folder / "aws-credentials"
    for file in (config, credentials):
        file.write_text("")
    kept = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    with emulator:
        found = {**emulator.environment(), "AWS_CONFIG_FILE": str(config), "AWS_EC2_METADATA_DISABLED": "true"}
        try:
            _forget()
            os.environ.update({**found, "AWS_SHARED_CREDENTIALS_FILE": str(credentials)})
            yield emulator
        finally:
            _forget()
            os.environ.update(kept)


def _forget() -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
