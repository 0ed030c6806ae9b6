"""Queries of a query set as a sample."""

import pytest

from sq.v1.query_pb2 import Query
from sq_measures.sample import sample_of

QUERIES = [Query(query_id="a", segment_id="SHOE"), Query(query_id="b", segment_id="HAT", draws=3)]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([0.2, 0.6], [0.2, 0.6]),
        ([0.0, 0.0], [1.0, 1.0]),
        ([0.0, 0.5], [0.0, 0.5]),  # it does not make the others count the same
    ],
)
def test_a_query_without_traffic_counts_for_next_to_nothing(weights: list[float], expected: list[float]) -> None:
    sample = sample_of(QUERIES, weights, [1.0, 0.5])
    assert sample.weight.tolist() == pytest.approx(expected)
    assert (sample.weight > 0).all()
    assert sample.draws.tolist() == [1, 3]
