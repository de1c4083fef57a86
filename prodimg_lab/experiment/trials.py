"""How are trials and products written down, so that a later version resumes exactly what was planned?

`plan.jsonl` holds one trial a line, `products.jsonl` one product. Reading back what was written gives equal records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any, cast

import orjson

from prodimg_lab.errors import StoreError
from prodimg_lab.records import Block, Capabilities, Found, ImageRequest, Product, Prompt, Span, Trial


def trial_to_json(trial: Trial) -> dict[str, Any]:
    """The trial as plain JSON values; the request as its fields, spans as [start, stop, name, level]."""
    prompt = asdict(trial.prompt)
    prompt["spans"] = [[span.start, span.stop, span.name, span.level] for span in trial.prompt.spans]
    return {
        "index": trial.index,
        "variant": trial.variant,
        "block": [trial.block.sku, trial.block.index],
        "levels": dict(trial.levels),
        "asked": dict(trial.asked),
        "fingerprint": trial.request.fingerprint,
        "request": trial.request.fields(),
        "prompt": prompt,
    }


def trial_from_json(line: Mapping[str, Any]) -> Trial:
    """The trial that `trial_to_json` wrote. Raises `StoreError` when its fingerprint no longer fits its request."""
    request = request_from_json(line["request"])
    if request.fingerprint != line["fingerprint"]:
        raise StoreError(f"trial {line['index']} does not fit its fingerprint: plan.jsonl was edited; plan a new run")
    prompt = dict(line["prompt"])
    prompt["spans"] = tuple(
        Span(start=start, stop=stop, name=name, level=level) for start, stop, name, level in prompt["spans"]
    )
    sku, index = line["block"]
    return Trial(
        index=line["index"],
        variant=line["variant"],
        block=Block(sku=sku, index=index),
        levels=line["levels"],
        prompt=Prompt(**prompt),
        request=request,
        asked=line["asked"],
    )


def request_from_json(fields: Mapping[str, Any]) -> ImageRequest:
    """The request whose `fields()` these are."""
    given = dict(fields)
    given["inputs"] = tuple(given.get("inputs", ()))
    return ImageRequest(**given)


def capabilities_from_json(content: Mapping[str, Any]) -> Capabilities:
    """The capabilities that `asdict` and JSON have written; what a newer version added keeps its default."""
    known = {each.name for each in fields_of(Capabilities)}
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
    make = cast(Callable[..., Capabilities], Capabilities)
    return make(**{name: value for name, value in given.items() if name in known})


def write_products(file: Path, products: Iterable[Product]) -> None:
    """Write `products.jsonl`: the products as they were understood, one a line."""
    file.write_bytes(b"".join(orjson.dumps(asdict(product)) + b"\n" for product in products))


def read_products_of(file: Path) -> tuple[Product, ...]:
    """Read `products.jsonl`. Raises `StoreError` when it is missing or not what `write_products` wrote."""
    return tuple(_product(line) for line in _lines(file))


def _product(line: Mapping[str, Any]) -> Product:
    found = {name: Found(**found) for name, found in line["found"].items()}
    return Product(**{**line, "found": found})


def write_trials(file: Path, trials: Iterable[Trial]) -> None:
    """Write `plan.jsonl`, one trial a line, in order."""
    file.write_bytes(b"".join(orjson.dumps(trial_to_json(trial)) + b"\n" for trial in trials))


def read_trials(file: Path) -> tuple[Trial, ...]:
    """Read `plan.jsonl`. Raises `StoreError` when it is missing or not what `write_trials` wrote."""
    try:
        return tuple(trial_from_json(line) for line in _lines(file))
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{file} cannot be read: {error}; plan a new run") from error


def _lines(file: Path) -> list[Any]:
    try:
        return [orjson.loads(line) for line in file.read_bytes().splitlines()]
    except FileNotFoundError as error:
        raise StoreError(f"{file} is missing; this is no run folder, or it was never finished being made") from error
    except orjson.JSONDecodeError as error:
        raise StoreError(f"{file} cannot be read: {error}; plan a new run") from error


def place_of(trial: Trial) -> tuple[str, str, int]:
    """What a trial shares with its like in a rerun: variant, block and repeat."""
    return trial.variant, trial.block.name, trial.request.repeat
