"""What does the studio look like today? `python -m prodimg_lab.studio.sheet --out sheet.png` draws a contact sheet to
judge by eye.

`--show products` (default) puts every archetype on its own ground, `places` walks all backgrounds, `lights` all
lights, `angles` all cameras, `seasons` all seasons, `knobs` steps and cfg scales.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from prodimg_lab.records import ImageRequest
from prodimg_lab.studio import load, tables

PRODUCTS: Sequence[str] = (
    "a cobalt blue glossy stoneware mug",
    "an amber glass maple syrup bottle",
    "a rose perfume bottle",
    "a facial serum dropper bottle, amber glass",
    "a cream hand wash bottle",
    "a bottle of red wine",
    "a mustard yellow loose leaf tea box",
    "a brushed stainless steel travel tumbler",
    "a sage green insulated water bottle",
    "a plum purple sparkling water can",
    "a terracotta vase",
    "a speckled eggshell stoneware bowl",
    "a jar of honey",
    "a white face cream jar",
    "a soy candle in clear glass",
    "a tan leather handbag",
    "a natural cotton tote bag",
    "a black coffee pouch",
    "a pink hand cream tube",
    "a beige linen cushion",
    "a teal ceramic table lamp",
    "a charcoal portable speaker",
    "a burgundy notebook",
    "a bar of oatmeal soap",
    "a navy automatic wristwatch",
    "black matte over-ear headphones",
)
GROUNDS: Sequence[str] = (
    "on a seamless pure white studio background, softbox lighting",
    "on a white marble counter, soft natural window light",
    "on a light oak table, warm golden hour sunlight",
    "on a seamless light grey studio sweep, softbox lighting",
    "on a natural beige linen cloth, soft natural window light",
    "on a round travertine plinth, golden hour sunlight",
    "in front of a smooth grey gradient studio backdrop, softbox lighting",
    "on a smooth raw concrete surface, hard midday sunlight",
)
PLACES: Mapping[str, str] = {
    "white-sweep": "on a pure white background", "grey-sweep": "on a light grey background",
    "black-sweep": "on a seamless matte black studio sweep", "pastel-sweep": "on a pastel pink studio sweep",
    "gradient-studio": "in front of a grey gradient backdrop", "marble-counter": "on a white marble counter",
    "black-marble": "on black marble", "oak-table": "on a light oak table", "dark-walnut": "on a dark walnut tabletop",
    "linen-cloth": "on a linen cloth", "concrete": "on raw concrete", "slate": "on a dark slate slab",
    "terrazzo": "on terrazzo", "kitchen-counter": "on a kitchen counter", "bathroom-shelf": "on a bathroom shelf",
    "writing-desk": "on a writing desk", "garden-table": "on a garden table", "sandy-beach": "on a sandy beach",
    "snow-ground": "on fresh snow", "mossy-stone": "on a mossy stone", "festive-table": "on a festive table",
    "stone-plinth": "on a stone plinth",
}  # fmt: skip


def prompts(show: str) -> list[tuple[str, dict[str, object]]]:
    """The prompts of one sheet, with further request fields."""
    some = (PRODUCTS[0], PRODUCTS[1], PRODUCTS[6], PRODUCTS[14], PRODUCTS[15])
    head = "Professional product photograph of"
    if show == "products":
        grounds = [GROUNDS[index % len(GROUNDS)] for index in range(len(PRODUCTS))]
        return [(f"{head} {p}, {g}, three-quarter view", {}) for p, g in zip(PRODUCTS, grounds, strict=True)]
    if show == "knobs":
        plain = f"{head} {PRODUCTS[0]}, {GROUNDS[2]}, three-quarter view"
        steps: list[dict[str, object]] = [{"steps": each} for each in (10, 14, 20, 30, 50)]
        scales: list[dict[str, object]] = [{"cfg_scale": each} for each in (0.5, 2.5, 4.0, 7.0, 14.0, 22.0)]
        return [(plain, fields) for fields in steps + scales]
    words = {
        "places": [f"{words}, soft studio light, three-quarter view" for words in PLACES.values()],
        "lights": [f"on a light oak table, {row[0].replace('-', ' ')}, three-quarter view" for row in tables.LIGHTINGS],
        "angles": [f"on raw concrete, window light, {row[0].replace('-', ' ')} view" for row in tables.ANGLES],
        "seasons": [
            f"on a linen cloth, softbox, three-quarter view, {row[0].replace('-', ' ')} mood" for row in tables.SEASONS
        ],
    }[show]
    return [(f"{head} {some[index % len(some)]}, {each}", {}) for index, each in enumerate(words)]


def main(arguments: Sequence[str]) -> int:
    """Draw the sheet and write it as PNG."""
    parser = argparse.ArgumentParser(prog="python -m prodimg_lab.studio.sheet", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="PNG file to write")
    parser.add_argument("--size", type=int, default=384, help="side of one picture in pixels")
    parser.add_argument("--seed", type=int, default=7, help="seed of the first picture")
    parser.add_argument("--columns", type=int, default=5)
    parser.add_argument(
        "--show", choices=("products", "places", "lights", "angles", "seasons", "knobs"), default="products"
    )
    options = parser.parse_args(arguments)
    model = load(f"{'sdxl' if options.show == 'knobs' else 'ultra'}@{options.size}")
    wanted = prompts(options.show)
    rows = -(-len(wanted) // options.columns)
    page = Image.new("RGB", (options.columns * options.size, rows * options.size), (24, 24, 26))
    for index, (prompt, fields) in enumerate(wanted):
        request = ImageRequest(
            model=model.capabilities.model,
            prompt=prompt,
            negative_prompt="text, watermark, border, clutter",
            seed=options.seed + (0 if options.show == "knobs" else index),
            **fields,  # type: ignore[arg-type]  # steps and cfg_scale
        )
        picture = Image.open(io.BytesIO(model.generate(request).data))
        page.paste(picture, (index % options.columns * options.size, index // options.columns * options.size))
    page.save(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
