"""Does `embed` say what it costs, does, and refuses?"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest

Run = Callable[..., tuple[int, str, str]]


pytestmark = pytest.mark.usefixtures("bedrock")


def test_a_run_is_embedded_within_its_estimate(prodimg: Run) -> None:
    assert prodimg("run", "tiny", "--progress", "silent")[0] == 0
    code, out, _ = prodimg("embed", "last", "--estimate", "--json")
    told = json.loads(out)
    assert code == 0 and told["simulated"] and told["calls"] > 0 and 0 < told["usd_at_most"] < 0.01
    code, out, _ = prodimg("embed", "last")
    assert code == 0 and f"{told['calls']} calls, at most $0.0" in out and "of play money" in out
    assert f"{told['calls']} of {told['calls']} calls" in out and "pictures ranked" in out
    again = json.loads(prodimg("embed", "last", "--json")[1])
    assert again["ranked"] > 0 and again["reason"] == ""


def test_a_cap_stops_it_with_exit_code_3(prodimg: Run) -> None:
    assert prodimg("run", "tiny", "--progress", "silent")[0] == 0
    code, out, err = prodimg("embed", "last", "--budget", "0.0001")
    assert code == 3 and "would pass the run's cap" in err
    assert "prodimg embed 2" in out.splitlines()[-1] and "--budget USD" in out.splitlines()[-1], "the next step"


def test_an_unknown_embedder_and_a_missing_extra_are_one_line(prodimg: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert prodimg("run", "tiny", "--progress", "silent")[0] == 0
    code, _, err = prodimg("embed", "last", "--model", "studio:sd35")
    assert code == 2 and "no embedder 'studio:sd35'" in err and "Traceback" not in err
    monkeypatch.setitem(sys.modules, "open_clip", None)
    code, _, err = prodimg("embed", "last", "--model", "clip")
    assert code != 0 and "prodimg-lab[clip]" in err and "Traceback" not in err
