"""Are embeddings bought once, within the cap, and told as ranks of one prompt's pictures?"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.emulator import Emulator
from prodimg_lab.errors import (
    BudgetExceeded,
    FatalForRun,
    FatalForTrial,
    MissingExtra,
    Uncertain,
    UnknownName,
    UsageError,
)
from prodimg_lab.experiment import RunFolder, RunView, embedding, find_run, open_run, read_result, run_experiment
from prodimg_lab.experiment.embedding import PROMPT_RANK, EmbedOptions, cosine, embed_run, most_micro, to_embed
from prodimg_lab.lab import Lab, find_lab
from prodimg_lab.models import embedders
from prodimg_lab.models.embedders import cut, embedder
from prodimg_lab.records import Score
from prodimg_lab.store import read_journal

TITAN = "bedrock:amazon.titan-embed-image-v1"


@pytest.fixture
def bedrock(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """The tiny experiment's lab with an emulated Bedrock."""
    with Emulator() as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        forget_clients()
        yield find_lab(lab.root)
    forget_clients()


def drawn(lab: Lab) -> RunFolder:
    run_experiment("tiny", lab=lab)
    return find_run("last", lab=lab)


def ranks(view: RunView) -> dict[int, Score]:
    found = {row.trial.index: row.scores.get(PROMPT_RANK) for row in view.rows}
    return {index: score for index, score in found.items() if isinstance(score, Score)}


def charges(folder: RunFolder) -> list[dict[str, Any]]:
    return [line for line in read_journal(folder.path) if line["event"] == "charge" and "embedder" in line]


def test_pictures_of_one_prompt_are_ranked_among_themselves(bedrock: Lab) -> None:
    folder = drawn(bedrock)
    calls, micro = most_micro(open_run(folder), embedder(TITAN, bedrock))
    view, found = embed_run(folder, EmbedOptions(model=TITAN))
    prompts = to_embed(view)
    assert found.stopped_by is None and found.ranked == len(ranks(view)) == sum(map(len, prompts.values())) > 0
    for rows in prompts.values():
        own = [ranks(view)[row.trial.index] for row in rows]
        assert sorted(score.raw for score in own) == list(range(1, len(own) + 1))
        assert {score.value for score in own} == {5 * at / (len(own) - 1) for at in range(len(own))}
        best = min(own, key=lambda score: score.raw)
        assert best.value == 5 and best.detail.startswith(f"place 1 of the {len(own)} pictures of its prompt (cosine ")
        assert best.version == "amazon.titan-embed-image-v1 (emulated)", "an emulator's are never taken for the model's"
    assert len(charges(folder)) == calls and view.simulated_cost_micro == micro > 0 and view.real_cost_micro == 0
    assert read_result(folder.path)["simulated_cost_usd"] == pytest.approx(micro / 1e6) and view.state == "done"


def test_a_second_time_nothing_is_bought(bedrock: Lab) -> None:
    folder = drawn(bedrock)
    first, _ = embed_run(folder, EmbedOptions(model=TITAN))
    bought = len(charges(folder))
    again, _ = embed_run(folder, EmbedOptions(model=TITAN))
    assert len(charges(folder)) == bought and ranks(again) == ranks(first)


def test_a_cap_ends_it_before_it_is_passed_and_the_rest_is_bought_later(bedrock: Lab) -> None:
    folder = drawn(bedrock)
    calls, micro = most_micro(open_run(folder), embedder(TITAN, bedrock))
    view, found = embed_run(folder, EmbedOptions(model=TITAN, budget_usd=0.5 * micro / 1e6))
    assert isinstance(found.stopped_by, BudgetExceeded) and view.simulated_cost_micro <= 0.5 * micro
    assert 0 < len(charges(folder)) < calls
    view, found = embed_run(folder, EmbedOptions(model=TITAN))
    assert found.stopped_by is None and view.simulated_cost_micro == micro and found.ranked == len(ranks(view))


def test_a_run_whose_prompts_have_one_picture_each_sends_nothing(bedrock: Lab, edit: Any) -> None:
    edit("seeds: 2", "seeds: 1")
    folder = drawn(bedrock)
    assert most_micro(open_run(folder), embedder(TITAN, bedrock)) == (0, 0)
    assert embed_run(folder, EmbedOptions(model=TITAN))[1].ranked == 0 and not charges(folder)


