"""The rows that a market's report adds to the history."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import fsum
from zoneinfo import ZoneInfo

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.query_pb2 import QueryLogSummary
from sq.v1.report_pb2 import Estimate, FailureClass, MarketReport, SegmentScore
from sq_history import Interval, Row, Scope

_ZONE = re.compile(r"\(([^()]+)\)$")


@dataclass(frozen=True)
class Made:
    """How a market's report was made.

    Attributes:
        asked_on: day (UTC) on which the engine was first asked; None if no artefact says it.
        report_digest: artefact digest of the report.
        program_digest: image or program that made it.
    """

    run_id: str
    asked_on: date | None
    model_usage: tuple[ModelUsage, ...]
    report_digest: str
    program_digest: str


def rows_of(report: MarketReport, made: Made) -> list[Row]:
    """The market's row first, then those of its segments and of its failure classes; empty if it has no date."""
    summary = report.summary
    day = _last_day(summary) or made.asked_on
    if day is None:
        return []
    usage = [item for item in made.model_usage if item.market == report.market]
    whole = Row(
        run_id=made.run_id,
        market=report.market,
        scope=Scope.MARKET,
        name="",
        interval_date=day,
        interval_start=summary.start.ToDatetime(UTC) if summary.HasField("start") else None,
        interval_end=summary.end.ToDatetime(UTC) if summary.HasField("end") else None,
        asked_on=made.asked_on,
        judge=report.judge,
        k=report.k,
        confidence_level=report.confidence_level,
        queries=len(report.queries),
        traffic_share=report.overall.traffic_share,
        ndcg=_interval(report.overall.ndcg),
        loss=_interval(report.overall.loss),
        gain=None,
        claimed=report.overall.ndcg.claimed,
        measured_share=report.coverage.measured,
        calls=sum(item.calls for item in usage),
        usd=fsum(item.usd for item in usage),
        report_digest=made.report_digest,
        program_digest=made.program_digest,
    )
    part = replace(whole, measured_share=None, calls=None, usd=None)
    segments = [_of_segment(part, segment) for segment in report.segments]
    return [whole, *segments, *(_of_class(part, item) for item in report.failure_classes)]


def _of_segment(part: Row, segment: SegmentScore) -> Row:
    return replace(
        part,
        scope=Scope.SEGMENT,
        name=segment.segment_id,
        queries=segment.queries,
        traffic_share=segment.traffic_share,
        ndcg=_interval(segment.ndcg),
        loss=_interval(segment.loss),
        claimed=segment.ndcg.claimed,
    )


def _of_class(part: Row, item: FailureClass) -> Row:
    return replace(
        part,
        scope=Scope.CLASS,
        name=item.class_id,
        queries=item.queries,
        traffic_share=item.traffic_share,
        ndcg=None,
        loss=_interval(item.loss),
        gain=_interval(item.gain),
        claimed=item.claimed,
    )


def _interval(item: Estimate) -> Interval | None:
    if not item.queries:
        return None
    return Interval(item.value, item.low, item.high) if item.claimed else Interval(item.value)


def _last_day(summary: QueryLogSummary) -> date | None:
    """The last local day of the log's window; its time zone stands at the end of the window in words."""
    if not summary.HasField("end"):
        return None
    zone = _ZONE.search(summary.window)
    last: datetime = summary.end.ToDatetime(UTC) - timedelta(microseconds=1)
    return last.astimezone(ZoneInfo(zone[1]) if zone else UTC).date()
