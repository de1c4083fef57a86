"""Where is the lab, what does it hold, and where did each of its settings come from?

A lab is a folder with `prodimg.toml`. Its root is the nearest folder upward that has one, else the parent of the
nearest `experiments/`, else the folder where one stands. Settings, strongest first: command line, environment
(`PRODIMG_<KEY>`), experiment.yaml, prodimg.toml, default.
"""

from __future__ import annotations

import math
import os
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from prodimg_lab.errors import SettingError, UnknownName, UsageError
from prodimg_lab.suggest import nearest

FILE = "prodimg.toml"
Origin = Literal["command line", "environment", "experiment.yaml", "prodimg.toml", "default"]
Value = str | int | float | bool | list[str] | dict[str, str] | dict[str, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting: its kind, its default and what it is for."""

    kind: Literal["text", "usd", "count", "yes/no", "folders", "hosts", "table", "prices", "token prices"]
    default: Value
    summary: str


KEYS: Mapping[str, Key] = {
    "store": Key(
        kind="text", default="experiments/objects", summary="where pictures live: a folder, or s3://bucket/folder"
    ),
    "aws_profile": Key(kind="text", default="", summary="AWS profile; empty: the usual search of the AWS SDK"),
    "regions": Key(kind="table", default=None, summary="region by model id; absent: the catalogue's"),
    "gateways": Key(kind="hosts", default=None, summary="hosts that lead to AWS although their names don't say so"),
    "prices": Key(kind="prices", default=None, summary="USD a picture by model; stronger than the catalogue's"),
    "day_cap_usd": Key(kind="usd", default=None, summary="most real money per UTC day over all runs; absent: no cap"),
    "lab_cap_usd": Key(kind="usd", default=None, summary="most real money over the lab's life; absent: no cap"),
    "concurrency": Key(kind="count", default=None, summary="pictures drawn at a time; absent: by model"),
    "judge": Key(
        kind="text", default="", summary="model that `prodimg judge` asks where the experiment names none; empty: none"
    ),
    "judge_prices": Key(
        kind="token prices", default=None, summary="USD per million tokens read / written, by model of a judge"
    ),
    "allow_simulated": Key(kind="yes/no", default=False, summary="let simulated releases into production"),
    "template_folders": Key(kind="folders", default=None, summary="further folders with templates and styles/"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value with the place that it came from."""

    value: Value
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A lab: its root folder and its settings."""

    root: Path
    settings: Mapping[str, Setting] = field(default_factory=dict)

    @property
    def experiments(self) -> Path:
        """The folder with one folder per experiment."""
        return self.root / "experiments"

    @property
    def index_file(self) -> Path:
        """The SQLite index; it can be thrown away and made anew."""
        return self.root / ".prodimg" / "index.db"

    @property
    def thumbnails_folder(self) -> Path:
        """The grid's small pictures; a cache."""
        return self.root / ".prodimg" / "thumbnails"

    @property
    def is_store_remote(self) -> bool:
        """Whether pictures and records live in a bucket."""
        return self.text("store").startswith("s3://")

    @property
    def store_folder(self) -> Path:
        """Where pictures and records live, if in a folder."""
        return self.root / self.text("store")

    def text(self, key: str) -> str:
        """The setting `key` as text; "" when it is not set."""
        value = self.settings[key].value
        return "" if value is None else str(value)

    def usd(self, key: str) -> float | None:
        """The setting `key` in dollars, or None when there is none."""
        value = self.settings[key].value
        return float(value) if isinstance(value, int | float | str) and value != "" else None

    def count(self, key: str) -> int | None:
        """The setting `key` as a whole number, or None when there is none."""
        value = self.settings[key].value
        return int(value) if isinstance(value, int | float | str) and value != "" else None

    def table(self, key: str) -> dict[str, str]:
        """The table `key`, empty when it is not set."""
        value = self.settings[key].value
        return {name: str(item) for name, item in value.items()} if isinstance(value, dict) else {}

    def price_usd(self, *names: str) -> float | None:
        """What `prices` says of the first of these names that it knows, in USD a picture."""
        value = self.settings["prices"].value
        known = value if isinstance(value, dict) else {}
        return next((float(known[name]) for name in names if name in known), None)

    def token_prices(self, *names: str) -> tuple[float, float] | None:
        """What `judge_prices` says of the first of these names that it knows: USD per million tokens in and out."""
        known = self.table("judge_prices")
        return next((_token_prices(known[name]) for name in names if name in known), None)

    def texts(self, key: str) -> list[str]:
        """The list `key`, empty when it is not set."""
        value = self.settings[key].value
        return list(value) if isinstance(value, list) else []

    def template_folders(self, experiment: Path | None = None) -> tuple[Path, ...]:
        """Where templates and packs are looked up, first match wins.

        The experiment's own `templates/`, the lab's, further folders of the settings, then those of the package.
        """
        extra = self.settings["template_folders"].value
        further = [self.root / name for name in extra] if isinstance(extra, list) else []
        own = [experiment / "templates"] if experiment else []
        folders = [*own, self.root / "templates", *further, shipped("templates")]
        return tuple(dict.fromkeys(folder.resolve() for folder in folders if folder.is_dir()))

    def with_settings(self, values: Mapping[str, Value], origin: Origin) -> Lab:
        """This lab with further settings, which are stronger than what it has."""
        merged = dict(self.settings)
        for key, value in values.items():
            merged[key] = Setting(value=_checked(key, value, file=None), origin=origin)
        return Lab(root=self.root, settings=merged)


def shipped(name: str) -> Path:
    """The folder `name` (templates, notebooks, experiments) that came with the package, or the clone's own."""
    package = Path(__file__).parent
    inside = package / "shipped" / name
    return inside if inside.is_dir() else package.parent / name


def find_lab(start: Path | str | None = None) -> Lab:
    """The lab around `start` (default: the current folder). Raises `SettingError` for a wrong prodimg.toml."""
    here = Path(start or Path.cwd()).resolve()
    if here.is_file():
        here = here.parent
    root = _root(here)
    settings = {name: Setting(value=key.default, origin="default") for name, key in KEYS.items()}
    lab = Lab(root=root, settings=settings)
    if (root / FILE).is_file():
        lab = lab.with_settings(_read_toml(root / FILE), "prodimg.toml")
    return lab


def with_environment(lab: Lab, environ: Mapping[str, str] = os.environ) -> Lab:
    """`lab` with what `PRODIMG_<KEY>` variables say; to be applied after the experiment's own settings."""
    values: dict[str, Value] = {}
    for name, key in KEYS.items():
        text = environ.get(f"PRODIMG_{name.upper()}")
        if text is not None:
            values[name] = _from_text(name, key, text)
    return lab.with_settings(values, "environment")


def init_lab(folder: Path) -> list[Path]:
    """Make a lab in `folder` with copies of the shipped templates, notebooks and experiments; returns what was written.

    Raises `UsageError` when the folder already is a lab; existing files are never overwritten.
    """
    folder = folder.resolve()
    if (folder / FILE).exists():
        raise UsageError(f"{folder} already is a lab (it has {FILE}); choose another folder")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; choose a folder")
    written: list[Path] = []
    for name in ("templates", "notebooks", "experiments"):
        for source in sorted(shipped(name).rglob("*")):
            inside = source.relative_to(shipped(name))
            if source.is_file() and not {"runs", "objects", ".ipynb_checkpoints"} & set(inside.parts):
                target = folder / name / inside
                if target.exists():
                    raise UsageError(f"{target} is there already; choose an empty folder")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                written.append(target)
    (folder / FILE).write_text(default_toml(), encoding="utf-8")
    return [folder / FILE, *written]


def default_toml() -> str:
    """The text of a fresh prodimg.toml: every key, commented out, with its meaning."""
    lines = ["# This folder is a prodimg lab. Every key may also come from the environment as PRODIMG_<KEY>.", ""]
    example = {
        "usd": "25.0",
        "count": "8",
        "folders": '["more-templates"]',
        "yes/no": "false",
        "hosts": '["images.example.com"]',
        "prices": '{ "sagemaker:my-endpoint" = 0.02 }',
        "token prices": '{ "model-id" = "1.00 / 5.00" }  # an example, no price: take it from the list of your region',
    }
    for name, key in KEYS.items():
        other = example.get(key.kind, '{ "model-id" = "us-west-2" }')
        value = f'"{key.default or ""}"' if key.kind == "text" else other
        lines += [f"# {key.summary}", f"# {name} = {value}", ""]
    return "\n".join(lines)


def _root(here: Path) -> Path:
    upward = [here, *here.parents]
    for folder in upward:
        if (folder / FILE).is_file():
            return folder
    for folder in upward:
        if folder.name == "experiments":
            return folder.parent
        if (folder / "experiments").is_dir():
            return folder
    return here


def _read_toml(file: Path) -> dict[str, Value]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"not valid TOML: {error}", file=file) from error
    except UnicodeDecodeError as error:
        raise SettingError("not UTF-8 text; save it as UTF-8", file=file) from error
    return {key: _checked(key, value, file=file) for key, value in content.items()}


