import numpy as np
import pytest

from sq_report.intervals import group_sums, weighted_means
from sq_report.settings import Settings

SETTINGS = Settings(resamples=500, seed=3)


def mean_of(values: list[float], weights: list[float], settings: Settings = SETTINGS, name: str = "x"):
    return weighted_means(np.array([values]).T, np.array([weights], dtype=float).T, settings, name)[0]


def test_the_value_is_the_weighted_mean() -> None:
    assert mean_of([1.0, 0.0, 0.5], [3, 1, 0]).value == pytest.approx(0.75)


def test_a_weight_of_zero_leaves_the_query_out() -> None:
    estimate = mean_of([0.2] * 5 + [1.0], [1] * 5 + [0])
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((0.2, 0.2, 0.2))
    assert estimate.queries == 5


def test_no_weight_at_all_is_an_empty_estimate() -> None:
    estimate = mean_of([0.2, 0.4], [0, 0])
    assert (estimate.value, estimate.high, estimate.queries, estimate.claimed) == (0, 0, 0, False)


@pytest.mark.parametrize(("queries", "claimed"), [(4, False), (5, True)])
def test_nothing_is_claimed_below_the_minimum_sample(queries: int, claimed: bool) -> None:
    assert mean_of([0.5] * queries, [1] * queries).claimed is claimed


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    values = np.random.default_rng(1).random(40).tolist()
    first, again = mean_of(values, [1] * 40), mean_of(values, [1] * 40)
    other = mean_of(values, [1] * 40, Settings(resamples=500, seed=4))
    assert first.SerializeToString() == again.SerializeToString()
    assert (first.low, first.high) != (other.low, other.high)


def test_chunks_of_resamples_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random(40).tolist()
    whole = mean_of(values, [1] * 40)
    monkeypatch.setattr("sq_report.intervals._CHUNK", 7 * 40)
    assert mean_of(values, [1] * 40) == whole


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(11)
    held = 0
    for number in range(300):
        values = random.beta(2, 3, size=60)
        estimate = mean_of(values.tolist(), [1] * 60, name=str(number))
        held += estimate.low <= 0.4 <= estimate.high
    assert 0.91 <= held / 300 <= 0.98


def test_group_sums_add_up_and_groups_are_kept_apart() -> None:
    values, weights = np.array([1.0, 0.5, 0.25, 0.0]), np.array([0.1, 0.2, 0.3, 0.4])
    first, second = group_sums(values, weights, np.array([0, 1, 0, -1]), SETTINGS, "x")
    assert (first.value, second.value) == pytest.approx((0.1 + 0.075, 0.1))
    assert (first.queries, second.queries) == (2, 1)
    assert first.low <= first.value <= first.high


def test_group_sums_agree_with_a_plain_bootstrap() -> None:
    random = np.random.default_rng(2)
    values, weights = random.random(50), random.random(50)
    groups = np.where(np.arange(50) < 20, 0, -1)
    estimate = group_sums(values, weights, groups, Settings(resamples=4000), "x")[0]
    plain = []
    for _ in range(4000):
        draw = random.integers(0, 50, 50)
        inside = draw[draw < 20]
        plain.append((values[inside] * weights[inside]).sum() / weights[draw].sum() * weights.sum())
    assert (estimate.low, estimate.high) == pytest.approx(np.quantile(plain, [0.025, 0.975]), rel=0.05)


def test_a_group_of_one_query_may_be_absent_from_a_resample() -> None:
    assert group_sums(np.ones(30), np.ones(30) / 30, np.array([0] + [-1] * 29), SETTINGS, "x")[0].low == 0


def test_no_groups_no_estimates() -> None:
    assert group_sums(np.ones(3), np.ones(3), np.array([-1, -1, -1]), SETTINGS, "x") == []
