"""Query sets of weeks, made up, for the forecast model to read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sq.v1.manifest_pb2 import Provenance
from sq.v1.query_pb2 import QueryLogSummary, QuerySetRecord, Segment
from sq_handoff import ArtefactWriter

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
WEEK = timedelta(days=7)
_YEAR = 52.18
# Of all segments of a week together. Some of it is in segments that the query sets do not list.
SEARCHES = 2100
COATS, SWIMWEAR, SMALL = "CATEGORY=coat", "CATEGORY=swimwear", "BRAND=Acme"


def traffic(week: float) -> dict[str, int]:
    """Searches by segment, `week` weeks after FIRST: coats in winter, swimwear in summer."""
    season = math.cos(2 * math.pi * week / _YEAR)
    return {COATS: round(1000 + 700 * season), SWIMWEAR: round(900 - 700 * season), SMALL: 50}


def write_week(
    uri: str, week: float, segments: Mapping[str, int], length: timedelta = WEEK, *, probes: bool = False
) -> None:
    """Publishes the query set of a week, without queries.

    Args:
        week: weeks after FIRST at which it starts.
        segments: searches of each segment that it lists.
    """
    start = FIRST + week * WEEK
    summary = QueryLogSummary(rows=SEARCHES, searches=SEARCHES, probes=probes, window=f"{start:%Y-%m-%d}")
    summary.start.FromDatetime(start)
    summary.end.FromDatetime(start + length)
    writer = ArtefactWriter(uri, QuerySetRecord)
    writer.write(QuerySetRecord(summary=summary))
    for name, searches in segments.items():
        segment = Segment(segment_id=name, searches=searches, traffic_share=searches / SEARCHES)
        writer.write(QuerySetRecord(segment=segment))
    writer.publish(Provenance(stage="generate", run_id=f"week-{week}"))
