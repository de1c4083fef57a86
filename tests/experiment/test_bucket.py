"""A lab whose pictures live in a bucket: what machines that share nothing else need not buy again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.aws import buckets
from prodimg_lab.errors import StoreError
from prodimg_lab.experiment import check_store, find_run, open_run, resume_run, run_experiment
from prodimg_lab.experiment.planning import estimate_plan, plan_experiment
from prodimg_lab.lab import Lab, find_lab
from prodimg_lab.testing.models import counted_calls

CountCalls = Callable[[], int]


@pytest.fixture
def count(calls: Path) -> CountCalls:
    return lambda: len(counted_calls(calls))


def machine(lab: Lab, folder: Path, bucket: str) -> Lab:
    """The lab's experiments on a machine that has nothing else."""
    shutil.copytree(lab.root, folder, ignore=shutil.ignore_patterns("runs", ".prodimg", "objects"))
    (folder / "prodimg.toml").write_text(f'store = "{bucket}"\n')
    return find_lab(folder)


def test_a_second_machine_buys_nothing_and_lists_nothing(
    lab: Lab, tmp_path: Path, bucket: str, count: CountCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = machine(lab, tmp_path / "first", bucket)
    drawn = run_experiment("tiny", lab=first)
    assert (drawn.state, len(drawn.drawn)) == ("done", 16)
    before = count()
    shutil.rmtree(first.root)
    asked: list[str] = []
    real = buckets.Bucket._call

    def told(self: buckets.Bucket, what: str, name: str, *rest: object, **given: object) -> object:
        asked.append(name)
        return real(self, what, name, *rest, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(buckets.Bucket, "_call", told)
    second = machine(lab, tmp_path / "second", bucket)
    assert estimate_plan(plan_experiment("tiny", lab=second)).cached == 16
    again = run_experiment("tiny", lab=second)
    assert (again.state, len(again.drawn), count()) == ("done", 16, before)
    assert [row.outcome.digest for row in again.rows] == [row.outcome.digest for row in drawn.rows]
    assert [row.scores for row in again.rows] == [row.scores for row in drawn.rows]
    assert "list_objects_v2" not in asked
    assert "put_object" not in asked


def test_a_bucket_that_goes_away_loses_no_paid_picture(
    lab: Lab,
    tmp_path: Path,
    bucket: str,
    count: CountCalls,
    edit: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edit("seconds=0.0", "seconds=0.0&price_micro=40000&concurrency=2")
    here = machine(lab, tmp_path / "here", bucket)
    real = buckets.Bucket.put
    uploaded: list[str] = []

    def put(self: buckets.Bucket, key: str, data: bytes) -> bool:
        if len(uploaded) >= 7:
            raise StoreError("could not write: the network is down")
        uploaded.append(key)
        return real(self, key, data)

    monkeypatch.setattr(buckets.Bucket, "put", put)
    stopped = run_experiment("tiny", lab=here)
    assert stopped.state == "stopped"
    bought = count()
    assert bought < 16
    monkeypatch.setattr(buckets.Bucket, "put", real)
    done = resume_run(find_run(stopped.run_id, lab=here), lab=here)
    assert (done.state, len(done.drawn)) == ("done", 16)
    assert count() == 16, "what had come before the network went down was not bought again"


def test_fsck_reads_a_bucket_and_sets_damage_aside(lab: Lab, tmp_path: Path, bucket: str) -> None:
    here = machine(lab, tmp_path / "here", bucket)
    view = run_experiment("tiny", lab=here)
    assert check_store(here).is_clean
    digest = view.rows[0].outcome.digest
    place = buckets.Bucket(bucket, account=buckets.Account())
    place.move(f"{digest[:2]}/{digest}", "away")
    place.put(f"{digest[:2]}/{digest}", b"\x89PNG\r\n\x1a\n half")
    shutil.rmtree(here.root / ".prodimg" / "objects")
    check = check_store(here)
    assert {fault.kind for fault in check.faults} == {"object", "record of a damaged object"}
    assert all(each.startswith(f"{bucket}/set-aside/") for each in check.aside)
    assert open_run(find_run("last", lab=here)).state == "done"
    assert run_experiment("tiny", lab=here).state == "done"
    assert check_store(here).is_clean
