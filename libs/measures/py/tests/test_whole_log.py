import pytest

from sq.v1.query_pb2 import QueryLogSummary
from sq_measures.whole_log import no_interval


@pytest.mark.parametrize(
    ("summary", "why"),
    [
        (QueryLogSummary(queries=7, distinct_queries=9), "rest on too few queries"),
        (QueryLogSummary(queries=9, distinct_queries=9), "because all queries of the log were taken"),
        (QueryLogSummary(queries=7, failures=2, distinct_queries=9), "because all queries of the log were taken"),
        (QueryLogSummary(), "rest on too few queries"),
    ],
)
def test_why_a_figure_has_no_interval(summary, why):
    assert why in no_interval(summary)
