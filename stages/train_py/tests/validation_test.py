"""Cross-validation by query: nothing is learnt from the query that is judged, and figures are what they say."""

import numpy as np
from small_examples import small_examples

from sq_train.agreement import agreement, calibration_error, quadratic_kappa, with_interval
from sq_train.validation import cross_decided, decide, folds, held_out_scores


def test_a_query_is_in_one_fold():
    queries = np.repeat(np.arange(25), 7)
    fold = folds(queries, seed=1)
    assert all(len(set(fold[queries == query])) == 1 for query in range(25))
    assert len(set(fold)) == 10


def test_labels_of_a_query_cannot_change_its_own_scores():
    examples = small_examples()
    turned = small_examples()
    own = turned.queries == 3
    turned.grades[own] = 4 - turned.grades[own]
    before, after = held_out_scores(examples, 0), held_out_scores(turned, 0)
    np.testing.assert_array_equal(before[own], after[own])
    assert not np.array_equal(before[~own], after[~own])


def test_held_out_grades_follow_the_feature_that_decides_and_confidence_is_calibrated():
    examples = small_examples()
    given, above = cross_decided(held_out_scores(examples, 0), examples, 0)
    assert quadratic_kappa(examples.grades, given) > 0.8
    assert calibration_error(examples.grades, given, above) < 0.1


def test_grades_are_spread_as_the_labels_are():
    examples = small_examples()
    scores = held_out_scores(examples, 0)
    given = decide(scores, examples.grades).grades(scores)
    assert abs(given.std() - examples.grades.std()) < 0.15
    assert abs(given.mean() - examples.grades.mean()) < 0.15


def test_quadratic_kappa_by_hand():
    labels, given = np.array([0, 0, 4, 4]), np.array([0, 4, 4, 4])
    # One of four pairs is 4 off: 16. By chance: (2 * 3 + 2 * 1) / 4 pairs are 4 off: 32.
    assert quadratic_kappa(labels, given) == 0.5
    assert agreement(labels, given) == 0.75
    assert quadratic_kappa(labels, labels) == 1
    assert quadratic_kappa(np.zeros(3, int), np.zeros(3, int)) == 0


def test_an_interval_is_wider_when_pairs_of_a_query_are_alike():
    random = np.random.default_rng(0)
    right = random.integers(0, 2, size=40)
    alike, queries = np.repeat(right, 10), np.repeat(np.arange(40), 10)
    clustered = with_interval(lambda at: alike[at].mean(), queries, 0)
    single = with_interval(lambda at: alike[at].mean(), np.arange(400), 0)
    assert clustered.low < clustered.value < clustered.high
    assert clustered.high - clustered.low > 2 * (single.high - single.low)