def _checked(key: str, value: Value, *, file: Path | None) -> Value:
    if key not in KEYS:
        raise UnknownName(f"unknown setting {key!r}; {nearest(key, KEYS)}", file=file, line=_line_of(key, file))
    kind = KEYS[key].kind
    fits = (
        value is None
        or {
            "text": isinstance(value, str),
            "usd": _is_amount(value),
            "count": isinstance(value, int) and not isinstance(value, bool) and value >= 1,
            "yes/no": isinstance(value, bool),
            "folders": isinstance(value, list) and all(isinstance(each, str) for each in value),
            "hosts": isinstance(value, list) and all(isinstance(each, str) for each in value),
            "table": isinstance(value, dict) and all(isinstance(each, str) for each in value.values()),
            "prices": isinstance(value, dict) and all(_is_amount(each) for each in value.values()),
            "token prices": isinstance(value, dict) and all(_token_prices(each) for each in value.values()),
        }[kind]
    )
    if not fits:
        wanted = {
            "usd": "an amount of dollars, 0 or more",
            "count": "a whole number, 1 or more",
            "yes/no": "true or false",
            "folders": "a list of folders",
            "hosts": "a list of host names",
            "prices": "a table of dollars a picture, 0 or more, by model",
            "token prices": 'a table of "in / out" by model, USD per million tokens',
            "table": "a table of texts",
            "text": "text",
        }[kind]
        raise SettingError(f"{key} = {value!r} is not {wanted}", file=file, line=_line_of(key, file))
    return value


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _token_prices(text: object) -> tuple[float, float] | None:
    """`0.80 / 3.20` as two amounts, or None for anything else."""
    parts = str(text).split("/")
    try:
        into, out = (float(each) for each in parts)
    except ValueError:
        return None
    return (into, out) if _is_amount(into) and _is_amount(out) else None


