"""The sampling design: which queries of a log are measured, and the traffic each stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_sampling.strata import Strata
from sq_sampling.stratum import SHARED, label_of, take


@dataclass(frozen=True)
class Design:
    """The queries taken; arrays have one element a query.

    Attributes:
        query: position in the log that was given, rising.
        weight: searches that the query stands for; their sum is that of the whole log.
        certain: whether it was taken with certainty.
        draws: how often it was drawn; 1 where it was taken with certainty.
        stratum: number of its stratum: that of its segment, or the number after the last segment's where small
            segments share one.
    """

    query: NDArray[np.intp]
    weight: NDArray[np.float64]
    certain: NDArray[np.bool_]
    draws: NDArray[np.intp]
    stratum: NDArray[np.intp]


def design(
    segment: NDArray[np.intp], searches: NDArray[np.int64], names: Sequence[str], budget: int, seed: int
) -> Design:
    """Spreads a budget over segments by their traffic and takes queries of each.

    In each segment the most frequent queries are taken with certainty; the rest is drawn in proportion to its
    searches, with replacement (Hansen, Hurwitz: On the theory of sampling from finite populations, Annals of
    Mathematical Statistics 1943), so every draw stands for the same traffic. Segments that the budget gives fewer
    than two queries share one stratum, so that no traffic goes unsampled. Fewer distinct queries than the budget
    come back where a query is drawn more than once.

    Args:
        segment: (queries,) number of each query's segment, an index into names.
        searches: (queries,) at least 1.
        names: of the segments, for the seeds: a segment's draws do not depend on the other segments' queries.
        budget: queries to take, at least 1.
        seed: of the draws.

    Raises:
        ValueError: a budget below 1, or a query without searches.
    """
    if len(searches) and searches.min() < 1:
        raise ValueError(f"a query with {searches.min()} searches; leave such queries out")
    traffic = np.zeros(len(names), dtype=np.int64)
    np.add.at(traffic, segment, searches)
    strata = Strata.of(traffic, np.bincount(segment, minlength=len(names)), budget)
    stratum = np.where(strata.own[segment], segment, len(names))
    quota = [*strata.quota.tolist(), strata.shared_quota]
    labels = [*map(label_of, names), SHARED]
    parts = [
        _of_stratum(np.flatnonzero(stratum == number), searches, quota[number], number, labels[number], seed)
        for number in np.unique(stratum).tolist()
    ]
    query, weight, certain, draws, number = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(query)
    return Design(query[order], weight[order], certain[order], draws[order], number[order])


def _of_stratum(
    members: NDArray[np.intp], searches: NDArray[np.int64], quota: int, number: int, label: str, seed: int
) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray]:
    """Columns of a Design."""
    members = members[np.lexsort((members, -searches[members]))]
    levels, first, sizes = np.unique(-searches[members], return_index=True, return_counts=True)
    taken = take(-levels, sizes, quota, label, seed)
    query = members[first[taken.level] + taken.place]
    return query, taken.weight, taken.certain, taken.draws, np.full(len(query), number)
