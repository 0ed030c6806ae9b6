"""Builds small markets out of records, as the stages before the report would hand them over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthetic_case import Case

from sq.v1.judgment_pb2 import (
    JudgeFailure,
    JudgeFailureReason,
    JudgingRecord,
    JudgingSummary,
    Judgment,
    Reason,
    ReasonCode,
)
from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.query_pb2 import (
    PROBE_FORM_KNOWN_ITEM,
    Band,
    BandCoverage,
    Query,
    QueryFailure,
    QueryLogSummary,
    QuerySetRecord,
    Segment,
)
from sq.v1.report_pb2 import MarketReport
from sq.v1.retrieval_pb2 import Hit, RetrievalFailure, RetrievalRecord, SearchResult
from sq.v1.tag_difference_pb2 import TagChange, TagChangeKind, TagDifference, TagEvidence, UncoveredTerm
from sq_report.market import Market
from sq_report.market_report import report_market
from sq_report.read import Sources, read_market
from sq_report.settings import Settings

PROBE_FAILURE = "the change cannot be carried"
HASH = "0" * 64
OFF_TOPIC = Reason(code=ReasonCode.REASON_CODE_OFF_TOPIC)


@dataclass
class Records:
    """What the stages hand over for some cases."""

    queries: list[QuerySetRecord]
    retrieval: list[RetrievalRecord]
    judgments: list[JudgingRecord]
    tag_differences: list[TagDifference]

    def read(self) -> Market:
        return read_market(Sources(self.queries, self.retrieval, self.judgments, self.tag_differences))


def records(
    cases: Sequence[Case], judge: str = "test/1", failures: Sequence[QueryFailure] = (), tail: Sequence[str] = ()
) -> Records:
    return Records(
        queries=[*_query_set(cases, failures, tail), *_probe_set(cases)],
        retrieval=[record for case in cases for record in [*_retrieval(case), *_probe_retrieval(case)]],
        judgments=[
            JudgingRecord(summary=JudgingSummary()),
            *[record for case in cases for record in _judgments(case, judge)],
        ],
        tag_differences=[_difference(case) for case in cases],
    )


def report(cases: Sequence[Case], settings: Settings | None = None, **more: object) -> MarketReport:
    return report_market("uk", records(cases, **more).read(), settings or Settings())


def _query_set(cases: Sequence[Case], failures: Sequence[QueryFailure], tail: Sequence[str]) -> list[QuerySetRecord]:
    by_segment: dict[str, list[Case]] = {}
    for case in cases:
        by_segment.setdefault(case.segment or case.text.split()[0], []).append(case)
    searches = sum(case.searches for case in cases)
    summary = QueryLogSummary(
        rows=searches + 3,
        searches=searches,
        distinct_queries=len(cases),
        junk_rows=3,
        segments_found=len(by_segment) + 2,
        segments_taken=len(by_segment),
        traffic_covered=0.9,
        bands=[
            BandCoverage(band=band, distinct_queries=1, searches=searches // 3, covered=1)
            for band in (Band.BAND_HEAD, Band.BAND_TORSO, Band.BAND_TAIL)
        ],
        queries=len(cases),
        failures=len(failures),
    )
    segments = [
        Segment(
            segment_id=segment_id,
            searches=sum(case.searches for case in members),
            traffic_share=sum(case.searches for case in members) / searches if searches else 0,
            distinct_queries=len(members),
            tail_sample=segment_id in tail,
            queries=[_query(case, segment_id, searches) for case in members],
        )
        for segment_id, members in by_segment.items()
    ]
    return [
        QuerySetRecord(summary=summary),
        *[QuerySetRecord(segment=segment) for segment in segments],
        *[QuerySetRecord(failure=failure) for failure in failures],
    ]


def _probe_set(cases: Sequence[Case]) -> list[QuerySetRecord]:
    probes = [query for case in cases for query in case.probe_queries()]
    if not probes:
        return []
    return [
        QuerySetRecord(summary=QueryLogSummary(queries=len(probes), probes=True)),
        *[QuerySetRecord(segment=Segment(segment_id=query.segment_id, queries=[query])) for query in probes],
    ]


def _probe_retrieval(case: Case) -> list[RetrievalRecord]:
    records = []
    for number, query in enumerate(case.probe_queries()):
        probe, found = case.probes[number], case.probe_ids(number)
        if probe.fails:
            failure = RetrievalFailure(
                query_id=query.query_id, segment_id=query.segment_id, reason=1, detail=PROBE_FAILURE
            )
            records.append(RetrievalRecord(failure=failure))
            continue
        scores = probe.scores or [1 / rank for rank in range(1, len(found) + 1)]
        hits = [
            Hit(rank=rank, product=ProductRef(product_id=product, content_hash=HASH), score=score)
            for rank, (product, score) in enumerate(zip(found, scores, strict=True), 1)
        ]
        result = SearchResult(query_id=query.query_id, segment_id=query.segment_id, hits=hits, total_hits=len(hits))
        records += [
            RetrievalRecord(product=Product(product_id=product, content_hash=HASH, title=f"{case.title} found {rank}"))
            for rank, product in enumerate(found, 1)
        ]
        records.append(RetrievalRecord(result=result))
    return records


def _query(case: Case, segment_id: str, searches: int) -> Query:
    tags = case.tags()
    return Query(
        query_id=case.query_id,
        segment_id=segment_id,
        source_text=case.text,
        source_language="en",
        text=case.text,
        language="en",
        source_tags=tags,
        tags=tags,
        intended_tags=tags,
        certain=case.certain,
        searches=case.searches,
        traffic_share=case.searches / searches if searches else 0,
        band=Band.BAND_HEAD,
        known_matches=[ProductRef(product_id=product, content_hash=HASH) for product in case.pool_ids()],
        known_match_count=len(case.pool),
        translated=case.translated or bool(case.lost),
        meant_text=case.meant_text,
        represents=case.represents,
        draws=case.draws,
    )


def _retrieval(case: Case) -> list[RetrievalRecord]:
    segment_id = case.segment or case.text.split()[0]
    if case.failure:
        failure = RetrievalFailure(
            query_id=case.query_id, segment_id=segment_id, reason=case.failure, detail=case.detail
        )
        return [RetrievalRecord(failure=failure)]
    products = [
        RetrievalRecord(
            product=Product(product_id=product, content_hash=HASH, title=f"{case.title} {rank}", image_uri=case.image)
        )
        for rank, product in enumerate(case.product_ids(), 1)
    ]
    hits = [
        Hit(rank=rank, product=ProductRef(product_id=product, content_hash=HASH), score=1 / rank)
        for rank, product in enumerate(case.product_ids(), 1)
    ]
    result = SearchResult(query_id=case.query_id, segment_id=segment_id, hits=hits, total_hits=len(hits))
    return [*products, RetrievalRecord(result=result)]


def _judgments(case: Case, judge: str) -> list[JudgingRecord]:
    made = []
    for product, grade in [] if case.failure else zip(case.product_ids(), case.grades, strict=True):
        if grade is None:
            failure = JudgeFailure(
                query_id=case.query_id,
                product_id=product,
                reason=JudgeFailureReason.JUDGE_FAILURE_REASON_REFUSED,
                judge=judge,
            )
            made.append(JudgingRecord(failure=failure))
        else:
            made.append(_judgment(case, product, grade, judge, pool_only=False))
    made += [
        _judgment(case, product, grade, judge, pool_only=True)
        for product, grade in zip(case.pool_ids(), case.pool, strict=True)
    ]
    made += [
        _judgment(case, product, grade, judge, pool_only=True)
        for number, probe in enumerate(case.probes)
        if probe.form != PROBE_FORM_KNOWN_ITEM and probe.grades
        for product, grade in zip(case.probe_ids(number), probe.grades, strict=True)
    ]
    return made


def _judgment(case: Case, product: str, grade: int, judge: str, *, pool_only: bool) -> JudgingRecord:
    judgment = Judgment(
        query_id=case.query_id,
        product_id=product,
        content_hash=HASH,
        grade=grade,
        reasons=(case.reasons or [OFF_TOPIC]) if grade < 4 else [],
        judge=judge,
        pool_only=pool_only,
    )
    return JudgingRecord(judgment=judgment)


def _difference(case: Case) -> TagDifference:
    tags = {(tag.type, tag.value): tag for tag in case.tags()}
    return TagDifference(
        query_id=case.query_id,
        segment_id=case.segment or case.text.split()[0],
        changes=[TagChange(kind=TagChangeKind.TAG_CHANGE_KIND_LOST, before=tags[lost]) for lost in case.lost],
        uncovered_terms=[
            UncoveredTerm(term=term, results_containing=int(held), results_checked=10)
            for term, held in case.terms.items()
        ],
        evidence=[
            TagEvidence(
                tag=tags[tuple(name.split("="))],
                results_matching=counts[0],
                results_differing=counts[1],
                results_missing=counts[2],
                results_conflicting=counts[3],
                results_checked=sum(counts),
                known_match_count=5,
            )
            for name, counts in case.evidence.items()
        ],
    )
