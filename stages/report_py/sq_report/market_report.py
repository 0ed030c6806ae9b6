"""Puts a market's report together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum

from sq.v1.report_pb2 import FailureKind, MarketReport, QueryScore, SegmentScore
from sq_report.causes import Cause
from sq_report.clicks.click_report import MarketClicks
from sq_report.examples import examples
from sq_report.failure_classes import find_causes
from sq_report.market import Market
from sq_report.measures import measure
from sq_report.notes import notes
from sq_report.segments import Scored, score_market, score_segment
from sq_report.settings import Settings
from sq_report.variants import Variants


def report_market(name: str, market: Market, settings: Settings, clicks: MarketClicks | None = None) -> MarketReport:
    """The whole report on one market. Pure: equal records and settings give an equal report."""
    variants = Variants(market, settings.k)
    scored = [
        Scored(data, measures, (len(variants.of[data.query_id]), len((data.hits or [])[: settings.k])))
        for data, measures in zip(market.queries, measure(market.queries, settings), strict=True)
    ]
    findings = find_causes(scored, name, settings)
    shown = examples(market, scored, findings.causes, settings)
    for item in findings.classes:
        item.examples.extend(shown[item.class_id])
        members = [scored[number].data for number, cause in findings.causes.items() if cause.class_id == item.class_id]
        item.variant_share = variants.share(members, settings.k)
    queries = [_query_score(one, findings.causes.get(number)) for number, one in enumerate(scored)]
    for score in queries if clicks else ():
        if score.query_id in clicks.queries:
            score.clicks.CopyFrom(clicks.queries[score.query_id])
    return MarketReport(
        market=name,
        language=market.queries[0].query.language if market.queries else "",
        judge=", ".join(market.judges),
        k=settings.k,
        confidence_level=settings.confidence_level,
        false_discovery_rate=settings.false_discovery_rate,
        minimum_sample=settings.minimum_sample,
        summary=market.summary,
        accounting=market.accounting,
        overall=score_market(scored, settings),
        segments=_segments(market, scored, settings),
        queries=queries,
        failure_classes=findings.classes,
        unattributed_loss=min(1.0, fsum(score.loss for score in queries if not score.class_id)),
        notes=notes(market, scored, findings, settings, clicks.report if clicks else None),
        relevant_grade=settings.relevant_grade,
        resamples=settings.resamples,
        minimum_loss=settings.minimum_loss,
        background_queries=findings.background,
        clicks=clicks.report if clicks else None,
        variant_examples=variants.examples(),
    )


def _segments(market: Market, scored: Sequence[Scored], settings: Settings) -> list[SegmentScore]:
    """In the order of the query set."""
    members: dict[str, list[Scored]] = {segment.segment_id: [] for segment in market.segments}
    for one in scored:
        members[one.data.query.segment_id].append(one)
    traffic: Mapping[str, float] = {
        segment_id: fsum(one.data.traffic_share for one in queries) for segment_id, queries in members.items()
    }
    return [
        score_segment(
            segment, members[segment.segment_id], traffic[segment.segment_id] or segment.traffic_share, settings
        )
        for segment in market.segments
    ]


def _query_score(one: Scored, cause: Cause | None) -> QueryScore:
    query, measures = one.data.query, one.measures
    return QueryScore(
        query_id=query.query_id,
        segment_id=query.segment_id,
        text=query.text,
        source_text=query.source_text,
        traffic_share=one.data.traffic_share,
        mean_judgment=measures.mean_judgment or 0.0,
        ndcg=measures.ndcg,
        precision=measures.precision,
        err=measures.err,
        judged=measures.judged or 0.0,
        zero_results=measures.zero_results,
        retrieval_failed=measures.retrieval_failed,
        loss=one.data.traffic_share * measures.miss,
        kind=cause.kind if cause else FailureKind.FAILURE_KIND_UNSPECIFIED,
        class_id=cause.class_id if cause else "",
        grades=measures.grades,
        variants=one.variants[0],
    )
