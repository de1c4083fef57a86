from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.experiment import pruning
from prodimg_lab.lab import Lab
from prodimg_lab.testing.models import counted_calls

Run = Callable[..., tuple[int, str, str]]
Edit = Callable[[str, str], None]


def facts(answer: tuple[int, str, str]) -> Any:
    code, out, err = answer
    assert code == 0, err
    return json.loads(out)


def test_help_lists_every_command_and_each_has_its_own_help(prodimg: Run) -> None:
    code, out, _ = prodimg("--help")
    assert code == 0
    commands = "init demo new products plan run resume runs show report export rerun score models lint fsck"
    for command in commands.split():
        assert f"  {command} " in out
        code, text, _ = prodimg(command, "--help")
        assert code == 0
        assert "--json" in text


def test_plan_counts_and_prices_without_drawing(prodimg: Run, lab: Lab, calls: Path) -> None:
    code, out, _ = prodimg("plan", "tiny", "--price-as", "ultra")
    assert code == 0
    assert "4 variants × 4 blocks = 16 pictures" in out
    assert "$2.24 as stability.stable-image-ultra-v1:1" in out
    code, out, _ = prodimg("plan", "tiny", "--price-as", "ultra", "--prompts", "--set", "budget={usd: 1}")
    assert "over the budget of $1.00: it would stop after about 7 pictures" in out
    assert "photo of mug, red, soft light, from the front" in out.lower()
    plan = facts(prodimg("plan", "tiny", "--json"))
    assert (plan["trials"], plan["cost_usd"], plan["simulated"]) == (16, 0.0, True)
    assert not counted_calls(calls)


def test_run_show_report_export_resume_and_runs_speak_of_the_same_run(prodimg: Run, lab: Lab, tmp_path: Path) -> None:
    result = facts(prodimg("run", "tiny", "--blocks", "2", "--note", "first", "--json"))
    assert (result["state"], result["counts"]["done"], result["counts"]["skipped"]) == ("done", 8, 8)
    assert facts(prodimg("show", "--json"))["run_id"] == result["run_id"]
    assert facts(prodimg("resume", "--json"))["counts"]["done"] == 16
    (line,) = facts(prodimg("runs", "--json"))
    assert (line["run_id"], line["trials"], line["note"]) == (result["run_id"], 16, "first")
    assert "tiny" in prodimg("runs")[1]
    page = facts(prodimg("report", "last", "--out", str(tmp_path / "r.html"), "--json"))
    assert Path(page["report"]).stat().st_size == page["bytes"]
    for suffix in ("csv", "parquet"):
        assert facts(prodimg("export", "last", "--out", str(tmp_path / f"t.{suffix}"), "--json"))["rows"] == 16
    code, _, err = prodimg("export", "last", "--out", "t.xlsx")
    assert (code, "must end in .csv or .parquet" in err) == (2, True)


def test_a_run_prints_the_headline_and_where_the_report_is(prodimg: Run, lab: Lab) -> None:
    code, out, err = prodimg("run", "tiny")
    assert code == 0
    assert "report.html" in out
    assert "simulated" in out
    assert "16/16" in err


def test_rerun_goes_through_papermill_and_is_equal(prodimg: Run, lab: Lab, calls: Path) -> None:
    facts(prodimg("run", "tiny", "--json"))
    result = facts(prodimg("rerun", "--json"))
    assert result["equal"]
    assert (result["trials"], result["equal_requests"], result["equal_pictures"], result["equal_scores"]) == (16,) * 4
    assert result["model_calls"] == 0
    assert len(counted_calls(calls)) == 16
    folder = Path(result["report"]).parent
    notebook = json.loads((folder / "notebook.ipynb").read_text())
    assert "widgets" not in notebook["metadata"]
    assert (folder / "report.html").is_file()
    assert facts(prodimg("runs", "--json"))[0]["run_id"] == folder.name


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["plan", "tny"], 2, "no experiment 'tny'"),
        (["plan", "tiny", "--set", "sweep.seedz=2"], 2, "--set sweep.seedz: unknown key 'seedz'"),
        (["plan", "tiny", "--model", "studio:sd53"], 2, "sd53"),
        (["plan", "tiny", "--price-as", "dalle"], 2, "no model 'dalle' in the catalogue"),
        (["show", "nothing"], 2, "there are no runs"),
        (["products", "nothing.csv"], 2, "nothing.csv"),
        (["score", "nothing.png"], 1, "nothing.png: cannot be read"),
        (["score", "x.png", "--marketplace", "amazon"], 2, "no marketplace 'amazon'; did you mean"),
        (["score", "x.png", "--marketplace", "etsy", "--as-of", "soon"], 2, "--as-of 'soon' is no day"),
        (["score", "x.png", "--ocr"], 2, "--ocr goes with --marketplace NAME"),
        (["score", "x.png", "--rubric", "defalt"], 2, "no rubric 'defalt'"),
        (["score", "x.png", "--asked", "colur=sage"], 2, "nothing scores 'colur'; did you mean 'colour'?"),
        (
            ["plan", "tiny", "--model", "bedrock:amazon.nova-canvas-v1:0"],
            2,
            "was retired 2026-09-30; use stability.sd3-5",
        ),
        (["plan", "tiny", "--model", "bedrock:us.stability.stable-outpaint-v1:0"], 2, "draws from text alone"),
        (["plan", "tiny", "--model", "sagemaker:mine"], 2, 'prices = {"sagemaker:mine" = 0.02}'),
        (["new", "Tiny Mug"], 2, "'Tiny Mug' is no name"),
        (["new", "tiny"], 2, "is there already"),
        (["demo"], 2, "has no demo experiments"),
        (["run", "tiny", "--blocks", "0"], 2, "--blocks"),
        (["pln"], 2, "pln"),
    ],
)
def test_wrong_input_is_one_clear_message_and_no_traceback(
    prodimg: Run, lab: Lab, words: list[str], code: int, message: str
) -> None:
    got, out, err = prodimg(*words)
    assert got == code
    assert message in err
    assert "Traceback" not in out + err


