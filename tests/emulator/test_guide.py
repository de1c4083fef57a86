"""Does the guide say what the code does?"""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from prodimg_lab.cli.app import app
from prodimg_lab.emulator import FAULTS

GUIDE = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")


def test_the_table_of_faults_is_the_codes() -> None:
    table = GUIDE.partition("<!-- faults")[2].partition("<!-- end of faults -->")[0]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", table, re.MULTILINE)
    assert rows == [(name, fault.summary) for name, fault in FAULTS.items()]


def test_every_option_of_the_command_is_in_the_guide() -> None:
    told = CliRunner().invoke(app, ["emulate", "--help"], env={"COLUMNS": "200"}).output
    options = set(re.findall(r"--[a-z][a-z-]+", told)) - {"--help"}
    assert options and all(f"`{option}" in GUIDE for option in options), options
