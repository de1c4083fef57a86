"""Textures are painted once, kept on disk, and never stand in the way."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from prodimg_lab.studio import cache


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cache, "_memory", {})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def painted(calls: list[str]) -> np.ndarray:
    calls.append("painted")
    return np.arange(12, dtype=np.float32).reshape(3, 4)


def test_an_array_is_painted_once_and_read_back_by_the_next_process(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    first = cache.kept("wood", lambda: painted(calls))
    monkeypatch.setattr(cache, "_memory", {})
    second = cache.kept("wood", lambda: painted(calls))
    assert calls == ["painted"]
    assert np.array_equal(first, second)
    assert first.dtype == second.dtype
    assert not second.flags.writeable


def test_the_folder_honours_the_users_choice_and_names_the_version(tmp_path: Path) -> None:
    assert cache.folder() == tmp_path / "prodimg-lab" / f"studio-{cache.version()}"


def test_a_relative_cache_home_is_ignored_as_its_standard_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/place")
    assert cache.folder().is_absolute()


def test_a_file_cut_short_is_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    cache.kept("wood", lambda: painted(calls))
    file = cache.folder() / "wood.npy"
    file.write_bytes(file.read_bytes()[:-9])
    monkeypatch.setattr(cache, "_memory", {})
    assert cache.kept("wood", lambda: painted(calls)).shape == (3, 4)
    assert calls == ["painted", "painted"]


def test_where_nothing_can_be_written_memory_serves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    calls: list[str] = []
    for _ in range(3):
        assert cache.kept("wood", lambda: painted(calls)).shape == (3, 4)
    assert calls == ["painted"]


def test_several_processes_may_fill_it_at_once(tmp_path: Path) -> None:
    code = (
        "import numpy as np; from prodimg_lab.studio import cache;"
        "print(float(cache.kept('field', lambda: np.full((400, 400), 7.0)).sum()))"
    )
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate()[0].strip() for process in started] == [str(7.0 * 160000)] * 4
    assert [file.name for file in cache.folder().iterdir()] == ["field.npy"]
