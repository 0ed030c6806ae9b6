"""An audit: which queries are drawn, and what they say of all."""

import numpy as np
import pytest

from sq_audit import Drawn, draw, estimate


def population(queries, seed=0, noise=0.1):
    rng = np.random.default_rng(seed)
    first = rng.random(queries)
    truth = np.clip(first - 0.1 + rng.normal(0, noise, queries), 0, 1)
    return rng.lognormal(0, 1, queries), first, truth


def test_as_many_queries_as_asked_are_drawn_with_the_recorded_probabilities():
    weight, first, _ = population(300)
    made = [draw(weight, first, 60, seed) for seed in range(400)]
    assert {int(one.audited.sum()) for one in made} == {60}
    assert made[0].probability.sum() == pytest.approx(60)
    shares = np.mean([one.audited for one in made], axis=0)
    assert np.abs(shares - made[0].probability).max() < 0.11


def test_the_same_seed_draws_the_same_and_frequent_queries_come_first():
    weight, first, _ = population(300)
    one, two = draw(weight, first, 60, 7), draw(weight, first, 60, 7)
    assert (one.audited == two.audited).all()
    assert one.probability[weight.argmax()] == one.probability.max()


def test_more_audits_than_queries_audit_all_and_leave_no_doubt():
    weight, first, truth = population(30)
    found = estimate(weight, first, truth, draw(weight, first, 100, 0))
    assert found.value == pytest.approx(np.average(truth, weights=weight))
    assert (found.low, found.high) == (pytest.approx(found.value), pytest.approx(found.value))


def test_a_first_judge_that_is_off_by_a_constant_helps_as_much_as_a_perfect_one():
    weight = np.ones(200)
    first = np.linspace(0.2, 1, 200)
    found = estimate(weight, first, first - 0.2, draw(weight, first, 40, 1))
    assert found.value == pytest.approx(np.mean(first) - 0.2)
    assert found.high - found.low < 1e-6


def test_a_first_judge_that_knows_nothing_does_little_harm():
    weight, first, _ = population(1000)
    truth = np.random.default_rng(5).random(1000)
    found = estimate(weight, first, truth, draw(weight, first, 200, 1))
    assert found.effective > 0.85 * 200


def test_figures_that_were_not_audited_are_not_looked_at():
    weight, first, truth = population(200)
    drawn = draw(weight, first, 50, 0)
    hidden = np.where(drawn.audited, truth, np.nan)
    assert estimate(weight, first, hidden, drawn) == estimate(weight, first, truth, drawn)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    weight, first, truth = population(500, noise=0.2)
    target = np.average(truth, weights=weight)
    found = [estimate(weight, first, truth, draw(weight, first, 100, seed)) for seed in range(600)]
    assert 0.92 <= np.mean([one.low <= target <= one.high for one in found]) <= 0.98
    assert np.mean([one.effective for one in found]) > 150


def test_one_audited_query_says_nothing():
    drawn = Drawn(np.zeros(9, dtype=np.intp), np.full(9, 1 / 9), np.arange(9) == 0)
    with pytest.raises(ValueError, match="at least two"):
        estimate(np.ones(9), np.ones(9), np.ones(9), drawn)
