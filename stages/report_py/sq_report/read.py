"""Reads a market's artefacts and joins them by query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sq.v1.judgment_pb2 import JudgeTrust, JudgingRecord, JudgingSummary
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import (
    PROBE_FORM_KNOWN_ITEM,
    Query,
    QueryFailure,
    QueryLogSummary,
    QuerySetRecord,
    Segment,
)
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq.v1.tag_difference_pb2 import TagDifference
from sq_report.accounting import Counts, account
from sq_report.held import Held, ProductKey
from sq_report.market import Answer, Market, QueryData
from sq_report.traffic import spread_traffic
from sq_report.trust import together
from sq_stagekit import InputError

_SAME_RUN = "give artefacts of one run, every shard once"


@dataclass(frozen=True)
class Sources:
    """The records of the inputs; those of several artefacts one after the other."""

    queries: Iterable[QuerySetRecord]
    retrieval: Iterable[RetrievalRecord]
    judgments: Iterable[JudgingRecord]
    tag_differences: Iterable[TagDifference]


@dataclass
class _QuerySets:
    """The query set, and the probes of it."""

    summaries: list[QueryLogSummary] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    failures: list[QueryFailure] = field(default_factory=list)
    probes: dict[str, Answer] = field(default_factory=dict)
    queries: dict[str, QueryData] = field(default_factory=dict)
    held: Held = field(default_factory=Held)
    known: dict[ProductKey, Product] = field(default_factory=dict)


def read_market(sources: Sources) -> Market:
    """Reads everything.

    Raises:
        InputError: records name queries that are not in the query set, answer one twice, or do not add up.
    """
    sets = _query_sets(sources.queries)
    products = _retrieval(sources.retrieval, sets)
    trust: list[JudgeTrust] = []
    judges, judging, counts = _judgments(sources.judgments, sets, trust)
    _differences(sources.tag_differences, sets.queries)
    return Market(
        summary=sets.summaries[0],
        segments=sets.segments,
        query_failures=sets.failures,
        queries=list(sets.queries.values()),
        products=products,
        judges=judges,
        accounting=account(counts),
        probes=list(sets.probes.values()),
        judging=judging,
        trust=together(trust),
        known=sets.known,
    )


def _query_sets(records: Iterable[QuerySetRecord]) -> _QuerySets:
    sets = _QuerySets()
    probes: list[Query] = []
    reading_probes = False
    for record in records:
        kind = record.WhichOneof("record")
        if kind == "summary":
            reading_probes = record.summary.probes
            sets.summaries += [] if reading_probes else [record.summary]
        elif kind == "failure":
            sets.failures.append(record.failure)
        elif kind == "segment" and reading_probes:
            probes += record.segment.queries
        elif kind == "segment":
            sets.segments.append(record.segment)
        elif kind == "product":
            full = record.product
            named = Product(product_id=full.product_id, title=full.title, brand=full.brand, categories=full.categories)
            sets.known[sets.held.key(full)] = named
        else:
            raise _unread("QuerySetRecord", kind)
    if len(sets.summaries) != 1:
        raise InputError("queries", f"holds {len(sets.summaries)} summaries, not one", "run sq-generate again")
    shares = spread_traffic(sets.segments)
    for query in (query for segment in sets.segments for query in segment.queries):
        _add(sets.queries, QueryData(query=query, traffic_share=shares[query.query_id]), "sq-generate")
    for query in probes:
        # A search for a known product changes no query.
        if query.probe.form != PROBE_FORM_KNOWN_ITEM and query.probe.probe_of not in sets.queries:
            unknown = f"probe {query.query_id} changes {query.probe.probe_of}, which is not in the query set"
            raise InputError("queries", unknown, _SAME_RUN)
        _add(sets.probes, Answer(query=query), "sq-diagnose")
    return sets


def _add(answers: dict[str, Answer], answer: Answer, stage: str) -> None:
    if answer.query_id in answers:
        raise InputError("queries", f"query {answer.query_id} stands twice", f"run {stage} again")
    answers[answer.query_id] = answer


def _retrieval(records: Iterable[RetrievalRecord], sets: _QuerySets) -> dict[ProductKey, Product]:
    products: dict[ProductKey, Product] = {}
    for record in records:
        kind = record.WhichOneof("record")
        if kind == "product":
            products[sets.held.key(record.product)] = record.product
            continue
        if kind not in ("result", "failure"):
            raise _unread("RetrievalRecord", kind)
        inner = getattr(record, kind)
        data = sets.queries.get(inner.query_id) or sets.probes.get(inner.query_id)
        if data is None:
            raise _unknown("retrieval", inner.query_id)
        if data.answered:
            raise InputError("retrieval", f"answers query {inner.query_id} twice", _SAME_RUN)
        if kind == "result":
            data.hits, data.total_hits = list(map(sets.held.found, inner.hits)), inner.total_hits
            data.complete = inner.total_hits <= len(inner.hits) and not inner.total_is_lower_bound
        else:
            data.failure = inner
    return products


def _unread(message: str, kind: str | None) -> NotImplementedError:
    return NotImplementedError(f"{message}.{kind} is not read: add it to sq_report/read.py")


def _unknown(source: str, query_id: str) -> InputError:
    return InputError(source, f"query {query_id} is not in the query set", _SAME_RUN)


def _judgments(
    records: Iterable[JudgingRecord], sets: _QuerySets, trust: list[JudgeTrust]
) -> tuple[list[str], JudgingSummary, Counts]:
    """A pair that failed and was judged later counts as judged. Adds the signs of trust to `trust`."""
    judges, failing = set(), set()
    summaries: list[JudgingSummary] = []
    depths: set[tuple[int, int | None, int]] = set()
    for record in records:
        kind = record.WhichOneof("record")
        if kind not in ("summary", "judgment", "failure", "trust", "guideline"):
            raise _unread("JudgingRecord", kind)
        inner = getattr(record, kind)
        if kind == "trust":
            trust.append(inner)
            continue
        if kind == "summary":
            summaries.append(inner)
            depths.add((inner.depth, inner.pool_depth if inner.HasField("pool_depth") else None, inner.probe_depth))
            continue
        if inner.query_id not in sets.queries:
            raise _unknown("judgments", inner.query_id)
        data = sets.queries[inner.query_id]
        if kind == "guideline":
            data.guideline = inner
        elif kind == "judgment":
            if inner.product_id in data.judgments:
                pair = f"{inner.query_id}/{inner.product_id}"
                raise InputError("judgments", f"judge the pair {pair} twice", _SAME_RUN)
            verdict = sets.held.verdict(inner)
            data.judgments[verdict.product.product_id] = verdict
            judges.add(verdict.judge)
        else:
            data.failed_pairs.add(inner.product_id)
            failing.add(inner.judge)
    if not summaries:
        raise InputError("judgments", "hold no summary", "run sq-evaluate again: an earlier version wrote them")
    if len(depths) > 1:
        raise InputError("judgments", "were made to different depths", "run sq-evaluate with one configuration")
    for data in sets.queries.values():
        data.failed_pairs -= data.judgments.keys()
    probes = list(sets.probes.values())
    counts = Counts(sets.summaries[0], list(sets.queries.values()), len(sets.failures), summaries[0], probes)
    return sorted(judges or failing), summaries[0], counts


def _differences(records: Iterable[TagDifference], queries: dict[str, QueryData]) -> None:
    for record in records:
        if record.query_id not in queries:
            raise _unknown("tag_differences", record.query_id)
        data = queries[record.query_id]
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
