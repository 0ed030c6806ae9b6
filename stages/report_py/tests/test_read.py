"""Reading joins by query, and refuses what does not add up."""

from collections.abc import Callable

import pytest
from synthetic import Records, records
from synthetic_case import Case, Probed

from sq.v1.judgment_pb2 import JudgingRecord, JudgingSummary, Judgment
from sq.v1.product_pb2 import ProductRef
from sq.v1.query_pb2 import (
    PROBE_FORM_KNOWN_ITEM,
    PROBE_FORM_REPLACE,
    Probe,
    Query,
    QueryFailure,
    QueryFailureReason,
    QueryLogSummary,
    QuerySetRecord,
    Segment,
)
from sq.v1.report_pb2 import Accounting
from sq.v1.retrieval_pb2 import Hit, RetrievalFailureReason, RetrievalRecord, SearchResult
from sq_report.read import Sources, read_market
from sq_report.traffic import spread_traffic
from sq_stagekit import InputError

LOST = QueryFailure(
    query_id="q0", segment_id="c", source_text="c", reason=QueryFailureReason.QUERY_FAILURE_REASON_TRANSLATION_INVALID
)
CASES = [
    Case("a one", [4, None]),
    Case("a two", [2, 1]),
    Case("b three", [], failure=RetrievalFailureReason.RETRIEVAL_FAILURE_REASON_TIMEOUT),
]


def made() -> Records:
    return records(CASES, failures=[LOST])


def test_the_sums_of_all_stages() -> None:
    assert made().read().accounting == Accounting(
        queries_chosen=4,
        queries_made=3,
        query_failures=1,
        results=2,
        retrieval_failures=1,
        pairs=4,
        judgments=3,
        judge_failures=1,
    )


def test_shards_in_any_order_give_the_same_market() -> None:
    whole = made()
    parts = Sources(
        whole.queries, reversed(whole.retrieval), reversed(whole.judgments), reversed(whole.tag_differences)
    )
    assert read_market(parts) == whole.read()


def without(name: str, index: int) -> Callable[[Records], None]:
    return lambda r: getattr(r, name).pop(index)


def twice(name: str, index: int) -> Callable[[Records], None]:
    return lambda r: getattr(r, name).append(getattr(r, name)[index])


def with_summary(**fields: int) -> Callable[[Records], None]:
    return lambda r: r.judgments.append(JudgingRecord(summary=JudgingSummary(**fields)))


def without_summary(r: Records) -> None:
    del r.judgments[0]


def with_probe_of(query_id: str) -> Callable[[Records], None]:
    def change(r: Records) -> None:
        probe = Query(query_id="p1", probe=Probe(probe_of=query_id, mechanism="spelling", form=PROBE_FORM_REPLACE))
        r.queries.append(QuerySetRecord(summary=QueryLogSummary(queries=1, probes=True)))
        r.queries.append(QuerySetRecord(segment=Segment(segment_id="a", queries=[probe])))

    return change


def strange(name: str, field: str) -> Callable[[Records], None]:
    def change(r: Records) -> None:
        record = getattr(r, name)[-1]
        (getattr(record, field) if field else record).query_id = "q-strange"

    return change


