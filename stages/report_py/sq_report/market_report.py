"""Puts a market's report together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum

from sq.v1.report_pb2 import FailureKind, MarketReport, QueryScore, SegmentScore
from sq_report.clicks.click_report import MarketClicks
from sq_report.coverage import coverage_of
from sq_report.findings import find, unattributed
from sq_report.market import Market
from sq_report.measures import State, measure
from sq_report.notes import notes
from sq_report.scored import Scored
from sq_report.segments import score_market, score_segment
from sq_report.settings import Settings
from sq_report.variants import Variants
from sq_report.verdict import verdict


def report_market(name: str, market: Market, settings: Settings, clicks: MarketClicks | None = None) -> MarketReport:
    """The whole report on one market. Pure: equal records and settings give an equal report."""
    variants = Variants(market, settings.k)
    scored = [
        Scored(data, measures, (len(variants.of[data.query_id]), len((data.hits or [])[: settings.k])))
        for data, measures in zip(market.queries, measure(market.queries, settings), strict=True)
    ]
    findings = find(market, name, scored, settings)
    queries = [_query_score(one, findings.class_of.get(one.data.query_id, "")) for one in scored]
    for score in queries if clicks else ():
        if score.query_id in clicks.queries:
            score.clicks.CopyFrom(clicks.queries[score.query_id])
    report = MarketReport(
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
        unattributed_loss=unattributed(findings, scored),
        notes=notes(market, scored, findings, settings, clicks.report if clicks else None),
        relevant_grade=settings.relevant_grade,
        resamples=settings.resamples,
        clicks=clicks.report if clicks else None,
        variant_examples=variants.examples(),
        coverage=coverage_of(scored, settings),
        unstable=findings.unstable,
        probing=findings.probing,
        trust=market.trust if market.trust.ListFields() else None,
    )
    report.verdict = verdict(report)
    return report


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


def _query_score(one: Scored, class_id: str) -> QueryScore:
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
        kind=_kind(class_id),
        class_id=class_id,
        grades=measures.grades,
        variants=one.variants[0],
        measured=measures.counts,
        not_sold=measures.state is State.NOT_SOLD,
    )


def _kind(class_id: str) -> FailureKind:
    name = class_id.split("/", 1)[0]
    return FailureKind.Value(f"FAILURE_KIND_{name}") if name else FailureKind.FAILURE_KIND_UNSPECIFIED
