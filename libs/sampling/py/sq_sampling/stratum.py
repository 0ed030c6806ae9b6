"""The queries taken of one stratum."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_sampling.certainty import certain_head

# Of the stratum that all small segments share.
SHARED = "rest"


def label_of(segment: str) -> str:
    """The name of a segment's own stratum, for its seed: it is never that of the shared one."""
    return f"segment/{segment}"


@dataclass(frozen=True)
class Taken:
    """Queries taken of a stratum; arrays have one element a query.

    Attributes:
        level: number of the level that the query is in.
        place: its place among the queries of the level, from 0, in an order that the caller keeps.
        weight: searches that the query stands for.
        certain: whether it was taken with certainty.
        draws: how often it was drawn; 1 where it was taken with certainty.
    """

    level: NDArray[np.int64]
    place: NDArray[np.int64]
    weight: NDArray[np.float64]
    certain: NDArray[np.bool_]
    draws: NDArray[np.int64]


def take(searches: NDArray[np.int64], queries: NDArray[np.int64], quota: int, label: str, seed: int) -> Taken:
    """Takes the most frequent queries with certainty and draws from the rest in proportion to searches.

    A stratum is given by its levels, because a log has few distinct numbers of searches and many queries.

    Args:
        searches: (levels,) of each query of a level, at least 1, falling.
        queries: (levels,) distinct queries of the level, at least 1.
        quota: queries to take.
        label: of the stratum. Its draws depend on the label and the seed, not on other strata.
    """
    first = np.r_[0, np.cumsum(queries)]
    ends = np.cumsum(searches * queries)
    frequent = np.repeat(searches, np.clip(quota - first[:-1], 0, queries))
    head = certain_head(frequent, quota, int(first[-1]), int(ends[-1]))
    traffic = int(ends[-1]) - int(frequent[:head].sum())
    level, place, draws = _draw(searches, ends, traffic, quota - head if traffic else 0, label, seed)
    ranks = np.arange(head)
    certain = np.searchsorted(first, ranks, side="right") - 1
    return Taken(
        np.r_[certain, level],
        np.r_[ranks - first[certain], place],
        np.r_[frequent[:head].astype(float), traffic * draws / max(1, quota - head)],
        np.arange(head + len(level)) < head,
        np.r_[np.ones(head, dtype=np.int64), draws],
    )


def _draw(
    searches: NDArray[np.int64], ends: NDArray[np.int64], traffic: int, draws: int, label: str, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Level, place and number of draws of each query drawn: draws with replacement among the last `traffic` searches.

    Source: Hansen, Hurwitz: On the theory of sampling from finite populations, Annals of Mathematical Statistics 1943.
    """
    if not draws:
        return tuple(np.zeros(0, dtype=np.int64) for _ in range(3))
    words = np.frombuffer(hashlib.sha256(label.encode()).digest()[:16], dtype="<u4")
    generator = np.random.Generator(np.random.PCG64([seed, *words.tolist()]))
    total = int(ends[-1])
    search = total - traffic + generator.integers(0, traffic, size=draws)
    level = np.searchsorted(ends, search, side="right")
    place = (search - np.r_[0, ends][level]) // searches[level]
    found, counts = np.unique(np.stack([level, place]), axis=1, return_counts=True)
    return found[0], found[1], counts
