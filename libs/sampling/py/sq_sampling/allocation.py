"""How a budget of queries is spread over segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_INT64 = 1 << 63


def allocate(traffic: NDArray[np.int64], sizes: NDArray[np.int64], budget: int) -> NDArray[np.int64]:
    """Queries to take of each segment: in proportion to traffic, by the largest remainders.

    A segment gets at most as many as it has distinct queries; what it cannot use goes to the others.

    Args:
        traffic: (segments,) searches, at least 0.
        sizes: (segments,) distinct queries.
        budget: queries to take in all, at least 0.

    Returns:
        (segments,) with the sum of min(budget, all queries of segments with traffic).
    """
    taken = np.zeros(len(traffic), dtype=np.int64)
    open_ = traffic > 0
    left = budget
    while open_.any():
        quota = _largest_remainders(np.where(open_, traffic, 0), left)
        full = open_ & (quota >= sizes)
        if not full.any():
            taken[open_] = quota[open_]
            break
        taken[full] = sizes[full]
        left -= int(sizes[full].sum())
        open_ &= ~full
    return taken


def _largest_remainders(traffic: NDArray[np.int64], budget: int) -> NDArray[np.int64]:
    total = int(traffic.sum())
    # Python's whole numbers where 64 bits do not hold the products.
    products = traffic.astype(np.int64 if total * budget < _INT64 else object) * budget
    quota = (products // total).astype(np.int64)
    order = np.argsort(-(products % total), kind="stable")
    quota[order[: budget - int(quota.sum())]] += 1
    return quota
