"""What a query of a sample stands for."""

from __future__ import annotations

from sq.v1.query_pb2 import Query


def traffic(query: Query) -> float:
    """Share of the market's traffic the query stands for, 0..1, as far as the query set says."""
    return query.represents or query.traffic_share
