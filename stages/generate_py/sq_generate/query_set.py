"""Makes the records of the query set from the results of engine, tagger, catalogue and translator. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import fsum

from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.query_pb2 import (
    Band,
    BandCoverage,
    JunkCount,
    Query,
    QueryFailure,
    QueryLogSummary,
    QuerySetRecord,
    Segment,
)
from sq_generate.engine import BandTraffic, Junk, SegmentTraffic, Totals
from sq_generate.junk import example
from sq_generate.query_log import LogCounts


@dataclass
class ChosenSegment:
    """A segment of the query set with its queries and failures, most frequent first.

    Attributes:
        shares_stratum: whether its queries were drawn from all small segments together.
        lost: searches that its failures stand for.
    """

    traffic: SegmentTraffic
    shares_stratum: bool
    queries: list[Query] = field(default_factory=list)
    failures: list[QueryFailure] = field(default_factory=list)
    lost: float = 0.0


def share(searches: float, of: int) -> float:
    """The quotient, from 0 to 1; 0 if `of` is 0."""
    return searches / of if of else 0.0


def summary(
    totals: Totals,
    counts: LogCounts,
    junk: Iterable[Junk],
    bands: Iterable[BandTraffic],
    chosen: Sequence[ChosenSegment],
) -> QueryLogSummary:
    """The summary of the log: what was read, kept and covered."""
    searches: Counter[Band] = Counter()
    for segment in chosen:
        for query in segment.queries:
            searches[query.band] += query.searches
    lost = fsum(segment.lost for segment in chosen)
    return QueryLogSummary(
        rows=totals.rows,
        searches=totals.searches,
        distinct_queries=totals.distinct_queries,
        junk=[
            JunkCount(reason=item.reason, rows=item.rows, examples=[example(text) for text in item.examples])
            for item in junk
        ],
        junk_rows=totals.rows - totals.searches,
        broken_rows=counts.broken,
        broken_examples=counts.examples,
        segments_found=totals.segments,
        segments_taken=len(chosen),
        traffic_covered=max(0.0, 1.0 - lost / totals.searches),
        bands=[
            BandCoverage(
                band=band.band,
                distinct_queries=band.distinct_queries,
                searches=band.searches,
                covered=share(searches[band.band], band.searches),
            )
            for band in bands
        ],
        queries=sum(len(segment.queries) for segment in chosen),
        failures=sum(len(segment.failures) for segment in chosen),
    )


def records(
    head: QueryLogSummary, chosen: Iterable[ChosenSegment], searches: int, products: dict[str, Product]
) -> Iterator[QuerySetRecord]:
    """The summary; then for each segment: the products it is the first to name, the segment, its failures.

    Args:
        searches: of the whole market, for shares.
        products: by id, at least those of the known matches.
    """
    yield QuerySetRecord(summary=head)
    written: set[str] = set()
    for item in chosen:
        for ref in _refs(item.queries):
            if ref.product_id not in written:
                written.add(ref.product_id)
                yield QuerySetRecord(product=products[ref.product_id])
        yield QuerySetRecord(
            segment=Segment(
                segment_id=item.traffic.segment_id,
                searches=item.traffic.searches,
                traffic_share=share(item.traffic.searches, searches),
                distinct_queries=item.traffic.distinct_queries,
                tail_sample=item.shares_stratum,
                queries=item.queries,
            )
        )
        for failure in item.failures:
            yield QuerySetRecord(failure=failure)


def _refs(queries: Iterable[Query]) -> Iterator[ProductRef]:
    for query in queries:
        yield from query.known_matches
