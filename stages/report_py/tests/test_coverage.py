"""What the figures rest on, and the bounds for what was not judged."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from synthetic import records
from synthetic_case import Case

from sq.v1.report_pb2 import Coverage
from sq.v1.retrieval_pb2 import RetrievalFailureReason
from sq_measures import ndcg
from sq_report.coverage import bounds_of, coverage_of
from sq_report.measures import measure
from sq_report.scored import Scored
from sq_report.settings import Settings

TIMEOUT = RetrievalFailureReason.RETRIEVAL_FAILURE_REASON_TIMEOUT


def scored(*cases: Case, settings: Settings) -> list[Scored]:
    queries = records(cases).read().queries
    return [Scored(data, found) for data, found in zip(queries, measure(queries, settings), strict=True)]


def coverage(*cases: Case, **settings: object) -> Coverage:
    chosen = Settings(**settings)
    return coverage_of(scored(*cases, settings=chosen), chosen)


def test_shares_are_of_the_traffic() -> None:
    made = coverage(
        Case("measured", [4], searches=40),
        Case("failed", failure=TIMEOUT, searches=10),
        Case("not sold", [0], searches=20),
        Case("unjudged", [None], searches=30),
    )
    assert made.measured == pytest.approx(0.5)
    assert made.measured_queries == 2
    assert (made.not_sold, made.unjudged) == (pytest.approx(0.2), pytest.approx(0.3))


# Grades of results, of known matches -> lowest and highest nDCG.
BOUNDS = {
    "all judged": ([4, 3], [], 1.0, 1.0),
    "nothing judged": ([None, None], [], 0.0, 1.0),
    "too little judged": ([4, None, None], [], 0.0, 1.0),
    "an unjudged first result": ([None, 4], [], 4 / 1.5849625 / 4, 1.0),
    "what is behind the best result can only spoil the order": (
        [3, None],
        [],
        (3 + 4 / 1.5849625) / (4 + 3 / 1.5849625),
        1.0,
    ),
}


@pytest.mark.parametrize("case", BOUNDS)
def test_bounds_by_hand(case: str) -> None:
    grades, pool, low, high = BOUNDS[case]
    (one,) = scored(Case("x", grades, pool), settings=Settings())
    assert bounds_of(one, Settings()) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_a_failed_query_is_lost_whatever_the_judge_would_say() -> None:
    (one,) = scored(Case("x", failure=TIMEOUT), settings=Settings())
    assert bounds_of(one, Settings()) == (0, 0)


def test_bounds_are_those_of_all_possible_grades() -> None:
    random = np.random.default_rng(3)
    settings = Settings(minimum_judged=0.4, k=5)
    for _ in range(40):
        grades: list[int | None] = random.integers(0, 5, size=5).tolist()
        gaps = random.choice(5, size=3, replace=False).tolist()
        for gap in gaps:
            grades[gap] = None
        pool = [4]
        (one,) = scored(Case("x", grades, pool), settings=settings)
        known = [grade for grade in grades if grade is not None] + pool
        found = []
        for tried in product(range(5), repeat=3):
            rest = iter(tried)
            filled = [next(rest) if grade is None else grade for grade in grades]
            found.append(ndcg(filled, [*known, *tried], 5))
        assert bounds_of(one, settings) == (min(found), max(found))


def test_the_figure_of_condensed_rankings_lies_within_the_bounds() -> None:
    random = np.random.default_rng(4)
    cases = []
    for number in range(60):
        grades = random.choice([None, 0, 1, 3, 4], size=6, p=[0.3, 0.2, 0.2, 0.15, 0.15]).tolist()
        cases.append(Case(f"q {number}", grades, [4]))
    for one in scored(*cases, settings=Settings()):
        low, high = bounds_of(one, Settings())
        if one.measures.counts:
            assert low <= one.measures.ndcg <= high


def test_many_unjudged_results_have_no_upper_bound() -> None:
    settings = Settings(k=30, minimum_judged=0.3)
    (one,) = scored(Case("x", [0] * 10 + [3] + [None] * 15), settings=settings)
    low, high = bounds_of(one, settings)
    assert 0 < low < 0.5
    assert high == 1


def test_bounds_of_the_market_are_by_traffic_without_what_is_not_sold() -> None:
    made = coverage(
        Case("perfect", [4], searches=30), Case("unjudged", [None], searches=10), Case("not sold", [0], searches=60)
    )
    assert (made.ndcg_low, made.ndcg_high) == (pytest.approx(0.75), 1)


def test_an_empty_market_has_no_bounds() -> None:
    assert coverage() == Coverage()
