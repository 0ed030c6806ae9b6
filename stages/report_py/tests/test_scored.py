"""The queries of a market as a sample."""

import pytest

from sq.v1.query_pb2 import Query
from sq_report.market import QueryData
from sq_report.measures import measure
from sq_report.scored import Scored, sample_of
from sq_report.settings import Settings

QUERIES = [
    Query(query_id="a", segment_id="SHOE", certain=True),
    Query(query_id="b", segment_id="SHOE", draws=3),
    Query(query_id="c", segment_id="HAT", draws=1, shared_stratum=True),
    Query(query_id="d", segment_id="SOCK", draws=1, shared_stratum=True),
    Query(query_id="e", segment_id="SHIRT", draws=1),
]


@pytest.fixture
def sample():
    data = [QueryData(query=query, traffic_share=0.2, hits=[]) for query in QUERIES]
    measures = measure(data, Settings())
    return sample_of([Scored(*pair) for pair in zip(data, measures, strict=True)])


def test_small_segments_that_were_sampled_together_are_one_stratum(sample) -> None:
    first, second, hat, sock, shirt = sample.stratum.tolist()
    assert first == second
    assert hat == sock
    assert len({first, hat, shirt}) == 3


def test_draws_and_certainty_are_those_of_the_design(sample) -> None:
    assert sample.draws.tolist() == [1, 3, 1, 1, 1]
    assert sample.certain.tolist() == [True, False, False, False, False]
