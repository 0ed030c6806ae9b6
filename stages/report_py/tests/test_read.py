"""Reading joins by query, and refuses what does not add up."""

from collections.abc import Callable

import pytest
from synthetic import Case, Records, records

from sq.v1.judgment_pb2 import JudgeFailure, JudgingRecord
from sq.v1.query_pb2 import Query, QueryFailure, QueryFailureReason, Segment
from sq.v1.report_pb2 import Accounting
from sq.v1.retrieval_pb2 import RetrievalFailureReason
from sq_report.read import Sources, read_market
from sq_report.traffic import spread_traffic
from sq_stagekit import InputError

LOST = QueryFailure(
    query_id="q0", segment_id="c", source_text="c", reason=QueryFailureReason.QUERY_FAILURE_REASON_TRANSLATION_INVALID
)
# The first two are equally deep, so that one tells how deep the judge went when the other has a gap.
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


def judged_and_failed(r: Records) -> None:
    judgment = r.judgments[0].judgment
    failure = JudgeFailure(query_id=judgment.query_id, product_id=judgment.product_id, judge="test/1")
    r.judgments.append(JudgingRecord(failure=failure))


def strange(name: str, field: str) -> Callable[[Records], None]:
    def change(r: Records) -> None:
        record = getattr(r, name)[-1]
        (getattr(record, field) if field else record).query_id = "q-strange"

    return change


BAD = {
    "a failure record of generate is missing": (without("queries", -1), "queries chosen 4 is not made 3 + failures 0"),
    "a segment is missing": (without("queries", 1), "is not in the query set"),
    "the summary is missing": (without("queries", 0), "holds 0 summaries"),
    "a segment stands twice": (twice("queries", 1), "stands twice"),
    "a query was not searched": (
        without("retrieval", -1),
        "queries made 3 is not results 2 + retrieval failures 0 (missing: " + CASES[2].query_id,
    ),
    "a query was searched twice": (twice("retrieval", -1), "twice"),
    "another run's retrieval": (strange("retrieval", "failure"), "q-strange is not in the query set"),
    "a pair was not judged": (
        without("judgments", 0),
        f"pairs 4 is not judgments 2 + judge failures 1 (missing: {CASES[0].query_id}/{CASES[0].query_id}-r1",
    ),
    "a pair was judged twice": (twice("judgments", 0), "pairs 4 is not judgments 4 + judge failures 1"),
    "a pair was judged and failed": (judged_and_failed, "pairs 4 is not judgments 3 + judge failures 2"),
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


def test_judging_less_deep_than_the_results_is_no_gap() -> None:
    whole = records([Case("a", [4, 3, 2, 1]), Case("b", [4, 3, 2, 1])])
    whole.judgments = [r for r in whole.judgments if r.judgment.product_id[-1] in "12"]
    assert whole.read().accounting.pairs == 4


def test_a_known_match_judged_below_the_depth_opens_no_gap() -> None:
    whole = records([Case("a", [4, 3, 2]), Case("b", [4, 3, 2])])
    known = whole.queries[1].segment.queries[0].known_matches.add()
    known.product_id, known.content_hash = f"{Case('a').query_id}-r3", "0" * 64
    whole.judgments = [
        r for r in whole.judgments if r.judgment.product_id[-1] in "12" or r.judgment.product_id == known.product_id
    ]
    assert whole.read().accounting.pairs == 5


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
