"""The paired test of two judges: it finds a difference that is there, and seldom one that is not."""

import numpy as np
import pytest

from sq_agreement import agreement, paired

QUERIES, PRODUCTS = 80, 5


def judges(seed, noise_first, noise_second):
    """Labels, and two judges that are wrong on a share of whole queries."""
    random = np.random.default_rng(seed)
    queries = [f"q{n}" for n in range(QUERIES) for _ in range(PRODUCTS)]
    labels = random.integers(0, 5, QUERIES * PRODUCTS)

    def judge(noise):
        wrong = np.repeat(random.random(QUERIES) < noise, PRODUCTS)
        return np.where(wrong, random.integers(0, 5, len(labels)), labels)

    return labels.tolist(), judge(noise_first).tolist(), judge(noise_second).tolist(), queries


def test_a_better_judge_is_found_and_the_sign_says_which():
    found = paired(*judges(1, 0.1, 0.5))
    assert found.p_value < 0.01
    assert found.difference > 0 and found.low > 0
    labels, first, second, queries = judges(1, 0.1, 0.5)
    turned = paired(labels, second, first, queries)
    assert (turned.difference, turned.high < 0) == (-found.difference, True)


def test_its_kappas_are_those_of_each_judge():
    labels, first, second, queries = judges(2, 0.2, 0.3)
    found = paired(labels, first, second, queries)
    for kappa, judged in ((found.first, first), (found.second, second)):
        assert kappa == pytest.approx(agreement(labels, judged, queries).quadratic_kappa.value)


def test_equal_judges_are_not_different():
    labels, first, _, queries = judges(3, 0.3, 0.3)
    found = paired(labels, first, first, queries)
    assert (found.difference, found.p_value, found.differing) == (0, 1, 0)


def test_judges_that_are_equally_good_are_seldom_called_different():
    p_values = [paired(*judges(seed, 0.3, 0.3)).p_value for seed in range(40)]
    # 2 expected; more than 6 of 40 have a probability of 0.3 %.
    assert sum(p <= 0.05 for p in p_values) <= 6


def test_no_interval_with_few_queries():
    labels, first, second, queries = (part[: 10 * PRODUCTS] for part in judges(4, 0.1, 0.5))
    assert paired(labels, first, second, queries).low is None


@pytest.mark.parametrize(
    ("labels", "first", "problem"), [([], [], "not pairs"), ([1], [1, 2], "not pairs"), ([2, 2], [2, 2], "one grade")]
)
def test_what_cannot_be_compared(labels, first, problem):
    with pytest.raises(ValueError, match=problem):
        paired(labels, first, first, ["q"] * len(labels))
