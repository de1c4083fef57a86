"""How is a run's work on pixels done by other machines? By a Dask cluster, through its executor.

Only drawing of models that compute (the studio) and scoring go there: a cluster repeats lost tasks by itself, so no
paid call may leave this process. Workers get pure functions and return bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from prodimg_lab.errors import SettingError, UsageError

CONNECT_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Where pixels are worked on: `places` tasks at a time."""

    executor: Executor
    places: int


@contextmanager
def open_cluster(name: str) -> Iterator[Cluster | None]:
    """The cluster that `name` says, `dask:tcp://host:8786`; None for "": this machine.

    Raises `SettingError` for another name, `UsageError` when the extra is missing, when nobody answers, when there are
    no workers or when a worker has another version of this package.
    """
    if not name:
        yield None
        return
    kind, _, address = name.partition(":")
    if kind != "dask" or "://" not in address:
        raise SettingError(f"executor {name!r}: write dask:tcp://host:8786, the address that the scheduler prints")
    try:
        import distributed
    except ImportError as error:
        raise UsageError(f"executor {name!r} needs Dask: pip install 'prodimg-lab[dask]'") from error
    try:
        connect: Any = distributed.Client
        client = connect(address, timeout=CONNECT_S, set_as_default=False)
    except OSError as error:
        raise UsageError(
            f"no Dask scheduler answers at {address} within {CONNECT_S:.0f} s; is it running, and is the address the "
            "one it printed?"
        ) from error
    try:
        threads = client.nthreads()
        if not threads:
            raise UsageError(f"the Dask scheduler at {address} has no workers; start some: dask worker {address}")
        _refuse_other_versions(client.run(_version), address)
        yield Cluster(executor=client.get_executor(pure=False), places=sum(threads.values()))
    finally:
        client.close()


def _version() -> str:
    return version("prodimg-lab")


def _refuse_other_versions(found: dict[str, str], address: str) -> None:
    ours = _version()
    others = {worker: theirs for worker, theirs in found.items() if theirs != ours}
    if others:
        worker, theirs = next(iter(others.items()))
        raise UsageError(
            f"worker {worker} of {address} has prodimg-lab {theirs}, this is {ours}: pictures would not be the same; "
            "install one version everywhere"
        )
