"""Chooses the pairs to judge: the results of each query to a depth, and its known matches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sq.v1.product_pb2 import ProductRef
from sq.v1.query_pb2 import Query
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq_stagekit import InputError


@dataclass(frozen=True)
class Pair:
    """One product of a query.

    Attributes:
        pool_only: true if the search did not return the product.
    """

    product: ProductRef
    pool_only: bool


@dataclass(frozen=True)
class Depths:
    """How many results and known matches of each query are judged; None for all."""

    results: int | None
    pool: int | None


# Ids of products that a judge rated for a query before, whether or not they were retrieved.
Rated = Callable[[Query], Iterable[str]]


def none_rated(_: Query) -> Iterable[str]:
    return ()


def query_pairs(query: Query, hits: list[ProductRef], depths: Depths, rated: Rated = none_rated) -> list[Pair]:
    """The pairs of one query, each product once: results by rank, known matches, then other rated products."""
    retrieved = {hit.product_id: hit for hit in hits}
    judged = {hit.product_id: Pair(hit, pool_only=False) for hit in hits[: depths.results]}
    for match in query.known_matches[: depths.pool]:
        hit = retrieved.get(match.product_id)
        judged.setdefault(match.product_id, Pair(hit or match, pool_only=hit is None))
    for product_id in rated(query):
        if product_id not in retrieved:
            judged.setdefault(product_id, Pair(ProductRef(product_id=product_id), pool_only=True))
    return list(judged.values())


def all_pairs(
    queries: Mapping[str, Query], retrieval: Iterable[RetrievalRecord], depths: Depths, rated: Rated = none_rated
) -> Iterator[tuple[Query, list[Pair]]]:
    """Each query of a retrieval with its pairs, in the retrieval's order. A query that failed has its pool only.

    Raises:
        InputError: the retrieval has a query twice, or one that is not in the query set.
    """
    seen: set[str] = set()
    for record in retrieval:
        kind = record.WhichOneof("record")
        if kind == "product":
            continue
        query_id = getattr(record, kind).query_id
        if query_id in seen:
            raise InputError("retrieval", f"contains query {query_id} twice", "give each shard once")
        if query_id not in queries:
            raise InputError(
                "retrieval", f"query {query_id} is not in the query set", "give the query set that it was made from"
            )
        seen.add(query_id)
        hits = [hit.product for hit in record.result.hits] if kind == "result" else []
        yield queries[query_id], query_pairs(queries[query_id], hits, depths, rated)
