"""From which confidence on a judge agrees as often as asked."""

import numpy as np
import pytest

from sq_agreement import find_threshold
from sq_agreement.threshold import _p


def pairs(groups):
    """Confidence, right and query of pairs; a group is (queries, confidence, right of the query's four pairs)."""
    confidence, right, queries = [], [], []
    for number, (count, sure, good) in enumerate(groups):
        for query in range(count):
            confidence += [sure] * 4
            right += [pair < good for pair in range(4)]
            queries += [f"{number}-{query}"] * 4
    return confidence, right, queries


def test_the_lowest_threshold_that_holds_is_found():
    found = find_threshold(*pairs([(100, 0.9, 4), (100, 0.6, 4), (100, 0.3, 0)]), agreement=0.85)
    assert (found.value, found.agreement, found.queries) == (0.31, 1.0, 200)
    assert found.kept == pytest.approx(2 / 3)


def test_nothing_after_the_first_failure_counts():
    # Below 0.6 the mean would be high enough again.
    found = find_threshold(*pairs([(60, 0.9, 4), (60, 0.6, 0), (2000, 0.3, 4)]), agreement=0.85)
    assert found.value == 0.61


@pytest.mark.parametrize("groups", [[(10, 0.9, 4)], [(100, 0.9, 3)], [(100, 0.0, 4)]])
def test_too_few_queries_too_many_errors_or_no_confidence(groups):
    assert find_threshold(*pairs(groups), agreement=0.85) is None


def test_many_pairs_of_few_queries_prove_nothing():
    confidence, right, _ = pairs([(100, 0.9, 4)])
    assert find_threshold(confidence, right, [str(n % 10) for n in range(400)], agreement=0.85) is None


@pytest.mark.parametrize("draw", [lambda rng: rng.random(50) < 0.85, lambda rng: rng.beta(8.5, 1.5, 50)])
def test_a_judge_that_agrees_just_as_often_as_asked_seldom_passes(draw):
    rng = np.random.default_rng(1)
    assert np.mean([_p(draw(rng).astype(float), 0.85, 0.05) <= 0.05 for _ in range(4000)]) <= 0.05
