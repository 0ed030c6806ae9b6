"""Traffic-weighted means and their intervals; whether the engine is stable."""

from dataclasses import replace

import numpy as np
import pytest

from sq_effects import EffectSettings, Sample, changed_places, market_gain, mean_change, mean_rate, unstable
from sq_effects.kish import effective_sample

SETTINGS = EffectSettings()
ALL = np.ones(200, dtype=bool)


def sample_of(certain: int = 0, heavy: float = 1.0) -> Sample:
    rng = np.random.default_rng(1)
    weight = np.ones(200)
    weight[0] = heavy
    return Sample(
        query_ids=[str(number) for number in range(200)],
        weight=weight,
        certain=np.arange(200) < certain,
        ndcg=rng.random(200),
        stratum=np.arange(200) // 100,
        draws=np.ones(200, dtype=int),
    )


def test_the_value_is_weighted_by_traffic() -> None:
    sample = sample_of(heavy=801)
    estimate = mean_rate(sample, np.r_[1.0, np.zeros(199)], ALL, SETTINGS)
    assert estimate.value == pytest.approx(0.801)


def test_the_share_of_the_market_is_over_all_traffic() -> None:
    part = np.arange(200) < 50
    assert market_gain(sample_of(), np.full(200, 0.4), part, SETTINGS).value == pytest.approx(0.1)
    assert mean_change(sample_of(), np.full(200, 0.4), part, SETTINGS).value == pytest.approx(0.4)


def test_queries_taken_with_certainty_have_no_sampling_error() -> None:
    sample = sample_of(certain=100)
    moved = np.where(sample.certain, 1 - sample.ndcg, sample.ndcg)
    one, other = (mean_rate(sample, values, ALL, SETTINGS).interval for values in (sample.ndcg, moved))
    assert one.high - one.low == pytest.approx(other.high - other.low, rel=0.02)
    drawn = mean_rate(sample_of(), sample.ndcg, ALL, SETTINGS).interval
    assert one.high - one.low < 0.8 * (drawn.high - drawn.low)


def test_a_query_drawn_twice_is_two_draws_of_half_its_weight() -> None:
    assert effective_sample(np.array([2.0, 1.0]), np.array([2, 1])) == pytest.approx(3)
    assert effective_sample(np.array([2.0, 1.0]), np.array([1, 1])) == pytest.approx(9 / 5)


@pytest.mark.parametrize(("drawn", "given"), [(29, False), (30, True)])
def test_no_interval_below_an_effective_sample_of_thirty(drawn: int, given: bool) -> None:
    sample = sample_of(certain=200 - drawn)
    estimate = mean_rate(sample, sample.ndcg, ALL, SETTINGS)
    assert (estimate.interval is not None) is given
    assert (estimate.queries, estimate.effective) == (200, drawn)


def test_the_effective_sample_of_a_gain_is_that_of_the_eligible_queries() -> None:
    part = np.arange(200) < 20
    assert market_gain(sample_of(), np.full(200, 0.4), part, SETTINGS).interval is None


@pytest.mark.parametrize(("moved", "given"), [(4, False), (5, True)])
def test_no_interval_where_hardly_any_query_changes(moved: int, given: bool) -> None:
    change = np.where(np.arange(200) < moved, 0.3, 0.0)
    assert (mean_change(sample_of(), change, ALL, SETTINGS).interval is not None) is given


def test_few_changes_make_a_longer_interval_than_many_of_the_same_variance() -> None:
    few, many = np.zeros(200), np.tile([0.1, -0.1], 100)
    few[:6] = 0.3
    lengths = []
    for values in (few, many):
        interval = mean_change(sample_of(), values, ALL, SETTINGS).interval
        lengths.append((interval.high - interval.low) / values.std())
    # Student's t has 2.2 to 2.3 for eleven or twelve degrees of freedom and 1.97 for 198.
    assert lengths[0] / lengths[1] == pytest.approx(2.2 / 1.97, abs=0.05)


def test_the_lower_bound_is_above_the_lower_end_of_the_interval() -> None:
    estimate = mean_rate(sample_of(), sample_of().ndcg, ALL, SETTINGS)
    assert estimate.interval.low < estimate.interval.at_least < estimate.value < estimate.interval.high


def test_an_interval_of_a_rate_stays_within_it() -> None:
    almost = np.where(np.arange(200) < 2, 0.5, 1.0)
    interval = mean_rate(sample_of(), almost, ALL, SETTINGS).interval
    assert 0.9 < interval.low < 0.995 < interval.high <= 1


def test_perfect_queries_alone_leave_doubt() -> None:
    part = np.arange(200) < 40
    interval = mean_rate(sample_of(), np.ones(200), part, SETTINGS).interval
    assert interval.low < 0.97
    assert interval.high == 1


def test_perfect_draws_beside_others_taken_with_certainty_are_no_division_by_zero() -> None:
    rng = np.random.default_rng(1)
    sample = replace(sample_of(certain=100), weight=rng.random(200) + 0.5, draws=rng.integers(1, 3, 200))
    values = np.where(sample.certain, rng.random(200), 1.0)
    estimate = mean_rate(sample, values, ALL, SETTINGS)
    assert estimate.interval.low < estimate.value == pytest.approx(estimate.interval.high)


@pytest.mark.parametrize(
    ("first", "again", "share"),
    [
        ([["a", "b"]], [["a", "b"]], 0),
        ([["a", "b"]], [["b", "a"]], 1),
        ([["a", "b", "c", "d"], ["x"]], [["a", "b", "e", "f"], ["x"]], 1 / 4),
        ([["a", "b"]], [["a"]], 1 / 2),
        ([[]], [[]], 0),
    ],
)
def test_changed_places(first, again, share) -> None:
    assert changed_places(first, again, 3) == pytest.approx(share)


def test_over_two_per_cent_of_changed_places_is_unstable() -> None:
    first = [[str(number) for number in range(10)] for _ in range(10)]
    again = [list(places) for places in first]
    again[0][:2] = ["x", "y"]
    assert unstable(first, again, 10, SETTINGS) == ""
    again[1][0] = "z"
    assert "3.0% of the first 10 places differ" in unstable(first, again, 10, SETTINGS)


@pytest.mark.parametrize("change", [0.9, -0.9])
def test_draws_that_all_change_alike_do_not_prove_that_every_query_does(change: float) -> None:
    """Of 40 queries that all change, up to 9 % may not: 1 - 40 / (40 + 2.02 squared)."""
    part = np.arange(200) < 40
    estimate = mean_change(sample_of(), np.full(200, change), part, SETTINGS)
    ends = sorted([change, change * 40 / (40 + 2.0227**2)])
    assert [estimate.interval.low, estimate.interval.high] == pytest.approx(ends, abs=1e-3)
    assert estimate.interval.at_least <= estimate.value
