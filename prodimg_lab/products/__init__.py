"""Catalogues: what is sold, and what do its own words say of it?

`read_products` takes a Shopify product export, a Google Merchant feed or plain columns as they come; `parse` fills the
attributes that no column gives, each with the words it was read from; a correction file has the last word. Names load
on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prodimg_lab.products.colours import colour_hex
    from prodimg_lab.products.corrections import write_attributes
    from prodimg_lab.products.parse import (
        CATEGORIES,
        MATERIALS,
        base_colour,
        base_material,
        broader,
        category_of,
        material_of,
        parse,
        parse_subject,
    )
    from prodimg_lab.products.readers import read_products

__all__ = [
    "CATEGORIES",
    "MATERIALS",
    "base_colour",
    "base_material",
    "broader",
    "category_of",
    "colour_hex",
    "material_of",
    "parse",
    "parse_subject",
    "read_products",
    "write_attributes",
]

_HOMES = {"colour_hex": "colours", "read_products": "readers", "write_attributes": "corrections"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'parse')}"), name)
    globals()[name] = value
    return value
