"""What can go wrong, and what can the caller do about it?

ProdimgError
├── UsageError                 the input is wrong: mend it and start again (exit 2); rooms add RubricError, NotAPicture
│   ├── SettingError           prodimg.toml, an environment variable, a command-line value
│   ├── CatalogueError         a products file or its correction file
│   ├── TemplateError          a template or a pack
│   ├── ExperimentError        experiment.yaml
│   ├── ParameterError         a notebook parameter of the wrong type
│   ├── UnknownName            a model, run, marketplace, … that does not exist
│   ├── UnsupportedParameter   a request field that the model does not take, or out of its range
│   ├── MissingExtra           an optional package is needed
│   └── Problems               several of the above at once, as `plan` and `lint` find them
├── StoreError                 the disk or the store failed (exit 1)
│   ├── CorruptObject          bytes do not match their digest
│   └── StoreFull              no room left; nothing half-written stays behind
├── RunIncomplete              a run ended in any state but `done` (exit 1, or 3 when a cap stopped it)
├── Refused                    a gate, a check or a cap said no (exit 3)
│   └── BudgetExceeded
└── ModelError                 what an adapter says of one call; the runner decides on resending
    ├── Transient              retryable: the service failed and says it did nothing
    ├── Throttled              retryable, not counted as a send
    ├── Uncertain              a billed send without an answer; never resent by itself
    ├── ContentFiltered        the model refused; an outcome of its own
    ├── FatalForTrial          this request can never work
    └── FatalForRun            no request can work: stop at the first answer
        ├── BadCredentials
        ├── AccessDenied
        ├── WrongRegion
        └── ModelRetired
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar


class ProdimgError(Exception):
    """Base of every error that prodimg_lab raises on purpose; `exit_code` is what `prodimg` exits with."""

    exit_code: ClassVar[int] = 1

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows (IPython asks for it): the message, and no path through our files."""
        return [f"{type(self).__name__}: {self}"]


class UsageError(ProdimgError):
    """The input is wrong. The message holds the value, the bound and the next step.

    `file` and `line` (1-based) say where, when the input came from a file.
    """

    exit_code = 2

    def __init__(self, message: str, *, file: Path | str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.file = None if file is None else Path(file)
        self.line = line

    def __str__(self) -> str:
        if self.file is None:
            return self.message
        place = str(self.file) if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.file, self.line))


def _rebuild(kind: type[UsageError], message: str, file: Path | None, line: int | None) -> UsageError:
    """Unpickle a UsageError, keyword arguments and all (worker processes send them back)."""
    return kind(message, file=file, line=line)


class SettingError(UsageError):
    """A value in prodimg.toml, the environment or on the command line is wrong."""


class CatalogueError(UsageError):
    """A products file or its correction file is wrong."""


class TemplateError(UsageError):
    """A template or a pack is wrong."""


class ExperimentError(UsageError):
    """An experiment.yaml is wrong."""


class ParameterError(UsageError):
    """A notebook parameter is of the wrong type or out of range."""


class UnknownName(UsageError):
    """Something was named that does not exist; the message lists what does, nearest first."""


class UnsupportedParameter(UsageError):
    """The model does not take this field, or not this value."""


class MissingExtra(UsageError):
    """An optional package is missing; the message says which extra to install."""


class Problems(UsageError):
    """Several faults at once, in the order of the files. `problems` holds them (at least one)."""

    def __init__(self, problems: Sequence[UsageError]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[object, ...]:
        return (Problems, (self.problems,))


class StoreError(ProdimgError):
    """The store could not do what was asked."""


class CorruptObject(StoreError):
    """Stored bytes do not match their digest; the message names the object and how to mend it."""


class StoreFull(StoreError):
    """No room left on the device. Nothing half-written stays behind; `resume` goes on once there is room."""


class RunIncomplete(ProdimgError):
    """A run ended in a state other than `done`. `state` is that state, `exit_code` 1, or 3 when a cap stopped it."""

    def __init__(self, message: str, *, run_id: str, state: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.run_id = run_id
        self.state = state
        self.exit_code = exit_code  # type: ignore[misc]  # per instance on purpose


class Refused(ProdimgError):
    """A gate, a check or a cap said no."""

    exit_code = 3


class BudgetExceeded(Refused):
    """The next call would pass a cap. Nothing was sent."""


class ModelError(ProdimgError):
    """One call to a model failed. `retryable` says whether sending again can help."""

    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, model_id: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.model_id = model_id
        self.retry_after_s = retry_after_s

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_model_error, (type(self), self.message, self.model_id, self.retry_after_s))


def _rebuild_model_error(
    kind: type[ModelError], message: str, model_id: str, retry_after_s: float | None
) -> ModelError:
    return kind(message, model_id=model_id, retry_after_s=retry_after_s)


class Transient(ModelError):
    """The service failed and answered so; nothing was billed."""

    retryable = True


class Throttled(ModelError):
    """Too many requests; `retry_after_s` when the service said how long."""

    retryable = True


class Uncertain(ModelError):
    """The request went out and no answer came: it may have been billed."""


class ContentFiltered(ModelError):
    """The model refused the prompt or its own picture; the message is its reason."""


class FatalForTrial(ModelError):
    """This request can never succeed."""


class FatalForRun(ModelError):
    """No request of this run can succeed."""


class BadCredentials(FatalForRun):
    """No usable credentials."""


class AccessDenied(FatalForRun):
    """The account may not call this model."""


class WrongRegion(FatalForRun):
    """The model is not served in this region."""


class ModelRetired(FatalForRun):
    """The model has reached its end of life."""
