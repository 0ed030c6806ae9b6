"""Strata of a log, and the queries taken of one, from counts alone."""

import numpy as np
import pytest

from sq_sampling import SHARED, Strata, label_of, take


@pytest.mark.parametrize(
    ("traffic", "sizes", "budget", "quota", "shared"),
    [
        # The last segment would get one query of its three; the largest gives it a second.
        ([60, 30, 10], [9, 9, 3], 10, [5, 3, 0], 2),
        # One query is all that the last segment has.
        ([60, 30, 10], [9, 9, 1], 10, [6, 3, 1], 0),
        # Two small segments share what both would get.
        ([80, 10, 10], [9, 3, 3], 10, [8, 0, 0], 2),
        # A stratum of two queries does not fit beside another: all segments share one.
        ([80, 10, 10], [9, 3, 3], 3, [0, 0, 0], 3),
        # A segment without traffic has no stratum.
        ([10, 0], [9, 0], 4, [4, 0], 0),
    ],
)
def test_small_segments_share_a_stratum(traffic, sizes, budget, quota, shared) -> None:
    strata = Strata.of(np.array(traffic), np.array(sizes), budget)
    assert strata.quota.tolist() == quota
    assert strata.own.tolist() == [taken > 0 for taken in quota]
    assert strata.shared_quota == shared


def test_the_draws_of_a_stratum_spread_over_its_levels() -> None:
    # 100 + 3 x 10 + 50 x 1 searches: one query is certain, and five draws stand for the other 80.
    searches, queries = np.array([100, 10, 1]), np.array([1, 3, 50])
    taken = take(searches, queries, 6, label_of("shoes"), 1)
    assert taken.certain.sum() == 1
    assert (taken.level[0], taken.place[0], taken.weight[0]) == (0, 0, 100)
    assert taken.draws[1:].sum() == 5
    assert taken.weight[1:].tolist() == [80 * draws / 5 for draws in taken.draws[1:]]
    assert ((taken.place >= 0) & (taken.place < queries[taken.level])).all()


def test_a_quota_for_all_takes_each_place_once() -> None:
    taken = take(np.array([4, 1]), np.array([2, 3]), 5, SHARED, 1)
    assert list(zip(taken.level.tolist(), taken.place.tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
        (1, 2),
    ]
    assert taken.certain.all()


def test_queries_of_a_level_are_drawn_alike() -> None:
    counts = np.zeros(20)
    for seed in range(400):
        taken = take(np.array([3]), np.array([20]), 5, SHARED, seed)
        np.add.at(counts, taken.place, taken.draws)
    # 2,000 draws over 20 places: 100 each, with a standard deviation of 10.
    assert abs(counts - 100).max() < 45


def test_a_segment_named_like_the_shared_stratum_has_draws_of_its_own() -> None:
    one, other = (take(np.array([1]), np.array([1000]), 5, label, 1) for label in (label_of(SHARED), SHARED))
    assert one.place.tolist() != other.place.tolist()
