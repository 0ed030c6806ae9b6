"""Which queries of a stratum are taken with certainty."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def certain_head(frequent: NDArray[np.int64], budget: int, queries: int, traffic: int) -> int:
    """How many of the most frequent queries are taken with certainty.

    A query is, while the rest of the budget would draw it at least once on average: budget x searches of the query >=
    searches of all that are left (Saerndal, Swensson, Wretman: Model assisted survey sampling, 1992, section 3.6).

    Args:
        frequent: searches of the most frequent queries, as many as the budget, at least 1, in falling order.
        budget: queries to take.
        queries: number of all queries.
        traffic: searches of all queries.

    Returns:
        0..min(budget, queries); all queries where the budget reaches them all.
    """
    if budget >= queries:
        return queries
    for taken, count in enumerate(frequent.tolist()):
        if (budget - taken) * count < traffic:
            return taken
        traffic -= count
    return len(frequent)
