"""How does a model that computes use every core, and what if a worker dies?

One spawned process a core, one picture at a time each, fed over a pipe by a thread of its own: a worker that dies takes
one picture with it and nothing else. Each builds its models once. Workers end when their parent does, however it ends,
and leave Ctrl-C to it. They are daemons, so they start no processes themselves.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from contextlib import suppress
from functools import lru_cache
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from prodimg_lab.errors import ProdimgError, Transient, UsageError
from prodimg_lab.models._base import ImageModel
from prodimg_lab.records import GeneratedImage, ImageRequest

Spec = str | ImageModel
"""How a model is named to a worker: a spec for `models.load_model`, or the model itself, which must pickle."""

READY = "ready"
LEAVE_S = 2.0


class WorkerDied(Transient):
    """The process that drew the picture ended without an answer."""


class Workers:
    """Draws pictures in worker processes, started when they are needed. `draw` is called from several threads."""

    def __init__(self, models: Mapping[str, Spec]) -> None:
        self._models = dict(models)
        self._guard = threading.Lock()
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()

    def draw(self, model: str, request: ImageRequest) -> GeneratedImage:
        """The picture. Raises what the model raises, `WorkerDied`, or `UsageError` when workers can't start."""
        worker = self._take()
        try:
            image = worker.ask(model, request)
        except WorkerDied:
            self._drop(worker)
            raise
        except BaseException:
            self._give_back(worker)
            raise
        self._give_back(worker)
        return image

    def close(self) -> None:
        """Let idle workers leave, then end those that are still there."""
        with self._guard:
            workers, self._all, self._idle = self._all, set(), []
        for worker in workers:
            worker.dismiss()
        for worker in workers:
            worker.end(LEAVE_S)

    def kill(self) -> None:
        """End all workers at once, whatever they draw."""
        with self._guard:
            for worker in self._all:
                worker.kill()

    def _take(self) -> _Worker:
        with self._guard:
            if self._idle:
                return self._idle.pop()
            worker = _Worker(self._models)
            self._all.add(worker)
        try:
            worker.wait_until_ready()
        except BaseException:
            self._drop(worker)
            raise
        return worker

    def _give_back(self, worker: _Worker) -> None:
        with self._guard:
            if worker in self._all:
                self._idle.append(worker)

    def _drop(self, worker: _Worker) -> None:
        with self._guard:
            self._all.discard(worker)
        worker.end(0.0)


class _Worker:
    def __init__(self, models: Mapping[str, Spec]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(theirs, models), daemon=True)
        try:
            self._process.start()
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise UsageError(
                f"a model can't be sent to worker processes ({error}); name it by its spec instead of the object"
            ) from error
        theirs.close()

    def wait_until_ready(self) -> None:
        try:
            self._pipe.recv()
        except (EOFError, OSError) as error:
            raise UsageError(
                "worker processes can't start (their own message stands above). A script that draws pictures must "
                'do so below `if __name__ == "__main__":`, since every worker reads the script first'
            ) from error

    def ask(self, model: str, request: ImageRequest) -> GeneratedImage:
        try:
            self._pipe.send((model, request))
            reply, trace = self._pipe.recv()
        except (EOFError, OSError) as error:
            self._process.join(LEAVE_S)
            raise WorkerDied(
                f"the worker process ended with exit code {self._process.exitcode} while it drew (-9: killed, often "
                "for want of memory)",
                model_id=model,
            ) from error
        if isinstance(reply, BaseException):
            if not isinstance(reply, ProdimgError):
                reply.add_note(f"In a worker process:\n{trace}")
            raise reply
        assert isinstance(reply, GeneratedImage)
        return reply

    def dismiss(self) -> None:
        with suppress(OSError):
            self._pipe.close()

    def end(self, patience_s: float) -> None:
        self.dismiss()
        if patience_s:
            self._process.join(patience_s)
        if self._process.exitcode is None:
            self.kill()
            self._process.join(LEAVE_S)

    def kill(self) -> None:
        self._process.kill()


class Elsewhere:
    """Draws pictures through an executor that the caller brought: a cluster's, say. Nothing is billed there."""

    def __init__(self, models: Mapping[str, Spec], executor: Executor) -> None:
        self._models = dict(models)
        self._executor = executor

    def draw(self, model: str, request: ImageRequest) -> GeneratedImage:
        """The picture. Raises what the model raises, or `WorkerDied` where the executor has lost it."""
        try:
            return self._executor.submit(draw, self._models[model], request).result()
        except BaseException as error:
            if not is_lost(error):
                raise
            raise WorkerDied(
                f"the cluster lost the picture: {error or type(error).__name__}", model_id=model
            ) from error

    def close(self) -> None:
        """Nothing: the executor is the caller's."""

    def kill(self) -> None:
        """Nothing: the executor is the caller's."""


def is_lost(error: BaseException) -> bool:
    """Whether an executor lost a task, in contrast to a task that failed."""
    return isinstance(error, BrokenExecutor | CancelledError) or type(error).__module__.startswith("distributed.")


def draw(spec: Spec, request: ImageRequest) -> GeneratedImage:
    """Draw one picture in this process, one at a time; a model named by its spec is built once."""
    with _one_at_a_time:
        model = _built(spec) if isinstance(spec, str) else spec
        return model.generate(request)


_one_at_a_time = threading.Lock()
"""Workers of a cluster may have several threads; a renderer uses every core it may by itself."""


@lru_cache(maxsize=8)
def _built(spec: str) -> ImageModel:
    from prodimg_lab.models import load_model

    return load_model(spec)


def _serve(pipe: Connection, models: Mapping[str, Spec]) -> None:
    """The life of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):  # the parent has closed the pipe, or is gone
        pipe.send(READY)
        while True:
            model, request = pipe.recv()
            pipe.send(_answer(models[model], request))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # nothing is left to do, and renderers that are torn down late complain at length


def _answer(spec: Spec, request: ImageRequest) -> tuple[object, str]:
    try:
        return draw(spec, request), ""
    except Exception as error:  # noqa: BLE001  # it is raised again in the parent
        return _sendable(error), traceback.format_exc()


def _sendable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001  # whatever an error of somebody else's does when it is pickled
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
