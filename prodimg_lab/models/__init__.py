"""How does a name such as `studio:sd35@512` become a model that can draw?

A spec is `provider:name`. Providers are found through the entry-point group `prodimg_lab.models`: the entry point is an
object with `capabilities(name, lab) -> Capabilities` (light: a plan asks it) and `load(name, lab) -> ImageModel`
(heavy). The lab says which account, regions and prices are meant; the studio needs none.
`python:package.module:function?key=value` calls a function of one's own; it is how tests bring their fakes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, cast
from urllib.parse import parse_qsl

from prodimg_lab.errors import UnknownName
from prodimg_lab.lab import Lab
from prodimg_lab.models._base import ImageModel
from prodimg_lab.records import Capabilities
from prodimg_lab.suggest import nearest

__all__ = ["ImageModel", "Provider", "capabilities", "load_model", "providers"]


class Provider(Protocol):
    """What an entry point of the group `prodimg_lab.models` leads to."""

    def capabilities(self, name: str, lab: Lab | None = None) -> Capabilities:
        """What the model `name` of this provider accepts and costs. Raises `UnknownName`."""
        ...

    def load(self, name: str, lab: Lab | None = None) -> ImageModel:
        """The model itself. Raises `UnknownName` or `MissingExtra`."""
        ...


@lru_cache(maxsize=1)
def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group="prodimg_lab.models")}


def providers() -> tuple[str, ...]:
    """The names of the installed providers, sorted."""
    return tuple(sorted(_found()))


def _split(spec: str) -> tuple[Provider, str]:
    prefix, _, name = str(spec).partition(":")
    points = _found()
    if prefix not in points:
        raise UnknownName(f"no provider {prefix!r} for model {spec!r}; {nearest(prefix, points)}")
    return cast(Provider, points[prefix].load()), name


def capabilities(spec: str, lab: Lab | None = None) -> Capabilities:
    """What the model of `spec` accepts and costs; loads no renderer and opens no connection. Raises `UnknownName`."""
    if spec.startswith("python:"):
        return load_model(spec).capabilities
    provider, name = _split(spec)
    return provider.capabilities(name, lab)


def load_model(spec: str, lab: Lab | None = None) -> ImageModel:
    """The model of `spec`, ready to draw. Raises `UnknownName` or `MissingExtra`."""
    if spec.startswith("python:"):
        return _own(spec)
    provider, name = _split(spec)
    return provider.load(name, lab)


def _own(spec: str) -> ImageModel:
    target, _, query = spec.removeprefix("python:").partition("?")
    module, _, function = target.partition(":")
    try:
        make = cast(Callable[..., ImageModel], getattr(import_module(module), function))
        model = make(**dict(parse_qsl(query)))
        _ = model.capabilities
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise UnknownName(f"model {spec!r}: {error}; write python:package.module:function?key=value") from error
    return model
