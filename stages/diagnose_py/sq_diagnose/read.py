"""Reads the queries and what the engine answered to them."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query, QuerySetRecord
from sq.v1.retrieval_pb2 import RetrievalRecord, SearchResult
from sq_measures.traffic import traffic
from sq_mechanisms import Asked

# Results that mechanisms look at.
DEPTH = 10


def read_asked(queries: Iterable[QuerySetRecord], retrieval: Iterable[RetrievalRecord]) -> list[Asked]:
    """The queries that the engine answered, those of most traffic first."""
    products: dict[tuple[str, str], Product] = {}
    results: dict[str, SearchResult] = {}
    for record in retrieval:
        if record.HasField("product"):
            products[record.product.product_id, record.product.content_hash] = record.product
        elif record.HasField("result"):
            results[record.result.query_id] = record.result
    asked = [
        _asked(query, results[query.query_id], products)
        for record in queries
        for query in record.segment.queries
        if query.query_id in results
    ]
    return sorted(asked, key=lambda one: (-traffic(one.query), one.query.query_id))


def _asked(query: Query, result: SearchResult, products: dict[tuple[str, str], Product]) -> Asked:
    hits = result.hits[:DEPTH]
    return Asked(
        query=query,
        results=[products[hit.product.product_id, hit.product.content_hash] for hit in hits],
        total_hits=result.total_hits,
        top_score=hits[0].score if hits else 0.0,
    )
