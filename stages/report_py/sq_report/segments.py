"""The measures of a segment, and of the whole market."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

import numpy as np

from sq.v1.query_pb2 import Segment
from sq.v1.report_pb2 import Estimate, SegmentScore
from sq_effects import Estimate as Figure
from sq_effects import mean_rate
from sq_report.scored import Scored, sample_of
from sq_report.settings import Settings


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
    if segment.segment_id:
        score.example = min(scored, key=lambda one: (-one.data.query.searches, one.data.query_id)).data.query.text
    rows = [_row(one) for one in scored]
    sample = sample_of(scored)
    for column, name in enumerate(_COLUMNS):
        scale = _SCALES.get(name, 1.0)
        values = np.array([(row[column] or 0.0) / scale for row in rows], dtype=np.float64)
        present = np.array([row[column] is not None for row in rows])
        getattr(score, name).CopyFrom(as_record(mean_rate(sample, values, present, settings.effects), scale))
    score.loss.CopyFrom(_loss(score.ndcg, fsum(one.data.traffic_share for one in scored if one.measures.counts)))
    return score


def score_market(scored: Sequence[Scored], settings: Settings) -> SegmentScore:
    """The same over all queries of the market; its segment_id is empty."""
    return score_segment(Segment(), scored, fsum(one.data.traffic_share for one in scored), settings)


def as_record(figure: Figure, scale: float = 1.0) -> Estimate:
    """A figure of the statistics, times scale, as a record; without an interval it is shown and not claimed."""
    interval = figure.interval
    return Estimate(
        value=scale * figure.value,
        low=scale * interval.low if interval else 0.0,
        high=scale * interval.high if interval else 0.0,
        queries=figure.queries,
        claimed=interval is not None,
    )


# Measures whose range is not 0..1.
_SCALES = {"mean_judgment": 4.0}
_COLUMNS = ("mean_judgment", "ndcg", "precision", "err", "judged", "zero_result_rate", "variant_share")


def _row(one: Scored) -> tuple[float | None, ...]:
    """In the order of _COLUMNS; None leaves the query out of that mean."""
    measures, (variants, results) = one.measures, one.variants
    zero = None if measures.retrieval_failed else float(measures.zero_results)
    share = variants / results if results else None
    if not measures.counts:
        return None, None, None, None, measures.judged, zero, share
    return measures.mean_judgment, measures.ndcg, measures.precision, measures.err, measures.judged, zero, share


def _loss(ndcg: Estimate, traffic: float) -> Estimate:
    """traffic: of the queries that count. What is not sold or not judged loses nothing here."""
    return Estimate(
        value=traffic * (1 - ndcg.value) if ndcg.queries else 0.0,
        low=traffic * (1 - ndcg.high) if ndcg.claimed else 0.0,
        high=traffic * (1 - ndcg.low) if ndcg.claimed else 0.0,
        queries=ndcg.queries,
        claimed=ndcg.claimed,
    )
