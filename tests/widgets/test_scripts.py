from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WIDGETS = ROOT / "prodimg_lab" / "widgets"


@pytest.fixture(scope="module")
def npm() -> list[str]:
    """How npm is called. Without what `tools/js.sh` installs: skip, loudly; in CI: fail."""
    if not (ROOT / "node_modules" / ".done").exists():
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs what tools/js.sh installs")
        pytest.skip("NO NODE MODULES: run tools/js.sh to test the widgets' scripts")
    return ["sh", str(ROOT / "tools" / "js.sh")]


@pytest.mark.xdist_group("js")
def test_the_scripts_pass_their_own_tests(npm: list[str]) -> None:
    done = subprocess.run([*npm, "test"], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert int(re.findall(r"^# pass (\d+)", done.stdout, re.MULTILINE)[0]) > 20


@pytest.mark.xdist_group("js")
def test_the_bundles_are_current_and_small(npm: list[str], tmp_path: Path) -> None:
    scripts = (ROOT / "package.json").read_text()
    command = re.findall(r'"bundle": "(.*)"', scripts)[0].replace("prodimg_lab/widgets/static", str(tmp_path))
    environ = {**os.environ, "PATH": f"{ROOT / 'node_modules' / '.bin'}:{os.environ['PATH']}"}
    subprocess.run(command, shell=True, cwd=ROOT, check=True, env=environ, capture_output=True)
    made = sorted(tmp_path.iterdir())
    assert made
    for file in made:
        assert file.read_bytes() == (WIDGETS / "static" / file.name).read_bytes(), f"{file.name}: run `make js`"
        assert file.stat().st_size <= 150_000


@pytest.mark.parametrize("file", sorted((WIDGETS / "js").glob("*.js")), ids=lambda file: file.name)
def test_a_script_is_short_and_never_writes_markup(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) <= 300
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text)
