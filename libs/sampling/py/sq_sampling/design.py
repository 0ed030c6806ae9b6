"""The sampling design: which queries of a log are measured, and the traffic each stands for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_sampling.allocation import allocate
from sq_sampling.certainty import certain_head

# Of the stratum that all small segments share.
REST = "rest"
# Draws from which a variance can be estimated.
SMALLEST_STRATUM = 2


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
    if budget < 1:
        raise ValueError(f"a budget of {budget} queries; it has to be at least 1")
    if len(searches) and searches.min() < 1:
        raise ValueError(f"a query with {searches.min()} searches; leave such queries out")
    stratum, quota = _strata(segment, searches, len(names), budget)
    labels = [*(f"segment/{name}" for name in names), REST]
    parts = [
        _stratum(np.flatnonzero(stratum == number), searches, int(quota[number]), number, seed, labels[number])
        for number in np.unique(stratum).tolist()
    ]
    query, weight, certain, draws, number = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(query)
    return Design(query[order], weight[order], certain[order], draws[order], number[order])


def _strata(
    segment: NDArray[np.intp], searches: NDArray[np.int64], segments: int, budget: int
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """(queries,) stratum of each query and (segments + 1,) queries to take of each stratum."""
    traffic = np.zeros(segments + 1, dtype=np.int64)
    np.add.at(traffic, segment, searches)
    sizes = np.bincount(segment, minlength=segments + 1)
    quota = allocate(traffic, sizes, budget)
    small = (quota < np.minimum(SMALLEST_STRATUM, sizes)) & (sizes > 0)
    if not small.any():
        return segment, quota
    needed = min(SMALLEST_STRATUM, int(sizes[small].sum()))
    missing = max(0, needed - int(quota[small].sum()))
    largest = int(np.argmax(np.where(small, 0, quota)))
    if missing and quota[largest] - missing < SMALLEST_STRATUM:
        return np.full(len(segment), segments), np.r_[np.zeros(segments, dtype=np.int64), budget]
    quota[largest] -= missing
    quota[segments] = int(quota[small].sum()) + missing
    return np.where(small[segment], segments, segment), quota


def _stratum(
    members: NDArray[np.intp], searches: NDArray[np.int64], quota: int, number: int, seed: int, label: str
) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray]:
    """Columns of a Design."""
    members = members[np.lexsort((members, -searches[members]))]
    head = certain_head(searches[members], quota)
    rest = members[head:]
    traffic = int(searches[rest].sum())
    drawn = _draw(searches[rest], quota - head, seed, label) if len(rest) else np.zeros(0, dtype=np.intp)
    hit = np.flatnonzero(drawn)
    weight = np.r_[searches[members[:head]].astype(float), traffic * drawn[hit] / max(1, quota - head)]
    return (
        np.r_[members[:head], rest[hit]],
        weight,
        np.arange(head + len(hit)) < head,
        np.r_[np.ones(head, dtype=np.intp), drawn[hit]],
        np.full(head + len(hit), number),
    )


def _draw(searches: NDArray[np.int64], draws: int, seed: int, label: str) -> NDArray[np.intp]:
    """(queries,) how often each is drawn."""
    words = np.frombuffer(hashlib.sha256(label.encode()).digest()[:16], dtype="<u4")
    generator = np.random.Generator(np.random.PCG64([seed, *words.tolist()]))
    ends = np.cumsum(searches)
    places = generator.integers(0, int(ends[-1]), size=draws)
    return np.bincount(np.searchsorted(ends, places, side="right"), minlength=len(searches))
