from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from sq_report.permutation import LARGEST_BACKGROUND, LARGEST_GROUP, Background, level


def by_enumeration(group: list[int], background: list[int]) -> float:
    pooled = [*group, *background]
    sums = [sum(subset) for subset in combinations(pooled, len(group))]
    return sum(one >= sum(group) for one in sums) / len(sums)


CASES = {
    "all above": ([90, 100], [0, 10, 20, 30]),
    "all below": ([0, 10], [50, 60, 70]),
    "everything tied": ([40, 40, 40], [40, 40, 40, 40]),
    "mostly zero": ([0, 100, 100], [0, 0, 0, 0, 0, 100]),
    "group of one": ([100], [0, 0, 50, 100]),
    "group larger than the background": ([30, 60, 90, 100, 20], [0, 10]),
    "a single other query": ([70], [30]),
}


@pytest.mark.parametrize("case", CASES)
def test_equals_enumeration(case: str) -> None:
    group, background = CASES[case]
    assert Background(background).p_value(group) == pytest.approx(by_enumeration(group, background), rel=1e-5)


def test_equals_enumeration_on_random_samples() -> None:
    random = np.random.default_rng(3)
    for _ in range(60):
        group = random.integers(0, 101, size=random.integers(1, 6)).tolist()
        background = random.choice([0, 0, 0, 20, 55, 100], size=random.integers(1, 10)).tolist()
        assert Background(background).p_value(group) == pytest.approx(by_enumeration(group, background), rel=1e-5)


def test_equals_scipys_permutation_test() -> None:
    random = np.random.default_rng(4)
    group, background = random.integers(20, 101, size=5), random.integers(0, 90, size=9)

    def difference(one: np.ndarray, other: np.ndarray, axis: int) -> np.ndarray:
        return one.mean(axis=axis) - other.mean(axis=axis)

    scipys = stats.permutation_test(
        (group, background), difference, vectorized=True, n_resamples=np.inf, alternative="greater"
    )
    assert Background(background.tolist()).p_value(group.tolist()) == pytest.approx(scipys.pvalue, rel=1e-5)


def test_one_background_serves_groups_of_all_sizes_in_any_order() -> None:
    background = [0, 5, 10, 40, 80] * 8
    shared = Background(background)
    for group in ([100] * 3, [50] * 25, [90], [60] * LARGEST_GROUP, [70] * 2):
        assert shared.p_value(group) == Background(background).p_value(group)


def test_p_values_are_uniform_or_larger_when_nothing_differs() -> None:
    random = np.random.default_rng(8)
    p_values = []
    for _ in range(1000):
        levels = [level(x) for x in random.choice([0.0, 0.0, 0.3, 1.0], size=46)]
        p_values.append(Background(levels[6:]).p_value(levels[:6]))
    for alpha in (0.01, 0.05, 0.1, 0.5):
        assert np.mean(np.array(p_values) <= alpha) <= alpha + 2 * (alpha * (1 - alpha) / 1000) ** 0.5


def test_the_largest_samples_stay_finite() -> None:
    random = np.random.default_rng(1)
    background = random.integers(0, 101, size=LARGEST_BACKGROUND).tolist()
    assert 0 < Background(background).p_value([90] * LARGEST_GROUP) < 1e-6
    assert Background(background).p_value([50] * LARGEST_GROUP) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("group", [[], [1] * (LARGEST_GROUP + 1)])
def test_groups_out_of_range_are_refused(group: list[int]) -> None:
    with pytest.raises(ValueError, match="queries, not 1 to"):
        Background([1, 2]).p_value(group)