def test_long_prompts_are_cut_to_what_titan_takes() -> None:
    assert cut("one, two") == "one, two"
    for text in ("word " * 400, "a-b, " * 300, "x" * 5000, "器" * 400, "soft-focus, close-up; 50mm! " * 60):
        kept = cut(text)
        pieces = re.findall(r"\w+|[^\w\s]", kept)
        assert text.startswith(kept) and 20 < len(kept) < len(text) and len(pieces) <= 128


def test_an_unknown_embedder_is_refused_with_those_that_there_are(lab: Lab) -> None:
    with pytest.raises(UnknownName, match=r"no embedder 'bedrock:cohere.embed-v4:0'; there are bedrock:amazon.titan"):
        embedder("bedrock:cohere.embed-v4:0", lab)


def test_cosine() -> None:
    assert cosine((1.0, 0.0), (3.0, 0.0)) == pytest.approx(1.0)
    assert cosine((1.0, 0.0), (0.0, 2.0)) == 0.0 == cosine((0.0, 0.0), (1.0, 0.0))


class _Tensor(list[Any]):
    def unsqueeze(self, dim: int) -> _Tensor:
        assert dim == 0
        return _Tensor([self])


class _Quiet:
    def __enter__(self) -> None: ...
    def __exit__(self, *raised: object) -> None: ...


class _Clip:
    """Stands in for an open-clip model: a picture's mean colours, a text's length."""

    def eval(self) -> None: ...

    def encode_image(self, batch: list[Any]) -> list[list[float]]:
        return [[sum(each) / len(each) for each in zip(*picture, strict=True)] for picture in batch]

    def encode_text(self, tokens: list[str]) -> list[list[float]]:
        return [[float(len(text)), 1.0, 1.0] for text in tokens]


@pytest.fixture
def open_clip(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, object]]]:
    """A stand-in for open-clip and torch, with the calls that load a model."""
    loaded: list[tuple[str, object]] = []
    fake, torch = ModuleType("open_clip"), ModuleType("torch")

    def create(name: str, pretrained: object) -> tuple[_Clip, None, Any]:
        loaded.append((name, pretrained))
        return _Clip(), None, lambda picture: _Tensor(picture.resize((4, 4)).get_flattened_data())

    vars(fake).update(create_model_and_transforms=create, get_tokenizer=lambda name: lambda texts: texts)
    vars(torch).update(no_grad=lambda: _Quiet())
    monkeypatch.setitem(sys.modules, "open_clip", fake)
    monkeypatch.setitem(sys.modules, "torch", torch)
    embedders._load.cache_clear()
    yield loaded
    embedders._load.cache_clear()


def test_clip_runs_here_and_costs_nothing(lab: Lab, open_clip: list[tuple[str, object]]) -> None:
    folder = drawn(lab)
    view, found = embed_run(folder, EmbedOptions(model="clip"))
    assert found.ranked == len(ranks(view)) > 0 and not charges(folder)
    assert {score.version for score in ranks(view).values()} == {"clip:ViT-B-32/laion2b_s34b_b79k"}
    assert open_clip == [("ViT-B-32", "laion2b_s34b_b79k")], "its weights are loaded once"


def test_clip_without_its_extra_says_how_to_get_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    embedders._load.cache_clear()
    with pytest.raises(MissingExtra, match=r"clip needs open_clip: pip install 'prodimg-lab\[clip\]'"):
        embedder("clip", lab).text("a mug")


def lose(lab: Lab, digest: str) -> None:
    """Take the object of that picture out of the store."""
    (file, *_) = [path for path in lab.root.rglob(f"*{digest[4:]}*") if path.is_file()]
    file.unlink()


def test_what_the_store_lost_leaves_only_its_prompt_unranked_and_is_told(bedrock: Lab) -> None:
    folder = drawn(bedrock)
    prompts = to_embed(open_run(folder))
    prompt, rows = next(iter(prompts.items()))
    lose(bedrock, rows[0].outcome.digest)
    view, found = embed_run(folder, EmbedOptions(model=TITAN))
    assert found.stopped_by is None and found.failed == 1 and rows[0].outcome.digest[:8] in found.reasons[0]
    assert set(ranks(view)) == {row.trial.index for each, own in prompts.items() if each != prompt for row in own}


