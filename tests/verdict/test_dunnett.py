from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from prodimg_lab.verdict.dunnett import adjusted_p, chance_below, critical


@pytest.mark.parametrize(
    ("k", "df", "two_sided", "table"),
    [  # Dunnett (1955; two-sided 1964), 5 %
        (2, 10, False, 2.15),
        (4, 20, False, 2.30),
        (1, 10, True, 2.23),
        (3, 20, True, 2.54),
        (5, 60, True, 2.58),
    ],
)
def test_critical_values_are_those_of_the_published_tables(k: int, df: int, two_sided: bool, table: float) -> None:
    assert critical(k, df, two_sided=two_sided) == pytest.approx(table, abs=0.012)


@pytest.mark.parametrize("df", [3, 20, 6237, np.inf])
@pytest.mark.parametrize("k", [1, 7, 63])
@pytest.mark.parametrize("two_sided", [True, False])
def test_twice_the_nodes_change_nothing(k: int, df: float, two_sided: bool) -> None:
    for t in (0.3, 2.2, 5.0):
        once, twice = (chance_below(t, k, df, two_sided=two_sided, nodes=nodes) for nodes in (160, 320))
        assert once == pytest.approx(twice, abs=1e-9)


@pytest.mark.parametrize("df", [4, 30])
def test_one_treatment_is_students_t(df: int) -> None:
    for t in (0.5, 2.0, 4.0):
        assert adjusted_p(t, 1, df, two_sided=True) == pytest.approx(2 * stats.t.sf(t, df), abs=1e-10)
        assert adjusted_p(-t, 1, df, two_sided=False) == pytest.approx(stats.t.cdf(t, df), abs=1e-10)


def test_unblocked_data_give_scipys_p() -> None:
    rng = np.random.default_rng(1)
    control, treated = rng.normal(0, 1, 20), [rng.normal(mean, 1, 20) for mean in (0.3, 0.9, 0.1)]
    pooled = np.sqrt(sum(((each - each.mean()) ** 2).sum() for each in (control, *treated)) / 76)
    ours = [(each.mean() - control.mean()) / (pooled * np.sqrt(2 / 20)) for each in treated]
    for alternative, two_sided in (("greater", False), ("two-sided", True)):
        theirs = stats.dunnett(*treated, control=control, alternative=alternative, random_state=1).pvalue
        assert [adjusted_p(t, 3, 76, two_sided=two_sided) for t in ours] == pytest.approx(list(theirs), abs=5e-4)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a treatment"):
        chance_below(1.0, 0, 5, two_sided=True)
    assert chance_below(-1.0, 3, 5, two_sided=True) == 0.0
