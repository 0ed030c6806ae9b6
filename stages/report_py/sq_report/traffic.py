"""How much of the market's traffic each query stands for."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from sq.v1.query_pb2 import Segment


def spread_traffic(segments: Sequence[Segment]) -> dict[str, float]:
    """Share of the market's traffic by query id, 0..1.

    It is what the design of the sample says (Query.represents). The shares of all queries then add up to 1, less what
    queries stand for that could not be made. A segment's traffic may be represented by queries of other segments.

    A fixed list of queries has no design. There a segment's share is spread over its queries in proportion to their
    searches, so that the shares of a segment's queries add up to the segment's. Where no segment has traffic, all
    queries count the same and add up to 1.
    """
    designed = {query.query_id: query.represents for segment in segments for query in segment.queries}
    if any(designed.values()):
        return designed
    if fsum(segment.traffic_share for segment in segments) == 0:
        ids = [query.query_id for segment in segments for query in segment.queries]
        return {query_id: 1 / len(ids) for query_id in ids}
    shares: dict[str, float] = {}
    for segment in segments:
        searches = sum(query.searches for query in segment.queries)
        for query in segment.queries:
            part = query.searches / searches if searches else 1 / len(segment.queries)
            shares[query.query_id] = segment.traffic_share * part
    return shares
