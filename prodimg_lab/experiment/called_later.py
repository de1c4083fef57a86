"""How is something bought for a run that was drawn before: answers of a judge, embeddings?

In a session of its own, under the run's cap or another; how the run stands is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite

from prodimg_lab.errors import UsageError
from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import RunFacts, lab_of, open_index, open_run, read_facts
from prodimg_lab.experiment.results import result_of
from prodimg_lab.experiment.running import caps_of
from prodimg_lab.lab import Lab, with_environment
from prodimg_lab.runner import RunContext, Stop


@contextmanager
def opened_for_calls(
    folder: RunFolder, *, budget_usd: float | None, retry_uncertain: bool
) -> Iterator[tuple[RunFacts, Lab, RunContext]]:
    """The run with its lab's index open. `budget_usd` takes the place of the run's own cap."""
    lab = with_environment(lab_of(folder))
    facts = read_facts(folder)
    identity = facts.identity
    budget = identity["budget_usd"] if budget_usd is None else budget_usd
    if budget is not None and not isfinite(budget):
        raise UsageError(f"a cap of {budget} is none; name dollars")
    index = open_index(lab, facts.store)
    try:
        yield (
            facts,
            lab,
            RunContext(
                folder=folder.path,
                store=facts.store,
                index=index,
                experiment=identity["experiment"],
                note=identity["note"],
                caps=caps_of(lab, budget),
                retry_uncertain=retry_uncertain,
                stop=Stop(),
            ),
        )
    finally:
        index.close()


def tell_result(folder: RunFolder) -> None:
    """Write money and quality of result.json anew, if the run has ended; its state and exit code stay."""
    before = folder.read("result.json")
    if before is not None:
        kept = {name: before[name] for name in ("state", "exit_code", "reason", "finished_at")}
        folder.write("result.json", {**result_of(open_run(folder)), **kept})
