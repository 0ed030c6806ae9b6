"""Reads a market's artefacts and joins them by query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import QueryFailure, QueryLogSummary, QuerySetRecord, Segment
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq.v1.tag_difference_pb2 import TagDifference
from sq_report.accounting import Counts, account
from sq_report.market import Market, QueryData
from sq_report.traffic import spread_traffic
from sq_stagekit import InputError

_SAME_RUN = "give artefacts of one run, every shard once"


@dataclass(frozen=True)
class Sources:
    """The records of the inputs; those of several shards one after the other."""

    queries: Iterable[QuerySetRecord]
    retrieval: Iterable[RetrievalRecord]
    judgments: Iterable[JudgingRecord]
    tag_differences: Iterable[TagDifference]


def read_market(sources: Sources) -> Market:
    """Reads everything.

    Raises:
        InputError: records name queries that are not in the query set, answer one twice, or do not add up.
    """
    summary, segments, failures = _query_set(sources.queries)
    queries = _queries(segments)
    products = _retrieval(sources.retrieval, queries)
    judges, counts = _judgments(
        sources.judgments, queries, Counts(summary, list(queries.values()), len(failures), 0, 0)
    )
    _differences(sources.tag_differences, queries)
    return Market(summary, segments, failures, list(queries.values()), products, judges, account(counts))


def _query_set(records: Iterable[QuerySetRecord]) -> tuple[QueryLogSummary, list[Segment], list[QueryFailure]]:
    summaries, segments, failures = [], [], []
    for record in records:
        kind = record.WhichOneof("record")
        if kind == "summary":
            summaries.append(record.summary)
        elif kind == "segment":
            segments.append(record.segment)
        elif kind == "failure":
            failures.append(record.failure)
    if len(summaries) != 1:
        raise InputError("queries", f"holds {len(summaries)} summaries, not one", "run sq-generate again")
    return summaries[0], segments, failures


def _queries(segments: Iterable[Segment]) -> dict[str, QueryData]:
    segments = list(segments)
    shares = spread_traffic(segments)
    queries: dict[str, QueryData] = {}
    for segment in segments:
        for query in segment.queries:
            if query.query_id in queries:
                raise InputError("queries", f"query {query.query_id} stands twice", "run sq-generate again")
            queries[query.query_id] = QueryData(query, shares[query.query_id])
    return queries


def _of(queries: dict[str, QueryData], query_id: str, source: str) -> QueryData:
    if query_id not in queries:
        raise InputError(source, f"query {query_id} is not in the query set", _SAME_RUN)
    return queries[query_id]


def _retrieval(records: Iterable[RetrievalRecord], queries: dict[str, QueryData]) -> dict[tuple[str, str], Product]:
    products: dict[tuple[str, str], Product] = {}
    for record in records:
        kind = record.WhichOneof("record")
        if kind == "product":
            product = record.product
            products[product.product_id, product.content_hash] = product
            continue
        inner = getattr(record, kind)
        data = _of(queries, inner.query_id, "retrieval")
        if data.hits is not None or data.failure is not None:
            raise InputError("retrieval", f"answers query {inner.query_id} twice", _SAME_RUN)
        if kind == "result":
            data.hits = list(inner.hits)
        else:
            data.failure = inner
    return products


def _judgments(
    records: Iterable[JudgingRecord], queries: dict[str, QueryData], counts: Counts
) -> tuple[list[str], Counts]:
    judges, failing_judges = set(), set()
    for record in records:
        kind = record.WhichOneof("record")
        inner = getattr(record, kind)
        data = _of(queries, inner.query_id, "judgments")
        if kind == "judgment":
            counts.judgments += 1
            data.judgments[inner.product_id] = inner
            judges.add(inner.judge)
        else:
            counts.judge_failures += 1
            counts.failed_pairs.add((inner.query_id, inner.product_id))
            failing_judges.add(inner.judge)
    return sorted(judges or failing_judges), counts


def _differences(records: Iterable[TagDifference], queries: dict[str, QueryData]) -> None:
    for record in records:
        data = _of(queries, record.query_id, "tag_differences")
        if data.difference is not None:
            raise InputError("tag_differences", f"holds query {record.query_id} twice", "run sq-ner-diff again")
        data.difference = record
    missing = [query_id for query_id, data in queries.items() if data.difference is None]
    if missing:
        raise InputError(
            "tag_differences",
            f"holds {len(queries) - len(missing)} of {len(queries)} queries (missing: {', '.join(missing[:5])})",
            "run sq-ner-diff on this query set",
        )
