"""The sample of a log: which queries are taken, and the searches each stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sq_generate.engine import Engine, Levels, Place, QueryTraffic
from sq_sampling import SHARED, Strata, Taken, label_of, take

# Enough for an interval of one point to either side of a market's mean nDCG (standard deviation 0.4, 95 %). It has room
# for 1,500 segments of five queries.
QUERY_BUDGET = 7500


@dataclass(frozen=True, slots=True)
class TakenQuery:
    """A query of the set.

    Attributes:
        weight: searches that it stands for; 0 in a list that is no sample.
        certain: whether it was taken with certainty.
        draws: how often it was drawn; 0 where it was not drawn.
        shared_stratum: whether its segment shares a stratum with other small ones.
    """

    traffic: QueryTraffic
    weight: float = 0.0
    certain: bool = False
    draws: int = 0
    shared_stratum: bool = False


def take_all(engine: Engine) -> list[TakenQuery]:
    """All queries of a list that a person made. It is no sample of a log, so none stands for another."""
    return [TakenQuery(traffic) for traffic in engine.all_queries()]


def take_sample(engine: Engine, budget: int, seed: int) -> list[TakenQuery]:
    """Spreads a budget of queries over all segments by their traffic; see sq_sampling.design.

    The engine selects the queries. Only levels (how many queries have as many searches) and the queries taken are read.

    Returns:
        At most `budget` queries, by segment, then most searches first.
    """
    names, quotas = _strata(engine, budget)
    labels = [*map(label_of, names), SHARED]
    parts = [
        (stratum, searches, take(searches, queries, quotas[stratum], labels[stratum], seed))
        for stratum, searches, queries in _by_stratum(engine.levels(names))
    ]
    rows = [row for stratum, searches, taken in parts for row in _rows(stratum, searches, taken, len(names))]
    found = engine.queries_at(names, [place for place, *_ in rows])
    queries = [TakenQuery(traffic, *columns) for traffic, (_, *columns) in zip(found, rows, strict=True)]
    return sorted(queries, key=lambda query: (query.traffic.segment_id, -query.traffic.searches, query.traffic.text))


def _strata(engine: Engine, budget: int) -> tuple[list[str], list[int]]:
    """The segments that are strata of their own, and the queries to take of each; at last those of the shared one."""
    levels = engine.segment_levels()
    segments = [level.segments for level in levels]
    traffic = np.repeat(np.array([level.searches for level in levels], dtype=np.int64), segments)
    sizes = np.repeat(np.array([level.distinct_queries for level in levels], dtype=np.int64), segments)
    strata = Strata.of(traffic, sizes, budget)
    own = np.flatnonzero(strata.own).tolist()
    top = engine.top_segments(own[-1] + 1) if own else []
    return [top[number].segment_id for number in own], [*strata.quota[own].tolist(), strata.shared_quota]


def _by_stratum(levels: Levels) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Number, searches and queries of each stratum."""
    numbers, first = np.unique(levels.stratum, return_index=True)
    for number, start, end in zip(numbers.tolist(), first, [*first, len(levels.stratum)][1:], strict=True):
        yield number, levels.searches[start:end], levels.queries[start:end]


def _rows(
    stratum: int, searches: np.ndarray, taken: Taken, shared: int
) -> Iterator[tuple[Place, float, bool, int, bool]]:
    """The place of each query, and the other fields of its TakenQuery."""
    columns = (taken.level, taken.place, taken.weight, taken.certain, taken.draws)
    for level, place, weight, certain, draws in zip(*(column.tolist() for column in columns), strict=True):
        at = Place(stratum, int(searches[level]), place)
        yield at, weight, certain, 0 if certain else draws, stratum == shared


def segments_of(queries: Sequence[TakenQuery]) -> list[str]:
    """The ids of the segments that the queries are in, each once."""
    return list(dict.fromkeys(query.traffic.segment_id for query in queries))
