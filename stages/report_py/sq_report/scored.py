"""The queries of a market with their measures, as a sample of its traffic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sq.v1.query_pb2 import Query
from sq_effects import Sample
from sq_report.market import QueryData
from sq_report.measures import Measures

_LEAST = 1e-12


@dataclass(frozen=True)
class Scored:
    """A query and its measures.

    Attributes:
        variants: results down to k that are near-duplicates of one above, of how many results.
    """

    data: QueryData
    measures: Measures
    variants: tuple[int, int] = (0, 0)


def sample_of(scored: Sequence[Scored]) -> Sample:
    """The sample that these queries are. Where none has traffic, each counts the same."""
    queries = [one.data.query for one in scored]
    names = [_stratum(query) for query in queries]
    strata = {name: number for number, name in enumerate(sorted(set(names)))}
    weight = np.array([one.data.traffic_share for one in scored], dtype=np.float64)
    # A query without traffic among others counts for next to nothing; a sample has no weight of 0.
    weight = np.maximum(weight, _LEAST * weight.sum()) if weight.any() else np.ones(len(scored))
    return Sample(
        query_ids=[query.query_id for query in queries],
        weight=weight,
        certain=np.array([query.certain for query in queries], dtype=bool),
        ndcg=np.array([one.measures.ndcg for one in scored], dtype=np.float64),
        stratum=np.array([strata[name] for name in names], dtype=np.intp),
        draws=np.array([max(query.draws, 1) for query in queries], dtype=np.intp),
    )


def _stratum(query: Query) -> str:
    """Its segment; empty for the one that all small segments share, as no segment's id is."""
    return "" if query.shared_stratum else query.segment_id
