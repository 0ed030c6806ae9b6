"""The queries of the shop of mice, as a query set."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mouse_shop import THINGS

from sq.v1.manifest_pb2 import Provenance
from sq.v1.query_pb2 import BAND_HEAD, Query, QuerySetRecord, Segment
from sq_handoff import ArtefactWriter


def write_queries(path: Path, texts: Iterable[str] = THINGS) -> str:
    """The query set of the labelled queries."""
    writer = ArtefactWriter(str(path), QuerySetRecord)
    queries = [
        Query(
            query_id=f"q{text.replace(' ', '-')}",
            segment_id="S",
            source_text=text,
            source_language="en",
            text=text,
            language="en",
            band=BAND_HEAD,
        )
        for text in texts
    ]
    writer.write(QuerySetRecord(segment=Segment(segment_id="S", queries=queries)))
    writer.publish(Provenance(stage="test", run_id="r"))
    return str(path)