def test_a_picture_that_was_bought_before_it_was_lost_keeps_its_rank(bedrock: Lab) -> None:
    folder = drawn(bedrock)
    first, _ = embed_run(folder, EmbedOptions(model=TITAN))
    lose(bedrock, first.rows[0].outcome.digest)
    again, found = embed_run(folder, EmbedOptions(model=TITAN))
    assert ranks(again) == ranks(first) and found.failed == 0


def test_where_the_service_cannot_be_reached_the_failures_are_counted_and_named(
    bedrock: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = drawn(bedrock)
    reached = embedders.embed

    def refused(connection: object, *, text: str = "", image: bytes = b"", **given: Any) -> Any:
        if image:
            raise Uncertain("the line broke")
        return reached(connection, text=text, image=image, **given)

    monkeypatch.setattr(embedders, "embed", refused)
    view, found = embed_run(folder, EmbedOptions(model=TITAN))
    pictures = len({row.outcome.digest for rows in to_embed(view).values() for row in rows})
    assert (found.ranked, found.failed, found.uncertain, found.reasons) == (0, pictures, pictures, ("the line broke",))
    assert read_result(folder.path)["simulated_cost_usd"] == pytest.approx(view.simulated_cost_micro / 1e6)


def test_pictures_of_a_prompt_without_a_vector_are_not_sent(bedrock: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, sent = drawn(bedrock), []

    def refused(connection: object, *, text: str = "", image: bytes = b"", **given: Any) -> Any:
        sent.append(bool(image))
        raise FatalForTrial("too long")

    monkeypatch.setattr(embedders, "embed", refused)
    _, found = embed_run(folder, EmbedOptions(model=TITAN))
    assert not any(sent) and found.failed == len(sent) and found.reasons == ("too long",)


def test_what_a_cap_left_is_ranked_the_same_each_time(bedrock: Lab) -> None:
    folder = drawn(bedrock)
    _, micro = most_micro(open_run(folder), embedder(TITAN, bedrock))
    options = EmbedOptions(model=TITAN, budget_usd=(micro - 1) / 1e6)
    first, found = embed_run(folder, options)
    assert isinstance(found.stopped_by, BudgetExceeded)
    assert {len(ranks(embed_run(folder, options)[0])) for _ in range(4)} == {len(ranks(first))} != {0}


def test_equal_pictures_count_once_and_ties_share_a_place(bedrock: Lab) -> None:
    (rows,) = list(to_embed(open_run(drawn(bedrock))).values())[:1]
    one, other = rows[:2]
    twins = [one, replace(other, outcome=replace(other.outcome, digest=one.outcome.digest)), other]
    twins[1] = replace(twins[1], trial=replace(twins[1].trial, index=90))
    vectors = {"p": (1.0, 0.0), one.outcome.digest: (1.0, 0.1), other.outcome.digest: (0.1, 1.0)}
    found = embedding._ranked(twins, "p", vectors, "m")
    assert [(score.value, score.raw) for score in found.values()] == [(5.0, 1.0), (5.0, 1.0), (0.0, 2.0)]


def test_a_run_that_is_being_drawn_is_refused(bedrock: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = drawn(bedrock)
    view = replace(open_run(folder), state="running")
    monkeypatch.setattr(embedding, "open_run", lambda opened: view)
    with pytest.raises(UsageError, match="is being drawn; embed it when that has ended"):
        embed_run(folder, EmbedOptions(model=TITAN))
    with pytest.raises(UsageError, match="a cap of inf is none"):
        embed_run(folder, EmbedOptions(model=TITAN, budget_usd=float("inf")))


def test_clip_without_weights_or_with_unknown_ones_is_one_clear_error(
    lab: Lab, open_clip: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownName, match="names no weights"):
        embedder("clip:ViT-B-32", lab)

    def unknown(name: str, pretrained: object) -> None:
        raise RuntimeError("no such model\nmore lines")

    monkeypatch.setattr(sys.modules["open_clip"], "create_model_and_transforms", unknown)
    _, found = embed_run(drawn(lab), EmbedOptions(model="clip:x/y"))
    assert isinstance(found.stopped_by, FatalForRun) and str(found.stopped_by).endswith("x/y: no such model")
