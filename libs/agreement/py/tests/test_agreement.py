"""Agreement by hand-computed tables, and by raters whose agreement is known."""

import numpy as np
import pytest

from sq_agreement import agreement, order_within, tau_of_queries


def test_a_small_table_by_hand():
    """Cohen's kappa: observed 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5, so 0.4. Two grades: quadratic is the same."""
    labels, judged = [0] * 5 + [1] * 5, [0, 0, 0, 0, 1, 0, 0, 1, 1, 1]
    found = agreement(labels, judged, ["q"] * 10)
    assert found.exact.value == pytest.approx(0.7)
    assert found.kappa.value == pytest.approx(0.4)
    assert found.quadratic_kappa.value == pytest.approx(0.4)
    assert found.within_one.value == 1
    assert found.bias.value == pytest.approx(-0.1)
    assert found.bias_by_grade == (pytest.approx(0.2), pytest.approx(-0.4), None, None, None)
    assert found.confusion[0] == (4, 1, 0, 0, 0)
    assert (found.exact.low, found.exact.high) == (None, None)


def test_far_errors_weigh_more_in_quadratic_kappa():
    labels = [0, 1, 2, 3, 4] * 4
    near = [min(4, grade + 1) for grade in labels]
    far = [grade if grade else 4 for grade in labels]
    assert agreement(labels, near, ["q"] * 20).kappa.value < agreement(labels, far, ["q"] * 20).kappa.value
    assert (
        agreement(labels, near, ["q"] * 20).quadratic_kappa.value
        > agreement(labels, far, ["q"] * 20).quadratic_kappa.value
    )


@pytest.mark.parametrize(("labels", "judged", "kappa"), [([0, 4], [0, 4], 1), ([0, 4], [4, 0], -1)])
def test_the_ends_of_kappa(labels, judged, kappa):
    assert agreement(labels, judged, ["a", "b"]).kappa.value == pytest.approx(kappa)


def test_raters_of_one_grade_alone_have_no_kappa():
    found = agreement([4, 4], [4, 4], ["a", "b"])
    assert (found.kappa.value, found.quadratic_kappa.value, found.exact.value) == (None, None, 1)


def test_pairs_that_are_none_are_refused():
    for arguments in (([], [], []), ([1], [1, 2], ["q"])):
        with pytest.raises(ValueError, match="not pairs"):
            agreement(*arguments)


def test_equal_inputs_give_equal_intervals():
    labels, judged, queries = raters(np.random.default_rng(1), 40, 8, 0.3)
    assert agreement(labels, judged, queries) == agreement(labels, judged, queries)


def raters(rng, queries, size, wrong):
    """A judge that misreads a share of the queries altogether and errs by one on a third of the other pairs."""
    labels = rng.integers(0, 5, (queries, size))
    noise = rng.choice([-1, 0, 1], (queries, size), p=[1 / 6, 2 / 3, 1 / 6])
    misread = rng.random(queries)[:, None] < wrong
    judged = np.where(misread, rng.integers(0, 5, (queries, size)), np.clip(labels + noise, 0, 4))
    names = np.repeat([f"q{n}" for n in range(queries)], size)
    return labels.ravel().tolist(), judged.ravel().tolist(), names.tolist()


def test_an_interval_widens_where_whole_queries_go_wrong():
    rng = np.random.default_rng(2)
    labels, judged, queries = raters(rng, 60, 24, 0.2)
    clustered = agreement(labels, judged, queries).quadratic_kappa
    alone = agreement(labels, judged, [f"{query}/{n}" for n, query in enumerate(queries)]).quadratic_kappa
    assert clustered.value == alone.value
    assert clustered.high - clustered.low > 1.5 * (alone.high - alone.low)


def test_order():
    labels, queries = [0, 4, 1, 3, 2, 2], ["a", "a", "b", "b", "c", "c"]
    assert order_within(labels, labels, queries) == 1
    assert order_within(labels, [4, 0, 3, 1, 2, 2], queries) == -1
    assert order_within([1, 1], [0, 1], ["a", "a"]) is None
    assert tau_of_queries([0, 1, 2], [1, 2, 4], ["a", "b", "c"]) == 1
    assert tau_of_queries([0, 1], [0, 1], ["a", "a"]) is None
