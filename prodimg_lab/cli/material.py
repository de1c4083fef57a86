"""Commands around a sweep: init, demo, new, models, lint, products."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from prodimg_lab.cli.options import Json, Model, Out
from prodimg_lab.cli.show import say, say_json, table
from prodimg_lab.errors import UsageError


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")], json: Json = False) -> None:
    """Make a lab: prodimg.toml, templates, packs, notebooks and experiments to start from."""
    from prodimg_lab.lab import init_lab

    written = init_lab(folder)
    if json:
        say_json({"lab": folder.resolve(), "files": written})
        return
    say(f"{folder}: a lab with {len(written)} files. Next:")
    say(f"  cd {folder}")
    say("  prodimg plan mug-hero          what it would draw, and what that would cost on Bedrock: --price-as sd35")
    say("  prodimg run mug-hero           draw it on the simulated studio, for nothing")
    say("  jupyter lab notebooks          or in the notebook")


def demo(
    size: Annotated[int, typer.Option(min=96, max=1024, help="Pixels a side.")] = 384,
    pictures: Annotated[str, typer.Option(help="full, or small for a first look in under a minute.")] = "full",
    json: Json = False,
) -> None:
    """Draw, score and report two sweeps on the simulated studio, headless through papermill. Costs nothing."""
    from prodimg_lab.notebook import run_demo

    if pictures not in ("full", "small"):
        raise UsageError(f"--pictures {pictures!r}: write full or small")
    results = run_demo(size=size, small=pictures == "small", quiet=json)
    if json:
        say_json([result.facts() for result in results])
        return
    for result in results:
        say(result.text())


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The experiment's name: lower case, digits, dashes.")],
    model: Model = "studio",
    products: Annotated[Path | None, typer.Option(metavar="FILE", help="A products file to copy in.")] = None,
    json: Json = False,
) -> None:
    """Make an experiment to fill in: experiments/NAME/experiment.yaml, with every key explained."""
    from prodimg_lab.experiment import new_experiment

    file = new_experiment(name, model=model, products=products)
    if json:
        say_json({"experiment": name, "file": file})
    else:
        say(f"{file}\nnext: prodimg plan {name}")


def models(
    live: Annotated[bool, typer.Option("--live", help="Ask Bedrock what it lists today; show differences.")] = False,
    json: Json = False,
) -> None:
    """List models with price, region, limits and lifecycle. Simulated ones cost nothing and say so."""
    from prodimg_lab.models import capabilities
    from prodimg_lab.models.catalogue import as_of, rows
    from prodimg_lab.records import usd_text

    simulated = [capabilities(f"studio:{name}") for name in ("core", "sd35", "ultra", "sdxl")]
    found = [*simulated, *rows()]
    differ = _differences() if live else None
    if json:
        say_json({"as_of": as_of(), "models": found, **({} if differ is None else {"differences": differ})})
        return
    lines: list[dict[str, object]] = [
        {
            "model": each.model,
            "price": "-" if each.price_micro is None else usd_text(each.price_micro),
            "status": "simulated" if each.simulated else f"{each.status} {each.end_of_life}".strip(),
            "regions": ", ".join(each.regions),
            "takes": ", ".join(_knobs(each)),
            "called by": "profile" if each.profile else "",
        }
        for each in found
    ]
    say(table(lines, ("model", "price", "status", "regions", "takes", "called by")))
    say(f"Prices a picture on demand; catalogue as of {as_of()}. The studio is a simulation and draws here.")
    if differ is not None:
        for each in differ:
            say(f"{each.region}  {each.model}: {each.says}")
        say(f"{len(differ)} differences to what {_asked()} lists today")


def _differences() -> list[Any]:
    from prodimg_lab.lab import find_lab, with_environment
    from prodimg_lab.models.live import differences

    return differences(with_environment(find_lab()))


def _asked() -> str:
    from prodimg_lab.lab import find_lab, with_environment
    from prodimg_lab.models.live import emulated_at

    url = emulated_at(with_environment(find_lab()))
    return f"the emulator at {url} (made from this very catalogue)" if url else "Bedrock"


def _knobs(model: Any) -> list[str]:
    if model.operations != ("text-to-image",):
        return ["a picture (not yet drawn with)"]
    names = ("steps", "cfg_scale", "strength")
    ranges = [(name, getattr(model, name)) for name in names]
    found = [f"{name} {bounds[0]:g}-{bounds[1]:g}" for name, bounds in ranges if bounds]
    if model.aspect_ratios:
        found.append(f"{len(model.aspect_ratios)} aspect ratios")
    if model.style_presets:
        found.append(f"{len(model.style_presets)} style presets")
    return found


def lint(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="A folder of templates; default: the lab's.")
    ] = None,
    model: Model = "",
    json: Json = False,
) -> None:
    """Look for faults in templates and packs: slots, levels, length, contradictions, negations."""
    from prodimg_lab.lab import find_lab
    from prodimg_lab.models.catalogue import rows
    from prodimg_lab.prompts import lint as lint_library
    from prodimg_lab.prompts import load_library

    folders = [*([folder] if folder else []), *find_lab(folder).template_folders()]
    served = [each for each in rows() if each.status == "active"]
    chosen = [_any_model(model)] if model else served
    findings = lint_library(load_library(folders, strict=False), capabilities=chosen)
    errors = [each for each in findings if each.severity == "error"]
    if json:
        say_json(findings)
    else:
        for each in findings:
            say(str(each))
        say(f"{len(errors)} errors, {len(findings) - len(errors)} warnings")
    if errors:
        raise typer.Exit(2)


def _any_model(name: str) -> Any:
    """A model of the catalogue, or one that draws here."""
    from prodimg_lab.errors import UnknownName
    from prodimg_lab.models import capabilities
    from prodimg_lab.models.catalogue import row

    try:
        return row(name.removeprefix("bedrock:"))
    except UnknownName:
        return capabilities(name)


def products(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A catalogue: CSV, TSV, JSONL or Parquet.")],
    missing: Annotated[bool, typer.Option("--missing", help="Only products that lack an attribute.")] = False,
    attributes: Annotated[Path | None, typer.Option(metavar="FILE", help="A correction file to apply.")] = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Show what was understood of each product, and from which words."""
    from prodimg_lab.products import read_products, write_attributes

    found = read_products(file, attributes=attributes)
    shown = [each for each in found if each.missing] if missing else found
    if out is not None:
        write_attributes(shown, out)
        say(f"{len(shown)} products: {out} (correct it, then name it as `attributes` in the experiment)")
        return
    if json:
        say_json(shown)
        return
    for product in shown:
        say(f"{product.sku}  {product.title}")
        for name, known in product.found.items():
            say(f"    {name:9} {known.value:28} from {known.field}: {known.words!r}")
        if product.missing:
            say(f"    missing   {', '.join(product.missing)}")
    lacking = sum(bool(each.missing) for each in found)
    say(f"{len(found)} products, {lacking} lack an attribute")
