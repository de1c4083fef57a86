from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize
from scipy.special import expit, log_expit

from prodimg_lab.verdict.strengths import ALPHA, Ballot, Fit, fit, raters, strengths, worth


def votes(
    rng: np.random.Generator, theta: np.ndarray, count: int, *, side: float = 0.0, ties: float = 0.0, rater: str = "ada"
) -> list[Ballot]:
    found = []
    for _ in range(count):
        left, right = rng.choice(len(theta), 2, replace=False)
        said = 1 if rng.random() < expit(theta[left] - theta[right] + side) else -1
        said = 0 if rng.random() < ties else said
        found.append(Ballot(left=f"v{left}", right=f"v{right}", said=said, rater=rater))
    return found


def names(count: int) -> list[str]:
    return [f"v{at}" for at in range(count)]


def test_the_fit_is_the_maximum_that_a_general_optimizer_finds() -> None:
    rng = np.random.default_rng(1)
    cast = votes(rng, rng.normal(0, 0.8, 12), 300, ties=0.1)

    def loss(theta: np.ndarray) -> float:
        total = ALPHA * float((theta**2).sum())
        for each in cast:
            gap, share = theta[int(each.left[1:])] - theta[int(each.right[1:])], (each.said + 1) / 2
            total -= share * log_expit(gap) + (1 - share) * log_expit(-gap)
        return total

    theirs = optimize.minimize(loss, np.zeros(12), method="BFGS", options={"gtol": 1e-9}).x
    ours = fit(cast, names(12), side=False).theta
    assert ours == pytest.approx(theirs, abs=1e-5) and loss(ours) <= loss(theirs) + 1e-9


def test_ours_equal_choixs() -> None:
    choix = pytest.importorskip("choix")
    rng = np.random.default_rng(2)
    cast = votes(rng, rng.normal(0, 0.8, 10), 250)
    pairs = [(each.left, each.right)[:: each.said] for each in cast]
    theirs = choix.opt_pairwise(10, [(int(won[1:]), int(lost[1:])) for won, lost in pairs], alpha=ALPHA, tol=1e-12)
    ours = fit(cast, names(10), side=False).theta
    assert ours - ours.mean() == pytest.approx(theirs - theirs.mean(), abs=1e-6)


def test_a_habit_of_choosing_the_left_is_found_and_does_not_move_the_order() -> None:
    rng, theta = np.random.default_rng(3), np.array([0.9, 0.3, -0.3, -0.9])
    found = fit(votes(rng, theta, 3000, side=0.8), names(4))
    assert found.side == pytest.approx(0.8, abs=0.15)
    assert found.theta - found.theta.mean() == pytest.approx(theta, abs=0.2)


def test_intervals_cover_the_truth_in_nineteen_of_twenty(soak: bool) -> None:
    rng, runs, covered = np.random.default_rng(4), 1500 if soak else 250, 0
    theta = np.array([0.5, 0.2, 0.0, -0.2, -0.5])
    for _ in range(runs):
        found = fit(votes(rng, theta, 300), names(5), alpha=0.01)
        gap, error = found.difference("v0", "v4")
        covered += abs(gap - 1.0) <= 1.96 * error
    assert abs(covered / runs - 0.95) <= 0.015 + 2 * np.sqrt(0.95 * 0.05 / runs)


def test_who_won_or_lost_everything_stays_finite_and_unsure() -> None:
    cast = [Ballot(left="a", right="b", said=1)] * 3
    first, second = strengths(fit(cast, ["a", "b", "c"], side=False), cast, "b")[0:3:2]
    assert first.variant == "a" and 0 < first.strength < 3 and first.beats is not None and first.beats < 0.95
    assert second.variant == "b" and second.beats is None
    assert first.votes == 3 and first.interval.high - first.interval.low > 2


def test_votes_settle_who_is_best() -> None:
    rng, theta = np.random.default_rng(5), np.array([0.7, 0.0, -0.2, -0.5])
    few, many = (fit(votes(rng, theta, count), names(4)) for count in (10, 1500))
    assert not few.settled and many.settled
    best = strengths(many, [], "v3")[0]
    assert (
        best.variant == "v0" and best.best > 0.95 and best.beats_interval is not None and best.beats_interval.low > 0.5
    )
    assert float(many.best.sum()) == pytest.approx(1.0)


def test_a_rater_who_votes_at_random_or_keeps_to_a_side_stands_out() -> None:
    rng, theta = np.random.default_rng(6), np.array([1.5, 0.5, -0.5, -1.5])
    cast = votes(rng, theta, 400, rater="ada") + votes(rng, np.zeros(4), 200, rater="bob")
    cast += [Ballot(left="v3", right="v0", said=1, rater="eve")] * 40
    ada, bob, eve = raters(fit(cast, names(4)), cast)
    assert (ada.rater, bob.rater, eve.rater) == ("ada", "bob", "eve")
    assert ada.agreement is not None and bob.agreement is not None and ada.agreement > 0.7 > bob.agreement
    assert eve.left == 1.0 and eve.left_interval is not None and eve.left_interval.low > 0.9


def active(found: Fit) -> tuple[int, int]:
    table = worth(found)
    one, other = np.unravel_index(int(table.argmax()), table.shape)
    return int(one), int(other)


def test_asking_where_the_top_is_open_finds_the_best_with_fewer_votes(soak: bool) -> None:
    rng, runs = np.random.default_rng(7), 60 if soak else 12
    theta = np.array([0.6, 0.3, 0.2, *np.linspace(-0.2, -1.2, 9)])
    hits = {"active": 0, "by lot": 0}
    for _ in range(runs):
        for way in hits:
            cast = votes(rng, theta, 24)
            found = fit(cast, names(12), side=False)
            for at in range(120):
                if not at % 3:
                    found = fit(cast, names(12), side=False)
                pair = active(found) if way == "active" else tuple(rng.choice(12, 2, replace=False))
                said = 1 if rng.random() < expit(theta[pair[0]] - theta[pair[1]]) else -1
                cast.append(Ballot(left=f"v{pair[0]}", right=f"v{pair[1]}", said=said))
            hits[way] += strengths(fit(cast, names(12), side=False), cast)[0].variant == "v0"
    assert hits["active"] >= hits["by lot"]


def test_nothing_to_fit_is_refused_and_no_vote_is_no_order() -> None:
    with pytest.raises(ValueError, match="no variant"):
        fit([])
    alone = fit([], ["a", "b"])
    assert alone.theta.tolist() == [0.0, 0.0] and alone.side is None and not alone.settled
