"""The measures of a segment, and of the whole market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

from sq.v1.query_pb2 import Segment
from sq.v1.report_pb2 import Estimate, SegmentScore
from sq_report.intervals import weighted_means
from sq_report.market import QueryData
from sq_report.measures import Measures
from sq_report.settings import Settings


@dataclass(frozen=True)
class Scored:
    """A query and its measures.

    Attributes:
        variants: results down to k that are near-duplicates of one above, of how many results.
    """

    data: QueryData
    measures: Measures
    variants: tuple[int, int] = (0, 0)


def score_segment(segment: Segment, scored: Sequence[Scored], traffic: float, settings: Settings) -> SegmentScore:
    """The measures over a segment's queries, weighted by the traffic they stand for. traffic: the segment's, 0..1."""
    score = SegmentScore(
        segment_id=segment.segment_id,
        traffic_share=traffic,
        queries=len(scored),
        tail_sample=segment.tail_sample,
    )
    if not scored:
        return score
    weights = np.array([one.data.traffic_share for one in scored])
    if not weights.any():
        weights = np.ones(len(scored))
    rows = [_row(one) for one in scored]
    values = np.array([[value or 0.0 for value in row] for row in rows], dtype=np.float64)
    present = np.array([[value is not None for value in row] for row in rows])
    means = weighted_means(values, present * weights[:, np.newaxis], settings, f"segment {segment.segment_id}")
    for name, estimate in zip(_COLUMNS, means, strict=True):
        getattr(score, name).CopyFrom(estimate)
    score.loss.CopyFrom(_loss(score.ndcg, traffic))
    return score


def score_market(scored: Sequence[Scored], settings: Settings) -> SegmentScore:
    """The same over all queries of the market; its segment_id is empty."""
    return score_segment(Segment(), scored, fsum(one.data.traffic_share for one in scored), settings)


_COLUMNS = ("mean_judgment", "ndcg", "precision", "err", "judged", "zero_result_rate", "variant_share")


def _row(one: Scored) -> tuple[float | None, ...]:
    """In the order of _COLUMNS; None leaves the query out of that mean."""
    measures, (variants, results) = one.measures, one.variants
    zero = None if measures.retrieval_failed else float(measures.zero_results)
    share = variants / results if results else None
    return measures.mean_judgment, measures.ndcg, measures.precision, measures.err, measures.judged, zero, share


def _loss(ndcg: Estimate, traffic: float) -> Estimate:
    return Estimate(
        value=traffic * (1 - ndcg.value),
        low=traffic * (1 - ndcg.high),
        high=traffic * (1 - ndcg.low),
        queries=ndcg.queries,
        claimed=ndcg.claimed,
    )
