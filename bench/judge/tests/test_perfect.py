"""The scheduler that nobody can beat."""

import pytest

from sq_bench_judge import perfect
from sq_bench_judge.work import Setting


@pytest.mark.parametrize(
    ("latencies", "at_once", "expected"),
    [([1, 1, 1, 1], 2, 2), ([3, 1, 1, 1], 2, 3), ([1, 1, 5], 2, 6), ([2], 9, 2)],
)
def test_a_call_starts_when_another_ends(latencies, at_once, expected):
    assert perfect.seconds(latencies, at_once) == expected


def test_a_call_that_is_not_full_counts():
    assert Setting(101, 32, 10).calls == 11
