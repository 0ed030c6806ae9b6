"""Queries of a query set as the sample that statistics work on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sq.v1.query_pb2 import Query
from sq_effects import Sample

_LEAST = 1e-12


def sample_of(queries: Sequence[Query], weights: Sequence[float], ndcg: Sequence[float]) -> Sample:
    """The sample that these queries are.

    A query without traffic among others counts for next to nothing, since a sample has no weight of 0. Where none has
    traffic, each counts the same.

    Args:
        weights: the traffic that each query stands for, in any unit.
        ndcg: of each query, 0..1.
    """
    names = [_stratum(query) for query in queries]
    strata = {name: number for number, name in enumerate(sorted(set(names)))}
    weight = np.array(weights, dtype=np.float64)
    return Sample(
        query_ids=[query.query_id for query in queries],
        weight=np.maximum(weight, _LEAST * weight.sum()) if weight.any() else np.ones(len(queries)),
        certain=np.array([query.certain for query in queries], dtype=bool),
        ndcg=np.array(ndcg, dtype=np.float64),
        stratum=np.array([strata[name] for name in names], dtype=np.intp),
        draws=np.array([max(query.draws, 1) for query in queries], dtype=np.intp),
    )


def _stratum(query: Query) -> str:
    """Its segment; empty for the one that all small segments share, as no segment's id is."""
    return "" if query.shared_stratum else query.segment_id
