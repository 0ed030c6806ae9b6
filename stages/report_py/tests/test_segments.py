"""Figures of segments and of the market: who is part of them, and when they have an interval."""

import math

import pytest
from markets import planted
from synthetic import report
from synthetic_case import Case

from sq.v1.report_pb2 import SegmentScore
from sq.v1.retrieval_pb2 import RetrievalFailureReason

TIMEOUT = RetrievalFailureReason.RETRIEVAL_FAILURE_REASON_TIMEOUT


def cases(count: int, **more: object) -> list[Case]:
    return [Case(f"a {n}", [4, 2, 0] if n % 2 else [2, 4, 0], **more) for n in range(count)]


def test_no_interval_below_an_effective_sample_of_30() -> None:
    few, enough = report(cases(29)).overall.ndcg, report(cases(30)).overall.ndcg
    assert (few.claimed, few.low, few.high) == (False, 0, 0)
    assert 0 < few.value < 1
    assert enough.claimed
    assert enough.low < enough.value < enough.high


def test_the_effective_sample_counts_draws_of_unequal_weight() -> None:
    # Kish: 40 queries, half of the traffic on one of them, are worth 4.
    uneven = cases(40)
    uneven[0].searches = 390
    assert not report(uneven).overall.ndcg.claimed


def test_queries_taken_with_certainty_have_no_sampling_error() -> None:
    whole = report([*cases(60, certain=True), *[Case(f"b {n}", [4, 2], draws=1) for n in range(20)]])
    assert not whole.overall.ndcg.claimed


def test_what_was_not_measured_leaves_means_and_loss() -> None:
    made = report([Case("a one", [4]), Case("a two", [0, 1]), Case("a three", [None]), Case("a four", failure=TIMEOUT)])
    assert made.overall.ndcg.value == pytest.approx(0.5)
    assert made.overall.ndcg.queries == 2
    # Of the four queries' traffic, that of the failed one alone is lost.
    assert made.overall.loss.value == pytest.approx(0.25)
    assert made.overall.traffic_share == pytest.approx(1)


def test_losses_of_queries_add_up_to_those_of_segments_and_of_the_market() -> None:
    made = report([*planted(), Case("unjudged", [None, None])])
    by_segment: dict[str, list[float]] = {}
    for query in made.queries:
        by_segment.setdefault(query.segment_id, []).append(query.loss)
    for segment in made.segments:
        assert segment.loss.value == pytest.approx(math.fsum(by_segment[segment.segment_id]))
    assert made.overall.loss.value == pytest.approx(math.fsum(segment.loss.value for segment in made.segments))


def test_causes_and_what_has_none_add_up_to_the_loss() -> None:
    made = report(planted())
    explained = math.fsum(item.loss.value for item in made.failure_classes if item.claimed)
    assert explained + made.unattributed_loss == pytest.approx(made.overall.loss.value)


def test_zero_results_are_of_answered_queries_measured_or_not() -> None:
    made = report([Case("a", []), Case("b", [None]), Case("c", failure=TIMEOUT), Case("d", [], [4])])
    assert made.overall.zero_result_rate.value == pytest.approx(2 / 3)


def test_a_segment_without_a_measured_query_has_no_figure() -> None:
    made = report([Case("a", [None]), Case("b", [4])])
    segment: SegmentScore = made.segments[0]
    assert (segment.ndcg.queries, segment.loss.value, segment.traffic_share) == (0, 0, 0.5)


def test_the_designs_weights_decide_the_mean() -> None:
    made = report([Case("a", [4], represents=0.2), Case("b", [0], [4], represents=0.8)])
    assert made.overall.ndcg.value == pytest.approx(0.2)
    assert [query.traffic_share for query in made.queries] == [0.2, 0.8]


def test_a_query_without_traffic_changes_no_weight_of_the_others() -> None:
    cases = [Case("a one", [4], searches=90), Case("a two", [0], [4], searches=10), Case("a three", [4], searches=0)]
    made = report(cases)
    assert made.overall.ndcg.value == pytest.approx(0.9)


def test_without_traffic_every_query_counts_the_same() -> None:
    made = report([Case("a", [4], searches=0), Case("b", [0], [4], searches=0), Case("c", [4], searches=0)])
    assert made.overall.ndcg.value == pytest.approx(2 / 3)
    assert made.overall.loss.value == pytest.approx(1 / 3)
    assert "has no traffic" in " ".join(made.notes)
