"""Are embeddings bought once, within the cap, and told as ranks of one prompt's pictures?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.emulator import Emulator
from prodimg_lab.errors import BudgetExceeded, MissingExtra, UnknownName
from prodimg_lab.experiment import RunFolder, RunView, find_run, open_run, read_result, run_experiment
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
        assert best.value == 5 and best.detail.startswith(f"number 1 of the {len(own)} pictures of its prompt (cosine ")
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
    assert len(cut("word " * 400).split()) == 90


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
    embedders._loaded.cache_clear()
    yield loaded
    embedders._loaded.cache_clear()


def test_clip_runs_here_and_costs_nothing(lab: Lab, open_clip: list[tuple[str, object]]) -> None:
    folder = drawn(lab)
    view, found = embed_run(folder, EmbedOptions(model="clip"))
    assert found.ranked == len(ranks(view)) > 0 and not charges(folder)
    assert {score.version for score in ranks(view).values()} == {"clip:ViT-B-32/laion2b_s34b_b79k"}
    assert open_clip == [("ViT-B-32", "laion2b_s34b_b79k")], "its weights are loaded once"


def test_clip_without_its_extra_says_how_to_get_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    embedders._loaded.cache_clear()
    with pytest.raises(MissingExtra, match=r"clip needs open_clip: pip install 'prodimg-lab\[clip\]'"):
        embedder("clip", lab).text("a mug")


def test_what_the_store_lost_leaves_only_its_prompt_unranked(bedrock: Lab) -> None:
    folder = drawn(bedrock)
    view = open_run(folder)
    prompts = to_embed(view)
    prompt, rows = next(iter(prompts.items()))
    lost = rows[0].outcome.digest
    if sum(row.outcome.digest == lost for row in view.drawn) > 1:
        pytest.skip("the picture stands elsewhere too")
    (objects,) = [path for path in bedrock.root.rglob(f"*{lost[4:]}*") if path.is_file()][:1]
    objects.unlink()
    view, found = embed_run(folder, EmbedOptions(model=TITAN))
    assert found.stopped_by is None and not {row.trial.index for row in rows} & set(ranks(view))
    assert len(ranks(view)) == sum(len(own) for each, own in prompts.items() if each != prompt)
