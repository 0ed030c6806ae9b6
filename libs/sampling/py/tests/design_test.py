"""Which queries are taken and what they stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sq_sampling import design
from sq_sampling.certainty import certain_head

SEGMENT = np.repeat([0, 1, 2], [200, 100, 3])
SEARCHES = np.r_[2000 // np.arange(1, 201), 500 // np.arange(1, 101), [1, 1, 1]].clip(1)
NAMES = ["shoes", "shirts", "hats"]


@pytest.mark.parametrize(
    ("searches", "budget", "head"),
    [
        # 2 x 50 >= 100; then 1 x 30 < 50.
        ([50, 30, 20], 2, 1),
        ([40, 30, 30], 2, 0),
        ([5, 3], 2, 2),
        ([5, 3], 0, 0),
        ([10] * 20, 19, 0),
    ],
)
def test_a_query_that_would_be_drawn_once_on_average_is_taken_with_certainty(searches, budget, head) -> None:
    frequent = np.array(searches[:budget], dtype=np.int64)
    assert certain_head(frequent, budget, len(searches), sum(searches)) == head


def test_the_weights_are_those_of_the_whole_log() -> None:
    taken = design(SEGMENT, SEARCHES, NAMES, 60, 1)
    assert taken.weight.sum() == pytest.approx(SEARCHES.sum())
    for number in (0, 1):
        assert taken.weight[taken.stratum == number].sum() == pytest.approx(SEARCHES[number == SEGMENT].sum())
    assert (taken.weight[taken.certain] == SEARCHES[taken.query[taken.certain]]).all()
    assert len(taken.query) <= taken.draws.sum() == 60


def test_small_segments_share_a_stratum() -> None:
    taken = design(SEGMENT, SEARCHES, NAMES, 60, 1)
    assert (taken.stratum[SEGMENT[taken.query] == 2] == 3).all()
    assert taken.weight[taken.stratum == 3].sum() == pytest.approx(3)


def test_a_budget_for_all_takes_all_with_certainty() -> None:
    taken = design(SEGMENT, SEARCHES, NAMES, 303, 1)
    assert taken.query.tolist() == list(range(303))
    assert taken.certain.all()
    assert (taken.weight == SEARCHES).all()


def test_the_mean_over_many_samples_is_that_of_the_log() -> None:
    value = (np.arange(303) * 7919 % 101) / 100
    truth = (value * SEARCHES).sum() / SEARCHES.sum()
    means = [
        (value[taken.query] * taken.weight).sum() / taken.weight.sum()
        for taken in (design(SEGMENT, SEARCHES, NAMES, 40, seed) for seed in range(1000))
    ]
    assert np.mean(means) == pytest.approx(truth, abs=4 * np.std(means) / 1000**0.5)


def test_one_segment_does_not_change_the_draws_of_another() -> None:
    more = np.r_[SEARCHES[:200] * 2, SEARCHES[200:]]
    one = design(SEGMENT, SEARCHES, NAMES, 60, 1)
    again = design(SEGMENT, SEARCHES, NAMES, 60, 1)
    assert one.query.tolist() == again.query.tolist()
    assert one.query.tolist() != design(SEGMENT, SEARCHES, NAMES, 60, 2).query.tolist()
    assert design(SEGMENT, more, NAMES, 60, 1).weight.sum() == pytest.approx(more.sum())


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 10**6)), min_size=1, max_size=60), st.integers(1, 80))
def test_any_log_and_budget(rows, budget) -> None:
    segment, searches = np.array(rows).T
    taken = design(segment, searches, [str(number) for number in range(6)], budget, 0)
    assert taken.weight.sum() == pytest.approx(searches.sum())
    assert len(np.unique(taken.query)) == len(taken.query)
    assert taken.draws.sum() <= max(budget, 1)


@pytest.mark.parametrize(("searches", "budget", "message"), [([1], 0, "a budget of 0"), ([0], 1, "with 0 searches")])
def test_what_cannot_be_sampled_is_refused(searches, budget, message) -> None:
    with pytest.raises(ValueError, match=message):
        design(np.array([0]), np.array(searches), ["x"], budget, 0)
