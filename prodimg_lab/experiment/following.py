"""How is a run watched while somebody else draws it, without reading it whole again and again?"""

from __future__ import annotations

from prodimg_lab.experiment.folder import RunFolder
from prodimg_lab.experiment.opening import read_facts, read_score, state_of
from prodimg_lab.experiment.ratings import Rating, take_in
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.records import Score, Unscored
from prodimg_lab.runner import RunState
from prodimg_lab.store import Story, read_on


class FollowedRun:
    """A run as it goes on. `poll` reads what was written since; `row` and `view` show what is known by then.

    Not thread-safe. Raises `StoreError` where the folder is no whole run.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.facts = read_facts(folder)
        self._story = Story()
        self._scores: dict[int, dict[str, Score | Unscored]] = {}
        self._ratings: dict[int, dict[str, Rating]] = {}
        self._offset = 0
        self.poll()

    def poll(self) -> set[int]:
        """Read on; the places in the plan of the trials of which something new is known."""
        lines, self._offset = read_on(self.facts.folder.path, self._offset)
        changed: set[int] = set()
        for line in lines:
            self._story.tell(line)
            trial = line.get("trial")
            if line["event"] == "score" and isinstance(trial, int):
                score = read_score(line)
                self._scores.setdefault(trial, {})[score.scorer] = score
                changed.add(trial)
            elif line["event"] == "trial" and isinstance(trial, int):
                changed.add(trial)
            elif (rated := take_in(self._ratings, line)) is not None:
                changed.add(rated)
        return changed

    @property
    def state(self) -> RunState:
        """Whether the run goes on, or how it ended."""
        folder = self.facts.folder
        return state_of(folder, self._story.run.get("state", ""), folder.read("result.json"))

    def row(self, trial: int) -> TrialRow:
        """The trial at that place of the plan, as it stands."""
        return self.facts.row(
            self.facts.trials[trial],
            self._story.outcomes.get(trial),
            self._scores.get(trial, {}),
            self._ratings.get(trial, {}),
        )

    def view(self) -> RunView:
        """The whole run, as it stands."""
        history = self._story.end()
        return self.facts.view(
            state=self.state,
            history=history,
            outcomes=history.outcomes,
            scores=self._scores,
            ratings=self._ratings,
            finished_at=history.finished_at,
        )
