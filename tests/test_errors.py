from __future__ import annotations

import pickle

import pytest

from prodimg_lab.errors import ContentFiltered, Problems, RunIncomplete, TemplateError, Throttled
from prodimg_lab.suggest import nearest


def test_a_usage_error_says_file_and_line_first() -> None:
    assert str(TemplateError("bad", file="a.yaml", line=3)) == "a.yaml:3: bad"
    assert str(TemplateError("bad", file="a.yaml")) == "a.yaml: bad"
    assert str(TemplateError("bad")) == "bad"


@pytest.mark.parametrize(
    "error",
    [
        TemplateError("bad", file="a.yaml", line=3),
        Problems([TemplateError("one", file="a.yaml"), TemplateError("two")]),
        Throttled("slow down", model_id="m", retry_after_s=2.5),
        ContentFiltered("prompt", model_id="m"),
    ],
)
def test_errors_cross_a_process_boundary_whole(error: Exception) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert back.__dict__.keys() == error.__dict__.keys()


def test_a_run_stopped_by_a_cap_exits_with_three_and_another_with_one() -> None:
    assert RunIncomplete("x", run_id="r", state="stopped", exit_code=3).exit_code == 3
    assert RunIncomplete("x", run_id="r", state="incomplete").exit_code == 1


def test_a_wrong_name_gets_the_nearest_right_one() -> None:
    assert nearest("golden-hr", ["golden-hour", "softbox"]) == "did you mean 'golden-hour'?"
    assert nearest("zzz", ["b", "a"]) == "known are a, b"
    assert nearest("zzz", []) == "there are none"
