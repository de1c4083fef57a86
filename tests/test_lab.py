from __future__ import annotations

from pathlib import Path

import pytest

from prodimg_lab.errors import SettingError, UnknownName, UsageError
from prodimg_lab.lab import KEYS, default_toml, find_lab, init_lab, with_environment


def test_the_root_is_the_nearest_folder_with_prodimg_toml(tmp_path: Path) -> None:
    inner = tmp_path / "lab" / "experiments" / "mug"
    inner.mkdir(parents=True)
    (tmp_path / "lab" / "prodimg.toml").write_text("")
    assert find_lab(inner).root == tmp_path / "lab"


def test_without_a_toml_the_root_is_the_parent_of_experiments_else_the_folder_itself(tmp_path: Path) -> None:
    inner = tmp_path / "work" / "experiments" / "mug"
    inner.mkdir(parents=True)
    assert find_lab(inner).root == tmp_path / "work"
    assert find_lab(tmp_path / "work").root == tmp_path / "work"


def test_stronger_places_win_and_each_value_keeps_its_origin(tmp_path: Path) -> None:
    (tmp_path / "prodimg.toml").write_text("concurrency = 3\nday_cap_usd = 5\n")
    lab = find_lab(tmp_path)
    assert (lab.count("concurrency"), lab.settings["concurrency"].origin) == (3, "prodimg.toml")
    assert lab.settings["judge"].origin == "default"
    lab = lab.with_settings({"concurrency": 4}, "experiment.yaml")
    lab = with_environment(lab, {"PRODIMG_CONCURRENCY": "9", "PRODIMG_ALLOW_SIMULATED": "yes"})
    assert (lab.count("concurrency"), lab.settings["concurrency"].origin) == (9, "environment")
    assert lab.settings["allow_simulated"].value is True
    assert lab.usd("day_cap_usd") == 5.0


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("concurrencyy = 3\n", UnknownName, r"prodimg.toml:1: unknown setting 'concurrencyy'; did you mean"),
        ("\nconcurrency = 0\n", SettingError, r"prodimg.toml:2: concurrency = 0 is not a whole number, 1 or more"),
        ('day_cap_usd = "much"\n', SettingError, "is not an amount of dollars"),
        ("allow_simulated = 1\n", SettingError, "is not true or false"),
        ("store = \n", SettingError, "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path, text: str, kind: type[Exception], message: str) -> None:
    (tmp_path / "prodimg.toml").write_text(text)
    with pytest.raises(kind, match=message):
        find_lab(tmp_path)


def test_a_wrong_environment_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="PRODIMG_DAY_CAP_USD='lots' is not a number"):
        with_environment(find_lab(tmp_path), {"PRODIMG_DAY_CAP_USD": "lots"})


def test_init_makes_a_lab_that_finds_itself_and_is_never_overwritten(tmp_path: Path) -> None:
    written = init_lab(tmp_path / "shop")
    assert (tmp_path / "shop" / "prodimg.toml") in written
    assert find_lab(tmp_path / "shop").root == tmp_path / "shop"
    assert (tmp_path / "shop" / "templates" / "styles" / "backgrounds.yaml").is_file()
    with pytest.raises(UsageError, match="already is a lab"):
        init_lab(tmp_path / "shop")


def test_the_default_toml_names_every_key_and_changes_nothing(tmp_path: Path) -> None:
    text = default_toml()
    assert all(f"# {name} = " in text for name in KEYS)
    (tmp_path / "prodimg.toml").write_text(text)
    assert all(setting.origin == "default" for setting in find_lab(tmp_path).settings.values())
    uncommented = "\n".join(line[2:] for line in text.splitlines() if " = " in line)
    (tmp_path / "prodimg.toml").write_text(uncommented)
    assert all(setting.origin == "prodimg.toml" for setting in find_lab(tmp_path).settings.values())
