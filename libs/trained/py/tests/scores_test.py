"""From scores to grades: probabilities are one distribution, and a higher score never gives a lower grade."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sq_trained.scores import confidences, cumulative, grades, probabilities

SCORES = st.lists(st.floats(-20, 20), min_size=4, max_size=4)
SLOPES, OFFSETS, CUTS = [1.0, 0.8, 0.8, 0.9], [0.1, 0.0, 0.0, -0.2], [0.8, 1.6, 2.4, 3.2]


@given(SCORES)
def test_the_grades_probabilities_sum_to_one(scores):
    found = probabilities(cumulative(np.array([scores]), SLOPES, OFFSETS))
    assert (found >= 0).all()
    assert abs(found.sum() - 1) < 1e-9


@given(SCORES, st.integers(0, 3), st.floats(0, 10))
def test_a_higher_score_never_gives_a_lower_grade(scores, level, more):
    higher = list(scores)
    higher[level] += more
    low, high = (grades(cumulative(np.array([one]), SLOPES, OFFSETS), CUTS)[0] for one in (scores, higher))
    assert high >= low


def test_a_confidence_is_the_probability_of_the_given_grade():
    above = np.array([[0.9, 0.7, 0.4, 0.1]])
    for grade, expected in enumerate([0.1, 0.2, 0.3, 0.3, 0.1]):
        assert abs(confidences(above, np.array([grade]))[0] - expected) < 1e-9
