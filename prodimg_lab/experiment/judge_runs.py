"""How is a run judged after it was drawn: its pictures one by one, or pair against pair?"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from prodimg_lab.errors import CorruptObject, FatalForRun, ModelError, ProdimgError, UsageError
from prodimg_lab.experiment.called_later import opened_for_calls, tell_result
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.judging import CALLS_AT_A_TIME, Judged, JudgePass, bought
from prodimg_lab.experiment.opening import open_run, read_facts
from prodimg_lab.experiment.planning import judge_prices
from prodimg_lab.experiment.view import RunView
from prodimg_lab.lab import Lab
from prodimg_lab.models.judges import JudgeCard, judge_card
from prodimg_lab.records import TrialState
from prodimg_lab.runner import Event, paid_calls
from prodimg_lab.scoring.judge import Ask
from prodimg_lab.scoring.pairwise import SCHEMA, Compared, PositionBias, compare, pair_text, position_bias
from prodimg_lab.store import Journal, read_journal
from prodimg_lab.verdict.effects import Interval, wilson_interval

EVENT = "judged_pair"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOptions:
    """How a run is judged later. `judge`: its spec; "" for the experiment's, then the lab's own.

    `shortlist` above 0: only the so many best pictures. `split`: the judge splits the prompts.
    `budget_usd` takes the place of the run's cap.
    """

    judge: str = ""
    shortlist: int = 0
    split: bool = False
    budget_usd: float | None = None
    retry_uncertain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPair:
    """Two trials of a block, by place, that a judge held against each other in both orders."""

    judge: str
    first: int
    second: int
    compared: Compared


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantTally:
    """Of a variant's judged pairs: won, lost, and undecided (a tie, or answers that disagree).

    `share` is won over decided, 0..1, `interval` Wilson's of it; None where nothing was decided.
    """

    variant: str
    won: int
    lost: int
    undecided: int
    share: float | None
    interval: Interval | None


def card_for(folder: RunFolder, judge: str, lab: Lab) -> JudgeCard:
    """The judge that is meant. Raises `UsageError` where none is named anywhere, or it has no price."""
    part = read_facts(folder).identity.get("judge") or {}
    spec = judge or part.get("model", "") or lab.text("judge")
    if not spec:
        raise UsageError("no judge is named: --judge bedrock:<model id>, or judge = … in prodimg.toml")
    return judge_card(spec, lab)


def most_micro(
    folder: RunFolder, card: JudgeCard, *, shortlist: int = 0, pairs: int = 0, split: bool = False
) -> tuple[int, int]:
    """How many questions would be asked, and what they cost at most, in micro-dollars. What is kept costs nothing."""
    view = open_run(folder)
    if pairs:
        chosen = pairs_to_judge(view, pairs)
        prices = [card.most_micro(pair_text(_description(view, first)), 2, SCHEMA) for first, _ in chosen]
        return 2 * len(prices), 2 * sum(prices)
    return judge_prices(card, [(row.trial.request.prompt, row.trial.asked) for row in view.drawn], shortlist, split)


def judge_run(
    folder: RunFolder, options: JudgeOptions, *, tell: Callable[[Event], None] = lambda event: None
) -> tuple[RunView, Judged]:
    """Ask a judge about a drawn run's pictures, each question once; how the run stands is left as it is.

    Raises `UsageError`, `StoreError`.
    """
    with opened_for_calls(folder, budget_usd=options.budget_usd, retry_uncertain=options.retry_uncertain) as (
        facts,
        lab,
        context,
    ):
        card = card_for(folder, options.judge, lab)
        work = JudgePass(
            facts=facts,
            card=card,
            lab=lab,
            context=context,
            shortlist=options.shortlist,
            split=options.split,
            tell=tell,
        )
        judged = work.run(open_run(folder))
        tell_result(folder)
    return open_run(folder), judged


def judge_pairs(
    folder: RunFolder, options: JudgeOptions, *, count: int, tell: Callable[[int, int], None] = lambda done, of: None
) -> ProdimgError | None:
    """Let a judge compare `count` pairs, each in both orders, into the run's journal.

    Returns the error that ended it early, or None; how the run stands is left as it is. Raises `UsageError`,
    `StoreError`.
    """
    with opened_for_calls(folder, budget_usd=options.budget_usd, retry_uncertain=options.retry_uncertain) as (
        facts,
        lab,
        context,
    ):
        card, view = card_for(folder, options.judge, lab), open_run(folder)
        known = {(each.first, each.second) for each in read_judged_pairs(folder) if each.judge == card.name}
        chosen = [pair for pair in pairs_to_judge(view, count) if pair not in known]
        identity = facts.identity
        if not chosen:
            return None
        with (
            paid_calls(context, planned=identity["trials"], simulated=identity["simulated"]) as calls,
            context.stop.listening(lambda: None),
        ):
            places = lab.count("concurrency") or CALLS_AT_A_TIME
            ask = partial(bought, calls, card, lab)
            error = _compare_all(chosen, view, judge=card.name, ask=ask, places=places, tell=tell)
        tell_result(folder)
        return error


def _compare_all(
    chosen: Sequence[tuple[int, int]],
    view: RunView,
    *,
    judge: str,
    ask: Ask,
    places: int,
    tell: Callable[[int, int], None],
) -> ProdimgError | None:
    """Write down what is decided; the error that ends it, or None. A pair that the judge won't answer is left out."""
    journal, done = Journal(view.folder), 0
    try:
        with ThreadPoolExecutor(places, thread_name_prefix="judge") as pool:
            results = pool.map(lambda pair: _compared(view, *pair, ask=ask), chosen)
            for (first, second), found in zip(chosen, results, strict=True):
                done += 1
                if isinstance(found, Compared):
                    sides = {"straight": found.straight, "swapped": found.swapped}
                    journal.append({"event": EVENT, "judge": judge, "first": first, "second": second, **sides})
                elif isinstance(found, FatalForRun) or not isinstance(found, ModelError | CorruptObject):
                    pool.shutdown(cancel_futures=True)
                    return found
                tell(done, len(chosen))
    finally:
        journal.close()
    return None