def test_a_cap_exits_three_and_a_failure_one(prodimg: Run, lab: Lab, edit: Edit) -> None:
    edit("seconds=0.0", "seconds=0.0&price_micro=40000")
    code, out, _ = prodimg("run", "tiny", "--budget", "0.1")
    assert code == 3
    assert "go on with: prodimg resume" in out


def test_a_new_experiment_plans_and_a_new_lab_has_what_it_needs(
    prodimg: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prodimg("init", str(tmp_path / "shop"))[0] == 0
    monkeypatch.chdir(tmp_path / "shop")
    assert prodimg("new", "first")[0] == 0
    assert facts(prodimg("plan", "first", "--json"))["trials"] == 32
    assert facts(prodimg("plan", "mug-hero", "--json"))["trials"] >= 128
    assert facts(prodimg("plan", "shop-window", "--json"))["products"] >= 8
    code, out, _ = prodimg("lint")
    assert (code, "0 errors, 0 warnings" in out) == (0, True)
    assert prodimg("init", str(tmp_path / "shop"))[0] == 2


def test_every_shipped_experiment_but_the_one_about_cfg_scale_runs_on_a_served_model(
    prodimg: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prodimg("init", str(tmp_path / "shop"))
    monkeypatch.chdir(tmp_path / "shop")
    for file in (tmp_path / "shop" / "experiments").glob("*/experiment.yaml"):
        misfits = [
            facts(prodimg("plan", file.parent.name, "--price-as", model, "--json"))["misfits"]
            for model in ("core", "sd35", "ultra")
        ]
        assert any(not each for each in misfits) == (file.parent.name != "cfg-and-steps")


def test_models_say_which_are_simulated_and_how_old_the_prices_are(prodimg: Run) -> None:
    out = prodimg("models")[1]
    rows = [line for line in out.splitlines() if line.startswith("studio:")]
    assert len(rows) == 4 and all("simulated" in row for row in rows)
    assert "2026-11-23" in out
    listed = {model["model"]: model for model in facts(prodimg("models", "--json"))["models"]}
    assert listed["stability.sd3-5-large-v1:0"]["price_micro"] == 80_000


def test_products_are_shown_with_the_words_that_they_were_read_from(prodimg: Run, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("sku,title\n007,Sage Green Stoneware Mug\n")
    out = prodimg("products", str(file))[1]
    assert "sage green" in out
    assert "'Sage Green'" in out
    assert facts(prodimg("products", str(file), "--json"))[0]["sku"] == "007"
    corrections = tmp_path / "attributes.csv"
    assert prodimg("products", str(file), "--out", str(corrections))[0] == 0
    assert prodimg("products", str(file), "--attributes", str(corrections))[0] == 0


def test_lint_exits_two_for_a_template_with_a_fault(prodimg: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "name: bad\nversion: 1.0.0\nsummary: x\nprompt: photo of {{ product.subject }}, {{ lightning }}\n"
    )
    code, out, _ = prodimg("lint", str(tmp_path))
    assert code == 2
    assert "bad.yaml:4" in out


def test_pictures_from_anywhere_are_scored(prodimg: Run, tmp_path: Path) -> None:
    from prodimg_lab.testing.pictures import draw_product

    file = tmp_path / "mug.png"
    file.write_bytes(draw_product().data)
    (answer,) = facts(prodimg("score", str(file), "--asked", "background=white", "--json"))
    assert 0 <= answer["quality"] <= 5
    file.write_bytes(b"no picture")
    assert prodimg("score", str(file))[0] == 1


def test_the_command_is_installed_and_an_interrupted_reader_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m prodimg_lab.cli models | head -1", shell=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("model")
    assert "Traceback" not in done.stderr


def test_progress_as_json_is_events_and_nothing_else(lab: Lab, prodimg: Run) -> None:
    code, out, _ = prodimg("run", "tiny", "--progress", "json")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert events[0]["event"] == "started"
    assert (events[-1]["event"], events[-1]["state"]) == ("finished", "done")
    assert sum(event["event"] == "trial" for event in events) == 16
    code, _, err = prodimg("run", "tiny", "--progress", "loud")
    assert (code, "rich, log, json, silent" in err) == (2, True)


def test_prune_tells_first_and_deletes_when_asked(lab: Lab, prodimg: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    prodimg("run", "tiny")
    assert "nothing older than 90d may go" in prodimg("prune")[1]
    monkeypatch.setattr("prodimg_lab.experiment.pruning._read", _aged(pruning._read))
    code, out, _ = prodimg("prune", "--older-than", "12w")
    assert (code, "would delete 16 pictures of 1 run" in out) == (0, True)
    assert "prodimg prune --older-than 12w --apply" in out
    assert json.loads(prodimg("prune", "--json")[1])["is_done"] is False
    assert "deleted: 16 pictures" in prodimg("prune", "--apply")[1]
    assert "nothing older" in prodimg("prune", "--apply")[1]
    assert prodimg("prune", "--older-than", "soon")[0] == 2


def _aged(read: Callable[..., Any]) -> Callable[..., Any]:
    def aged(*given: Any) -> Any:
        run = read(*given)
        run.ended -= timedelta(days=100)
        return run

    return aged


def test_a_cluster_that_nobody_can_mean_is_refused(lab: Lab, prodimg: Run) -> None:
    code, _, err = prodimg("run", "tiny", "--executor", "ray:x")
    assert code == 2
    assert "write dask:tcp://host:8786" in err
