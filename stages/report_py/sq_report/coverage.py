"""What the figures rest on, and the bounds of what was not measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import fsum

from sq.v1.report_pb2 import Coverage
from sq_report.measures import State, ndcg
from sq_report.scored import Scored
from sq_report.settings import Settings

_PERFECT = 4
_DIGITS = 9


def coverage_of(scored: Sequence[Scored], settings: Settings) -> Coverage:
    """Shares of the market's traffic by what became of the queries.

    The bounds are of the traffic in segments that were taken, what is not sold apart: every result that is not judged is
    taken for irrelevant, and then for perfect; a query that is not measured at all for 0, and then for 1.
    """
    sold = [one for one in scored if one.measures.state is not State.NOT_SOLD]
    traffic = fsum(one.data.traffic_share for one in sold)
    low = fsum(one.data.traffic_share * _bound(one, 0, settings) for one in sold)
    high = fsum(one.data.traffic_share * _bound(one, _PERFECT, settings) for one in sold)
    return Coverage(
        measured=_share(scored, lambda one: one.measures.counts),
        not_sold=_share(scored, lambda one: one.measures.state is State.NOT_SOLD),
        unjudged=_share(scored, lambda one: one.measures.state is State.UNJUDGED),
        ndcg_low=round(low / traffic, _DIGITS) if traffic else 0.0,
        ndcg_high=round(high / traffic, _DIGITS) if traffic else 0.0,
        measured_queries=sum(one.measures.counts for one in scored),
    )


def _share(scored: Sequence[Scored], which: Callable[[Scored], bool]) -> float:
    return round(min(1.0, fsum(one.data.traffic_share for one in scored if which(one))), _DIGITS)


def _bound(one: Scored, grade: int, settings: Settings) -> float:
    """nDCG where every result that is not judged has this grade."""
    if one.measures.state is State.FAILED:
        return 0.0
    products, judgments = one.data.products(settings.k), one.data.judgments
    if one.measures.state is State.UNJUDGED and not any(product in judgments for product in products):
        return 1.0 if grade else 0.0
    grades = [judgments[product].grade if product in judgments else grade for product in products]
    known = [judgment.grade for judgment in judgments.values()]
    unjudged = sum(product not in judgments for product in products)
    # The ideal of the lower bound has no more than what is known; that of the upper bound holds the perfect results too.
    return ndcg(grades, known + [grade] * unjudged, settings.k)