FIRST_PAIR = f"{CASES[0].query_id}/{CASES[0].query_id}-r1"
BAD = {
    "a failure record of generate is missing": (without("queries", -1), "queries chosen 4 is not made 3 + failures 0"),
    "a segment is missing": (without("queries", 1), "is not in the query set"),
    "the summary is missing": (without("queries", 0), "holds 0 summaries"),
    "a segment stands twice": (twice("queries", 1), "stands twice"),
    "a query was not searched": (
        without("retrieval", -1),
        "queries and probes made 3 is not results 2 + retrieval failures 0 (missing: " + CASES[2].query_id,
    ),
    "a query was searched twice": (twice("retrieval", -1), "twice"),
    "another run's retrieval": (strange("retrieval", "failure"), "q-strange is not in the query set"),
    "a pair was not judged": (
        without("judgments", 1),
        f"pairs 4 is not judgments 2 + judge failures 1 (missing: {FIRST_PAIR}",
    ),
    "a pair was judged twice": (
        twice("judgments", 1),
        f"judge the pair {CASES[0].query_id}/{CASES[0].query_id}-r1 twice",
    ),
    "the summary of judging is missing": (without_summary, "hold no summary"),
    "judged to different depths": (with_summary(depth=3), "were made to different depths"),
    "a probe was not searched": (
        with_probe_of(CASES[0].query_id),
        "queries and probes made 4 is not results 2 + retrieval failures 1 (missing: p1",
    ),
    "a probe of another run's query": (with_probe_of("q-strange"), "probe p1 changes q-strange, which is not in the"),
    "another run's judgment": (strange("judgments", "judgment"), "q-strange is not in the query set"),
    "a tag difference is missing": (without("tag_differences", 0), "holds 2 of 3 queries"),
    "a tag difference stands twice": (twice("tag_differences", 0), "twice"),
    "another run's tag difference": (strange("tag_differences", ""), "q-strange is not in the query set"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_add_up_is_refused(case: str) -> None:
    spoil, said = BAD[case]
    whole = made()
    spoil(whole)
    with pytest.raises(InputError) as error:
        whole.read()
    assert said in str(error.value)


def depth(whole: Records, **fields: int) -> None:
    """Says how deep the judge was to go."""
    whole.judgments[0].summary.CopyFrom(JudgingSummary(**fields))


def keep(whole: Records, *products: str) -> None:
    """Leaves the judgments of these products, by the end of their ids."""
    whole.judgments = [
        r for r in whole.judgments if not r.HasField("judgment") or r.judgment.product_id.endswith(products)
    ]


def test_results_below_the_recorded_depth_are_no_gap() -> None:
    whole = records([Case("a", [4, 3, 2, 1]), Case("b", [4, 3, 2, 1])])
    depth(whole, depth=2)
    keep(whole, "r1", "r2")
    assert whole.read().accounting.pairs == 4


def test_the_depth_is_never_inferred() -> None:
    # Every query lacks the same ranks, and still they are missing: nothing says that the judge was to stop there.
    whole = records([Case("a", [4, 3, 2, 1]), Case("b", [4, 3, 2, 1])])
    keep(whole, "r1", "r2")
    with pytest.raises(InputError, match="pairs 8 is not judgments 4"):
        whole.read()


def test_a_known_match_that_was_not_judged_is_a_gap() -> None:
    whole = records([Case("a", [4], [3, 2])])
    keep(whole, "r1", "p1")
    with pytest.raises(InputError, match="-p2"):
        whole.read()
    depth(whole, pool_depth=1)
    assert whole.read().accounting.pairs == 2


def test_results_of_a_probe_are_to_be_judged_for_the_query_it_changes() -> None:
    whole = records([Case("a", [4], probes=[Probed("operator", [3, 2])])])
    keep(whole, "r1", "c0-1")
    with pytest.raises(InputError, match="c0-2"):
        whole.read()
    depth(whole, probe_depth=1)
    assert whole.read().accounting.pairs == 2


def test_a_pair_that_failed_first_and_was_judged_later_counts_as_judged() -> None:
    whole = made()
    failed = whole.judgments[2].failure
    assert failed.product_id
    later = Judgment(query_id=failed.query_id, product_id=failed.product_id, grade=3, judge="test/1")
    whole.judgments += [
        JudgingRecord(summary=JudgingSummary(prior_pairs=3)),
        JudgingRecord(judgment=later),
    ]
    market = whole.read()
    assert (market.accounting.pairs, market.accounting.judgments, market.accounting.judge_failures) == (4, 4, 0)
    assert market.queries[0].judgments[failed.product_id].grade == 3
    assert not market.queries[0].failed_pairs


def test_a_pair_that_failed_twice_is_one_failure() -> None:
    whole = made()
    whole.judgments.append(whole.judgments[2])
    assert whole.read().accounting.judge_failures == 1


def test_a_search_for_a_known_product_changes_no_query_and_is_not_judged() -> None:
    whole = made()
    probe = Query(query_id="p1", probe=Probe(probe_of="unsearched-field/title/x", form=PROBE_FORM_KNOWN_ITEM))
    whole.queries.append(QuerySetRecord(summary=QueryLogSummary(queries=1, probes=True)))
    whole.queries.append(QuerySetRecord(segment=Segment(segment_id="KNOWN-ITEMS", queries=[probe])))
    hits = [Hit(rank=1, product=ProductRef(product_id="y"))]
    whole.retrieval.append(RetrievalRecord(result=SearchResult(query_id="p1", hits=hits)))
    market = whole.read()
    assert [answer.products() for answer in market.probes] == [["y"]]
    assert market.accounting.pairs == 4


TRAFFIC = {
    "by searches": ([(0.6, [30, 10])], [0.45, 0.15]),
    "a segment without searches is spread evenly": ([(0.6, [0, 0])], [0.3, 0.3]),
    "segments apart": ([(0.5, [1]), (0.2, [3, 1])], [0.5, 0.15, 0.05]),
    "no traffic at all": ([(0, [0, 0]), (0, [0, 0])], [0.25, 0.25, 0.25, 0.25]),
    "a segment with no query left": ([(0.5, []), (0.2, [1])], [0.2]),
    "nothing": ([], []),
}


@pytest.mark.parametrize("case", TRAFFIC)
def test_traffic_is_spread_over_the_representative_queries(case: str) -> None:
    segments, expected = TRAFFIC[case]
    built = [
        Segment(traffic_share=share, queries=[Query(query_id=f"{n}-{m}", searches=s) for m, s in enumerate(searches)])
        for n, (share, searches) in enumerate(segments)
    ]
    assert list(spread_traffic(built).values()) == pytest.approx(expected)


def test_the_design_of_the_sample_decides_traffic_where_there_is_one() -> None:
    queries = [Query(query_id="a", searches=10, represents=0.1), Query(query_id="b", searches=10, represents=0.7)]
    segment = Segment(traffic_share=0.4, queries=queries)
    assert spread_traffic([segment]) == {"a": 0.1, "b": 0.7}