def _line_of(key: str, file: Path | None) -> int | None:
    if file is None:
        return None
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.lstrip().startswith(key)), None)


def _prices(name: str, table: Mapping[str, str]) -> dict[str, float]:
    try:
        return {model: float(usd) for model, usd in table.items()}
    except ValueError as error:
        raise SettingError(f"PRODIMG_{name.upper()}: {error}; write model=0.04,other=0.08") from error


def _from_text(name: str, key: Key, text: str) -> Value:
    try:
        if key.kind == "usd":
            return float(text) if text else None
        if key.kind == "count":
            return int(text) if text else None
    except ValueError as error:
        raise SettingError(f"PRODIMG_{name.upper()}={text!r} is not a number") from error
    if key.kind == "yes/no":
        words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
        if text.lower() not in words:
            raise SettingError(f"PRODIMG_{name.upper()}={text!r} is neither true nor false")
        return words[text.lower()]
    if key.kind == "folders":
        return [each for each in text.split(os.pathsep) if each]
    if key.kind == "hosts":
        return [each.strip() for each in text.split(",") if each.strip()]
    if key.kind in ("table", "prices", "token prices"):
        pairs = [each.partition("=") for each in text.split(",") if each]
        table = {left.strip(): right.strip() for left, _, right in pairs}
        return _prices(name, table) if key.kind == "prices" else table
    return text