def _compared(view: RunView, first: int, second: int, *, ask: Ask) -> Compared | ProdimgError:
    try:
        pictures = [view.picture(view.rows[place].outcome.digest) for place in (first, second)]
        return compare(ask, *pictures, prompt=_description(view, first))
    except ProdimgError as error:
        return error


def _description(view: RunView, place: int) -> str:
    """What both pictures of a pair are held against: the product as the catalogue has it, not one variant's prompt."""
    trial = view.rows[place].trial
    product = view.products[trial.block.sku]
    return f"{product.title}. {product.description}"[:1500]


def pairs_to_judge(view: RunView, count: int) -> list[tuple[int, int]]:
    """Up to `count` pairs of drawn pictures, two variants of one block each, spread over blocks and variants.

    The same pairs for the same run and count, and the first of them for a smaller count.
    """
    blocks: dict[str, list[int]] = {}
    for row in view.rows:
        if row.outcome.state is TrialState.DONE:
            blocks.setdefault(row.trial.block.name, []).append(row.trial.index)
    dice = random.Random(view.run_id)
    decks = []
    for places in blocks.values():
        pairs = [pair for pair in combinations(places, 2) if len({view.rows[each].trial.variant for each in pair}) == 2]
        dice.shuffle(pairs)
        decks.append(pairs)
    dealt = (pair for at in range(max(map(len, decks), default=0)) for deck in decks for pair in deck[at : at + 1])
    return list(dealt)[:count]


def read_judged_pairs(folder: RunFolder) -> list[JudgedPair]:
    """The pairs that judges have compared in a run, in order."""
    return [
        JudgedPair(
            judge=str(line["judge"]),
            first=int(str(line["first"])),
            second=int(str(line["second"])),
            compared=Compared(straight=line["straight"], swapped=line["swapped"]),  # type: ignore[arg-type]
        )
        for line in read_journal(folder.path)
        if line["event"] == EVENT
    ]


def bias_of(pairs: Sequence[JudgedPair]) -> PositionBias:
    """How often the judge kept to a place."""
    return position_bias([each.compared for each in pairs])


def tally(view: RunView, pairs: Sequence[JudgedPair]) -> list[VariantTally]:
    """How the variants fared, most won first."""
    found: dict[str, list[int]] = {}
    for pair in pairs:
        names = [view.rows[place].trial.variant for place in (pair.first, pair.second)]
        for at, name in enumerate(names):
            counts = found.setdefault(name, [0, 0, 0])
            winner = pair.compared.winner
            counts[2 if winner is None else 0 if winner == at else 1] += 1
    lines = [
        VariantTally(
            variant=name,
            won=won,
            lost=lost,
            undecided=undecided,
            share=won / (won + lost) if won + lost else None,
            interval=wilson_interval(won, won + lost) if won + lost else None,
        )
        for name, (won, lost, undecided) in found.items()
    ]
    return sorted(lines, key=lambda each: (-(each.share if each.share is not None else -1.0), each.variant))
