"""The engine against a few lines of Python that count the same."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sq.v1.query_pb2 import BAND_HEAD, BAND_TAIL, BAND_TORSO
from sq_generate import duckdb_engine
from sq_generate.batch_classifier import EachClassifier
from sq_generate.classifier import Classified
from sq_generate.duckdb_engine import DuckDbEngine
from sq_generate.engine import BandTraffic, Place, QueryTraffic, SegmentLevel, SegmentTraffic, Totals
from sq_generate.query_log import batches


def classify(spellings):
    return [classify_one(spelling) for spelling in spellings]


def classify_one(spelling):
    """Segment by first letter, junk by a leading "!"."""
    text = spelling.strip().lower()
    junk = "EMPTY" if not text else "BANG" if text[0] == "!" else ""
    return Classified(text, junk, "" if junk else text[0].upper())


def counted(rows):
    engine = DuckDbEngine()
    engine.count(iter(rows))
    engine.classify(EachClassifier(classify))
    return engine


ROWS = [("a1", 5), ("A1 ", 1), ("a2", 2), ("b1", 2), ("b2", 1), ("c", 1), ("!x", 3), ("!y", 3), ("!z", 4), (" ", 2)]


@pytest.fixture
def engine():
    engine = counted(ROWS)
    yield engine
    engine.close()


def test_spellings_of_one_text_are_added_up(engine):
    assert engine.totals() == Totals(rows=24, searches=12, distinct_queries=5, segments=3)


def test_junk_by_reason_with_the_most_frequent_as_examples(engine):
    assert [(item.reason, item.rows, item.examples) for item in engine.junk(2)] == [
        ("BANG", 10, ["!z", "!x"]),
        ("EMPTY", 2, []),
    ]


def test_segments_by_traffic_with_ties_by_queries_then_id(engine):
    assert engine.segment_levels() == [SegmentLevel(8, 2, 1), SegmentLevel(3, 2, 1), SegmentLevel(1, 1, 1)]
    assert engine.top_segments(2) == [SegmentTraffic("A", 8, 2), SegmentTraffic("B", 3, 2)]
    assert engine.segments(["C", "A"]) == [SegmentTraffic("A", 8, 2), SegmentTraffic("C", 1, 1)]
    assert engine.segments([]) == []
    tied = counted([("b1", 2), ("c1", 1), ("c2", 1), ("a1", 2)])
    assert [item.segment_id for item in tied.top_segments(9)] == ["C", "A", "B"]
    assert tied.segment_levels() == [SegmentLevel(2, 2, 1), SegmentLevel(2, 1, 2)]
    tied.close()


def test_levels_of_named_segments_and_of_all_others_together(engine):
    assert rows_of(engine.levels(["B", "A"])) == [(0, 2, 1), (0, 1, 1), (1, 6, 1), (1, 2, 1), (2, 1, 1)]
    assert rows_of(engine.levels([])) == [(0, 6, 1), (0, 2, 2), (0, 1, 2)]


def rows_of(levels):
    return list(zip(levels.stratum.tolist(), levels.searches.tolist(), levels.queries.tolist(), strict=True))


def test_queries_at_places_in_the_order_asked_for(engine):
    # By MD5 digests, c comes before b2 and a2 before b1.
    wanted = [Place(1, 1, 1), Place(0, 6, 0), Place(1, 1, 0), Place(1, 2, 0)]
    assert [query.text for query in engine.queries_at(["A"], wanted)] == ["b2", "a1", "c", "b1"]
    assert [query.text for query in engine.queries_at([], [Place(0, 2, 1), Place(0, 2, 0)])] == ["b1", "a2"]
    assert engine.queries_at(["A"], []) == []


def test_all_queries_by_segment_most_frequent_first(engine):
    assert [(query.text, query.searches, query.band) for query in engine.all_queries()] == [
        ("a1", 6, BAND_HEAD),
        ("a2", 2, BAND_TORSO),
        ("b1", 2, BAND_TAIL),
        ("b2", 1, BAND_TAIL),
        ("c", 1, BAND_TAIL),
    ]


def test_bands_are_thirds_of_traffic(engine):
    # Of 12 searches: a1 begins at 0, a2 at 6, b1 at 8, b2 at 10, c at 11.
    assert engine.bands() == [BandTraffic(BAND_HEAD, 1, 6), BandTraffic(BAND_TORSO, 1, 2), BandTraffic(BAND_TAIL, 3, 4)]


def test_an_empty_log_has_nothing():
    engine = counted([])
    assert engine.totals() == Totals(0, 0, 0, 0)
    assert engine.junk(3) == engine.top_segments(5) == engine.segment_levels() == engine.bands() == []
    assert rows_of(engine.levels([])) == engine.all_queries() == []
    engine.close()


spellings = st.text(alphabet="abC! é👟", max_size=4)


@settings(max_examples=25)
@given(st.lists(st.tuples(spellings, st.integers(1, 9)), max_size=40), st.randoms(use_true_random=False))
def test_counts_are_those_of_plain_python_in_any_order(rows, random):
    traffic = Counter()
    for spelling, count in rows:
        traffic[classify_one(spelling)] += count
    shuffled = list(rows)
    random.shuffle(shuffled)
    engine = counted(shuffled)
    kept = sorted(
        (QueryTraffic(item.segment_id, item.text, n, 0) for item, n in traffic.items() if not item.junk),
        key=lambda query: (-query.searches, query.text),
    )
    total, before, expected = sum(query.searches for query in kept), 0, []
    for query in kept:
        band = BAND_HEAD if before * 3 < total else BAND_TORSO if before * 3 < 2 * total else BAND_TAIL
        expected.append(QueryTraffic(query.segment_id, query.text, query.searches, band))
        before += query.searches
    expected.sort(key=lambda query: (query.segment_id, -query.searches, query.text))
    assert engine.all_queries() == expected
    assert engine.totals().rows == sum(count for _, count in rows)
    engine.close()


def test_a_log_of_many_batches_counts_the_same(monkeypatch):
    monkeypatch.setattr(batches, "_ROWS", 7)
    monkeypatch.setattr(duckdb_engine, "_BATCH", 5)
    engine = counted([(f"a{number % 50}", 1) for number in range(500)])
    assert engine.totals() == Totals(500, 500, 50, 1)
    assert engine.all_queries()[:2] == [QueryTraffic("A", "a0", 10, BAND_HEAD), QueryTraffic("A", "a1", 10, BAND_HEAD)]
    engine.close()
