"""What is there to sweep? Products as they were understood, templates, levels, a prompt by its factors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from prodimg_lab.errors import UnknownName
from prodimg_lab.experiment import plan_experiment
from prodimg_lab.lab import find_lab, with_environment
from prodimg_lab.products import read_products
from prodimg_lab.prompts import Library, lint, load_library, render, slots_of
from prodimg_lab.suggest import nearest
from prodimg_lab.widgets.bench.shown import prompt_html

if TYPE_CHECKING:
    from pandas import DataFrame
    from pandas.io.formats.style import Styler


def products(file: str | Path, *, attributes: str | Path | None = None) -> DataFrame:
    """One row per product of a catalogue: what was understood of its text. Raises `CatalogueError`.

    Files are named from the current folder or from the lab's, so that a notebook need not know where it runs.
    """
    from pandas import DataFrame

    file, corrections = _in_lab(file), _in_lab(attributes) if attributes else None
    rows = [
        {"sku": each.sku, "title": each.title, **{name: found.value for name, found in each.found.items()}}
        for each in read_products(file, attributes=corrections)
    ]
    columns = ["sku", "title", "category", "colour", "material", "finish", "size", "subject"]
    return DataFrame(rows).reindex(columns=columns).fillna("").set_index("sku")


def templates() -> Styler:
    """One row per template that the lab has, with its slots; `.data` is the DataFrame."""
    from pandas import DataFrame

    rows = [
        {"template": name, "summary": each.summary, "version": each.version, "slots": ", ".join(slots_of(each))}
        for name, each in sorted(library().templates.items())
    ]
    return _to_read(DataFrame(rows).set_index("template"))


def levels(kind: str) -> Styler:
    """The levels of a pack: what each says, and what it keeps out; `.data` is the DataFrame. Raises `UnknownName`."""
    from pandas import DataFrame

    packs = library().packs
    if kind not in packs:
        raise UnknownName(f"no pack of kind {kind!r}; {nearest(kind, packs)}")
    rows = [
        {"level": name, "says": each.text, "keeps out": ", ".join((*each.avoid, *each.taboos))}
        for name, each in packs[kind].levels.items()
    ]
    return _to_read(DataFrame(rows).set_index("level"))


def prompt(template: str, experiment: str = "mug-hero", **slots: str) -> Any:
    """The prompt of a template for the experiment's first product, each factor's words in its colour.

    Raises `UnknownName` for a template, slot or level that there is not.
    """
    from IPython.display import HTML

    planned = plan_experiment(experiment)
    made = render(planned.library.template(template), planned.products[0], slots, planned.library)
    return HTML(prompt_html(made, slots))


def findings(template: str = "") -> Styler:
    """What the linter says of the lab's templates and packs, or of one template; `.data` is the DataFrame."""
    from pandas import DataFrame

    known = library()
    if template:
        known = Library(templates={template: known.template(template)}, packs=known.packs)
    rows = [
        {
            "severity": each.severity,
            "file": each.file.name if each.file else "",
            "line": each.line,
            "says": each.message,
        }
        for each in lint(known)
    ]
    found = DataFrame(rows, columns=["severity", "file", "line", "says"])
    return _to_read(found).set_caption("" if rows else "nothing to complain of")


def _in_lab(name: str | Path) -> Path:
    return Path(name) if Path(name).exists() else find_lab().root / name


def _to_read(frame: DataFrame) -> Styler:
    """Whole sentences, from the left."""
    left = [{"selector": "th, td", "props": "text-align: left; vertical-align: top"}]
    return frame.style.set_table_styles(left)


def library() -> Library:
    """The templates and packs of the lab around the current folder."""
    return load_library(with_environment(find_lab()).template_folders())
