"""Chooses the pairs to judge: the results of each query to a depth, and its known matches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType

from sq.v1.product_pb2 import ProductRef
from sq.v1.query_pb2 import PROBE_FORM_KNOWN_ITEM, Query
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
    probe: int | None = None


# Ids of products that a judge rated for a query before, whether or not they were retrieved.
Rated = Callable[[Query], Iterable[str]]


# Products that were judged before, or could not be, by query id.
Judged = Mapping[str, AbstractSet[str]]


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
    queries: Mapping[str, Query],
    retrieval: Iterable[RetrievalRecord],
    depths: Depths,
    rated: Rated = none_rated,
    prior: Judged = MappingProxyType({}),
) -> Iterator[tuple[Query, list[Pair]]]:
    """Each query of a retrieval with its pairs, in the retrieval's order. A query that failed has its pool only.

    Pairs that were judged before are left out. What probes found comes last, once for each query that they change.
    Probes that look for a known product are not judged.

    Args:
        prior: products judged before, by query id.

    Raises:
        InputError: the retrieval has a query twice, or one that is not in the query set; or a probe of such a query.
    """
    seen: set[str] = set()
    probed: dict[str, dict[str, Pair]] = {}
    for record in retrieval:
        kind = record.WhichOneof("record")
        if kind == "product":
            continue
        if kind not in ("result", "failure"):
            raise NotImplementedError(f"RetrievalRecord.{kind} is not read: add it to all_pairs")
        query_id = getattr(record, kind).query_id
        if query_id in seen:
            raise InputError("retrieval", f"contains query {query_id} twice", "give each shard once")
        query = _known(queries, query_id, "retrieval")
        seen.add(query_id)
        hits = [hit.product for hit in record.result.hits] if kind == "result" else []
        judged = prior.get(query.probe.probe_of or query_id, frozenset())
        if not query.HasField("probe"):
            pairs = query_pairs(query, hits, depths, rated)
            if not judged or any(pair.product.product_id not in judged for pair in pairs):
                yield query, [pair for pair in pairs if pair.product.product_id not in judged]
        elif query.probe.form != PROBE_FORM_KNOWN_ITEM:
            found = probed.setdefault(query.probe.probe_of, {})
            for hit in hits[: depths.probe]:
                if hit.product_id not in judged:
                    found.setdefault(hit.product_id, Pair(hit, pool_only=True))
    for query_id, pairs in probed.items():
        yield _known(queries, query_id, "queries"), list(pairs.values())


def _known(queries: Mapping[str, Query], query_id: str, source: str) -> Query:
    if query_id not in queries:
        raise InputError(source, f"query {query_id} is not in the query set", "give the query set it was made from")
    return queries[query_id]
