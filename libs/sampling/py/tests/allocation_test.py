"""How many queries each segment gets."""

import numpy as np
import pytest

from sq_sampling.allocation import allocate


@pytest.mark.parametrize(
    ("traffic", "sizes", "budget", "expected"),
    [
        ([60, 30, 10], [100, 100, 100], 10, [6, 3, 1]),
        # 3.5, 3.5 and 3: the first of equal remainders gets the query that is left.
        ([35, 35, 30], [100, 100, 100], 10, [4, 3, 3]),
        # The first segment has two queries; the other eight go to the others by traffic.
        ([80, 15, 5], [2, 100, 100], 10, [2, 6, 2]),
        ([80, 20], [2, 3], 10, [2, 3]),
        ([10, 0], [5, 5], 4, [4, 0]),
        ([], [], 4, []),
        # Products beyond 64 bits.
        ([6 << 60, 1 << 60, 1 << 59], [100, 100, 100], 15, [12, 2, 1]),
    ],
)
def test_the_budget_goes_by_traffic(traffic, sizes, budget, expected) -> None:
    given = allocate(np.array(traffic, dtype=np.int64), np.array(sizes, dtype=np.int64), budget)
    assert given.tolist() == expected
