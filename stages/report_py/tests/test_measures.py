"""Every measure against figures worked out by hand, and against other implementations."""

import math

import ir_measures
import numpy as np
import pytest
from synthetic import records
from synthetic_case import Case

from sq.v1.retrieval_pb2 import RetrievalFailureReason
from sq_report.err import expected_reciprocal_rank
from sq_report.measures import Measures, State, measure
from sq_report.settings import Settings

LOG3 = math.log2(3)


def measured(case: Case, **settings: object) -> Measures:
    return measure(records([case]).read().queries, Settings(**settings))[0]


# Grades of results, of known matches, k -> nDCG by hand.
NDCG = {
    "perfect": ([4, 3], [], 10, 1.0),
    "one behind the other": ([3, 4], [], 10, (3 + 4 / LOG3) / (4 + 3 / LOG3)),
    "the pool's better product is in the ideal": ([2], [4], 10, 2 / (4 + 2 / LOG3)),
    "the ideal is cut at k too": ([4, 4], [4, 4, 4], 2, 1.0),
    "results below k do not count": ([0, 0, 4], [], 2, 0.0),
    "an unjudged result leaves the ranking": ([None, 4], [], 10, 1.0),
    "the results behind it move up": ([4, None, 2], [], 10, 1.0),
    "nothing relevant in the pool": ([0, 0], [0], 10, 0.0),
    "zero results": ([], [4], 10, 0.0),
    "zero results and empty pool": ([], [], 10, 0.0),
    "nothing judged": ([None, None], [], 10, 0.0),
}


@pytest.mark.parametrize("case", NDCG)
def test_ndcg_by_hand(case: str) -> None:
    grades, pool, k, expected = NDCG[case]
    assert measured(Case("x", grades, pool), k=k).ndcg == pytest.approx(expected, abs=1e-9)


PRECISION = {
    "divided by k and not by the results": ([4, 3, 2], 10, 3, 0.2),
    "from another grade on": ([4, 3, 2], 10, 2, 0.3),
    "cut at k": ([0, 4, 4], 2, 3, 0.5),
    "unjudged is not relevant": ([None, 4], 2, 3, 0.5),
    "zero results": ([], 10, 3, 0.0),
}


@pytest.mark.parametrize("case", PRECISION)
def test_precision_by_hand(case: str) -> None:
    grades, k, relevant, expected = PRECISION[case]
    assert measured(Case("x", grades), k=k, relevant_grade=relevant).precision == pytest.approx(expected)


ERR = {
    "perfect first": ([4], 10, 15 / 16),
    "good, then perfect": ([3, 4], 10, 7 / 16 + 9 / 16 * 15 / 16 / 2),
    "nothing, then partly": ([0, 2], 10, 3 / 16 / 2),
    "cut at k": ([0, 4], 1, 0.0),
    "an unjudged result leaves the ranking": ([None, 4], 10, 15 / 16),
    "zero results": ([], 10, 0.0),
}


@pytest.mark.parametrize("case", ERR)
def test_err_by_hand(case: str) -> None:
    grades, k, expected = ERR[case]
    assert measured(Case("x", grades), k=k).err == pytest.approx(expected, abs=1e-9)


def test_err_equals_the_trec_script() -> None:
    random = np.random.default_rng(5)
    rankings = {str(n): random.integers(0, 5, size=12).tolist() for n in range(1, 30)}
    qrels = {qid: {f"d{i:02}": grade for i, grade in enumerate(grades)} for qid, grades in rankings.items()}
    run = {qid: {f"d{i:02}": float(-i) for i in range(len(grades))} for qid, grades in rankings.items()}
    script = {m.query_id: m.value for m in ir_measures.gdeval.iter_calc([ir_measures.ERR @ 10], qrels, run)}
    assert len(script) == len(rankings)
    for qid, grades in rankings.items():
        assert script[qid] == pytest.approx(expected_reciprocal_rank(grades[:10]), abs=1e-5)


def test_ndcg_equals_a_plain_computation_on_random_rankings() -> None:
    random = np.random.default_rng(7)
    for _ in range(50):
        grades = random.integers(0, 5, size=random.integers(1, 15)).tolist()
        pool = random.integers(0, 5, size=random.integers(0, 5)).tolist()
        dcg = sum(g / math.log2(r + 1) for r, g in enumerate(grades[:10], 1))
        ideal = sum(g / math.log2(r + 1) for r, g in enumerate(sorted(grades + pool, reverse=True)[:10], 1))
        assert measured(Case("x", grades, pool)).ndcg == pytest.approx(dcg / ideal if ideal else 0, abs=1e-8)


JUDGED = {
    "all": ([4, 0], 10, 1.0),
    "half": ([4, None], 10, 0.5),
    "of those returned down to k": ([4, None, None], 1, 1.0),
    "none": ([None], 10, 0.0),
    "nothing came back": ([], 10, None),
}


@pytest.mark.parametrize("case", JUDGED)
def test_judged_by_hand(case: str) -> None:
    grades, k, expected = JUDGED[case]
    assert measured(Case("x", grades), k=k).judged == expected


MEAN = {
    "over the judged results": ([4, None, 1], [], 10, 2.5),
    "down to k": ([4, 0], [], 1, 4.0),
    "the pool does not count": ([1], [4, 4], 10, 1.0),
    "nothing came back": ([], [4], 10, 0.0),
    "nothing judged": ([None], [], 10, None),
}


@pytest.mark.parametrize("case", MEAN)
def test_mean_judgment_by_hand(case: str) -> None:
    grades, pool, k, expected = MEAN[case]
    assert measured(Case("x", grades, pool), k=k).mean_judgment == expected


def test_a_failed_retrieval_has_zero_everywhere_and_is_no_zero_result() -> None:
    failed = measured(Case("x", [], [4], failure=RetrievalFailureReason.RETRIEVAL_FAILURE_REASON_TIMEOUT))
    assert (failed.ndcg, failed.precision, failed.err, failed.mean_judgment) == (0, 0, 0, 0)
    assert failed.retrieval_failed
    assert not failed.zero_results
    assert failed.state is State.FAILED
    assert failed.miss == 1


# Grades of results, of known matches -> state, and whether the query is part of the means.
STATES = {
    "judged": ([4, 0], [], State.MEASURED, True),
    "half of the results judged": ([4, None], [], State.MEASURED, True),
    "less than half": ([4, None, None], [], State.UNJUDGED, False),
    "nothing judged": ([None], [], State.UNJUDGED, False),
    "nothing came back, and a known match is relevant": ([], [4], State.MEASURED, True),
    "nothing came back, and nothing is known": ([], [], State.NOT_SOLD, False),
    "nothing of the relevant grade anywhere": ([2, 1], [2], State.NOT_SOLD, False),
    "nothing relevant, but not everything judged": ([2, None], [], State.UNJUDGED, False),
    "relevant in the pool alone": ([0, 0], [3], State.MEASURED, True),
}


@pytest.mark.parametrize("case", STATES)
def test_states(case: str) -> None:
    grades, pool, state, counts = STATES[case]
    found = measured(Case("x", grades, pool))
    assert (found.state, found.counts) == (state, counts)
    if not counts:
        assert found.miss == 0


def test_the_share_that_has_to_be_judged_is_a_setting() -> None:
    case = Case("x", [4, None, None, None])
    assert measured(case, minimum_judged=0.25).counts
    assert not measured(case, minimum_judged=0.3).counts
