"""What the figures rest on, and the bounds of what was not measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement
from math import fsum

from sq.v1.report_pb2 import Coverage
from sq_measures import ndcg
from sq_report.measures import State
from sq_report.scored import Scored
from sq_report.settings import Settings

_GRADES = (4, 3, 2, 1, 0)
# With more unjudged results than this, the upper bound is 1: 5 grades in 10 places are 1,001 rankings to try.
_MOST_TRIED = 10
_DIGITS = 9


def coverage_of(scored: Sequence[Scored], settings: Settings) -> Coverage:
    """Shares of the market's traffic by what became of the queries.

    The bounds are of the traffic that the queries stand for, what is not sold left out. They are the lowest and the
    highest nDCG that the results not judged leave possible; a query that is not measured is taken for 0 and for 1.
    """
    sold = [one for one in scored if one.measures.state is not State.NOT_SOLD]
    traffic = fsum(one.data.traffic_share for one in sold)
    bounds = [(one.data.traffic_share, *bounds_of(one, settings)) for one in sold]
    low = fsum(share * lowest for share, lowest, _ in bounds)
    high = fsum(share * highest for share, _, highest in bounds)
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


def bounds_of(one: Scored, settings: Settings) -> tuple[float, float]:
    """The lowest and the highest nDCG@k of a query, whatever the grades of its unjudged results are.

    nDCG is a ratio of a linear and a convex function of these grades. So it is lowest where each of them is 0 or 4, the
    4s last. It is highest where they fall from rank to rank.
    """
    if one.measures.state is State.FAILED:
        return 0.0, 0.0
    if one.measures.state is State.UNJUDGED:
        return 0.0, 1.0
    judgments = one.data.judgments
    ranking = [judgments[product].grade if product in judgments else None for product in one.data.products(settings.k)]
    known = [judgment.grade for judgment in judgments.values()]

    def graded(grades: Sequence[int]) -> float:
        rest = iter(grades)
        return ndcg([next(rest) if grade is None else grade for grade in ranking], [*known, *grades], settings.k)

    unjudged = ranking.count(None)
    lowest = min(graded([0] * (unjudged - last) + [4] * last) for last in range(unjudged + 1))
    if unjudged > _MOST_TRIED:
        return lowest, 1.0
    return lowest, max(graded(grades) for grades in combinations_with_replacement(_GRADES, unjudged))
